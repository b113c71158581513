//! Assembly listings of programs.

use std::fmt::Write;

use crate::isa::{Form, Insn, Op, Reg};
use crate::layout::Linked;

/// The body of a program, a line a word; delay slots are indented.
pub fn listing(linked: &Linked) -> String {
    let mut text = String::new();
    let code = &linked.code;
    for (index, word) in code.words.iter().enumerate() {
        let address = code.base + u32::try_from(index * 4).unwrap_or_default();
        if !(linked.body..linked.epilogue).contains(&address) {
            continue;
        }
        let indent = if code.in_slot(address) { "    " } else { "" };
        let mark = if linked.fault == Some(address) { "   # must trap" } else { "" };
        let _ = writeln!(text, "{address:08x}  {word:08x}  {indent}{}{mark}", disassemble(*word));
    }
    text
}

/// One word in assembly, or as a number if it encodes nothing.
pub fn disassemble(word: u32) -> String {
    decode(word).map_or_else(|| format!(".word {word:#010x}"), |insn| insn.to_string())
}

/// Reads the operands back out of a word.
pub fn decode(word: u32) -> Option<Insn> {
    let op = Op::of(word)?;
    let reg = |shift: u32| Reg::new((word >> shift).to_le_bytes()[0]);
    let sa = (word >> 6).to_le_bytes()[0] & 31;
    let rd = word >> 11 & 31;
    let imm = match op.form() {
        Form::Jump => word & 0x03ff_ffff,
        Form::Code => word >> 6 & 0xf_ffff,
        Form::TrapPair => word >> 6 & 0x3ff,
        Form::Extract => rd + 1,
        Form::Insert => (rd + 1).checked_sub(sa.into())?,
        _ => word & 0xffff,
    };
    Some(Insn { op, rs: reg(21), rt: reg(16), rd: reg(11), sa, imm })
}
