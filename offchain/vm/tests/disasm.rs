//! The disassembler against `mipsel-linux-gnu-objdump`, where it is installed; nothing is checked
//! elsewhere.
#![allow(clippy::unwrap_used)]

#[path = "../../../onchain/core/tests/support/table.rs"]
#[allow(dead_code, reason = "shared by several test crates")]
mod table;

use std::path::Path;
use std::process::Command;

use opml_vm::disasm::Disassembly;
use table::TABLE;

const OBJDUMP: &str = "mipsel-linux-gnu-objdump";
const BASE: u32 = 0x0040_0000;

/// Every instruction with several operands; codes and hints, which only binutils shows, are zero.
fn words() -> Vec<u32> {
    let operands = [0x0109_5000_u32, 0x03ff_0004, 0x008a_fffc, 0x0285_7fff, 0x0041_8000];
    TABLE
        .iter()
        .filter(|line| !matches!(line.name, "sync" | "synci" | "pref" | "syscall" | "break"))
        .flat_map(|line| {
            let free = match line.name {
                "jr" | "jalr" | "tge" | "tgeu" | "tlt" | "tltu" | "teq" | "tne" => 0x03ff_f800,
                _ => u32::MAX,
            };
            operands.map(|operands| match line.name {
                // Destination in both fields; a code of zero; a field that fits.
                "clz" | "clo" => line.with(operands & !0x001f_0000 | (operands & 0xf800) << 5),
                "tge" | "tgeu" | "tlt" | "tltu" | "teq" | "tne" => {
                    line.with(operands & 0x03ff_0000)
                }
                "ext" => line.with(operands & 0x03ff_0000 | 11 << 11 | 4 << 6),
                "ins" => line.with(operands & 0x03ff_0000 | 15 << 11 | 4 << 6),
                _ => line.with(operands & free),
            })
        })
        .collect()
}

/// Mnemonic and operands, numbers as numbers: both notations become the same.
fn parts(text: &str) -> Vec<String> {
    let plain = text.split(['#', '<']).next().unwrap_or_default();
    let pieces = plain.split([' ', '\t', ',', '(', ')']).filter(|piece| !piece.is_empty());
    pieces.map(number_or_name).collect()
}

fn number_or_name(piece: &str) -> String {
    let (sign, digits) = piece.strip_prefix('-').map_or((1, piece), |digits| (-1, digits));
    let value = match digits.strip_prefix("0x") {
        Some(hex) => i64::from_str_radix(hex, 16).ok(),
        None => digits.parse::<i64>().ok(),
    };
    value.map_or_else(|| piece.to_string(), |value| (sign * value).to_string())
}

/// What binutils writes otherwise: names of rotations, the destination of a division, the usual
/// link register, the short form of `sll $0, $0, 0`.
fn usual(mut parts: Vec<String>) -> Vec<String> {
    match parts[0].as_str() {
        "ror" => parts[0] = "rotr".into(),
        "rorv" => parts[0] = "rotrv".into(),
        "div" | "divu" if parts.len() == 4 => drop(parts.remove(1)),
        "jalr" if parts.len() == 2 => parts.insert(1, "ra".into()),
        _ => {}
    }
    parts
}

#[test]
fn every_instruction_reads_as_in_objdump() {
    if Command::new(OBJDUMP).arg("--version").output().is_err() {
        eprintln!("{OBJDUMP} is not installed: nothing was compared");
        return;
    }
    let words = words();
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("disasm.bin");
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    std::fs::write(&file, bytes).unwrap();
    let output = Command::new(OBJDUMP)
        .args(["-D", "-z", "-EL", "-b", "binary", "-m", "mips:isa32r2", "-M", "no-aliases"])
        .arg(format!("--adjust-vma={BASE:#x}"))
        .arg(&file)
        .output()
        .unwrap();
    let listing = String::from_utf8(output.stdout).unwrap();
    let theirs: Vec<&str> =
        listing.lines().filter_map(|line| line.splitn(3, '\t').nth(2)).collect();
    assert_eq!(theirs.len(), words.len());
    for ((address, word), theirs) in (BASE..).step_by(4).zip(words).zip(theirs) {
        let ours = Disassembly { address, word }.to_string();
        assert_eq!(parts(&ours), usual(parts(theirs)), "{word:#010x}: {theirs}");
    }
}
