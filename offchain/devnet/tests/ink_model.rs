//! Random programs: ink of the compiled, instrumented module against a plain interpreter that
//! charges basic blocks as they are entered.
#![allow(clippy::unwrap_used, clippy::format_collect)]

mod common;

use common::{GAS, run_body};
use opml_devnet::stylus::engine::Outcome;

const PROGRAMS: u64 = 300;
const LOCALS: usize = 8;
/// Locals below this are free to use; each of the others counts one loop.
const FREE_LOCALS: u32 = 4;

#[derive(Clone, Debug)]
enum Op {
    Nop,
    Const(i32),
    Drop,
    Get(u32),
    Set(u32),
    Tee(u32),
    Add,
    Sub,
    And,
    Eqz,
    Fill,
    Block,
    Loop,
    If,
    Else,
    End,
    Br(usize),
    BrIf(usize),
    BrTable(Vec<usize>),
    Call(usize),
    Return,
}

impl Op {
    fn text(&self) -> String {
        match self {
            Op::Nop => "nop".into(),
            Op::Const(value) => format!("i32.const {value}"),
            Op::Drop => "drop".into(),
            Op::Get(local) => format!("local.get {local}"),
            Op::Set(local) => format!("local.set {local}"),
            Op::Tee(local) => format!("local.tee {local}"),
            Op::Add => "i32.add".into(),
            Op::Sub => "i32.sub".into(),
            Op::And => "i32.and".into(),
            Op::Eqz => "i32.eqz".into(),
            Op::Fill => "memory.fill".into(),
            Op::Block => "block".into(),
            Op::Loop => "loop".into(),
            Op::If => "if".into(),
            Op::Else => "else".into(),
            Op::End => "end".into(),
            Op::Br(depth) => format!("br {depth}"),
            Op::BrIf(depth) => format!("br_if {depth}"),
            Op::BrTable(depths) => {
                let depths: String = depths.iter().map(|depth| format!(" {depth}")).collect();
                format!("br_table{depths}")
            }
            Op::Call(function) => format!("call $f{function}"),
            Op::Return => "return".into(),
        }
    }

    /// Published price.
    fn ink(&self) -> u64 {
        match self {
            Op::Nop | Op::Const(_) | Op::Block | Op::Loop | Op::Else | Op::End | Op::Return => 1,
            Op::Drop => 9,
            Op::Get(_) | Op::Tee(_) => 75,
            Op::Set(_) => 210,
            Op::Add | Op::Sub | Op::And => 70,
            Op::Eqz => 170,
            Op::Fill => 950,
            Op::If | Op::Br(_) | Op::BrIf(_) => 765,
            Op::BrTable(depths) => 2400 + 325 * (depths.len() as u64 - 1),
            Op::Call(_) => 3800,
        }
    }

    fn ends_block(&self) -> bool {
        !matches!(
            self,
            Op::Nop
                | Op::Const(_)
                | Op::Drop
                | Op::Get(_)
                | Op::Set(_)
                | Op::Tee(_)
                | Op::Add
                | Op::Sub
                | Op::And
                | Op::Eqz
                | Op::Fill
                | Op::Block
        )
    }
}

struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % bound
    }

    fn local(&mut self) -> u32 {
        u32::try_from(self.below(FREE_LOCALS as usize)).unwrap()
    }
}

/// Writes random statements; each leaves the stack as it found it.
struct Writer<'r> {
    random: &'r mut Random,
    code: Vec<Op>,
    depth: usize,
    loops: u32,
    callees: std::ops::Range<usize>,
}

impl Writer<'_> {
    fn statements(&mut self, count: usize) {
        for _ in 0..count {
            self.statement();
        }
    }

    fn value(&mut self) {
        let local = self.random.local();
        let constant = i32::try_from(self.random.below(7)).unwrap();
        self.code.extend([Op::Get(local), Op::Const(constant)]);
        self.code.push([Op::Add, Op::Sub, Op::And][self.random.below(3)].clone());
        if self.random.below(3) == 0 {
            self.code.push(Op::Eqz);
        }
    }

    fn nested(&mut self, open: Op) {
        self.code.push(open);
        self.depth += 1;
        let count = self.random.below(4);
        self.statements(count);
    }

    fn close(&mut self) {
        self.code.push(Op::End);
        self.depth -= 1;
    }

    fn statement(&mut self) {
        let deep = self.depth > 3;
        match self.random.below(if deep { 5 } else { 10 }) {
            0 => self.code.push(Op::Nop),
            1 => {
                self.value();
                self.code.push(Op::Drop);
            }
            2 => {
                self.value();
                let local = self.random.local();
                self.code.push(Op::Set(local));
            }
            3 => {
                let len = i32::try_from(self.random.below(50)).unwrap();
                self.code.extend([Op::Const(8), Op::Const(1), Op::Const(len), Op::Fill]);
            }
            4 => self.jump(),
            5 => {
                self.nested(Op::Block);
                self.close();
            }
            6 | 7 => {
                self.value();
                self.nested(Op::If);
                if self.random.below(2) == 0 {
                    self.code.push(Op::Else);
                    self.statements(2);
                }
                self.close();
            }
            8 => self.counted_loop(),
            _ if self.callees.is_empty() => {}
            _ => {
                let callee = self.callees.start + self.random.below(self.callees.len());
                self.code.push(Op::Call(callee));
            }
        }
    }

    /// Jumps forward only: to the function's end or out of blocks that are no loops.
    fn jump(&mut self) {
        let inner_block = |code: &mut Vec<Op>, jump: Vec<Op>| {
            code.push(Op::Block);
            code.extend(jump);
            code.extend([Op::Nop, Op::End]);
        };
        match self.random.below(4) {
            0 => inner_block(&mut self.code, vec![Op::Br(0)]),
            1 => {
                self.code.push(Op::Block);
                self.value();
                self.code.extend([Op::BrIf(0), Op::Nop, Op::Nop, Op::End]);
            }
            2 => {
                self.code.extend([Op::Block, Op::Block]);
                self.value();
                self.code.extend([Op::BrTable(vec![0, 1, 0, 1]), Op::End, Op::Nop, Op::End]);
            }
            _ => {
                self.value();
                self.code.extend([Op::If, Op::Return, Op::Nop, Op::End]);
            }
        }
    }

    fn counted_loop(&mut self) {
        let counter = FREE_LOCALS + self.loops;
        if counter as usize >= LOCALS {
            return;
        }
        self.loops += 1;
        let rounds = i32::try_from(1 + self.random.below(4)).unwrap();
        self.code.extend([Op::Const(rounds), Op::Set(counter)]);
        self.nested(Op::Loop);
        let again = [Op::Get(counter), Op::Const(1), Op::Sub, Op::Tee(counter), Op::BrIf(0)];
        self.code.extend(again);
        self.close();
    }
}

/// Where a label leads: past its block, or to the top of its loop.
fn target(code: &[Op], open: Option<usize>) -> usize {
    match open {
        None => code.len(),
        Some(open) if matches!(code[open], Op::Loop) => open + 1,
        Some(open) => matching(code, open, false) + 1,
    }
}

/// The `end` of the block opened at `open`, or its `else` where wanted and present.
fn matching(code: &[Op], open: usize, or_else: bool) -> usize {
    let mut depth = 0;
    (open + 1..code.len())
        .find(|at| {
            match code[*at] {
                Op::Block | Op::Loop | Op::If => depth += 1,
                Op::End if depth == 0 => return true,
                Op::End => depth -= 1,
                Op::Else if depth == 0 => return or_else,
                _ => {}
            }
            false
        })
        .unwrap()
}

fn interpret(functions: &[Vec<Op>], function: usize, ink: &mut u64) {
    let code = &functions[function];
    let mut locals = [0i32; LOCALS];
    let mut stack = Vec::new();
    let mut labels: Vec<usize> = Vec::new();
    let (mut pc, mut paid) = (0, 0);
    while pc < code.len() {
        if pc >= paid {
            let last = (pc..code.len()).find(|at| code[*at].ends_block()).unwrap();
            *ink += 2450 + code[pc..=last].iter().map(Op::ink).sum::<u64>();
            paid = last + 1;
        }
        let op = &code[pc];
        pc += 1;
        let mut branch = |depth: usize, labels: &mut Vec<usize>| {
            let keep = labels.len().checked_sub(depth + 1);
            let to = target(code, keep.map(|keep| labels[keep]));
            let is_loop = keep.is_some_and(|keep| matches!(code[labels[keep]], Op::Loop));
            labels.truncate(keep.unwrap_or(0) + usize::from(is_loop));
            paid = to;
            to
        };
        match op {
            Op::Nop => {}
            Op::Const(value) => stack.push(*value),
            Op::Drop => drop(stack.pop().unwrap()),
            Op::Get(local) => stack.push(locals[*local as usize]),
            Op::Set(local) => locals[*local as usize] = stack.pop().unwrap(),
            Op::Tee(local) => locals[*local as usize] = *stack.last().unwrap(),
            Op::Add | Op::Sub | Op::And => {
                let (b, a) = (stack.pop().unwrap(), stack.pop().unwrap());
                stack.push(match op {
                    Op::Add => a.wrapping_add(b),
                    Op::Sub => a.wrapping_sub(b),
                    _ => a & b,
                });
            }
            Op::Eqz => {
                let value = stack.pop().unwrap();
                stack.push(i32::from(value == 0));
            }
            Op::Fill => {
                *ink += 100 * u64::try_from(stack.pop().unwrap()).unwrap();
                stack.truncate(stack.len() - 2);
            }
            Op::Block | Op::Loop => labels.push(pc - 1),
            Op::If => {
                if stack.pop().unwrap() == 0 {
                    let other = matching(code, pc - 1, true);
                    if matches!(code[other], Op::Else) {
                        labels.push(pc - 1);
                    }
                    pc = other + 1;
                    paid = pc;
                } else {
                    labels.push(pc - 1);
                }
            }
            // The end of a taken arm.
            Op::Else => {
                let open = labels.pop().unwrap();
                pc = matching(code, open, false) + 1;
                paid = pc;
            }
            Op::End => drop(labels.pop()),
            Op::Br(depth) => pc = branch(*depth, &mut labels),
            Op::BrIf(depth) => {
                if stack.pop().unwrap() != 0 {
                    pc = branch(*depth, &mut labels);
                }
            }
            Op::BrTable(depths) => {
                let index = stack.pop().unwrap().cast_unsigned() as usize;
                let depth = depths[index.min(depths.len() - 1)];
                pc = branch(depth, &mut labels);
            }
            Op::Call(callee) => interpret(functions, *callee, ink),
            Op::Return => return,
        }
    }
}

fn program(random: &mut Random) -> Vec<Vec<Op>> {
    let count = 1 + random.below(4);
    (0..count)
        .map(|index| {
            let mut writer =
                Writer { code: Vec::new(), depth: 0, loops: 0, callees: index + 1..count, random };
            let statements = 1 + writer.random.below(8);
            writer.statements(statements);
            writer.code.push(Op::End);
            writer.code
        })
        .collect()
}

#[test]
fn random_programs_cost_what_a_plain_interpreter_charges() {
    let mut random = Random(0x5eed);
    let mut distinct = std::collections::BTreeSet::new();
    for number in 0..PROGRAMS {
        let functions = program(&mut random);
        let extra: String = functions
            .iter()
            .enumerate()
            .map(|(index, code)| {
                let body: String =
                    code[..code.len() - 1].iter().map(|op| op.text() + " ").collect();
                format!("(func $f{index} (local {}) {body})\n", "i32 ".repeat(LOCALS))
            })
            .collect();
        // Entry point: call, then const and end.
        let mut expected = 2450 + 3800 + 2450 + 2;
        interpret(&functions, 0, &mut expected);
        let finished = run_body(&extra, "(call $f0) (i32.const 0)", GAS);
        assert!(matches!(finished.outcome, Outcome::Success(_)), "{extra}");
        assert_eq!(finished.ink_used, expected, "program {number}:\n{extra}");
        distinct.insert(expected);
    }
    assert!(distinct.len() > 100, "programs differ: {}", distinct.len());
}
