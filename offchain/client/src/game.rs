//! Positions and moves of games, between the machines' types and the contract's encoding.

use alloy_primitives::{B256, Bytes, U256};
use alloy_sol_types::{SolCall, SolValue};
use opml_core::game::{Clock, Move, Position, PositionError};
use opml_core::graph::handover::Program;
use opml_solver::machines::Evidence;
use thiserror::Error;

use crate::contracts::IGame;

/// A move with what it shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The move.
    pub mv: Move,
    /// States and witnesses that go with it.
    pub evidence: Evidence,
}

/// The evidence is for another kind of move, or the move cannot be the first one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the evidence is for another kind of move, or the move for another place")]
pub struct Mismatch;

/// The position to answer, and both clocks when its turn began.
pub fn moved(event: &IGame::Moved) -> Result<(Position, Clock), PositionError> {
    let position = Position::decode(&event.header.0, &event.hashes)?;
    let clock = Clock {
        server: event.serverSeconds.into(),
        challenger: event.challengerSeconds.into(),
        started: event.started,
    };
    Ok((position, clock))
}

/// Hashes of a position as calldata has them, the start first.
pub fn hashes(position: &Position) -> Vec<B256> {
    let segments = position.segments();
    [segments.start].into_iter().chain(segments.ends.hashes().iter().copied()).collect()
}

/// Calldata of a move that answers `position` in an open game about `program`.
#[allow(non_snake_case, reason = "the ABI's names")]
pub fn answer(
    gameId: B256,
    position: &Position,
    program: &Program,
    shown: &Shown,
) -> Result<Bytes, Mismatch> {
    let (header, hashes) = (position.header().into(), hashes(position));
    let segment = shown.mv.segment().get();
    let (programRoot, imageRoot) = (program.program_root, program.image_root);
    let data = match (&shown.mv, &shown.evidence) {
        (Move::Dissect { ends, .. }, Evidence::Dissect) => {
            let ends = ends.hashes().to_vec();
            IGame::dissectCall { gameId, header, hashes, segment, ends }.abi_encode()
        }
        (Move::Conclude { .. }, Evidence::Conclude { state, begin }) => IGame::concludeCall {
            gameId,
            header,
            hashes,
            segment,
            programRoot,
            imageRoot,
            graphState: state.encode().into(),
            beginWitness: begin.clone().into(),
        }
        .abi_encode(),
        (Move::Descend { .. }, Evidence::Descend { state, begin, last, end }) => {
            IGame::descendCall {
                gameId,
                header,
                hashes,
                segment,
                programRoot,
                imageRoot,
                graphState: state.encode().into(),
                beginWitness: begin.clone().into(),
                finalState: last.encode().into(),
                endWitness: end.clone().into(),
            }
            .abi_encode()
        }
        (Move::Prove { .. }, Evidence::Prove { state, proof }) => IGame::proveCall {
            gameId,
            header,
            hashes,
            segment,
            state: state.encode().into(),
            witness: proof.clone().into(),
        }
        .abi_encode(),
        _ => return Err(Mismatch),
    };
    Ok(data.into())
}

/// A first move as `challenge` of the hub takes it.
pub fn first_move(program: &Program, shown: &Shown) -> Result<Bytes, Mismatch> {
    let segment = U256::from(shown.mv.segment().get());
    let (program_root, image_root) = (program.program_root, program.image_root);
    let bytes = Bytes::copy_from_slice;
    let (selector, arguments) = match (&shown.mv, &shown.evidence) {
        (Move::Dissect { ends, .. }, Evidence::Dissect) => {
            let arguments = (segment, ends.hashes().to_vec());
            (IGame::dissectCall::SELECTOR, arguments.abi_encode_params())
        }
        (Move::Conclude { .. }, Evidence::Conclude { state, begin }) => {
            let state = bytes(&state.encode());
            let arguments = (segment, program_root, image_root, state, bytes(begin));
            (IGame::concludeCall::SELECTOR, arguments.abi_encode_params())
        }
        (Move::Descend { .. }, Evidence::Descend { state, begin, last, end }) => {
            let (state, last) = (bytes(&state.encode()), bytes(&last.encode()));
            let (begin, end) = (bytes(begin), bytes(end));
            let arguments = (segment, program_root, image_root, state, begin, last, end);
            (IGame::descendCall::SELECTOR, arguments.abi_encode_params())
        }
        _ => return Err(Mismatch),
    };
    Ok([&selector[..], &arguments].concat().into())
}

#[cfg(test)]
mod tests {
    use opml_core::game::{Ends, SegmentIndex};

    use super::*;

    #[test]
    fn a_dissection_round_trips_through_the_abi() {
        let [start, end] = [B256::repeat_byte(1), B256::repeat_byte(2)];
        let position = Position::claim(7, start, end).expect("a claim");
        let ends: Vec<B256> = (0..32).map(B256::repeat_byte).collect();
        let mv = Move::Dissect {
            segment: SegmentIndex::FIRST,
            ends: Ends::new(&ends).expect("32 segments"),
        };
        let shown = Shown { mv, evidence: Evidence::Dissect };
        let program = Program { program_root: start, image_root: end };
        let game = B256::repeat_byte(9);
        let data = answer(game, &position, &program, &shown).expect("it fits");
        let call = IGame::dissectCall::abi_decode_validate(&data).expect("the ABI's");
        assert_eq!((call.gameId, call.segment, &call.ends), (game, 0, &ends));
        assert_eq!(call.hashes, [start, end]);

        let event = IGame::Moved {
            gameId: game,
            header: call.header,
            serverSeconds: 5,
            challengerSeconds: 6,
            started: 7,
            hashes: call.hashes,
        };
        let clock = Clock { server: 5, challenger: 6, started: 7 };
        assert_eq!(moved(&event), Ok((position, clock)));
        let first = first_move(&program, &shown).expect("it fits");
        assert_eq!(first[..4], IGame::dissectCall::SELECTOR);
    }

    #[test]
    fn evidence_for_another_kind_of_move_is_refused() {
        let position = Position::claim(0, B256::ZERO, B256::repeat_byte(2)).expect("a claim");
        let program = Program { program_root: B256::ZERO, image_root: B256::ZERO };
        let mv = Move::Prove { segment: SegmentIndex::FIRST };
        let shown = Shown { mv, evidence: Evidence::Dissect };
        assert_eq!(answer(B256::ZERO, &position, &program, &shown), Err(Mismatch));
        assert_eq!(first_move(&program, &shown), Err(Mismatch));
    }
}
