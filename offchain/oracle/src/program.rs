//! A test program as a tree that can be cut smaller, and its translation to code.

use crate::assembler::{Assembler, Label};
use crate::isa::{Insn, Op, Reg};
use crate::trap::TrapKind;

/// A whole test: initial state, body, and how it must end.
#[derive(Clone, Debug)]
pub struct Program {
    /// Initial value of every register; the pinned one and `$0` excepted.
    pub regs: [u32; 32],
    /// Initial `HI`.
    pub hi: u32,
    /// Initial `LO`.
    pub lo: u32,
    /// Points to the middle of the arena and is never written.
    pub pinned: Reg,
    /// Initial bytes of the memory arena.
    pub arena: Vec<u8>,
    /// The instructions under test.
    pub body: Vec<Node>,
    /// How it ends.
    pub ending: Ending,
}

/// How a program ends.
#[derive(Clone, Debug)]
pub enum Ending {
    /// Dumps its state by `write` and exits with the low byte of this.
    Exit {
        /// Argument of the call.
        code: u32,
        /// Which call.
        number: ExitCall,
    },
    /// Runs into a trap.
    Fault(Fault),
}

/// The system call that ends the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExitCall {
    /// `exit`
    Exit,
    /// `exit_group`
    ExitGroup,
}

impl ExitCall {
    /// Number in the o32 ABI.
    pub const fn number(self) -> u32 {
        match self {
            Self::Exit => 4001,
            Self::ExitGroup => 4246,
        }
    }
}

/// A trap to run into.
#[derive(Clone, Debug)]
pub struct Fault {
    /// Which.
    pub kind: TrapKind,
    /// Instructions that make it certain.
    pub setup: Vec<Insn>,
    /// A taken branch whose delay slot holds the trapping word.
    pub before: Option<Transfer>,
    /// The trapping word.
    pub what: FaultWord,
}

/// The word that traps.
#[derive(Clone, Debug)]
pub enum FaultWord {
    /// A word of any kind.
    Word(u32),
    /// A jump through `through` to an address with its low bits set to `low`; the slot runs.
    MisalignedJump {
        /// `jr` or `jalr`; its `rs` gets the target.
        jump: Insn,
        /// 1 to 3.
        low: u32,
        /// Instruction in the delay slot.
        slot: Insn,
    },
}

/// A branch or jump whose target is a label.
#[derive(Clone, Debug)]
pub enum Transfer {
    /// A conditional branch.
    Branch(Insn),
    /// `j` or `jal`.
    Jump(Op),
    /// `jr` or `jalr`, after loading the target into its `rs`.
    Register(Insn),
}

/// A part of a body.
#[derive(Clone, Debug)]
pub enum Node {
    /// Instructions that belong together.
    Straight(Vec<Insn>),
    /// Any words, for cases written by hand.
    Words(Vec<u32>),
    /// A branch or jump over the next `skip` nodes of the same list.
    Forward {
        /// Sets the registers that are compared.
        setup: Vec<Insn>,
        /// How control passes.
        transfer: Transfer,
        /// Instruction in the delay slot.
        slot: Insn,
        /// Number of nodes, cut to what is there.
        skip: usize,
    },
    /// A counted loop.
    Loop(Loop),
    /// A subroutine, called and returned from in place.
    Call(Call),
    /// Overwrites a later word of the code with `insn`, then runs it.
    Patch {
        /// The new instruction.
        insn: Insn,
        /// Holds its encoding.
        value: Reg,
        /// Holds its address.
        address: Reg,
    },
}

/// A loop that ends: nothing in the body or in the slots writes the counter.
#[derive(Clone, Debug)]
pub struct Loop {
    /// Holds the number of turns left.
    pub counter: Reg,
    /// First value of the counter.
    pub from: u32,
    /// Added after each turn.
    pub step: u32,
    /// Taken while the loop goes on (`Back`) or when it ends (`Out`).
    pub test: LoopTest,
    /// The loop's body.
    pub body: Vec<Node>,
}

/// Where a loop tests its counter.
#[derive(Clone, Debug)]
pub enum LoopTest {
    /// A backward branch.
    Back {
        /// Taken while the loop goes on.
        branch: Insn,
        /// Instruction in its slot.
        slot: Insn,
    },
    /// A branch out, then a backward `j`.
    Out {
        /// Taken when the loop ends.
        branch: Insn,
        /// Instruction in its slot.
        slot: Insn,
        /// Instruction in the slot of the `j` back.
        jump_slot: Insn,
    },
}

/// A subroutine and its only call.
#[derive(Clone, Debug)]
pub struct Call {
    /// How it is called; links into `link`.
    pub transfer: Transfer,
    /// Instruction in the call's slot.
    pub slot: Insn,
    /// Holds the return address; the body leaves it alone.
    pub link: Reg,
    /// `jr` or `jr.hb`.
    pub back: Op,
    /// Instruction in the return's slot.
    pub back_slot: Insn,
    /// The subroutine.
    pub body: Vec<Node>,
}

impl Transfer {
    /// Emits the transfer to `to`, without its slot.
    pub fn emit(&self, asm: &mut Assembler, to: Label) {
        match *self {
            Self::Branch(branch) => asm.branch(branch, to),
            Self::Jump(op) => asm.jump(op, to),
            Self::Register(jump) => {
                asm.load_address(jump.rs, to, 0);
                asm.insn(jump);
            }
        }
    }
}

/// Emits a list of nodes.
pub fn emit_all(nodes: &[Node], asm: &mut Assembler) {
    let starts: Vec<Label> = (0..=nodes.len()).map(|_| asm.label()).collect();
    for (index, node) in nodes.iter().enumerate() {
        asm.bind(starts[index]);
        match node {
            Node::Straight(insns) => asm.insns(insns),
            Node::Words(words) => words.iter().for_each(|word| asm.word(*word)),
            Node::Forward { setup, transfer, slot, skip } => {
                asm.insns(setup);
                transfer.emit(asm, starts[(index + 1 + skip).min(nodes.len())]);
                asm.slot(*slot);
            }
            Node::Loop(node) => node.emit(asm),
            Node::Call(node) => node.emit(asm),
            Node::Patch { insn, value, address } => emit_patch(asm, *insn, *value, *address),
        }
    }
    asm.bind(starts[nodes.len()]);
}

impl Loop {
    fn emit(&self, asm: &mut Assembler) {
        asm.load(self.counter, self.from);
        let top = asm.here();
        emit_all(&self.body, asm);
        asm.insn(Insn::immediate(Op::Addiu, self.counter, self.counter, self.step));
        match self.test {
            LoopTest::Back { branch, slot } => {
                asm.branch(branch, top);
                asm.slot(slot);
            }
            LoopTest::Out { branch, slot, jump_slot } => {
                let end = asm.label();
                asm.branch(branch, end);
                asm.slot(slot);
                asm.jump(Op::J, top);
                asm.slot(jump_slot);
                asm.bind(end);
            }
        }
    }
}

impl Call {
    fn emit(&self, asm: &mut Assembler) {
        let (start, end) = (asm.label(), asm.label());
        self.transfer.emit(asm, start);
        asm.slot(self.slot);
        asm.jump(Op::J, end);
        asm.slot(Insn::NOP);
        asm.bind(start);
        emit_all(&self.body, asm);
        asm.insn(Insn::source(self.back, self.link));
        asm.slot(self.back_slot);
        asm.bind(end);
    }
}

/// The architecture wants `synci` and a jump between the store and the new instruction.
fn emit_patch(asm: &mut Assembler, insn: Insn, value: Reg, address: Reg) {
    let target = asm.label();
    asm.load(value, insn.encode());
    asm.load_address(address, target, 0);
    asm.insn(Insn::memory(Op::Sw, value, address, 0));
    asm.insn(Insn::memory(Op::Synci, Reg::ZERO, address, 0));
    asm.insn(Insn::source(Op::JrHb, address));
    asm.slot(Insn::NOP);
    asm.bind(target);
    asm.insn(Insn::NOP);
}
