//! Witnesses of the handover: what the contract needs to get from one machine to the other.

use alloy_primitives::B256;
use opml_core::graph::{GraphStep, descriptor_region, reads_first_word};
use opml_core::merkle::{Region, Space};
use opml_core::mips::{Status, Window};
use opml_operator::{Area, Tile};
use opml_vm::Machine;

use super::TraceError;
use crate::executor::Executor;

/// Witness of `begin` for `executor`'s next step.
pub fn begin_witness(executor: &mut Executor) -> Vec<u8> {
    let mut witness = descriptor_witness(executor);
    if let GraphStep::Tile(tile) = executor.next_step() {
        for area in tile.inputs() {
            push_area(&mut witness, executor, area);
        }
    }
    witness
}

/// Witness of `end` for `executor`'s next step, which is a tile, and `last`, the last state of a run
/// of it.
pub fn end_witness(
    executor: &mut Executor,
    tile: &Tile,
    last: &mut Machine,
) -> Result<Vec<u8>, TraceError> {
    let mut witness = descriptor_witness(executor);
    if last.cpu().status != Status::Exited(0) {
        return Ok(witness);
    }
    let output = window_region(Window::Output, tile.output.log2_size());
    let (root, path) = last.memory_mut().prove_region(output)?;
    push(&mut witness, root, &path);
    push_area(&mut witness, executor, tile.output);
    if reads_first_word(tile) {
        let first = window_region(Window::Output, 5);
        let (leaf, path) = last.memory_mut().prove_region(first)?;
        let inside = usize::from(tile.output.log2_size() - 5);
        push(&mut witness, leaf, &path[..inside]);
    }
    Ok(witness)
}

/// The descriptor with its path; empty where the step needs none.
fn descriptor_witness(executor: &mut Executor) -> Vec<u8> {
    let state = executor.state();
    let mut witness = Vec::new();
    let stopped = matches!(executor.next_step(), GraphStep::Stopped);
    if !stopped && descriptor_region(state.pc).is_some() {
        let program = executor.program();
        witness.extend(program.descriptor(state.pc));
        witness.extend(program.path(state.pc).iter().flat_map(|sibling| sibling.0));
    }
    witness
}

fn push_area(witness: &mut Vec<u8>, executor: &mut Executor, area: Area) {
    let memory = executor.hashed_memory();
    let region = Region::from(area);
    push(witness, memory.region_root(region), &memory.path(region));
}

fn push(witness: &mut Vec<u8>, node: B256, path: &[B256]) {
    witness.extend(node);
    witness.extend(path.iter().flat_map(|sibling| sibling.0));
}

/// The region of `2^log2_size` bytes at a window's base.
pub(crate) fn window_region(window: Window, log2_size: u8) -> Region {
    let region = Region::new(Space::MIPS, window.base().into(), log2_size);
    region.unwrap_or(window.region())
}
