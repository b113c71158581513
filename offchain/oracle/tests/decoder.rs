//! The machine's decoder against the manual's tables: it takes exactly their words for instructions.

use opml_core::mips::{Instruction, decode};
use opml_oracle::isa::{Form, Op};
use rayon::iter::{IntoParallelIterator, ParallelIterator};

/// The rs and rd fields, which are not gone through in full.
const SOME: [(u32, u32); 5] = [(0, 0), (0, 31), (1, 2), (2, 0), (31, 16)];

/// All opcodes, functions, rt and sa fields, with some rs and rd fields.
#[test]
fn the_decoder_accepts_the_words_of_the_tables_and_no_others() {
    let wrong: Vec<u32> =
        (0..64_u32).into_par_iter().flat_map_iter(words).filter(is_wrong).collect();
    let shown: Vec<String> = wrong.iter().take(20).map(|word| format!("{word:08x}")).collect();
    assert!(wrong.is_empty(), "{} words, among them {shown:?}", wrong.len());
}

fn words(opcode: u32) -> impl Iterator<Item = u32> {
    (0..1_u32 << 16).flat_map(move |bits| {
        let (rt, sa, function) = (bits >> 11, bits >> 6 & 31, bits & 63);
        let fixed = opcode << 26 | rt << 16 | sa << 6 | function;
        SOME.map(|(rs, rd)| fixed | rs << 21 | rd << 11)
    })
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature of a filter")]
fn is_wrong(word: &u32) -> bool {
    (decode(*word) != Instruction::Reserved) != is_instruction(*word)
}

/// What the tables say, with the machine's decisions where they leave something open.
fn is_instruction(word: u32) -> bool {
    let (rt, rd, sa) = (word >> 16 & 31, word >> 11 & 31, word >> 6 & 31);
    // Any hint of `jr` and `jalr` is taken for 0.
    let is_jump = word >> 26 == 0 && matches!(word & 63, 8 | 9);
    let word = if is_jump { word & !(31 << 6) } else { word };
    Op::of(word).is_some_and(|op| match op.form() {
        Form::Count => rt == rd,
        Form::Extract => sa + rd < 32,
        Form::Insert => sa <= rd,
        _ => true,
    })
}
