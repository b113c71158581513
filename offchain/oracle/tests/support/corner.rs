//! Runs a few words between known registers and tells in words what changed.
#![allow(clippy::unwrap_used, reason = "a test")]

use std::fmt::Write;

use opml_core::mips::Status;
use opml_oracle::isa::{Insn, Op, Reg};
use opml_oracle::layout::{ARENA_BYTES, Linked};
use opml_oracle::machine::run_plain;
use opml_oracle::observe::{Observation, Stop};
use opml_oracle::program::{Ending, ExitCall, Node, Program};
use opml_oracle::qemu::{Qemu, QemuError};

/// `$8` points into the arena, `$13` to the landing, the others hold these.
const REGISTERS: [(usize, u32); 6] = [
    (9, 5),
    (10, 0xffff_fffd),
    (11, 0x1234_5678),
    (12, 0x9abc_def1),
    (14, 0x7070_7070),
    (15, 0x8080_8080),
];
const HI: u32 = 0x2222_2222;
const LO: u32 = 0x1111_1111;
/// Words from the start of a case to the landing, which sets `$17` to 0x77.
const LANDING: usize = 32;

/// A line of the table.
pub struct Corner {
    pub name: String,
    pub words: Vec<u32>,
    pub qemu: String,
    pub machine: String,
}

impl Corner {
    pub fn parse_all(table: &str) -> Vec<Self> {
        table.lines().filter(|line| !line.starts_with('#')).map(Self::parse).collect()
    }

    fn parse(line: &str) -> Self {
        let columns: Vec<&str> = line.split('|').map(str::trim).collect();
        let [name, words, qemu, machine] = columns[..] else { panic!("four columns: {line}") };
        let words = words.split(' ').map(|word| u32::from_str_radix(word, 16).unwrap()).collect();
        let machine = if machine == "=" { qemu } else { machine };
        Self { name: name.into(), words, qemu: qemu.into(), machine: machine.into() }
    }
}

/// What QEMU and the machine do.
pub fn run(qemu: &Qemu, corner: &Corner) -> (String, String) {
    let linked = Linked::new(&program(corner)).unwrap();
    let run = run_plain(&linked);
    let theirs = match qemu.run_to_trap(&linked) {
        Ok(seen) => show(&linked, &seen, None),
        Err(QemuError::Failed { .. }) => "dies".to_owned(),
        Err(error) => panic!("{}: {error}", corner.name),
    };
    (theirs, show(&linked, &run.observation, Some(run.cpu.status)))
}

/// The case's words, a branch to the end, the landing.
fn program(corner: &Corner) -> Program {
    let mut words = corner.words.clone();
    assert!(words.len() < LANDING - 2);
    let past_landing = u32::try_from(LANDING - words.len()).unwrap();
    words.push(Insn { imm: past_landing, ..Insn::bare(Op::Beq) }.encode());
    words.resize(LANDING, 0);
    words.push(Insn::immediate(Op::Addiu, Reg::new(17), Reg::ZERO, 0x77).encode());
    let mut regs = [0; 32];
    for (number, value) in REGISTERS {
        regs[number] = value;
    }
    let body = vec![Node::Words(words)];
    let mut program = Program {
        regs,
        hi: HI,
        lo: LO,
        pinned: Reg::new(8),
        arena: arena(),
        body,
        ending: Ending::Exit { code: 0, number: ExitCall::Exit },
    };
    let landing = Linked::new(&program).unwrap().body + u32::try_from(LANDING * 4).unwrap();
    program.regs[13] = landing;
    program.regs[31] = landing;
    program
}

/// Byte n of the part at and above `$8` is n.
fn arena() -> Vec<u8> {
    (0..ARENA_BYTES / 2).chain(0..ARENA_BYTES / 2).map(|n| n.to_le_bytes()[0]).collect()
}

/// `$14=12345678 hi=00000001 [0]=00000000`, or the trap and where; addresses in the code are
/// relative to the case's first word.
fn show(linked: &Linked, seen: &Observation, status: Option<Status>) -> String {
    match (seen.stop, &seen.trap, status) {
        (Stop::Exit(_), ..) => changes(linked, &seen.output),
        (Stop::Trap(stop), Some(state), None) => format!("{stop} at {}", place(linked, state.pc)),
        (_, Some(state), Some(Status::Trapped(trap))) => {
            format!("{trap:?} at {}", place(linked, state.pc))
        }
        other => format!("{other:?}"),
    }
}

fn place(linked: &Linked, address: u32) -> String {
    let offset = address.wrapping_sub(linked.body);
    if offset < 256 { format!("+{offset}") } else { format!("{address:08x}") }
}

/// What the final dump holds that was not there before.
fn changes(linked: &Linked, output: &[u8]) -> String {
    let dumped: Vec<u32> =
        output.as_chunks::<4>().0.iter().map(|word| u32::from_le_bytes(*word)).collect();
    let landing = linked.body + u32::try_from(LANDING * 4).unwrap();
    let mut before = [0; 33];
    for (number, value) in REGISTERS {
        before[number - 1] = value;
    }
    before[8 - 1] = opml_oracle::layout::ARENA_MIDDLE;
    before[13 - 1] = landing;
    before[31 - 1] = landing;
    before[31] = HI;
    before[32] = LO;
    let mut text = String::new();
    for (index, (before, after)) in before.iter().zip(&dumped).enumerate() {
        let name = match index {
            31 => "hi".to_owned(),
            32 => "lo".to_owned(),
            _ => format!("${}", index + 1),
        };
        if before != after {
            let in_code = after.wrapping_sub(linked.body) < 256;
            let value = if in_code { place(linked, *after) } else { format!("{after:08x}") };
            write!(text, "{name}={value} ").unwrap();
        }
    }
    let arena = arena();
    let arena = arena.as_chunks::<4>().0.iter().map(|word| u32::from_le_bytes(*word));
    for (index, (before, after)) in arena.zip(&dumped[33..]).enumerate() {
        if before != *after {
            let offset = 4 * i64::try_from(index).unwrap() - i64::from(ARENA_BYTES / 2);
            write!(text, "[{offset}]={after:08x} ").unwrap();
        }
    }
    if text.is_empty() { "nothing".to_owned() } else { text.trim_end().to_owned() }
}
