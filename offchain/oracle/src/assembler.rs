//! Words with labels.

use crate::isa::{Insn, Op, Reg};

/// A place in the code, known once it is bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Label(usize);

#[derive(Clone, Copy, Debug)]
enum Item {
    Word(u32),
    Insn(Insn),
    BranchTo(Insn, Label),
    JumpTo(Op, Label),
    High(Reg, Label),
    Low(Reg, Label, u32),
}

/// Code under construction.
#[derive(Debug)]
pub struct Assembler {
    base: u32,
    items: Vec<Item>,
    labels: Vec<Option<usize>>,
    slots: Vec<usize>,
}

/// Assembled code.
#[derive(Clone, Debug)]
pub struct Code {
    /// Address of the first word.
    pub base: u32,
    /// The words.
    pub words: Vec<u32>,
    /// Indices of the words that stand in delay slots, ascending.
    pub slots: Vec<usize>,
}

impl Code {
    /// Whether the word at this address stands in a delay slot.
    pub fn in_slot(&self, address: u32) -> bool {
        let index = (address.wrapping_sub(self.base) / 4) as usize;
        self.slots.binary_search(&index).is_ok()
    }
}

impl Assembler {
    /// Nothing yet, to be placed at `base`.
    pub const fn new(base: u32) -> Self {
        Self { base, items: Vec::new(), labels: Vec::new(), slots: Vec::new() }
    }

    /// A label to bind later.
    pub fn label(&mut self) -> Label {
        self.labels.push(None);
        Label(self.labels.len() - 1)
    }

    /// Binds a label to the next word.
    pub fn bind(&mut self, label: Label) {
        self.labels[label.0] = Some(self.items.len());
    }

    /// A label bound to the next word.
    pub fn here(&mut self) -> Label {
        let label = self.label();
        self.bind(label);
        label
    }

    /// Address of the next word.
    pub fn address(&self) -> u32 {
        self.address_of(self.items.len())
    }

    /// Any word.
    pub fn word(&mut self, word: u32) {
        self.items.push(Item::Word(word));
    }

    /// An instruction.
    pub fn insn(&mut self, insn: Insn) {
        self.items.push(Item::Insn(insn));
    }

    /// Instructions.
    pub fn insns(&mut self, insns: &[Insn]) {
        self.items.extend(insns.iter().copied().map(Item::Insn));
    }

    /// An instruction in the delay slot of the one before it.
    pub fn slot(&mut self, insn: Insn) {
        self.mark_slot();
        self.insn(insn);
    }

    /// Declares that the next word stands in a delay slot.
    pub fn mark_slot(&mut self) {
        self.slots.push(self.items.len());
    }

    /// A conditional branch to a label.
    pub fn branch(&mut self, branch: Insn, to: Label) {
        self.items.push(Item::BranchTo(branch, to));
    }

    /// `j` or `jal` to a label.
    pub fn jump(&mut self, op: Op, to: Label) {
        self.items.push(Item::JumpTo(op, to));
    }

    /// Loads any value in two instructions.
    pub fn load(&mut self, reg: Reg, value: u32) {
        self.insns(&load_constant(reg, value));
    }

    /// Loads a label's address plus `offset` (below 4) in two instructions.
    pub fn load_address(&mut self, reg: Reg, label: Label, offset: u32) {
        self.items.push(Item::High(reg, label));
        self.items.push(Item::Low(reg, label, offset));
    }

    fn address_of(&self, index: usize) -> u32 {
        u32::try_from(index * 4).map_or(u32::MAX, |offset| self.base.wrapping_add(offset))
    }

    /// Resolves every label; an unbound one counts as the end of the code.
    pub fn finish(self) -> Code {
        let at = |label: Label| self.address_of(self.labels[label.0].unwrap_or(self.items.len()));
        let encode = |(index, item): (usize, &Item)| match *item {
            Item::Word(word) => word,
            Item::Insn(insn) => insn.encode(),
            Item::BranchTo(insn, to) => {
                let distance = at(to).wrapping_sub(self.address_of(index + 1));
                Insn { imm: distance >> 2 & 0xffff, ..insn }.encode()
            }
            Item::JumpTo(op, to) => Insn { imm: at(to) >> 2, ..Insn::bare(op) }.encode(),
            Item::High(reg, to) => Insn::immediate(Op::Lui, reg, Reg::ZERO, at(to) >> 16).encode(),
            Item::Low(reg, to, offset) => {
                Insn::immediate(Op::Ori, reg, reg, at(to) + offset).encode()
            }
        };
        let words = self.items.iter().enumerate().map(encode).collect();
        Code { base: self.base, words, slots: self.slots }
    }
}

/// `lui` and `ori`.
pub const fn load_constant(reg: Reg, value: u32) -> [Insn; 2] {
    [
        Insn::immediate(Op::Lui, reg, Reg::ZERO, value >> 16),
        Insn::immediate(Op::Ori, reg, reg, value),
    ]
}
