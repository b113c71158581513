//! MIPS32 release 2 as the architecture manual prints it: encodings and assembly syntax.
//!
//! Written from the manual's tables alone. It shares nothing with the decoder of the machine, so
//! that a misread table there does not repeat itself here.

mod form;
mod insn;
mod op;
mod reg;

pub use form::Form;
pub use insn::Insn;
pub use op::Op;
pub use reg::{Reg, RegSet};
