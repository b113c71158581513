//! The memory that a tile's run begins with, composed of subtrees: nothing is copied.

use alloy_primitives::B256;
use opml_operator::DESCRIPTOR_BYTES;

use crate::graph::program::{DESCRIPTOR_LOG2, DescriptorBytes, descriptor_root};
use crate::keccak::Keccak;
use crate::merkle::{LEAF_LOG2, RootBuilder, Space, lift};
use crate::mips::{Cpu, InputIndex, State, Window};

/// Address of a kernel image's first instruction.
pub const ENTRY: u32 = 0x1000;

/// Bytes of the argument block: descriptor, iteration, tile.
pub const ARGUMENT_BYTES: usize = DESCRIPTOR_BYTES + 8;

/// What window 1 holds: which tile a run computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arguments<'a> {
    /// The operator.
    pub descriptor: &'a DescriptorBytes,
    /// Iteration of the loop.
    pub iteration: u32,
    /// Tile of the operator.
    pub tile: u32,
}

impl Arguments<'_> {
    /// The bytes at the start of the window: descriptor, then iteration and tile, little-endian.
    pub fn encode(&self) -> [u8; ARGUMENT_BYTES] {
        let mut bytes = [0; ARGUMENT_BYTES];
        let place = self.iteration.to_le_bytes().into_iter().chain(self.tile.to_le_bytes());
        for (to, from) in bytes.iter_mut().zip(self.descriptor.iter().copied().chain(place)) {
            *to = from;
        }
        bytes
    }

    /// Root of the window.
    pub fn window_root<K: Keccak>(&self) -> B256 {
        arguments_root::<K>(descriptor_root::<K>(self.descriptor), self.iteration, self.tile)
    }
}

/// [`Arguments::window_root`] where the descriptor's root is known.
pub(super) fn arguments_root<K: Keccak>(descriptor: B256, iteration: u32, tile: u32) -> B256 {
    let mut leaf = B256::ZERO;
    let place = iteration.to_le_bytes().into_iter().chain(tile.to_le_bytes());
    for (to, from) in leaf.iter_mut().zip(place) {
        *to = from;
    }
    // The leaf begins the 512 bytes behind the descriptor.
    let mut halves = RootBuilder::<K>::new(DESCRIPTOR_LOG2);
    halves.push(descriptor);
    halves.push(lift::<K>(leaf, LEAF_LOG2, DESCRIPTOR_LOG2).unwrap_or_default());
    // Two of 2^28 / 2^9 pieces.
    halves.finish(Window::LOG2_SIZE).unwrap_or_default()
}

/// A region mapped at the base of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mapped {
    /// Root of the region.
    pub root: B256,
    /// Its size in bytes as a power of two, 5 to 28.
    pub log2_size: u8,
}

impl Mapped {
    /// Root of the window: the region at its base, zeros above. `None` for a size outside 5..=28.
    fn window_root<K: Keccak>(self) -> Option<B256> {
        lift::<K>(self.root, self.log2_size, Window::LOG2_SIZE)
    }
}

/// Root of the memory at the start of a run: kernel image, argument block, inputs; the windows of
/// absent inputs, the output and all above are zero.
///
/// `image_root` and `arguments_root` are roots of whole windows. `None` if there are more than eight
/// inputs or one has no size of a region; a legal operator has neither.
pub fn run_memory_root<K: Keccak>(
    image_root: B256,
    arguments_root: B256,
    inputs: impl IntoIterator<Item = Mapped>,
) -> Option<B256> {
    let mut windows = RootBuilder::<K>::new(Window::LOG2_SIZE);
    windows.push(image_root);
    windows.push(arguments_root);
    for (number, input) in inputs.into_iter().enumerate() {
        if number >= usize::from(InputIndex::COUNT) {
            return None;
        }
        windows.push(input.window_root::<K>()?);
    }
    windows.finish(Space::MIPS.log2_size())
}

/// The first state of a run over this memory: at [`ENTRY`], all registers zero.
pub const fn run_state(memory_root: B256) -> State {
    State { memory_root, cpu: Cpu::new(ENTRY) }
}
