//! An oracle for the MIPS machine that shares no code with it: random programs, run by
//! `qemu-mipsel` and by the machine, and compared.
//!
//! [`isa`] encodes instructions from the manual's tables, [`generate`] draws a [`program`],
//! [`layout`] makes an executable of it, [`qemu`] and [`machine`] run it, [`compare`] tells the first
//! difference, and [`shrink`] cuts a failing program down to what matters.

pub mod assembler;
pub mod compare;
pub mod coverage;
pub mod differential;
pub mod elf;
pub mod generate;
pub mod isa;
pub mod layout;
pub mod listing;
pub mod machine;
pub mod observe;
pub mod program;
pub mod qemu;
pub mod shrink;
pub mod trap;
