//! A whole program of the graph machine in one run of the MIPS machine, for measuring: what the
//! dispute game never needs, since it proves one tile.
//!
//! The program table stands in window 1; weights, request and working memory begin at windows 2, 3
//! and 4, as much of each as a window holds.
#![cfg_attr(target_arch = "mips", no_std, no_main)]
#![cfg_attr(target_arch = "mips", feature(asm_experimental_arch))]

#[cfg(target_arch = "mips")]
#[path = "../mips.rs"]
mod mips;

#[cfg(target_arch = "mips")]
mod machine {
    use opml_kernels::run;
    use opml_operator::{
        Area, Control, DESCRIPTOR_BYTES, Descriptor, INPUTS, MAX_PC, REQUEST_BASE, Tile,
        WORKING_BASE, legal,
    };

    const PROGRAM: usize = 0x1000_0000;
    const WEIGHTS: usize = 0x2000_0000;
    const REQUEST: usize = 0x3000_0000;
    const WORKING: usize = 0x4000_0000;
    /// Where a tile's output stands before it is copied: inputs may overlap the output's place.
    const SCRATCH: usize = 0x5000_0000;
    const WINDOW_BYTES: u64 = 1 << 28;

    /// Where the program stands.
    #[derive(Default)]
    struct Cursor {
        pc: u32,
        tile: u32,
        iteration: u32,
    }

    /// Runs the program to its end; whether it halted.
    pub fn halts() -> bool {
        let mut cursor = Cursor::default();
        loop {
            match step(&cursor) {
                Some(Some(next)) => cursor = next,
                Some(None) => return true,
                None => return false,
            }
        }
    }

    /// Takes a step; `Some(None)` after the last one, `None` where it fails.
    fn step(cursor: &Cursor) -> Option<Option<Cursor>> {
        let descriptor = Descriptor::decode(descriptor(cursor.pc)?).ok()?;
        let tile = legal(&descriptor, cursor.iteration, cursor.tile).ok()?;
        let mut inputs: [&[u32]; INPUTS] = [&[]; INPUTS];
        let mut count = 0;
        for (input, area) in inputs.iter_mut().zip(tile.inputs()) {
            *input = words(area)?;
            count += 1;
        }
        let length = usize::try_from(tile.output.bytes() / 4).ok()?;
        let scratch = words_mut(SCRATCH, length);
        run(&tile.operator, tile.place, inputs.get(..count)?, scratch);
        words_mut(address(tile.output)?, length).copy_from_slice(scratch);
        Some(next(cursor, &tile, scratch.first().copied()?))
    }

    fn next(cursor: &Cursor, tile: &Tile, first_word: u32) -> Option<Cursor> {
        let Cursor { pc, iteration, .. } = *cursor;
        let following = Cursor { pc: pc + 1, tile: 0, iteration };
        Some(match tile.control {
            _ if !tile.last => Cursor { pc, tile: cursor.tile + 1, iteration },
            Control::Loop { target, count } if iteration + 1 < count => {
                Cursor { pc: target, tile: 0, iteration: iteration + 1 }
            }
            Control::Loop { .. } => Cursor { iteration: 0, ..following },
            Control::ExitIf { target } if first_word != 0 => {
                Cursor { pc: target, tile: 0, iteration: 0 }
            }
            Control::Next | Control::ExitIf { .. } => following,
            Control::Halt => return None,
        })
    }

    fn descriptor(pc: u32) -> Option<&'static [u8; DESCRIPTOR_BYTES]> {
        let table = PROGRAM as *const [u8; DESCRIPTOR_BYTES];
        // SAFETY: the table lies in its window, which can be read and which nothing writes.
        (pc < MAX_PC).then(|| unsafe { &*table.add(pc as usize) })
    }

    /// Address of a region, if its window holds it.
    fn address(area: Area) -> Option<usize> {
        let (window, base) = match area.base() {
            base if base >= WORKING_BASE => (WORKING, WORKING_BASE),
            base if base >= REQUEST_BASE => (REQUEST, REQUEST_BASE),
            _ => (WEIGHTS, 0),
        };
        let offset = area.base() - base;
        let inside = offset + area.bytes() <= WINDOW_BYTES;
        inside.then_some(window + usize::try_from(offset).ok()?)
    }

    fn words(area: Area) -> Option<&'static [u32]> {
        let length = usize::try_from(area.bytes() / 4).ok()?;
        // SAFETY: the region lies in its window, all of memory can be read, and the reference is
        // dropped before anything is written there.
        Some(unsafe { core::slice::from_raw_parts(address(area)? as *const u32, length) })
    }

    fn words_mut(address: usize, length: usize) -> &'static mut [u32] {
        // SAFETY: the words lie in one window, all of memory can be written, and no other reference
        // to them lives: inputs are read only while a tile is computed into the scratch window.
        unsafe { core::slice::from_raw_parts_mut(address as *mut u32, length) }
    }
}

/// What is printed at the end.
#[cfg(target_arch = "mips")]
fn report() -> &'static [u8] {
    if machine::halts() { b"halted\n" } else { b"failed\n" }
}

#[cfg(not(target_arch = "mips"))]
fn main() {
    eprintln!("this program is for the MIPS machine: `opml bench network` runs it there");
}
