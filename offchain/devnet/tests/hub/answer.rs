//! Final states with their outputs, as their definitions read.

use alloy_primitives::{B256, Bytes, keccak256};

/// First byte of the output region.
pub const OUTPUT_BASE: u64 = (1 << 39) + (1 << 28);
/// Size of the output region, as a power of two.
pub const OUTPUT_LOG2: u8 = 12;

const LEAF_LOG2: u8 = 5;
const MEMORY_LOG2: u8 = 40;

pub const RUNNING: u32 = 0;
pub const HALTED: u32 = 1;
pub const FAILED: u32 = 2;

fn join(left: B256, right: B256) -> B256 {
    keccak256([left.0, right.0].concat())
}

fn zero(height: u8) -> B256 {
    (0..height).fold(B256::ZERO, |below, _| join(below, below))
}

/// Root of the region of 2^12 bytes that begins with `bytes`.
pub fn region_root(bytes: &[u8]) -> B256 {
    let mut memory = bytes.to_vec();
    memory.resize(1 << OUTPUT_LOG2, 0);
    let mut nodes: Vec<B256> = memory.chunks(32).map(B256::from_slice).collect();
    while nodes.len() > 1 {
        nodes = nodes.chunks(2).map(|pair| join(pair[0], pair[1])).collect();
    }
    nodes[0]
}

/// The first leaf of the region of 2^12 bytes that begins with `bytes`, and its siblings there.
pub fn path_within(bytes: &[u8]) -> Vec<u8> {
    let mut memory = bytes.to_vec();
    memory.resize(1 << OUTPUT_LOG2, 0);
    let mut path = memory[..32].to_vec();
    let mut nodes: Vec<B256> = memory.chunks(32).map(B256::from_slice).collect();
    while nodes.len() > 1 {
        path.extend(nodes[1]);
        nodes = nodes.chunks(2).map(|pair| join(pair[0], pair[1])).collect();
    }
    path
}

/// What a halted state's region holds for an output.
pub fn region(output: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0; 32];
    bytes[..4].copy_from_slice(&u32::try_from(output.len()).unwrap().to_le_bytes());
    bytes.extend(output);
    bytes
}

/// A state claimed to be the last one of a trace.
#[derive(Clone, Debug)]
pub struct Answer {
    pub state: Vec<u8>,
    pub output: Vec<u8>,
    pub path: Vec<u8>,
}

impl Answer {
    /// A halted state with this output; `pc` makes states differ.
    pub fn halted(output: &[u8], pc: u32) -> Self {
        Self::holding(&region(output), pc, HALTED, output)
    }

    /// A failed state.
    pub fn failed(pc: u32) -> Self {
        let state = state(B256::ZERO, pc, FAILED);
        Self { state, output: Vec::new(), path: Vec::new() }
    }

    /// A state whose output region holds `memory`, with a claimed output.
    pub fn holding(memory: &[u8], pc: u32, status: u32, output: &[u8]) -> Self {
        let siblings: Vec<B256> =
            (OUTPUT_LOG2 - LEAF_LOG2..MEMORY_LOG2 - LEAF_LOG2).map(zero).collect();
        let mut node = region_root(memory);
        for (bit, sibling) in (OUTPUT_LOG2..).zip(&siblings) {
            let right = OUTPUT_BASE >> bit & 1 == 1;
            node = if right { join(*sibling, node) } else { join(node, *sibling) };
        }
        let path = siblings.iter().flat_map(|sibling| sibling.0).collect();
        Self { state: state(node, pc, status), output: output.to_vec(), path }
    }

    /// The same with length and root shown instead of the output: the first leaf and its siblings.
    pub fn by_root(&self) -> Self {
        let path = [path_within(&region(&self.output)), self.path.clone()].concat();
        Self { state: self.state.clone(), output: Vec::new(), path }
    }

    pub fn hash(&self) -> B256 {
        let mut tag = b"opml.graph.state.v1".to_vec();
        tag.resize(32, 0);
        keccak256([tag.as_slice(), &self.state].concat())
    }

    pub fn root(&self) -> B256 {
        region_root(&region(&self.output))
    }

    pub fn parts(&self) -> [Bytes; 3] {
        [self.state.clone(), self.output.clone(), self.path.clone()].map(Bytes::from)
    }
}

fn state(root: B256, pc: u32, status: u32) -> Vec<u8> {
    let words = [pc, 0, 0, status].map(u32::to_be_bytes);
    [root.as_slice(), words.as_flattened()].concat()
}
