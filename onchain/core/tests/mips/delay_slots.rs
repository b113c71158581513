//! What may stand in a delay slot, and what a delay slot is: an instruction that is reached with
//! `next_pc != pc + 4`.

use opml_core::mips::{GuestOutput, Status, Trap};

use crate::scene::{Op, Scene, op};

/// Address of the branch, of its delay slot and of the target of offset 4.
const BRANCH: u32 = 0x0040_0100;
const SLOT: u32 = 0x0040_0104;
const AFTER: u32 = 0x0040_0108;
const TARGET: u32 = 0x0040_0114;

const RESERVED: Op = Op::raw(0xffff_ffff);

/// `beq $0, $0, +4`, `bne` and the likely forms: taken or not by construction.
fn always() -> Op {
    op("beq").offset(4)
}

fn never() -> Op {
    op("bne").offset(4)
}

fn likely_never() -> Op {
    op("bnel").offset(4)
}

/// Every branch and jump, each both with a true and with a false condition, none leading to the
/// instruction after its slot.
fn every_branch_and_jump() -> Vec<Op> {
    let comparisons = ["beq", "bne", "beql", "bnel"];
    let with_zero = [
        "bltz", "bgez", "blez", "bgtz", "bltzl", "bgezl", "blezl", "bgtzl", "bltzal", "bgezal",
        "bltzall", "bgezall",
    ];
    let mut ops = vec![
        op("j").index(0x40),
        op("jal").index(0x40),
        op("jr").rs(8),
        op("jalr").rd(31).rs(8),
        op("jalr").rd(0).rs(8),
    ];
    for name in comparisons {
        ops.extend([op(name).rs(8).rt(8).offset(2), op(name).rs(8).rt(0).offset(2)]);
    }
    for name in with_zero {
        // $8 is above zero, $9 below, $0 zero.
        ops.extend([8, 9, 0].map(|rs| op(name).rs(rs).offset(2)));
    }
    ops
}

fn scene(branch: Op, slot: Op) -> Scene {
    Scene::new(branch.word())
        .word(SLOT, slot.word())
        .reg(8, 0x0060_0000)
        .reg(9, 0x8000_0000)
        .reg(10, 1)
}

#[test]
fn a_branch_or_jump_traps_in_the_slot_of_a_taken_branch() {
    for slot in every_branch_and_jump() {
        let in_slot = scene(always(), slot).goes_to(SLOT, TARGET, |_| {});
        in_slot.traps(Trap::BranchInDelaySlot);
    }
}

#[test]
fn a_branch_or_jump_traps_in_the_slot_of_a_jump() {
    for slot in every_branch_and_jump() {
        let jump = scene(op("jr").rs(11), slot).reg(11, 0x0070_0000);
        jump.goes_to(SLOT, 0x0070_0000, |_| {}).traps(Trap::BranchInDelaySlot);
        let jump = scene(op("j").index(0x40), slot);
        jump.goes_to(SLOT, 0x100, |_| {}).traps(Trap::BranchInDelaySlot);
        let jump = scene(op("jal").index(0x40), slot);
        let in_slot = jump.goes_to(SLOT, 0x100, |want| want.set(31, AFTER));
        in_slot.traps(Trap::BranchInDelaySlot);
    }
}

#[test]
fn a_branch_or_jump_traps_in_the_slot_of_a_likely_branch_that_is_taken() {
    for slot in every_branch_and_jump() {
        let in_slot = scene(op("beql").offset(4), slot).goes_to(SLOT, TARGET, |_| {});
        in_slot.traps(Trap::BranchInDelaySlot);
    }
}

/// Decided: after a branch that is not taken, the instruction behind it is in no delay slot.
#[test]
fn a_branch_after_a_branch_that_is_not_taken_is_a_branch_like_any_other() {
    for slot in every_branch_and_jump() {
        let behind = scene(never(), slot).goes_to(SLOT, AFTER, |_| {});
        assert_eq!(behind.next().cpu.status, Status::Running, "{:#010x}", slot.word());
    }
    // Some of them by their literal results.
    let behind = |slot| scene(never(), slot).next();
    behind(op("beq").rs(8).rt(8).offset(2)).goes_to(AFTER, 0x0040_0110, |_| {});
    behind(op("bne").rs(8).rt(8).offset(2)).goes_to(AFTER, 0x0040_010c, |_| {});
    behind(op("bnel").rs(8).rt(8).offset(2)).goes_to(0x0040_010c, 0x0040_0110, |_| {});
    behind(op("jr").rs(8)).goes_to(AFTER, 0x0060_0000, |_| {});
    behind(op("jal").index(0x40)).goes_to(AFTER, 0x100, |want| want.set(31, 0x0040_010c));
}

#[test]
fn the_slot_of_a_likely_branch_that_is_not_taken_is_skipped_whatever_it_is() {
    for slot in every_branch_and_jump().into_iter().chain([RESERVED]) {
        let after = scene(likely_never(), slot).goes_to(AFTER, 0x0040_010c, |_| {});
        // And what comes then is in no delay slot.
        let branch = after.word(AFTER, always().word());
        branch.goes_to(0x0040_010c, 0x0040_011c, |_| {});
    }
}

/// Decided: a branch to the instruction after its slot makes no delay slot, for `next_pc` is
/// `pc + 4` there as anywhere else.
#[test]
fn a_branch_may_stand_in_the_slot_of_a_branch_to_the_instruction_after_it() {
    let first = scene(op("beq").offset(1), op("beq").offset(2));
    let second = first.goes_to(SLOT, AFTER, |_| {});
    second.goes_to(AFTER, 0x0040_0110, |_| {});

    let jump = scene(op("jr").rs(11), op("jr").rs(8)).reg(11, AFTER);
    jump.goes_to(SLOT, AFTER, |_| {}).goes_to(AFTER, 0x0060_0000, |_| {});
}

#[test]
fn a_branch_to_its_own_slot_executes_it_twice() {
    let count = op("addiu").rt(10).rs(10).imm(1);
    let first = scene(op("beq").offset(0), count).goes_to(SLOT, SLOT, |_| {});
    let second = first.goes_to(SLOT, AFTER, |want| want.set(10, 2));
    second.goes_to(AFTER, 0x0040_010c, |want| want.set(10, 3));
    // A branch there is in a delay slot.
    let branch = scene(op("beq").offset(0), always()).goes_to(SLOT, SLOT, |_| {});
    branch.traps(Trap::BranchInDelaySlot);
}

#[test]
fn a_branch_to_itself_loops_over_two_instructions() {
    let count = op("addiu").rt(10).rs(10).imm(1);
    let slot = scene(op("beq").offset(-1), count).goes_to(SLOT, BRANCH, |_| {});
    let again = slot.goes_to(BRANCH, SLOT, |want| want.set(10, 2));
    again.goes_to(SLOT, BRANCH, |_| {});
}

#[test]
fn other_instructions_in_the_slot_run_before_the_target() {
    let slot = scene(always(), op("addiu").rt(10).rs(10).imm(1)).next();
    slot.goes_to(TARGET, 0x0040_0118, |want| want.set(10, 2));

    let slot = scene(always(), op("sw").rt(8).rs(0).imm(0x40)).next();
    slot.goes_to(TARGET, 0x0040_0118, |want| want.memory.put(0x40, 0x0060_0000));

    // The slot sees the link, and may overwrite it.
    let slot = scene(op("bgezal").offset(4), op("addiu").rt(31).rs(31).imm(8)).next();
    slot.goes_to(TARGET, 0x0040_0118, |want| want.set(31, 0x0040_0110));

    // The register of a jump may be overwritten in its slot.
    let slot = scene(op("jr").rs(8), op("addiu").rt(8).rs(0).imm(1)).next();
    slot.goes_to(0x0060_0000, 0x0060_0004, |want| want.set(8, 1));

    let slot = scene(always(), op("syscall")).reg(2, 4004).reg(4, 1).next();
    slot.goes_to(TARGET, 0x0040_0118, |want| {
        want.set(2, 0xc0de_0006);
        want.set(7, 0);
        let (address, length) = (0xc0de_0005, 0xc0de_0006);
        want.memory.output.push(GuestOutput { descriptor: 1, address, length });
    });
}

#[test]
fn a_trap_or_exit_in_the_slot_keeps_both_counters() {
    let trapping = [
        (op("break"), Status::Trapped(Trap::Breakpoint)),
        (op("lw").rt(10).rs(0).imm(1), Status::Trapped(Trap::MisalignedLoad)),
        (op("sw").rt(10).rs(0).imm(2), Status::Trapped(Trap::MisalignedStore)),
        (op("teq"), Status::Trapped(Trap::ConditionalTrap)),
        (op("add").rd(10).rs(9).rt(9), Status::Trapped(Trap::IntegerOverflow)),
        (RESERVED, Status::Trapped(Trap::ReservedInstruction)),
    ];
    for (slot, status) in trapping {
        scene(always(), slot).goes_to(SLOT, TARGET, |_| {}).stops(status);
    }
    let exit = scene(always(), op("syscall")).reg(2, 4001).reg(4, 5).next();
    exit.stops(Status::Exited(5));
}

/// States that no program reaches but that a state encoding can hold: `next_pc` anything.
#[test]
fn next_pc_alone_decides_and_may_be_anything() {
    for next_pc in [0, BRANCH, 0x0040_0105, 0x0040_0103, 0xffff_ffff] {
        scene(always(), never()).counters(BRANCH, next_pc).traps(Trap::BranchInDelaySlot);
        let add = scene(op("addiu").rt(10).rs(0).imm(7), never()).counters(BRANCH, next_pc);
        add.goes_to(next_pc, next_pc.wrapping_add(4), |want| want.set(10, 7));
    }
    // A misaligned pc traps before anything else is looked at.
    scene(always(), never()).counters(BRANCH + 2, 0).traps(Trap::MisalignedFetch);
    // At the end of memory pc + 4 wraps.
    Scene::at(0xffff_fffc, always().word()).goes_to(0, 0x10, |_| {});
    Scene::at(0xffff_fffc, always().word()).counters(0xffff_fffc, 4).traps(Trap::BranchInDelaySlot);
}
