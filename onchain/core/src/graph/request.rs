//! The request: what a requester asks of a model, as bytes at the middle of the graph memory.
//!
//! ```text
//! 0    input length  u32        all numbers little-endian, as kernels read them
//! 4    zero          u32
//! 8    seed          u64
//! 16   params        28 x u32
//! 128  input         `input length` bytes, then zeros to 2^28 bytes
//! ```

use alloy_primitives::B256;
use opml_operator::REQUEST_LOG2;
use thiserror::Error;

use super::GraphState;
use crate::keccak::Keccak;
use crate::merkle::{LEAF_LOG2, RootBuilder, Space, lift};

/// Length of the header.
pub const REQUEST_HEADER_BYTES: usize = 128;
/// Parameters in the header.
pub const REQUEST_PARAMS: usize = 28;
/// The longest input that the request's region holds, in bytes.
pub const MAX_INPUT_BYTES: u32 = (1 << REQUEST_LOG2) - 128;

/// A request: the input and what shapes the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request<'a> {
    /// Seed of whatever the program draws.
    pub seed: u64,
    /// Parameters: 0 temperature (bits of an f32), 1 top-k, 2 most new tokens, others as the model
    /// defines.
    pub params: [u32; REQUEST_PARAMS],
    /// The bytes asked about.
    input: &'a [u8],
}

/// Why bytes are no request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum RequestError {
    /// Shorter than a header.
    #[error("a request has at least {REQUEST_HEADER_BYTES} bytes, {actual} were given")]
    Short {
        /// Bytes given.
        actual: usize,
    },
    /// The header's length is not the input's.
    #[error("the header names {stated} bytes of input, {actual} follow it")]
    InputLength {
        /// Length in the header.
        stated: u32,
        /// Bytes behind the header.
        actual: usize,
    },
    /// The input does not fit its region.
    #[error("{actual} bytes of input, {MAX_INPUT_BYTES} fit")]
    TooLong {
        /// Bytes of input.
        actual: usize,
    },
    /// The reserved word is not zero.
    #[error("the reserved word is {value:#x}")]
    Reserved {
        /// The value found.
        value: u32,
    },
}

impl<'a> Request<'a> {
    /// A request with this input; refused if it does not fit its region.
    pub fn new(
        input: &'a [u8],
        seed: u64,
        params: [u32; REQUEST_PARAMS],
    ) -> Result<Self, RequestError> {
        let actual = input.len();
        match u32::try_from(actual) {
            Ok(length) if length <= MAX_INPUT_BYTES => Ok(Self { seed, params, input }),
            _ => Err(RequestError::TooLong { actual }),
        }
    }

    /// The input.
    pub const fn input(&self) -> &'a [u8] {
        self.input
    }

    /// The header's encoding.
    pub fn header(&self) -> [u8; REQUEST_HEADER_BYTES] {
        // Lossless: checked when the request was made.
        let length = u32::try_from(self.input.len()).unwrap_or(MAX_INPUT_BYTES);
        let [s0, s1, s2, s3, s4, s5, s6, s7] = self.seed.to_le_bytes();
        let head = [length.to_le_bytes(), [0; 4], [s0, s1, s2, s3], [s4, s5, s6, s7]];
        let words = head.into_iter().chain(self.params.map(u32::to_le_bytes));
        let mut bytes = [0; REQUEST_HEADER_BYTES];
        for (place, word) in bytes.as_chunks_mut::<4>().0.iter_mut().zip(words) {
            *place = word;
        }
        bytes
    }

    /// Parses header and input as they stand one behind the other; every request has exactly one
    /// encoding.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, RequestError> {
        let short = RequestError::Short { actual: bytes.len() };
        let (header, input) = bytes.split_first_chunk::<REQUEST_HEADER_BYTES>().ok_or(short)?;
        let mut words = header.as_chunks::<4>().0.iter().map(|word| u32::from_le_bytes(*word));
        let mut next = || words.next().unwrap_or_default();
        let (stated, reserved) = (next(), next());
        let seed = u64::from(next()) | (u64::from(next()) << 32);
        let mut params = [0; REQUEST_PARAMS];
        for param in &mut params {
            *param = next();
        }
        if reserved != 0 {
            return Err(RequestError::Reserved { value: reserved });
        }
        if usize::try_from(stated) != Ok(input.len()) {
            return Err(RequestError::InputLength { stated, actual: input.len() });
        }
        Self::new(input, seed, params)
    }

    /// Root of the request's region of 2^28 bytes. Each 32 bytes are hashed once, none are copied.
    pub fn region_root<K: Keccak>(&self) -> B256 {
        let mut leaves = RootBuilder::<K>::new(LEAF_LOG2);
        leaves.extend(&self.header());
        leaves.extend(self.input);
        // The request fits its region: checked when it was made.
        leaves.finish(REQUEST_LOG2).unwrap_or_default()
    }
}

/// Root of the initial memory: `weights_root` is the root of the lower 2^39 bytes, `request_root`
/// that of the request's region at their end; all else is zero.
pub fn initial_memory_root<K: Keccak>(weights_root: &B256, request_root: B256) -> B256 {
    const HALF_LOG2: u8 = Space::GRAPH.log2_size().saturating_sub(1);
    // The sizes are constants in ascending order: `lift` has an answer.
    let upper = lift::<K>(request_root, REQUEST_LOG2, HALF_LOG2).unwrap_or_default();
    K::node(weights_root, &upper)
}

/// The first state of a model's program on a request; `weights_root` is the root of the lower half of
/// the memory.
pub fn initial_state<K: Keccak>(weights_root: &B256, request: &Request<'_>) -> GraphState {
    GraphState::start(initial_memory_root::<K>(weights_root, request.region_root::<K>()))
}
