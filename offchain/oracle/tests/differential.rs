//! The machine against QEMU on random programs of a fixed seed.
#![allow(clippy::unwrap_used, reason = "a test")]

mod support;

use opml_oracle::compare::compare;
use opml_oracle::coverage::Coverage;
use opml_oracle::differential::check;
use opml_oracle::generate::Recipe;
use opml_oracle::isa::Op;
use opml_oracle::layout::Linked;
use opml_oracle::listing::listing;
use opml_oracle::machine::{path, run_misreading};
use opml_oracle::observe::Observation;
use opml_oracle::program::{Ending, Program};
use rayon::iter::{IntoParallelIterator, ParallelIterator};

const SEED: u64 = 20_260_801;
const LENGTH: usize = 60;
const PROGRAMS: u64 = 300;

#[test]
fn the_machine_and_qemu_agree_on_300_programs() {
    let Some(qemu) = support::qemu("the_machine_and_qemu_agree_on_300_programs") else { return };
    let coverage = (0..PROGRAMS)
        .into_par_iter()
        .map(|index| {
            let program = Recipe::of_run(SEED, index, LENGTH).program();
            let verdict = check(&qemu, &program).unwrap();
            if let Some(mismatch) = verdict.mismatch {
                panic!("program {index}: {mismatch}\n{}", listing(&Linked::new(&program).unwrap()));
            }
            verdict.coverage
        })
        .reduce(Coverage::default, Coverage::plus);
    assert_eq!(coverage.missing(), [], "instructions that no program executed");
    assert_eq!(coverage.missing_traps(), [], "traps that no program ended in");
}

#[test]
fn the_machine_and_qemu_take_the_same_path() {
    let Some(qemu) = support::qemu("the_machine_and_qemu_take_the_same_path") else { return };
    (0..40).step_by(2).collect::<Vec<u64>>().into_par_iter().for_each(|index| {
        let linked = Linked::new(&Recipe::of_run(SEED, index, LENGTH).program()).unwrap();
        let fork = fork(&qemu.path(&linked).unwrap(), &path(&linked), &linked);
        assert_eq!(fork, None, "program {index}");
    });
}

/// The first addresses in QEMU and in the machine that differ. QEMU may list the slot of a likely
/// branch that is not taken.
fn fork(theirs: &[u32], ours: &[u32], linked: &Linked) -> Option<(Option<u32>, Option<u32>)> {
    let word = |address: u32| linked.code.words[(address - linked.code.base) as usize / 4];
    let is_likely = |address| Op::of(word(address)).is_some_and(Op::is_likely);
    let mut ours = ours.iter().copied().peekable();
    let mut before = 0;
    for &address in theirs {
        let wanted = ours.peek().copied();
        if wanted == Some(address) {
            ours.next();
            before = address;
        } else if address != before + 4 || wanted != Some(before + 8) || !is_likely(before) {
            return Some((Some(address), wanted));
        }
    }
    ours.next().map(|left| (None, Some(left)))
}

/// A program, and what QEMU made of it.
struct Case {
    program: Program,
    linked: Linked,
    qemu: Observation,
}

/// A machine that takes one instruction for another of the same form is found out, whichever two
/// they are: the comparison sees every instruction.
#[test]
fn a_machine_that_confuses_two_instructions_is_found_out() {
    let Some(qemu) = support::qemu("a_machine_that_confuses_two_instructions_is_found_out") else {
        return;
    };
    let cases: Vec<Case> = (0..PROGRAMS)
        .into_par_iter()
        .map(|index| {
            let program = Recipe::of_run(SEED, index, LENGTH).program();
            let linked = Linked::new(&program).unwrap();
            let qemu = match program.ending {
                Ending::Exit { .. } => qemu.run(&linked),
                Ending::Fault(_) => qemu.run_to_trap(&linked),
            };
            Case { program, qemu: qemu.unwrap(), linked }
        })
        .collect();
    let missed: Vec<_> = confusions()
        .into_par_iter()
        .filter(|(is, taken_for)| !cases.iter().any(|case| case.tells_apart(*is, *taken_for)))
        .collect();
    assert_eq!(missed, []);
}

impl Case {
    fn tells_apart(&self, is: Op, taken_for: Op) -> bool {
        let fixed = !is.form().operand_bits();
        let run = run_misreading(&self.linked, |word| {
            if word & fixed == is.base() { word ^ is.base() ^ taken_for.base() } else { word }
        });
        compare((&self.program, &self.linked), &self.qemu, &run).is_err()
    }
}

/// All pairs of instructions with the same operands that differ in what they do.
fn confusions() -> Vec<(Op, Op)> {
    let pairs = Op::ALL.iter().flat_map(|is| Op::ALL.iter().map(move |other| (*is, *other)));
    pairs
        .filter(|(is, other)| is != other && is.form() == other.form() && !alike(*is, *other))
        .collect()
}

/// The hazard barriers of `jr.hb` and `jalr.hb` mean nothing here; `ll` loads like `lw`.
fn alike(one: Op, other: Op) -> bool {
    [(Op::Jr, Op::JrHb), (Op::Jalr, Op::JalrHb), (Op::Lw, Op::Ll)]
        .iter()
        .any(|(a, b)| (one, other) == (*a, *b) || (one, other) == (*b, *a))
}
