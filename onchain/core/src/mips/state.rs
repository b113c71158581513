//! The state as bytes, and its hash.
//!
//! ```text
//! 0    memory root  32 bytes
//! 32   pc           u32        all numbers big-endian, as Solidity packs them
//! 36   next_pc      u32
//! 40   hi           u32
//! 44   lo           u32
//! 48   regs[0..32]  32 x u32   regs[0] is zero
//! 176  step         u64
//! 184  status       u32        0 running, 1 exited, 2 trapped
//! 188  code         u32        0 | exit code 0..=255 | trap code 1..=10
//! ```

use alloy_primitives::B256;
use thiserror::Error;

use super::{Cpu, Reg, Status, Trap};
use crate::keccak::Keccak;

/// Length of an encoded state.
pub const STATE_BYTES: usize = 192;

/// Domain tag of a state hash: the ASCII text, zero-padded to a word.
const TAG: &[u8; 32] = b"opml.mips.state.v1\0\0\0\0\0\0\0\0\0\0\0\0\0\0";

/// A complete state of the machine: registers and the root of its memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// Root of the 2^32 bytes of memory.
    pub memory_root: B256,
    /// Everything else.
    pub cpu: Cpu,
}

/// Why bytes are not the encoding of a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum StateError {
    /// Not [`STATE_BYTES`] bytes.
    #[error("a state has {STATE_BYTES} bytes, {actual} were given")]
    Length {
        /// Bytes given.
        actual: usize,
    },
    /// Register 0 is always zero.
    #[error("register 0 holds {value:#x}")]
    RegisterZero {
        /// The value found.
        value: u32,
    },
    /// No such status, or a code that does not go with it.
    #[error("status {status} with code {code} names no state")]
    Status {
        /// The status word found.
        status: u32,
        /// The code word found.
        code: u32,
    },
}

impl State {
    /// The encoding.
    pub fn encode(&self) -> [u8; STATE_BYTES] {
        let cpu = &self.cpu;
        let (status, code) = match cpu.status {
            Status::Running => (0, 0),
            Status::Exited(code) => (1, code.into()),
            Status::Trapped(trap) => (2, trap.code().into()),
        };
        let step = cpu.step.to_be_bytes();
        let [s0, s1, s2, s3, s4, s5, s6, s7] = step;
        let head = [cpu.pc, cpu.next_pc, cpu.hi, cpu.lo];
        let tail = [
            u32::from_be_bytes([s0, s1, s2, s3]),
            u32::from_be_bytes([s4, s5, s6, s7]),
            status,
            code,
        ];
        let words = head.iter().chain(cpu.regs()).chain(&tail);

        let mut bytes = [0; STATE_BYTES];
        let (root, rest) = bytes.split_at_mut(32);
        root.copy_from_slice(self.memory_root.as_slice());
        for (place, word) in rest.as_chunks_mut::<4>().0.iter_mut().zip(words) {
            *place = word.to_be_bytes();
        }
        bytes
    }

    /// Parses an encoding; every state has exactly one.
    #[inline(never)]
    pub fn decode(bytes: &[u8]) -> Result<Self, StateError> {
        let bytes: &[u8; STATE_BYTES] =
            bytes.try_into().map_err(|_| StateError::Length { actual: bytes.len() })?;
        let (root, rest) = bytes.split_at(32);
        let mut words = rest.as_chunks::<4>().0.iter().map(|word| u32::from_be_bytes(*word));
        let mut next = || words.next().unwrap_or_default();

        let mut cpu = Cpu::new(next());
        cpu.next_pc = next();
        cpu.hi = next();
        cpu.lo = next();
        match next() {
            0 => {}
            value => return Err(StateError::RegisterZero { value }),
        }
        for number in 1..32 {
            cpu.set(Reg::from_bits(number), next());
        }
        cpu.step = (u64::from(next()) << 32) | u64::from(next());
        cpu.status = parse_status(next(), next())?;
        Ok(Self { memory_root: B256::from_slice(root), cpu })
    }

    /// `keccak256(tag || encoding)`.
    #[inline(never)]
    pub fn hash<K: Keccak>(&self) -> B256 {
        let mut bytes = [0; 32 + STATE_BYTES];
        let (tag, state) = bytes.split_at_mut(32);
        tag.copy_from_slice(TAG);
        state.copy_from_slice(&self.encode());
        K::keccak256(&bytes)
    }
}

fn parse_status(status: u32, code: u32) -> Result<Status, StateError> {
    let unnamed = StateError::Status { status, code };
    match status {
        0 if code == 0 => Ok(Status::Running),
        1 => u8::try_from(code).map(Status::Exited).map_err(|_| unnamed),
        2 => Trap::from_code(code).map(Status::Trapped).ok_or(unnamed),
        _ => Err(unnamed),
    }
}
