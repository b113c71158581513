//! Witnesses: what a step touches, found by taking it.

use alloy_primitives::B256;
use opml_core::mips::{LEAF_PROOF_BYTES, Memory, State, Status, WordAddr, step};

use crate::memory::{MemoryError, PagedMemory};

/// A step as the contract takes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witness {
    /// The state before the step.
    pub pre_state: State,
    /// The leaves that the step touches with their paths; layout in `docs/spec.md`.
    pub proof: Vec<u8>,
}

/// Where a step fetches, and which data word it touches.
#[derive(Default)]
struct Touched {
    instruction: Option<WordAddr>,
    data: Option<WordAddr>,
}

/// A view of a memory that keeps stores to itself and remembers addresses.
struct Recorder<'m> {
    memory: &'m mut PagedMemory,
    touched: Touched,
}

impl Memory for Recorder<'_> {
    type Error = MemoryError;

    fn fetch(&mut self, address: WordAddr) -> Result<u32, MemoryError> {
        self.touched.instruction = Some(address);
        self.memory.load(address)
    }

    fn load(&mut self, address: WordAddr) -> Result<u32, MemoryError> {
        self.touched.data = Some(address);
        self.memory.load(address)
    }

    fn store(&mut self, address: WordAddr, _value: u32) -> Result<(), MemoryError> {
        // A step loads before it stores and never after, so the value is not needed.
        self.touched.data = Some(address);
        Ok(())
    }
}

/// The witness of the step from `pre_state`, whose memory is `memory`.
pub(crate) fn of_next_step(
    pre_state: State,
    memory: &mut PagedMemory,
) -> Result<Witness, MemoryError> {
    let mut proof = Vec::new();
    if pre_state.cpu.status == Status::Running {
        let mut recorder = Recorder { memory, touched: Touched::default() };
        step(&mut pre_state.cpu.clone(), &mut recorder)?;
        let Recorder { memory, touched } = recorder;
        proof.reserve_exact(2 * LEAF_PROOF_BYTES);
        for address in touched.instruction.iter().chain(&touched.data) {
            let hashes = memory.prove(address.get())?;
            proof.extend(hashes.iter().flat_map(B256::as_slice));
        }
    }
    Ok(Witness { pre_state, proof })
}
