//! The machine, instruction by instruction. Expected values are literals worked out from the MIPS32
//! manual; every comparison is of the whole state.
#![allow(clippy::unwrap_used)]

mod alu;
mod assembled;
mod bit_fields;
mod branches_and_jumps;
mod delay_slots;
mod encoding;
mod formulas;
mod loads_and_stores;
mod multiply_divide;
mod scene;
mod shifts;
mod syscalls;
#[path = "../support/table.rs"]
mod table;
mod traps;
