//! The right witness gives the successor.

use opml_core::keccak::AlloyKeccak;
use opml_core::mips::{Cpu, LEAF_PROOF_BYTES, Reg, State, Status, Trap, step_witness};
use proptest::prelude::*;

use crate::naive::NaiveMemory;
use crate::scenario::Entropy;
use crate::step::Step;
use crate::table::encoding;

pub fn take(step: &Step) -> Result<State, opml_core::mips::StepError> {
    step_witness::<AlloyKeccak>(&step.before.encode(), &step.witness)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn the_witness_of_a_random_step_gives_its_successor(
        entropy in prop::collection::vec(any::<u8>(), 0..320),
    ) {
        let (cpu, memory) = Entropy::new(&entropy).machine();
        let step = Step::of(cpu, memory);
        prop_assert_eq!(take(&step), Ok(step.after));
    }
}

/// `word` at `pc` with `$8 = base`, over the bytes 1, 2, 3 ... around both.
pub fn access(pc: u32, word: u32, base: u32) -> Step {
    let mut memory = NaiveMemory::mips();
    let bytes: Vec<u8> = (1..=96).collect();
    memory.write((pc & !31).wrapping_sub(32), &bytes);
    memory.write((base & !31).wrapping_sub(32), &bytes);
    memory.set_word(pc, word);
    let mut cpu = Cpu::new(pc);
    cpu.set(Reg::from_bits(8), base);
    cpu.set(Reg::from_bits(10), 0xdead_beef);
    Step::of(cpu, memory)
}

const LOADS: [&str; 8] = ["lb", "lbu", "lh", "lhu", "lw", "ll", "lwl", "lwr"];
pub const STORES: [&str; 6] = ["sb", "sh", "sw", "sc", "swl", "swr"];

/// `name $10, 0($8)`.
pub fn word(name: &str) -> u32 {
    encoding(name).with(8 << 21 | 10 << 16)
}

#[test]
fn a_load_or_store_needs_two_proofs_even_in_the_leaf_of_the_code() {
    for name in LOADS.into_iter().chain(STORES) {
        // Another page, the next leaf, the same leaf, the instruction itself, both ends of memory.
        for base in [0x0050_0000, 0x0040_0120, 0x0040_0110, 0x0040_0100, 0, 0xffff_fffc] {
            let step = access(0x0040_0100, word(name), base);
            assert_eq!(step.witness.len(), 2 * LEAF_PROOF_BYTES, "{name}");
            assert_eq!(take(&step), Ok(step.after), "{name} at {base:#x}");
        }
    }
}

#[test]
fn a_load_into_register_0_needs_its_data_all_the_same() {
    let step = access(0x0040_0100, encoding("lw").with(8 << 21), 0x0050_0000);
    assert_eq!(step.witness.len(), 2 * LEAF_PROOF_BYTES);
    assert_eq!(take(&step).map(|state| state.cpu.regs()[0]), Ok(0));
}

#[test]
fn a_store_changes_one_word_of_the_memory() {
    for base in [0x0050_0000, 0x0040_0110, 0x0040_0100, 0xffff_fffc] {
        let step = access(0x0040_0100, word("sw"), base);
        let mut memory = step.memory.clone();
        memory.set_word(base, 0xdead_beef);
        let mut want = step.before.clone();
        want.memory_root = memory.root();
        (want.cpu.pc, want.cpu.next_pc, want.cpu.step) = (0x0040_0104, 0x0040_0108, 1);
        assert_eq!(take(&step), Ok(want));
    }
}

#[test]
fn a_store_of_what_is_there_already_keeps_the_root() {
    let mut step = access(0x0040_0100, word("sw"), 0x0050_0000);
    step.memory.set_word(0x0050_0000, 0xdead_beef);
    let step = Step::of(step.cpu, step.memory);
    let root = step.before.memory_root;
    assert_eq!(take(&step).map(|state| state.memory_root), Ok(root));
}

#[test]
fn an_access_that_traps_needs_one_proof() {
    for (name, trap) in [("lw", Trap::MisalignedLoad), ("sh", Trap::MisalignedStore)] {
        let step = access(0x0040_0100, word(name), 0x0050_0001);
        assert_eq!(step.witness.len(), LEAF_PROOF_BYTES);
        assert_eq!(take(&step).map(|state| state.cpu.status), Ok(Status::Trapped(trap)));
    }
}

#[test]
fn a_misaligned_pc_and_a_stopped_state_need_nothing() {
    let mut cpu = Cpu::new(0x0040_0102);
    let step = Step::of(cpu.clone(), NaiveMemory::mips());
    assert_eq!(step.witness, []);
    let mut want = step.before.clone();
    want.cpu.status = Status::Trapped(Trap::MisalignedFetch);
    want.cpu.step = 1;
    assert_eq!(take(&step), Ok(want));

    let exits = (0..=255).map(Status::Exited);
    for status in exits.chain(Trap::ALL.map(Status::Trapped)) {
        (cpu.pc, cpu.status) = (0x0040_0100, status);
        let step = Step::of(cpu.clone(), NaiveMemory::mips());
        assert_eq!(step.witness, []);
        assert_eq!(take(&step), Ok(step.before));
    }
}

#[test]
fn code_in_the_last_and_in_the_first_leaf_is_proven() {
    for pc in [0, 0x1c, 0x20, 0xffff_ffe0, 0xffff_fffc] {
        let step = access(pc, word("lw"), pc);
        assert_eq!(take(&step), Ok(step.after));
    }
}
