//! The MIPS machine: MIPS32 release 2, little-endian, user mode, integers only.
//!
//! [`step`] is the only definition of a step. It is total: whatever the machine cannot do is a
//! [`Trap`] state, and an exited or trapped state is its own successor. An error comes from the
//! memory alone (a wrong proof, a page that cannot be loaded) and means that no successor is known.

mod alu;
mod cpu;
mod decode;
mod execute;
mod instruction;
mod memory;
mod partial;
mod state;
mod step;
mod window;
mod witness;

pub use cpu::{Cpu, Status, Trap};
pub use decode::decode;
pub use execute::{Stop, execute};
pub use instruction::{
    Access, Branch, Compare, Field, Instruction, Pair, Reg, RegImm, Shift, ShiftV, ThreeReg,
    TrapImm, Unary,
};
pub use memory::{GuestOutput, Memory, WordAddr};
pub use state::{STATE_BYTES, State, StateError};
pub use step::step;
pub use window::{InputIndex, Window};
pub use witness::{LEAF_PROOF_BYTES, Role, StepError, WitnessError, step_witness};

/// Bytes of an instruction and of a word.
pub const WORD_BYTES: u32 = 4;
