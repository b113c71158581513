//! States of the graph machine, requests, and outputs: docs/spec.md, 5.1 and 7.

use alloy_primitives::{B256, keccak256};

use super::memory::{Memory, climb};

/// First byte of the request's region.
pub const REQUEST: u64 = 1 << 39;
/// Size of the request's region, as a power of two.
pub const REQUEST_LOG2: u8 = 28;
/// Size of the graph machine's memory, as a power of two.
pub const MEMORY_LOG2: u8 = 40;

/// Not stopped.
pub const RUNNING: u32 = 0;
/// Has ended.
pub const HALTED: u32 = 1;
/// Has ended without a result.
pub const FAILED: u32 = 2;

/// A text and zeros behind it.
pub fn tag(text: &str) -> [u8; 32] {
    let mut word = [0; 32];
    word[..text.len()].copy_from_slice(text.as_bytes());
    word
}

/// A state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GraphState {
    /// Root of the memory.
    pub root: B256,
    /// Number of the operator.
    pub pc: u32,
    /// Tile that is computed next.
    pub tile: u32,
    /// Iteration of the loop.
    pub iteration: u32,
    /// Running, halted or failed.
    pub status: u32,
}

impl GraphState {
    /// The first state with this memory.
    pub const fn start(root: B256) -> Self {
        Self { root, pc: 0, tile: 0, iteration: 0, status: RUNNING }
    }

    /// The 48 bytes.
    pub fn encode(&self) -> Vec<u8> {
        let words = [self.pc, self.tile, self.iteration, self.status].map(u32::to_be_bytes);
        [&self.root.0[..], words.as_flattened()].concat()
    }

    /// The state that 48 bytes encode.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let (root, words) = bytes.split_at_checked(32)?;
        let [pc, tile, iteration, status] = numbers(words)?;
        (status <= FAILED).then(|| Self {
            root: B256::from_slice(root),
            pc,
            tile,
            iteration,
            status,
        })
    }

    /// Its hash.
    pub fn hash(&self) -> B256 {
        keccak256([&tag("opml.graph.state.v1")[..], &self.encode()].concat())
    }

    /// The same, failed.
    #[must_use]
    pub const fn failed(self) -> Self {
        Self { status: FAILED, ..self }
    }

    /// The same, halted.
    #[must_use]
    pub const fn halted(self) -> Self {
        Self { status: HALTED, ..self }
    }
}

/// So many big-endian numbers and nothing behind.
pub fn numbers<const N: usize>(bytes: &[u8]) -> Option<[u32; N]> {
    let (words, rest) = bytes.as_chunks::<4>();
    let words: [[u8; 4]; N] = words.try_into().ok()?;
    rest.is_empty().then(|| words.map(u32::from_be_bytes))
}

/// Header and input of a request.
pub fn request(input: &[u8], iterations: u32, seed: u64) -> Vec<u8> {
    let mut bytes = vec![0; 128];
    let length = u32::try_from(input.len()).unwrap_or(u32::MAX);
    bytes[..4].copy_from_slice(&length.to_le_bytes());
    bytes[8..16].copy_from_slice(&seed.to_le_bytes());
    bytes[24..28].copy_from_slice(&iterations.to_le_bytes());
    bytes.extend(input);
    bytes
}

/// Length of the input and iterations asked for, if the bytes encode a request.
pub fn decode_request(bytes: &[u8]) -> Option<(u32, u32)> {
    let header = bytes.get(..128)?;
    let word = |at: usize| {
        u32::from_le_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]])
    };
    let input = u32::try_from(bytes.len() - 128).ok()?;
    let is_request = word(0) == input && word(4) == 0 && input <= (1 << 28) - 128;
    is_request.then(|| (input, word(24)))
}

/// Root of a request's region.
pub fn request_root(bytes: &[u8]) -> B256 {
    Memory::new(REQUEST_LOG2).with_bytes(0, bytes).root()
}

/// The memory that a trace starts with.
pub fn first_memory(weights_root: B256, request: &[u8]) -> Memory {
    Memory::new(MEMORY_LOG2).with(0, 39, weights_root).with(
        REQUEST,
        REQUEST_LOG2,
        request_root(request),
    )
}

/// What the region of an output holds: its length, 28 zeros, and itself.
pub fn output_bytes(output: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0; 32];
    bytes[..4].copy_from_slice(&u32::try_from(output.len()).unwrap_or(u32::MAX).to_le_bytes());
    bytes.extend(output);
    bytes
}

/// Root of the region of an output, if it fits.
pub fn output_root(output: &[u8], log2: u8) -> Option<B256> {
    let bytes = output_bytes(output);
    (bytes.len() <= 1 << log2).then(|| Memory::new(log2).with_bytes(0, &bytes).root())
}

/// Bytes of a leaf and of its siblings in the whole memory.
const LEAF_PROOF: usize = 32 * 36;

/// Length of an output and root of its region.
pub type Shown = (usize, B256);

/// Whether length and root are shown instead of the bytes.
pub fn is_by_root(state: &GraphState, output: &[u8], path: &[u8]) -> bool {
    state.status == HALTED && output.is_empty() && path.len() == LEAF_PROOF
}

/// Length and root (zero in a failed state) of an output, if what is shown of it is the state's.
pub fn proven(
    state: &GraphState,
    (base, log2): (u64, u8),
    output: &[u8],
    path: &[u8],
) -> Option<Shown> {
    match state.status {
        FAILED => (output.is_empty() && path.is_empty()).then_some((0, B256::ZERO)),
        HALTED if is_by_root(state, output, path) => by_root(state, (base, log2), path),
        HALTED => {
            let root = output_root(output, log2)?;
            let reached = climb(root, path, base, [log2, MEMORY_LOG2])?;
            (reached == state.root).then_some((output.len(), root))
        }
        _ => None,
    }
}

fn by_root(state: &GraphState, (base, log2): (u64, u8), path: &[u8]) -> Option<Shown> {
    let (leaf, siblings) = path.split_at(32);
    let (inside, outside) = siblings.split_at(32 * usize::from(log2 - 5));
    let length = u32::from_le_bytes(leaf[..4].try_into().ok()?) as usize;
    if leaf[4..].iter().any(|byte| *byte != 0) || length + 32 > 1 << log2 {
        return None;
    }
    let root = climb(B256::from_slice(leaf), inside, 0, [5, log2])?;
    (climb(root, outside, base, [log2, MEMORY_LOG2])? == state.root).then_some((length, root))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The values that the specification gives for checking.
    #[test]
    fn a_request_and_an_output_hash_as_the_specification_says() {
        let mut bytes = request(b"What is seven times six?", 128, 0x0123_4567_89ab_cdef);
        bytes[16..20].copy_from_slice(&0x3f00_0000_u32.to_le_bytes());
        bytes[20..24].copy_from_slice(&40_u32.to_le_bytes());
        bytes[124..128].copy_from_slice(&0xdead_beef_u32.to_le_bytes());
        let root = request_root(&bytes).to_string();
        assert_eq!(root, "0x5cd80097118c90dff19ebdf6ee3979a84361a43dea701a28b4acd4945da4d583");
        let memory = first_memory(keccak256("weights"), &bytes);
        let start = GraphState::start(memory.root()).hash().to_string();
        assert_eq!(start, "0x2ca7b991124bef588af4ea88db63d005b5d2785d11e5233a38e58ad591e615af");
        let output =
            output_root(b"forty-two, as everybody knows by now", 10).map(|root| root.to_string());
        let expected = "0x7843026571d2092b3040c99da1ef9b9e492930c2752fe4f9d9d63c49bb6a0720";
        assert_eq!(output.as_deref(), Some(expected));
    }
}
