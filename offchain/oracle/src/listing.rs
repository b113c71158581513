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
    let form = op.form();
    let (shift, mask) = form.number();
    let fields = word & form.operand_bits() & !(mask << shift);
    let reg = |at: u32| Reg::new((fields >> at).to_le_bytes()[0]);
    let sa = (fields >> 6).to_le_bytes()[0] & 31;
    let number = word >> shift & mask;
    let imm = match form {
        Form::Extract => number + 1,
        Form::Insert => (number + 1).checked_sub(sa.into())?,
        _ => number,
    };
    Some(Insn { op, rs: reg(21), rt: reg(16), rd: reg(11), sa, imm })
}
