//! Branches, loops, calls and patches.

use rand::RngExt;

use super::Generator;
use crate::assembler::load_constant;
use crate::isa::{Insn, Op, Reg};
use crate::program::{Call, Loop, LoopTest, Node, Transfer};

const DEEPEST: u32 = 3;

const CONDITIONAL: &[Op] = &[
    Op::Beq,
    Op::Bne,
    Op::Blez,
    Op::Bgtz,
    Op::Bltz,
    Op::Bgez,
    Op::Beql,
    Op::Bnel,
    Op::Blezl,
    Op::Bgtzl,
    Op::Bltzl,
    Op::Bgezl,
];

const LINKING: &[Op] = &[Op::Bltzal, Op::Bgezal, Op::Bltzall, Op::Bgezall];

impl Generator {
    /// A list of nodes inside `depth` loops and calls.
    pub(super) fn nodes(&mut self, count: usize, depth: u32) -> Vec<Node> {
        (0..count).map(|_| self.node(depth)).collect()
    }

    fn node(&mut self, depth: u32) -> Node {
        match self.rng.random_range(0..100) {
            0..12 => self.forward(),
            12..18 => self.forward_jump(),
            18..22 if depth < DEEPEST => self.counted_loop(depth),
            22..26 if depth < DEEPEST => self.call(depth),
            26..28 => self.patch(),
            _ => self.straight(),
        }
    }

    fn ra_is_free(&self) -> bool {
        !self.locked.contains(Reg::RA)
    }

    /// A conditional branch over a few nodes.
    fn forward(&mut self) -> Node {
        let linking = self.ra_is_free() && self.chance(25);
        let op = self.pick(if linking { LINKING } else { CONDITIONAL });
        let (a, b) = self.two_scratch();
        let mut setup = Vec::new();
        let (mut rs, mut rt) = (self.source(), self.source());
        if self.chance(50) {
            let x = self.value();
            let y = if self.chance(50) { x } else { self.value() };
            setup.extend(load_constant(a, x));
            setup.extend(load_constant(b, y));
            (rs, rt) = (a, b);
        }
        if self.chance(10) {
            rt = rs;
        }
        let transfer = Transfer::Branch(Insn::pair(op, rs, rt));
        let (slot, skip) = (self.single(), self.rng.random_range(0..5));
        Node::Forward { setup, transfer, slot, skip }
    }

    /// An unconditional jump over a few nodes.
    fn forward_jump(&mut self) -> Node {
        let transfer = match self.rng.random_range(0..6) {
            0 if self.ra_is_free() => Transfer::Jump(Op::Jal),
            0 | 1 => Transfer::Jump(Op::J),
            2 | 3 => {
                let op = self.pick(&[Op::Jr, Op::JrHb]);
                Transfer::Register(Insn::source(op, self.scratch()))
            }
            _ => {
                let op = self.pick(&[Op::Jalr, Op::JalrHb]);
                let (rs, rd) = (self.scratch(), self.destination());
                Transfer::Register(Insn { rs, rd, ..Insn::bare(op) })
            }
        };
        let (slot, skip) = (self.single(), self.rng.random_range(0..4));
        Node::Forward { setup: Vec::new(), transfer, slot, skip }
    }

    /// A loop of one to four turns.
    fn counted_loop(&mut self, depth: u32) -> Node {
        let turns = self.rng.random_range(1..=4);
        let counter = self.scratch();
        self.keeping(counter, |this| {
            let length = this.rng.random_range(1..6);
            let body = this.nodes(length, depth + 1);
            let (from, step, test) = this.loop_test(counter, turns);
            Node::Loop(Loop { counter, from, step, test, body })
        })
    }

    /// A first value, a step and a test that together make `turns` turns.
    fn loop_test(&mut self, counter: Reg, turns: u32) -> (u32, u32, LoopTest) {
        let (down, up) = (u32::MAX, 1);
        let negative = turns.wrapping_neg();
        let mut choices = vec![
            (Op::Bgtz, turns, down),
            (Op::Bgtzl, turns, down),
            (Op::Bne, turns, down),
            (Op::Bnel, negative, up),
            (Op::Bltz, negative, up),
            (Op::Bltzl, negative, up),
            (Op::Bgez, turns - 1, down),
            (Op::Bgezl, turns - 1, down),
            (Op::Blez, negative.wrapping_add(1), up),
            (Op::Blezl, negative.wrapping_add(1), up),
        ];
        // The slots come after the link: a linking test may not have `ra` as its counter.
        if self.ra_is_free() {
            choices.extend([
                (Op::Bltzal, negative, up),
                (Op::Bltzall, negative, up),
                (Op::Bgezal, turns - 1, down),
                (Op::Bgezall, turns - 1, down),
            ]);
        }
        if self.chance(25) {
            let op = self.pick(&[Op::Beq, Op::Beql, Op::Blez, Op::Blezl]);
            let branch = Insn::source(op, counter);
            let (slot, jump_slot) = (self.single(), self.single());
            return (turns, down, LoopTest::Out { branch, slot, jump_slot });
        }
        let (op, from, step) = choices[self.rng.random_range(0..choices.len())];
        let branch = Insn::source(op, counter);
        (from, step, LoopTest::Back { branch, slot: self.single() })
    }

    /// A subroutine called by any linking instruction.
    fn call(&mut self, depth: u32) -> Node {
        let by_register = !self.ra_is_free() || self.chance(40);
        let link = if by_register { self.scratch() } else { Reg::RA };
        let transfer = if by_register {
            let op = self.pick(&[Op::Jalr, Op::JalrHb]);
            // `rd = rs` is a corner that both sides resolve alike.
            let rs = if self.chance(20) { link } else { self.scratch() };
            Transfer::Register(Insn { rs, rd: link, ..Insn::bare(op) })
        } else if self.chance(60) {
            Transfer::Jump(Op::Jal)
        } else {
            let op = self.pick(&[Op::Bgezal, Op::Bgezall]);
            Transfer::Branch(Insn::source(op, Reg::ZERO))
        };
        self.keeping(link, |this| {
            let slot = this.single();
            let length = this.rng.random_range(0..5);
            let body = this.nodes(length, depth + 1);
            let back = this.pick(&[Op::Jr, Op::JrHb]);
            let back_slot = this.single();
            Node::Call(Call { transfer, slot, link, back, back_slot, body })
        })
    }

    /// Code that writes code.
    fn patch(&mut self) -> Node {
        let (value, address) = self.two_scratch();
        Node::Patch { insn: self.single(), value, address }
    }

    /// A transfer that is always taken.
    pub(super) fn certain_transfer(&mut self) -> Transfer {
        let zero = |op: Op| Transfer::Branch(Insn::bare(op));
        match self.rng.random_range(0..7) {
            0 => Transfer::Jump(Op::J),
            1 if self.ra_is_free() => Transfer::Jump(Op::Jal),
            2 if self.ra_is_free() => zero(Op::Bgezal),
            3 => Transfer::Register(Insn::source(Op::Jr, self.scratch())),
            4 => zero(Op::Beql),
            5 => zero(Op::Bgezl),
            _ => zero(Op::Beq),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_name_every_conditional_branch() {
        let listed = [CONDITIONAL, LINKING].concat();
        for op in Op::ALL.iter().filter(|op| op.is_conditional_branch()) {
            assert!(listed.contains(op), "{op:?}");
        }
    }
}
