//! What the architecture leaves open: what QEMU does and what the machine decides, case by case.
#![allow(clippy::unwrap_used, reason = "a test")]

#[path = "support/corner.rs"]
mod corner;
mod support;

use opml_core::mips::Status;
use opml_oracle::elf::Image;
use opml_oracle::isa::{Insn, Op, Reg};
use opml_oracle::observe::Stop;
use opml_vm::Machine;

use corner::{Corner, run};

/// A line a case: name, words, what QEMU does, what the machine does.
const TABLE: &str = include_str!("corners.txt");
/// The QEMU that was measured. Another one may resolve an open case in another way.
const MEASURED: &str = "version 7.2.";

#[test]
fn qemu_and_the_machine_do_what_the_table_says() {
    let Some(qemu) = support::qemu("qemu_and_the_machine_do_what_the_table_says") else { return };
    let measured = qemu.version().contains(MEASURED);
    let judge = |corner: &Corner| {
        let (theirs, ours) = run(&qemu, corner);
        let right = (theirs == corner.qemu || !measured) && ours == corner.machine;
        (!right).then(|| format!("{}: qemu {theirs}, machine {ours}", corner.name))
    };
    let wrong: Vec<String> = Corner::parse_all(TABLE).iter().filter_map(judge).collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// `j` in the last word of a 256 MiB region goes to the next region, where its slot is.
#[test]
fn a_jump_takes_its_upper_bits_from_its_slot() {
    const REGION: u32 = 0x1000_0000;
    let Some(qemu) = support::qemu("a_jump_takes_its_upper_bits_from_its_slot") else { return };
    let set = |reg, value| Insn::immediate(Op::Addiu, reg, Reg::ZERO, value);
    let target = REGION + 3 * 4;
    let code = [
        Insn { imm: target >> 2, ..Insn::bare(Op::J) },
        set(Reg::A0, 40),
        Insn::NOP,
        set(Reg::A0, 50),
        Insn::immediate(Op::Addiu, Reg::A0, Reg::A0, 2),
        set(Reg::V0, 4001),
        Insn::bare(Op::Syscall),
    ];
    let mut bytes = vec![0; 0xffc];
    bytes.extend(code.iter().flat_map(|insn| insn.encode().to_le_bytes()));
    let base = REGION - 0x1000;
    let elf = Image { entry: REGION - 4, base, memory_size: 0x2000, bytes }.to_elf();
    assert_eq!(qemu.run_elf(&elf).unwrap().stop, Stop::Exit(42));
    let mut machine = Machine::load_elf(&elf).unwrap();
    assert_eq!(machine.run(100).unwrap(), Status::Exited(42));
    assert_eq!(machine.cpu().step, 5);
}
