//! Ways in which a call can be wrong: one of its parts is altered, cut or lengthened.

use alloy_primitives::B256;

use crate::machine::graph::output_bytes;
use crate::machine::memory::Memory;
use crate::spec::call::{Answer, Call};
use crate::spec::game::{Move, Shown};
use crate::spec::position::Position;

/// Flips a bit of some bytes, if there are any.
fn flip(bytes: &mut [u8], seed: u32) {
    if !bytes.is_empty() {
        let at = seed as usize * 37 % bytes.len();
        bytes[at] ^= 1 << (seed % 8);
    }
}

/// One leaf more, or one less.
fn resize(bytes: &mut Vec<u8>, seed: u32) {
    let longer =
        if seed.is_multiple_of(2) { bytes.len() + 32 } else { bytes.len().saturating_sub(32) };
    bytes.resize(longer, 0);
}

/// Shows length and root of an output instead of its bytes.
fn show_root(answer: &mut Answer) {
    let levels = answer.path.len() / 32;
    // Behind a failed state or a broken path there is no region.
    if !(12..=35).contains(&levels) {
        return;
    }
    let region = Memory::new(u8::try_from(40 - levels).unwrap_or(5));
    let part = region.with_bytes(0, &output_bytes(&answer.output)).part(0, 5);
    answer.path.splice(..0, part);
    answer.output.clear();
}

/// A request that may be none: with bytes behind, another length, a second word, too long an input.
pub fn break_request(mut request: Vec<u8>, (fault, max_input): (u32, u32)) -> Vec<u8> {
    match fault {
        3 => request.truncate(100),
        4 => request[4] = 1,
        6 => request.push(0),
        7 => {
            let length = max_input + 1;
            request.resize(128 + length as usize, 1);
            request[..4].copy_from_slice(&length.to_le_bytes());
        }
        _ => {}
    }
    request
}

/// An answer that may not be proven.
pub fn break_answer(mut answer: Answer, fault: u32) -> Answer {
    match fault {
        1 => flip(&mut answer.path, 11),
        2 => resize(&mut answer.path, 1),
        3 => flip(&mut answer.output, 3),
        4 => {
            answer.output.pop();
        }
        5 => answer.output.push(0),
        6 => {
            answer.state.pop();
        }
        7 => {
            if let Some(status) = answer.state.last_mut() {
                *status = 3;
            }
        }
        8 => answer.output.resize(5_000, 0),
        9 => show_root(&mut answer),
        10 => {
            show_root(&mut answer);
            flip(&mut answer.path, 29);
        }
        11 => {
            show_root(&mut answer);
            // The length.
            answer.path.first_mut().into_iter().for_each(|byte| *byte ^= 1);
        }
        12 => {
            show_root(&mut answer);
            resize(&mut answer.path, 1);
        }
        13 => {
            let output = answer.output.clone();
            show_root(&mut answer);
            answer.output = output;
        }
        _ => {}
    }
    answer
}

/// A move that may break a rule, with the position that it says to answer.
pub fn break_move(
    (game, positions): (B256, &[Position]),
    mut made: Move,
    (fault, seed): (u32, u32),
) -> Call {
    let present = &positions[positions.len() - 1];
    let stale = &positions[positions.len().saturating_sub(2)];
    let answered = if fault == 2 { stale } else { present };
    let (mut header, mut hashes) = (answered.header(), answered.hashes.clone());
    match fault {
        1 => flip(&mut header.0, seed),
        3 => flip(&mut hashes[0].0, seed),
        4 => hashes.truncate(1),
        10 => made.segment = u8::try_from(present.degree()).unwrap_or(u8::MAX),
        _ => {}
    }
    match &mut made.shown {
        Shown::Dissect { ends } => break_ends(ends, present, (made.segment, fault)),
        Shown::Conclude { roots, state, witness } => {
            break_shown((Some(roots), state, witness), (fault, seed));
        }
        Shown::Descend { roots, state, witness, last, end_witness } => {
            break_shown((Some(roots), state, witness), (fault, seed));
            match fault {
                13 => flip(end_witness, seed),
                14 => resize(end_witness, seed),
                // No status.
                15 => last[187] = 3,
                16 => last.truncate(100),
                // Register 0.
                17 => last[48] = 1,
                _ => {}
            }
        }
        Shown::Prove { state, witness } => break_shown((None, state, witness), (fault, seed)),
    }
    Call::Move { game, header, hashes, made }
}

fn break_ends(ends: &mut Vec<B256>, position: &Position, (segment, fault): (u8, u32)) {
    let disputed = position.hashes.get(usize::from(segment) + 1);
    match (fault, disputed) {
        (5, _) => ends.truncate(ends.len().div_ceil(2)),
        (6, _) => ends.push(B256::ZERO),
        (7, _) => ends.extend(ends.clone()),
        (8, _) => ends.clear(),
        (9, Some(disputed)) => {
            if let Some(last) = ends.last_mut() {
                *last = *disputed;
            }
        }
        _ => {}
    }
}

type Parts<'a> = (Option<&'a mut [B256; 2]>, &'a mut Vec<u8>, &'a mut Vec<u8>);

fn break_shown((roots, state, witness): Parts<'_>, (fault, seed): (u32, u32)) {
    match (fault, roots) {
        (5, Some(roots)) => roots.reverse(),
        (6, _) => flip(witness, seed),
        (7, _) => resize(witness, seed),
        (8, _) => flip(state, seed),
        (9, _) => {
            state.pop();
        }
        _ => {}
    }
}
