//! A program: its descriptors, parsed and under their root.

use std::sync::OnceLock;

use alloy_primitives::B256;
use opml_core::graph::{DescriptorBytes, GraphState, GraphStep, descriptor_root};
use opml_operator::{DESCRIPTOR_BYTES, Descriptor};
use opml_vm::keccak::FastKeccak;

use crate::executor::Body;
use crate::tree::SparseTree;

/// Levels of the program table above its descriptors: 2^16 of them.
const TABLE_LEVELS: u8 = 16;
/// Levels of a descriptor above its leaves.
const DESCRIPTOR_LEVELS: u8 = 4;

/// The operators of a model.
#[derive(Clone, Debug)]
pub struct Program {
    descriptors: Vec<DescriptorBytes>,
    tree: SparseTree,
    /// Loops that the executor understands, found when they are first asked for.
    bodies: OnceLock<Vec<Body>>,
}

impl Program {
    /// The program of these descriptors, at most 65,536.
    pub fn new(descriptors: Vec<DescriptorBytes>) -> Self {
        let roots: Vec<B256> = descriptors.iter().map(descriptor_root::<FastKeccak>).collect();
        let tree = SparseTree::new(TABLE_LEVELS, DESCRIPTOR_LEVELS, &roots);
        Self { descriptors, tree, bodies: OnceLock::new() }
    }

    /// Root of the program table.
    pub fn root(&self) -> B256 {
        self.tree.root()
    }

    /// Number of operators.
    pub const fn len(&self) -> usize {
        self.descriptors.len()
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.descriptors.is_empty()
    }

    /// The encoding of operator `pc`; zeros where there is none.
    pub fn descriptor(&self, pc: u32) -> DescriptorBytes {
        let known = usize::try_from(pc).ok().and_then(|pc| self.descriptors.get(pc));
        known.copied().unwrap_or([0; DESCRIPTOR_BYTES])
    }

    /// Operator `pc` if it can be parsed.
    pub fn parsed(&self, pc: u32) -> Option<Descriptor> {
        Descriptor::decode(self.descriptors.get(usize::try_from(pc).ok()?)?).ok()
    }

    /// Operators as far as they can be parsed, by number.
    pub fn operators(&self) -> impl Iterator<Item = (u32, Descriptor)> {
        let parsed = |bytes: &DescriptorBytes| Descriptor::decode(bytes).ok();
        (0..).zip(&self.descriptors).filter_map(move |(pc, bytes)| Some((pc, parsed(bytes)?)))
    }

    /// Its loops whose operators are all regular.
    pub(crate) fn bodies(&self) -> &[Body] {
        self.bodies.get_or_init(|| Body::all(self))
    }

    /// The loops whose iterations are run without looking at single tiles; for each its first operator,
    /// and whether iterations that read a prompt are computed together.
    pub fn fast_loops(&self) -> Vec<(u32, bool)> {
        self.bodies().iter().map(|body| (body.start, body.batches)).collect()
    }

    /// Siblings of operator `pc` up to the table's root, lowest first.
    pub fn path(&self, pc: u32) -> Vec<B256> {
        self.tree.path(pc as usize)
    }

    /// The step of a state of this program.
    pub fn step_of(&self, state: &GraphState) -> GraphStep {
        GraphStep::of(state, &self.descriptor(state.pc))
    }

    /// The encodings one behind the other.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.descriptors.as_flattened().to_vec()
    }
}
