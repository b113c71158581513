//! More pages of code than are kept decoded: what is derived of a page comes and goes unseen.

use opml_core::mips::{Cpu, Reg, Status};
use opml_vm::Machine;
use opml_vm::memory::PagedMemory;

/// Pages of code; 4096 are kept decoded.
const PAGES: u32 = 5_000;
const BASE: u32 = 0x0100_0000;
/// `addiu $8, $8, 1`.
const COUNT: u32 = 0x2508_0001;

/// Every page counts and jumps to the next, the last to the first.
fn chain() -> Machine {
    let mut memory = PagedMemory::default();
    for page in 0..PAGES {
        let next = BASE + 0x1000 * ((page + 1) % PAGES);
        let code = [COUNT, 0x0800_0000 | (next >> 2), 0];
        let bytes: Vec<u8> = code.iter().flat_map(|word| word.to_le_bytes()).collect();
        memory.write(BASE + 0x1000 * page, &bytes).unwrap();
    }
    Machine::new(Cpu::new(BASE), memory)
}

fn counted(machine: &Machine) -> u32 {
    machine.cpu().get(Reg::from_bits(8))
}

#[test]
fn code_that_was_forgotten_is_decoded_again() {
    let mut machine = chain();
    for round in 1..=3 {
        assert_eq!(machine.run(u64::from(3 * PAGES)).unwrap(), Status::Running);
        assert_eq!((counted(&machine), machine.cpu().pc), (round * PAGES, BASE));
    }
}

#[test]
fn code_that_changed_while_it_was_forgotten_is_seen() {
    let mut machine = chain();
    machine.run(u64::from(3 * PAGES)).unwrap();
    // Every tenth page now counts by two.
    for page in (0..PAGES).step_by(10) {
        machine.memory_mut().write(BASE + 0x1000 * page, &(COUNT + 1).to_le_bytes()).unwrap();
    }
    machine.run(u64::from(3 * PAGES)).unwrap();
    assert_eq!(counted(&machine), 2 * PAGES + PAGES / 10);
}

#[test]
fn proofs_in_more_pages_than_are_kept_lead_to_the_root() {
    let mut machine = chain();
    for page in (0..PAGES).rev() {
        let address = BASE + 0x1000 * page;
        machine.memory_mut().prove(address).unwrap();
        machine.memory_mut().write(address + 64, b"after the proof").unwrap();
    }
    let root = machine.state().unwrap().memory_root;

    // The same words in a memory that was never proven in.
    let mut fresh = chain();
    for page in 0..PAGES {
        fresh.memory_mut().write(BASE + 0x1000 * page + 64, b"after the proof").unwrap();
    }
    assert_eq!(fresh.state().unwrap().memory_root, root);
}
