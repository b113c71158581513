//! What the guest writes: kept for people, without a say in any step.

use std::sync::Arc;

use opml_core::mips::{Cpu, Reg, Status};
use opml_vm::memory::PagedMemory;
use opml_vm::source::NoSource;
use opml_vm::{Machine, OUTPUT_LIMIT};

use crate::naive::NaiveMemory;
use crate::sources::mapped;

const SYSCALL: u32 = 0x0000_000c;

/// `write(1, address, length)` at `0x1000`.
fn write(mut memory: PagedMemory, address: u32, length: u32) -> Machine {
    memory.write(0x1000, &SYSCALL.to_le_bytes()).unwrap();
    let mut cpu = Cpu::new(0x1000);
    for (reg, value) in [(Reg::V0, 4004), (Reg::A0, 1), (Reg::A1, address), (Reg::A2, length)] {
        cpu.set(reg, value);
    }
    Machine::new(cpu, memory)
}

/// The step is taken, whatever became of the bytes.
#[track_caller]
fn taken(machine: &mut Machine, length: u32) {
    let mut want = machine.cpu().clone();
    (want.pc, want.next_pc, want.step) = (0x1004, 0x1008, 1);
    want.set(Reg::V0, length);
    want.set(Reg::A3, 0);
    assert_eq!(machine.run(1).unwrap(), Status::Running);
    assert_eq!(machine.cpu(), &want);
}

#[test]
fn the_bytes_are_those_of_the_memory_and_are_taken_once() {
    let mut memory = PagedMemory::default();
    memory.write(0x1ffd, b"over a page end").unwrap();
    let mut machine = write(memory, 0x1ffd, 15);
    taken(&mut machine, 15);
    assert_eq!(machine.take_output(), b"over a page end");
    assert_eq!(machine.take_output(), b"");
}

#[test]
fn a_range_wraps_at_the_end_of_memory() {
    let mut memory = PagedMemory::default();
    memory.write(0xffff_fffe, b"wrap").unwrap();
    let mut machine = write(memory, 0xffff_fffe, 4);
    taken(&mut machine, 4);
    assert_eq!(machine.take_output(), b"wrap");
}

#[test]
fn output_beyond_the_limit_is_dropped() {
    let mut machine = write(PagedMemory::default(), 0x0100_0000, u32::MAX);
    taken(&mut machine, u32::MAX);
    assert_eq!(machine.take_output().len(), OUTPUT_LIMIT);
}

#[test]
fn bytes_out_of_reach_do_not_hold_up_the_step() {
    let mut all = NaiveMemory::mips();
    all.write(0x2000, b"out of reach");
    let mut memory = PagedMemory::new(Arc::new(NoSource), 16);
    // Only the page of the data is unknown.
    let page = opml_core::merkle::Region::new(opml_core::merkle::Space::MIPS, 0x2000, 12).unwrap();
    memory.map(page, all.node(7, 2)).unwrap();
    let mut machine = write(memory, 0x1ffc, 100);
    taken(&mut machine, 100);
    assert_eq!(machine.take_output(), [0; 4]);

    // Nothing is known but the root: not even the code.
    let memory = mapped(Arc::new(NoSource), &all, 16);
    let mut cpu = Cpu::new(0x1000);
    cpu.set(Reg::V0, 4004);
    let mut machine = Machine::new(cpu.clone(), memory);
    assert!(machine.run(1).is_err());
    assert_eq!(machine.cpu(), &cpu);
}

#[test]
fn a_full_cap_does_not_hold_up_the_step() {
    let mut memory = PagedMemory::new(Arc::new(NoSource), 16);
    for page in 0..15 {
        memory.write(0x0010_0000 + 0x1000 * page, b"x").unwrap();
    }
    let mut machine = write(memory, 0x0080_0000, 8);
    taken(&mut machine, 8);
    assert_eq!(machine.take_output(), b"");
}
