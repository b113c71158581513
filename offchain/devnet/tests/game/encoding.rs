//! Moves as calldata of the game contract.
#![allow(non_snake_case, clippy::too_many_arguments, reason = "the ABI's")]

use alloy_primitives::{B256, Bytes};
use alloy_sol_types::{SolCall, SolValue, sol};
use opml_core::game::{Move, Position};
use opml_core::graph::handover::Program;
use opml_solver::machines::Evidence;

sol!(
    #![sol(all_derives)]
    "../../sol/IGame.sol"
);

/// The hashes of a position, the start first.
pub fn hashes(position: &Position) -> Vec<B256> {
    let segments = position.segments();
    [segments.start].into_iter().chain(segments.ends.hashes().iter().copied()).collect()
}

/// Calldata of a move that answers `position`.
pub fn answer(
    game_id: B256,
    position: &Position,
    program: &Program,
    (mv, evidence): (&Move, &Evidence),
) -> Vec<u8> {
    let (header, hashes) = (position.header().into(), hashes(position));
    let (segment, gameId) = (mv.segment().get(), game_id);
    let (programRoot, imageRoot) = (program.program_root, program.image_root);
    match (mv, evidence) {
        (Move::Dissect { ends, .. }, _) => {
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
        _ => panic!("{mv:?} with {evidence:?}"),
    }
}

/// A first move as `open` takes it.
pub fn first(program: &Program, (mv, evidence): (&Move, &Evidence)) -> Vec<u8> {
    let segment = alloy_primitives::U256::from(mv.segment().get());
    let roots = (program.program_root, program.image_root);
    let bytes = |data: &[u8]| Bytes::copy_from_slice(data);
    match (mv, evidence) {
        (Move::Dissect { ends, .. }, _) => {
            let arguments = (segment, ends.hashes().to_vec()).abi_encode_params();
            [&IGame::dissectCall::SELECTOR[..], &arguments].concat()
        }
        (Move::Conclude { .. }, Evidence::Conclude { state, begin }) => {
            let arguments = (segment, roots.0, roots.1, bytes(&state.encode()), bytes(begin));
            [&IGame::concludeCall::SELECTOR[..], &arguments.abi_encode_params()].concat()
        }
        (Move::Descend { .. }, Evidence::Descend { state, begin, last, end }) => {
            let arguments = (
                segment,
                roots.0,
                roots.1,
                bytes(&state.encode()),
                bytes(begin),
                bytes(&last.encode()),
                bytes(end),
            );
            [&IGame::descendCall::SELECTOR[..], &arguments.abi_encode_params()].concat()
        }
        _ => panic!("{mv:?} with {evidence:?}"),
    }
}
