//! Cuts a failing program down.

use crate::isa::Insn;
use crate::program::{Ending, Node, Program};

/// The smallest program found that `fails`, by leaving out and replacing parts of `program`.
///
/// `fails` is asked at most `budget` times.
pub fn shrink(
    program: &Program,
    budget: usize,
    mut fails: impl FnMut(&Program) -> bool,
) -> Program {
    let mut smallest = program.clone();
    let mut left = budget;
    loop {
        let better = variants(&smallest).into_iter().find(|candidate| {
            if left == 0 {
                return false;
            }
            left -= 1;
            fails(candidate)
        });
        match better {
            Some(better) => smallest = better,
            None => return smallest,
        }
    }
}

/// Smaller programs, the boldest cuts first.
fn variants(program: &Program) -> Vec<Program> {
    let bodies = smaller_lists(&program.body);
    let mut all: Vec<Program> =
        bodies.into_iter().map(|body| Program { body, ..program.clone() }).collect();
    if let Ending::Fault(fault) = &program.ending
        && fault.before.is_some()
    {
        let mut plain = fault.clone();
        plain.before = None;
        all.push(Program { ending: Ending::Fault(plain), ..program.clone() });
    }
    let zeroed = (1..32).filter(|number| program.regs[*number] != 0).map(|number| {
        let mut regs = program.regs;
        regs[number] = 0;
        Program { regs, ..program.clone() }
    });
    all.extend(zeroed);
    if program.arena.iter().any(|byte| *byte != 0) {
        all.push(Program { arena: vec![0; program.arena.len()], ..program.clone() });
    }
    all
}

/// Lists with a run of nodes left out, or with one node made smaller.
fn smaller_lists(nodes: &[Node]) -> Vec<Vec<Node>> {
    let mut lists = Vec::new();
    let mut run = nodes.len();
    while run > 0 {
        for start in (0..nodes.len()).step_by(run) {
            let end = (start + run).min(nodes.len());
            lists.push([&nodes[..start], &nodes[end..]].concat());
        }
        run /= 2;
    }
    for (index, node) in nodes.iter().enumerate() {
        for replacement in smaller_node(node) {
            lists.push([&nodes[..index], &replacement, &nodes[index + 1..]].concat());
        }
    }
    lists
}

/// Smaller replacements for a node.
fn smaller_node(node: &Node) -> Vec<Vec<Node>> {
    match node {
        // The instructions of one node rely on each other.
        Node::Straight(_) | Node::Words(_) => Vec::new(),
        Node::Forward { setup, transfer, slot, skip } => {
            let with = |slot, skip| {
                let (setup, transfer) = (setup.clone(), transfer.clone());
                vec![Node::Forward { setup, transfer, slot, skip }]
            };
            let mut smaller = Vec::new();
            if *slot != Insn::NOP {
                smaller.push(with(Insn::NOP, *skip));
                smaller.push(vec![Node::Straight(vec![*slot])]);
            }
            if *skip > 0 {
                smaller.push(with(*slot, 0));
            }
            smaller
        }
        Node::Loop(node) => {
            let shorter = smaller_lists(&node.body).into_iter();
            let shorter =
                shorter.map(|body| vec![Node::Loop(crate::program::Loop { body, ..node.clone() })]);
            std::iter::once(node.body.clone()).chain(shorter).collect()
        }
        Node::Call(node) => {
            let shorter = smaller_lists(&node.body).into_iter();
            let shorter =
                shorter.map(|body| vec![Node::Call(crate::program::Call { body, ..node.clone() })]);
            std::iter::once(node.body.clone()).chain(shorter).collect()
        }
        Node::Patch { insn, .. } => vec![vec![Node::Straight(vec![*insn])]],
    }
}
