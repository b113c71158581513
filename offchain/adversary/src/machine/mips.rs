//! States of the MIPS machine and its step on images of a few words: docs/spec.md, 2.1, 2.3 and 2.7.

use alloy_primitives::{B256, keccak256};

use super::graph::{numbers, tag};
use super::memory::{Memory, climb};

/// Size of the memory, as a power of two.
pub const MEMORY_LOG2: u8 = 32;

/// Not stopped.
pub const RUNNING: u32 = 0;
/// Has exited with its code.
pub const EXITED: u32 = 1;
/// Has trapped with its code.
pub const TRAPPED: u32 = 2;

/// A state whose registers, hi and lo are zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MipsState {
    /// Root of the memory.
    pub root: B256,
    /// Address of the instruction to execute, and of the one after it.
    pub pc: [u32; 2],
    /// Steps taken.
    pub step: u64,
    /// Running, exited or trapped.
    pub status: u32,
    /// Exit or trap code.
    pub code: u32,
}

/// Why bytes are no state that is treated here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoState {
    /// They encode no state.
    Malformed,
    /// They encode one with registers that are not zero.
    Registers,
}

impl MipsState {
    /// Running at an address, at a step.
    pub const fn running(root: B256, pc: u32, step: u64) -> Self {
        Self { root, pc: [pc, pc.wrapping_add(4)], step, status: RUNNING, code: 0 }
    }

    /// Stopped, with a code.
    pub const fn stopped(root: B256, status: u32, code: u32) -> Self {
        Self { root, pc: [0x1000, 0x1004], step: 1, status, code }
    }

    /// The 192 bytes.
    pub fn encode(&self) -> Vec<u8> {
        let pcs = self.pc.map(u32::to_be_bytes);
        let end = [self.status, self.code].map(u32::to_be_bytes);
        let registers = [0; 136];
        let step = self.step.to_be_bytes();
        [&self.root.0[..], pcs.as_flattened(), &registers, &step, end.as_flattened()].concat()
    }

    /// The state that bytes encode.
    ///
    /// # Errors
    /// [`NoState`].
    pub fn decode(bytes: &[u8]) -> Result<Self, NoState> {
        let words: [u32; 40] =
            numbers(bytes.get(32..).unwrap_or_default()).ok_or(NoState::Malformed)?;
        let [status, code] = [words[38], words[39]];
        let is_code = match status {
            RUNNING => code == 0,
            EXITED => code <= 255,
            TRAPPED => (1..=10).contains(&code),
            _ => false,
        };
        if !is_code || words[4] != 0 {
            return Err(NoState::Malformed);
        }
        if words[2..36].iter().any(|word| *word != 0) {
            return Err(NoState::Registers);
        }
        let step = u64::from(words[36]) << 32 | u64::from(words[37]);
        let root = B256::from_slice(&bytes[..32]);
        Ok(Self { root, pc: [words[0], words[1]], step, status, code })
    }

    /// Its hash.
    pub fn hash(&self) -> B256 {
        keccak256([&tag("opml.mips.state.v1")[..], &self.encode()].concat())
    }

    /// The witness of its step, in the memory that it has.
    pub fn witness(&self, memory: &Memory) -> Vec<u8> {
        if self.status != RUNNING || !self.pc[0].is_multiple_of(4) {
            return Vec::new();
        }
        memory.part(u64::from(self.pc[0]) & !31, 5)
    }

    /// Its successor, if this is the witness and the instruction is one of the four that are treated here: all zeros
    /// (`sll $0, $0, 0`), `break`, a reserved one.
    pub fn step(&self, witness: &[u8]) -> Option<Self> {
        if self.status != RUNNING {
            return witness.is_empty().then_some(*self);
        }
        let counted = Self { step: self.step.wrapping_add(1), ..*self };
        if !self.pc[0].is_multiple_of(4) {
            let trapped = Self { status: TRAPPED, code: 2, ..counted };
            return witness.is_empty().then_some(trapped);
        }
        let (leaf, path) = witness.split_at_checked(32)?;
        let base = u64::from(self.pc[0]) & !31;
        if climb(B256::from_slice(leaf), path, base, [5, MEMORY_LOG2])? != self.root {
            return None;
        }
        let at = (self.pc[0] & 31) as usize;
        match u32::from_le_bytes([leaf[at], leaf[at + 1], leaf[at + 2], leaf[at + 3]]) {
            0 => Some(Self { pc: [self.pc[1], self.pc[1].wrapping_add(4)], ..counted }),
            BREAK => Some(Self { status: TRAPPED, code: 8, ..counted }),
            RESERVED => Some(Self { status: TRAPPED, code: 1, ..counted }),
            other => unreachable!("{other:#x} is in no memory here"),
        }
    }
}

/// `break`.
pub const BREAK: u32 = 0x0000_000d;
/// No instruction.
pub const RESERVED: u32 = 0xffff_ffff;
