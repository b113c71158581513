//! Graph steps made of entropy: legal ones of every shape, and what is nearly one.

use opml_core::graph::GraphStatus;
use opml_core::graph::operator::{
    Control, Descriptor, Kernel, REQUEST_BASE, RegionSpec, WORKING_BASE, WeightType,
};
use opml_core::mips::{Status, Trap};

use crate::graph::{Ended, Scene, write};
use crate::scenario::Entropy;

/// A state about to take a step; mostly a legal tile.
pub fn scene(entropy: &mut Entropy<'_>) -> Scene {
    let mut descriptor = descriptor(entropy);
    (descriptor.control, descriptor.target, descriptor.count) = control(entropy);
    let mut scene = Scene::new(&descriptor);
    scene.tile = match entropy.below(8) {
        0 => entropy.value(),
        1..4 => descriptor.tiles.wrapping_sub(1),
        _ => u32::from(entropy.byte()) % descriptor.tiles.max(1),
    };
    scene.iteration = if entropy.below(4) == 0 { entropy.value() } else { 0 };
    scene.pc = match entropy.below(8) {
        0 => 0,
        1 => 65_535,
        2 => entropy.value(),
        _ => entropy.word() & 0xffff,
    };
    let mut bytes = descriptor.encode();
    if entropy.below(4) == 0 {
        let place = usize::from(entropy.below(8)) * 64 + usize::from(entropy.below(64));
        bytes[place] ^= entropy.byte();
    }
    scene.place(&bytes);
    scene.status = match entropy.below(16) {
        0 => GraphStatus::Halted,
        1 => GraphStatus::Failed,
        _ => GraphStatus::Running,
    };
    fill(&mut scene, entropy);
    scene
}

/// The end of its run, if it has one.
pub fn ended(scene: &Scene, entropy: &mut Entropy<'_>) -> Option<Ended> {
    scene.run()?;
    let status = match entropy.below(8) {
        0 => Status::Running,
        1 => Status::Exited(entropy.byte()),
        2 => Status::Trapped(Trap::ALL[usize::from(entropy.below(10))]),
        _ => Status::Exited(0),
    };
    let output: Vec<u8> = (0..entropy.below(100)).map(|_| entropy.byte()).collect();
    Some(scene.ended(status, &output))
}

/// Leaves in the step's regions and elsewhere.
fn fill(scene: &mut Scene, entropy: &mut Entropy<'_>) {
    let mut places = vec![entropy.address(5), entropy.address(5)];
    if scene.run().is_some() {
        for range in scene.inputs().into_iter().chain([scene.output()]) {
            let inside = u64::from(entropy.word()) & ((1 << range.log2_size) - 1);
            places.extend([range.base, range.base + (inside & !31)]);
        }
    }
    for place in places {
        let leaf: Vec<u8> = (0..8).flat_map(|_| entropy.word().to_le_bytes()).collect();
        write(&mut scene.memory, place, &leaf);
    }
}

impl Entropy<'_> {
    /// A multiple of `2^log2_size` below 2^40.
    fn address(&mut self, log2_size: u32) -> u64 {
        let address = u64::from(self.word()) << 8 | u64::from(self.byte());
        address >> log2_size << log2_size
    }

    /// One of `low..=high`.
    fn between(&mut self, low: u8, high: u8) -> u32 {
        u32::from(low + self.below(high - low + 1))
    }

    /// A stride: often 0, mostly aligned, seldom far too large.
    fn stride(&mut self, log2_size: u32) -> u64 {
        match self.below(16) {
            0..8 => 0,
            8 => u64::MAX - u64::from(self.byte()),
            9 => self.address(0),
            10 => u64::from(self.word()) << 20,
            _ => u64::from(self.below(4)) << log2_size,
        }
    }

    fn region(&mut self, base: u64, log2_size: u32) -> RegionSpec {
        let base = base >> log2_size << log2_size;
        RegionSpec {
            base,
            iteration_stride: self.stride(log2_size),
            row_stride: self.stride(log2_size),
            column_stride: self.stride(log2_size),
            log2_size,
        }
    }

    fn input(&mut self, log2_size: u32) -> RegionSpec {
        let base = match self.below(4) {
            0 => REQUEST_BASE,
            1 => self.address(5) >> 1,
            _ => self.address(5),
        };
        self.region(base, log2_size)
    }

    /// Mostly in working memory.
    fn output(&mut self, log2_size: u32) -> RegionSpec {
        let any = self.address(5);
        let base = match self.below(16) {
            0 => any,
            _ => (WORKING_BASE + (any >> 2)).max(WORKING_BASE + (1 << log2_size)),
        };
        self.region(base, log2_size)
    }
}

fn control(entropy: &mut Entropy<'_>) -> (u32, u32, u32) {
    let target = entropy.word() & 0xffff;
    let control = match entropy.below(5) {
        0 => Control::Next,
        1 => Control::Loop { target, count: entropy.value().max(1) },
        2 | 3 => Control::ExitIf { target },
        _ => Control::Halt,
    };
    control.encode()
}

fn descriptor(entropy: &mut Entropy<'_>) -> Descriptor {
    let mut descriptor =
        Descriptor { tiles: entropy.between(1, 6), columns: 1, bound: 30, ..Descriptor::default() };
    let n = entropy.between(1, 8);
    let (kernel, params, sizes): (_, [u32; 3], Vec<u32>) = match entropy.below(8) {
        0 => {
            let size = entropy.between(5, 14);
            (Kernel::Add, [n, 0, 0], vec![size; 3])
        }
        1 => {
            let size = entropy.between(5, 14);
            (Kernel::Relu, [n, 0, 0], vec![size; 2])
        }
        2 => {
            let sizes = (0..4).map(|_| entropy.between(5, 28)).collect();
            (Kernel::LayerNorm, [n, 0x3727_c5ac, 0], sizes)
        }
        3 => {
            let sizes = vec![entropy.between(6, 28), entropy.between(5, 28)];
            (Kernel::Emit, [n, 0, 0], sizes)
        }
        4 => {
            let sizes = vec![entropy.between(5, 12), entropy.between(9, 28)];
            (Kernel::FromBytes, [n, 128, 0x3f80_0000], sizes)
        }
        5 => {
            let sizes = vec![entropy.between(5, 9), entropy.between(7, 28), entropy.between(5, 28)];
            (Kernel::Encode, [n, entropy.between(1, 16), 0], sizes)
        }
        6 => {
            let sizes = [(5, 7), (7, 12), (5, 28), (5, 28)];
            let sizes = sizes.map(|(low, high)| entropy.between(low, high)).to_vec();
            (Kernel::Decode, [n, entropy.between(1, 16), n], sizes)
        }
        _ => {
            let sizes = vec![entropy.between(6, 9), entropy.between(12, 28), entropy.between(6, 9)];
            (Kernel::Matmul, [n, 16, WeightType::F32.id()], sizes)
        }
    };
    let whole = [Kernel::LayerNorm, Kernel::Emit, Kernel::Encode, Kernel::Decode];
    if !whole.contains(&kernel) {
        descriptor.columns = entropy.between(1, 3);
    }
    descriptor.kernel = kernel.id();
    descriptor.params[..3].copy_from_slice(&params);
    descriptor.output = entropy.output(sizes[0]);
    descriptor.input_count = kernel.inputs();
    for (spec, size) in descriptor.input_specs.iter_mut().zip(&sizes[1..]) {
        *spec = entropy.input(*size);
    }
    if entropy.below(4) == 0 && sizes[1] == sizes[0] {
        // In place.
        descriptor.input_specs[0] = descriptor.output;
    }
    descriptor
}
