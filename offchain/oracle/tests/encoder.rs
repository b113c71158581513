//! The encoder and the assembly syntax against GNU `as`.
#![allow(clippy::unwrap_used, reason = "a test")]

mod support;

use std::fmt::Write;
use std::fs;
use std::process::Command;

use opml_oracle::isa::{Form, Insn, Op, Reg};
use opml_oracle::listing::decode;
use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

/// Draws of each instruction.
const DRAWS: usize = 40;

#[test]
fn every_instruction_assembles_to_the_same_word() {
    if !support::has_binutils("every_instruction_assembles_to_the_same_word") {
        return;
    }
    let insns = draw_all();
    let assembled = assemble(&insns);
    assert_eq!(assembled.len(), insns.len());
    for (insn, word) in insns.iter().zip(assembled) {
        assert_eq!(insn.encode(), word, "{insn}: {:#010x} is not {word:#010x}", insn.encode());
    }
}

#[test]
fn operands_survive_encoding_and_decoding() {
    for insn in draw_all() {
        assert_eq!(decode(insn.encode()), Some(insn), "{insn}");
    }
}

#[test]
fn no_word_encodes_two_instructions() {
    for one in Op::ALL {
        for two in Op::ALL {
            let fixed_by_both = !one.form().operand_bits() & !two.form().operand_bits();
            let differ = (one.base() ^ two.base()) & fixed_by_both != 0;
            assert!(one == two || differ, "{one:?} and {two:?}");
        }
    }
}

fn draw_all() -> Vec<Insn> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(7);
    Op::ALL
        .iter()
        .flat_map(|op| std::iter::repeat_n(*op, DRAWS))
        .map(|op| draw(op, &mut rng))
        .collect()
}

/// Random operands; fields that the form does not use stay zero.
fn draw(op: Op, rng: &mut Xoshiro256PlusPlus) -> Insn {
    let bits = op.form().operand_bits();
    loop {
        let word = op.base() | rng.random::<u32>() & bits;
        let Some(mut insn) = decode(word) else { continue };
        let sized = matches!(op.form(), Form::Extract | Form::Insert);
        if sized && u32::from(insn.sa) + insn.imm > 32 {
            continue;
        }
        if op.form() == Form::Count {
            insn.rt = insn.rd;
        }
        // The architecture leaves these open, and `as` refuses them.
        let links_over_source = match op.form() {
            Form::JumpLinkRegister => insn.rd == insn.rs,
            _ => op.links_ra() && insn.rs == Reg::RA,
        };
        if links_over_source {
            continue;
        }
        return insn;
    }
}

/// Assembles the printed form of the instructions.
fn assemble(insns: &[Insn]) -> Vec<u32> {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let mut source = String::from(".set noreorder\n.set noat\n.set nomacro\n.text\n");
    for insn in insns {
        writeln!(source, "{insn}").unwrap();
    }
    fs::write(path("all.s"), source).unwrap();
    run(Command::new("mipsel-linux-gnu-as")
        .args(["-mips32r2", "-mno-fix-loongson3-llsc", "-o"])
        .args([path("all.o"), path("all.s")]));
    run(Command::new("mipsel-linux-gnu-objcopy")
        .args(["-O", "binary", "-j", ".text"])
        .args([path("all.o"), path("all.bin")]));
    let bytes = fs::read(path("all.bin")).unwrap();
    let words = bytes.as_chunks::<4>().0.iter().map(|word| u32::from_le_bytes(*word));
    words.take(insns.len()).collect()
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
