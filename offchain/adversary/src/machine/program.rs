//! Two programs: one that is empty, and one whose only operator, a `Relu` of one leaf, halts. docs/spec.md, 5.2 and 8.

use alloy_primitives::B256;

use super::graph::GraphState;
use super::memory::{Memory, climb};

/// The region that the operator reads and writes: one leaf of the working memory.
pub const LEAF: u64 = (1 << 39) + (1 << 28) + (1 << 20);
/// Size of a leaf, as a power of two.
pub const LEAF_LOG2: u8 = 5;
/// Steps of a run, as a power of two: twice the operator's static cost fits in.
pub const BOUND: u8 = 15;

const TABLE_LOG2: u8 = 25;
const DESCRIPTOR_LOG2: u8 = 9;

/// A program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// No operator: the first step fails.
    Empty,
    /// A `Relu` at 0 that halts.
    Relu,
}

/// What a state's step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The state stands still.
    Stopped,
    /// There is no operator of this number.
    Outside,
    /// The operator is illegal.
    Illegal,
    /// A run decides.
    Run,
}

impl Program {
    /// The bytes of the operator at `pc`.
    pub fn descriptor(self, pc: u32) -> Vec<u8> {
        let mut bytes = vec![0; 512];
        if self == Self::Relu && pc == 0 {
            let numbers: [u32; 9] = [5, 1, 1, 1, BOUND.into(), 3, 0, 0, 8];
            bytes[..36].copy_from_slice(numbers.map(u32::to_le_bytes).as_flattened());
            for entry in [96, 136] {
                bytes[entry..entry + 8].copy_from_slice(&LEAF.to_le_bytes());
                bytes[entry + 32] = LEAF_LOG2;
            }
        }
        bytes
    }

    fn table(self) -> Memory {
        Memory::new(TABLE_LOG2).with_bytes(0, &self.descriptor(0))
    }

    /// The program root.
    pub fn root(self) -> B256 {
        self.table().root()
    }

    /// The operator at `pc` with its path.
    pub fn part(self, pc: u32) -> Vec<u8> {
        let path = self.table().path(u64::from(pc) << DESCRIPTOR_LOG2, DESCRIPTOR_LOG2);
        [self.descriptor(pc), path].concat()
    }

    /// Which kind of step a state's is.
    pub fn step(self, state: &GraphState) -> Step {
        match state {
            state if state.status != super::graph::RUNNING => Step::Stopped,
            state if state.pc >= 1 << 16 => Step::Outside,
            // One tile, no strides: any iteration will do.
            state if self == Self::Relu && state.pc == 0 && state.tile == 0 => Step::Run,
            _ => Step::Illegal,
        }
    }
}

/// Cuts the operator at `pc` off a witness, if it is the program's.
pub fn split(root: B256, pc: u32, witness: &[u8]) -> Option<(&[u8], &[u8])> {
    let (part, rest) = witness.split_at_checked(512 + 16 * 32)?;
    let (descriptor, path) = part.split_at(512);
    let node = Memory::new(DESCRIPTOR_LOG2).with_bytes(0, descriptor).root();
    let base = u64::from(pc) << DESCRIPTOR_LOG2;
    (climb(node, path, base, [DESCRIPTOR_LOG2, TABLE_LOG2])? == root).then_some((descriptor, rest))
}
