//! From words to instructions: against GNU `as`, and against the table of masks and matches.

use std::collections::HashSet;

use opml_core::mips::{Instruction, Trap, decode};
use proptest::prelude::*;

use crate::assembled::{unary, vectors};
use crate::scene::Scene;
use crate::table::{Encoding, TABLE, encoding, meaning};

use Instruction as I;

#[test]
fn every_word_of_the_assembler_means_what_its_text_says() {
    for (text, word, instruction) in vectors() {
        assert_eq!(decode(word), instruction, "{text}: {word:#010x}");
    }
}

#[test]
fn the_table_agrees_with_the_assembler_and_every_line_is_exercised() {
    let mut seen = HashSet::new();
    for (text, word, instruction) in vectors() {
        assert_eq!(meaning(word), instruction, "{text}: {word:#010x}");
        seen.extend(TABLE.iter().filter(|line| line.covers(word)).map(|line| line.name));
    }
    let missing: Vec<_> = TABLE.iter().filter(|line| !seen.contains(line.name)).collect();
    assert!(
        missing.is_empty(),
        "no vector for {:?}",
        missing.iter().map(|l| l.name).collect::<Vec<_>>()
    );
}

#[test]
fn no_word_is_described_by_two_lines_of_the_table() {
    for (i, a) in TABLE.iter().enumerate() {
        assert_eq!(a.matches & !a.mask, 0, "{}", a.name);
        for b in &TABLE[..i] {
            let common = a.mask & b.mask;
            assert_ne!(a.matches & common, b.matches & common, "{} and {}", a.name, b.name);
        }
    }
}

/// Fields that matter for decoding take all their extremes, over every opcode and function.
#[test]
fn every_opcode_and_function_with_extreme_fields_decodes_as_the_table_says() {
    const FIELD: [u32; 8] = [0, 1, 2, 8, 15, 16, 24, 31];
    const SA: [u32; 12] = [0, 1, 2, 3, 4, 8, 15, 16, 17, 24, 30, 31];
    for opcode in 0..64_u32 {
        for rs in FIELD {
            for rt in 0..32 {
                for rd in FIELD {
                    for sa in SA {
                        let high = opcode << 26 | rs << 21 | rt << 16 | rd << 11 | sa << 6;
                        check_functions(high);
                    }
                }
            }
        }
    }
}

fn check_functions(high: u32) {
    // Only SPECIAL and its kin select by function; elsewhere two values of the field do.
    let selected = matches!(high >> 26, 0x00 | 0x1c | 0x1f);
    let functions = if selected { 0..64 } else { 62..64 };
    for word in functions.map(|function| high | function) {
        assert_eq!(decode(word), meaning(word), "{word:#010x}");
    }
}

/// All 2^32 words. Minutes; run with `--run-ignored all` after a change of the decoder.
#[test]
#[ignore = "exhaustive: takes minutes"]
fn every_word_decodes_as_the_table_says() {
    let by_opcode: Vec<Vec<&Encoding>> =
        (0..64).map(|op| TABLE.iter().filter(|line| line.matches >> 26 == op).collect()).collect();
    for word in 0..=u32::MAX {
        let line = by_opcode[(word >> 26) as usize].iter().find(|line| line.covers(word));
        let expected = line.map_or(I::Reserved, |line| (line.meaning)(word));
        assert_eq!(decode(word), expected, "{word:#010x}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn a_random_word_decodes_as_the_table_says(word: u32) {
        prop_assert_eq!(decode(word), meaning(word));
    }

    #[test]
    fn a_valid_word_with_one_flipped_bit_decodes_as_the_table_says(
        line in 0..TABLE.len(), operands: u32, bit in 0..32_u32,
    ) {
        let word = TABLE[line].with(operands);
        prop_assert_eq!(decode(word), meaning(word));
        prop_assert_eq!(decode(word ^ 1 << bit), meaning(word ^ 1 << bit));
    }
}

/// Fields that the manual wants zero, by instruction: with any single bit of them set the word is
/// another instruction of the table or reserved, never the same instruction.
#[test]
fn a_bit_in_a_field_that_must_be_zero_reserves_the_word() {
    const MUST_BE_ZERO: &[(&str, u32)] = &[
        ("sll", 0x03e0_0000),
        // Bit 21 of srl makes rotr, bit 6 of srlv makes rotrv.
        ("srl", 0x03c0_0000),
        ("rotr", 0x03c0_0000),
        ("sra", 0x03e0_0000),
        ("sllv", 0x0000_07c0),
        ("srlv", 0x0000_0780),
        ("rotrv", 0x0000_0780),
        ("srav", 0x0000_07c0),
        ("jr", 0x001f_f800),
        ("jalr", 0x001f_0000),
        ("movz", 0x0000_07c0),
        ("movn", 0x0000_07c0),
        ("sync", 0x03ff_f800),
        ("mfhi", 0x03ff_07c0),
        ("mflo", 0x03ff_07c0),
        ("mthi", 0x001f_ffc0),
        ("mtlo", 0x001f_ffc0),
        ("mult", 0x0000_ffc0),
        ("multu", 0x0000_ffc0),
        ("div", 0x0000_ffc0),
        ("divu", 0x0000_ffc0),
        ("add", 0x0000_07c0),
        ("addu", 0x0000_07c0),
        ("sub", 0x0000_07c0),
        ("subu", 0x0000_07c0),
        ("and", 0x0000_07c0),
        ("or", 0x0000_07c0),
        ("xor", 0x0000_07c0),
        ("nor", 0x0000_07c0),
        ("slt", 0x0000_07c0),
        ("sltu", 0x0000_07c0),
        ("blez", 0x001f_0000),
        ("bgtz", 0x001f_0000),
        ("blezl", 0x001f_0000),
        ("bgtzl", 0x001f_0000),
        ("lui", 0x03e0_0000),
        ("madd", 0x0000_ffc0),
        ("maddu", 0x0000_ffc0),
        ("mul", 0x0000_07c0),
        ("msub", 0x0000_ffc0),
        ("msubu", 0x0000_ffc0),
        ("clz", 0x0000_07c0),
        ("clo", 0x0000_07c0),
        ("wsbh", 0x03e0_0000),
        ("seb", 0x03e0_0000),
        ("seh", 0x03e0_0000),
    ];
    for (name, zero) in MUST_BE_ZERO {
        let word = encoding(name).matches;
        for bit in (0..32).filter(|bit| zero >> bit & 1 == 1) {
            let bad = word | 1 << bit;
            assert_eq!(decode(bad), I::Reserved, "{name} with bit {bit}: {bad:#010x}");
            Scene::new(bad).traps(Trap::ReservedInstruction);
        }
    }
}

#[test]
fn hint_and_code_fields_are_free() {
    const FREE: &[(&str, u32)] = &[
        ("jr", 0x0000_07c0),
        ("jalr", 0x0000_07c0),
        ("sync", 0x0000_07c0),
        ("syscall", 0x03ff_ffc0),
        ("break", 0x03ff_ffc0),
        ("tge", 0x0000_ffc0),
        ("tgeu", 0x0000_ffc0),
        ("tlt", 0x0000_ffc0),
        ("tltu", 0x0000_ffc0),
        ("teq", 0x0000_ffc0),
        ("tne", 0x0000_ffc0),
        ("pref", 0x03ff_ffff),
        ("synci", 0x03e0_ffff),
    ];
    for (name, free) in FREE {
        let word = encoding(name).matches;
        let plain = decode(word);
        assert_ne!(plain, I::Reserved, "{name}");
        for bit in (0..32).filter(|bit| free >> bit & 1 == 1) {
            assert_eq!(decode(word | 1 << bit), plain, "{name} with bit {bit}");
        }
        assert_eq!(decode(word | free), plain, "{name} with all bits");
    }
}

#[test]
fn field_instructions_past_bit_31_are_reserved() {
    // ext with position 1 and size 32, position 31 and size 2; ins with highest bit below lowest.
    for word in [0x7d0a_f840, 0x7d0a_0fc0, 0x7d0a_0044, 0x7d0a_f7c4_u32] {
        assert_eq!(decode(word), I::Reserved, "{word:#010x}");
    }
}

#[test]
fn counting_leading_bits_wants_the_destination_in_both_fields() {
    // clz $10, $8 with rt = 10 and with rt = 9.
    assert_eq!(decode(0x710a_5020), unary(I::Clz, 10, 8));
    assert_eq!(decode(0x7109_5020), I::Reserved);
    assert_eq!(decode(0x7109_5021), I::Reserved);
}

/// Neighbours of the machine's instruction set: release 1 and 2 instructions of kernel mode,
/// coprocessors, 64-bit machines, release 6 and DSP extensions.
#[test]
fn what_the_machine_leaves_out_is_reserved() {
    const LEFT_OUT: &[(&str, u32)] = &[
        ("movf $10, $8, $fcc0", 0x0100_5001),
        ("sdbbp", 0x7000_003f),
        ("rdhwr $3, $29", 0x7c03_e83b),
        ("di", 0x4160_6000),
        ("mfc0 $8, $12", 0x4008_6000),
        ("eret", 0x4200_0018),
        ("add.s $f0, $f1, $f2", 0x4602_0800),
        ("lwc1 $f0, 0($8)", 0xc500_0000),
        ("swc1 $f0, 0($8)", 0xe500_0000),
        ("ldc1 $f0, 0($8)", 0xd500_0000),
        ("lwc2", 0xc900_0000),
        ("cache 0, 0($8)", 0xbd00_0000),
        ("madd.s (COP1X)", 0x4c00_0020),
        ("daddiu $8, $8, 1", 0x6508_0001),
        ("dsll $8, $8, 1", 0x0008_4078),
        ("ld $8, 0($8)", 0xdd08_0000),
        ("sd $8, 0($8)", 0xfd08_0000),
        ("lwu $8, 0($8)", 0x9d08_0000),
        ("daddu $8, $8, $8", 0x0108_402d),
        ("dmult $8, $8", 0x0108_001c),
        ("bc (release 6)", 0xc800_0001),
        ("jalx", 0x7400_0000),
        ("mult $ac1, $8, $9 (DSP)", 0x0109_0818),
        ("bposge32 (DSP)", 0x041c_0001),
    ];
    for (text, word) in LEFT_OUT {
        assert_eq!(decode(*word), I::Reserved, "{text}");
        Scene::new(*word).traps(Trap::ReservedInstruction);
    }
}

#[test]
fn an_instruction_stays_eight_bytes() {
    assert!(size_of::<Instruction>() <= 8);
}
