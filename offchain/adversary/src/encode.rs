//! Calls as calldata.
#![allow(non_snake_case, reason = "arguments have the names of the ABI")]

use alloy_primitives::{B256, Bytes, U256};
use alloy_sol_types::{SolCall as _, SolValue as _};

use crate::abi::game::IGame;
use crate::abi::hub::IHub;
use crate::spec::call::{Answer, Call};
use crate::spec::game::{Move, Shown};

fn bytes(data: &[u8]) -> Bytes {
    Bytes::copy_from_slice(data)
}

/// The calldata of a call.
pub fn calldata(call: &Call) -> Vec<u8> {
    match call {
        Call::RetireModel { model } => IHub::retireModelCall { modelId: *model }.abi_encode(),
        Call::Infer { model, request } => {
            IHub::inferCall { modelId: *model, request: bytes(request) }.abi_encode()
        }
        Call::Accept { request } => IHub::acceptCall { requestId: *request }.abi_encode(),
        Call::Cancel { request } => IHub::cancelCall { requestId: *request }.abi_encode(),
        Call::Reclaim { request } => IHub::reclaimCall { requestId: *request }.abi_encode(),
        Call::AllowPayer { payer, allowed } => {
            IHub::allowPayerCall { payer: *payer, allowed: *allowed }.abi_encode()
        }
        Call::Claim { request, answer } => {
            let [finalState, output, path] = parts(answer);
            IHub::claimCall { requestId: *request, finalState, output, path }.abi_encode()
        }
        Call::ClaimFor { server, request, answer } => {
            let [finalState, output, path] = parts(answer);
            let (server, requestId) = (*server, *request);
            IHub::claimForCall { server, requestId, finalState, output, path }.abi_encode()
        }
        Call::Challenge { claim, first } => {
            let firstMove = first_move(first).into();
            IHub::challengeCall { claimId: *claim, firstMove }.abi_encode()
        }
        Call::Finalize { claim } => IHub::finalizeCall { claimId: *claim }.abi_encode(),
        Call::Release { claim } => IHub::releaseCall { claimId: *claim }.abi_encode(),
        Call::RefundGame { game } => IHub::refundGameCall { gameId: *game }.abi_encode(),
        Call::Verdict { game, challenger_won } => {
            IHub::verdictCall { gameId: *game, challengerWon: *challenger_won }.abi_encode()
        }
        Call::LockStake { game } => IHub::lockStakeCall { gameId: *game }.abi_encode(),
        Call::Deposit => IHub::depositCall {}.abi_encode(),
        Call::Withdraw { to, amount } => {
            IHub::withdrawCall { to: *to, amount: U256::from(*amount) }.abi_encode()
        }
        Call::FlushBurned => IHub::flushBurnedCall {}.abi_encode(),
        Call::Move { game, header, hashes, made } => game_move((*game, *header, hashes), made),
        Call::Timeout { game } => IGame::timeoutCall { gameId: *game }.abi_encode(),
        Call::Settle { game } => IGame::settleCall { gameId: *game }.abi_encode(),
    }
}

fn parts(answer: &Answer) -> [Bytes; 3] {
    [&answer.state, &answer.output, &answer.path].map(|part| bytes(part))
}

fn game_move((gameId, header, hashes): (B256, B256, &[B256]), made: &Move) -> Vec<u8> {
    let (hashes, segment) = (hashes.to_vec(), made.segment);
    match &made.shown {
        Shown::Dissect { ends } => {
            let ends = ends.clone();
            IGame::dissectCall { gameId, header, hashes, segment, ends }.abi_encode()
        }
        Shown::Conclude { roots: [programRoot, imageRoot], state, witness } => {
            IGame::concludeCall {
                gameId,
                header,
                hashes,
                segment,
                programRoot: *programRoot,
                imageRoot: *imageRoot,
                graphState: bytes(state),
                beginWitness: bytes(witness),
            }
            .abi_encode()
        }
        Shown::Descend { roots: [programRoot, imageRoot], state, witness, last, end_witness } => {
            IGame::descendCall {
                gameId,
                header,
                hashes,
                segment,
                programRoot: *programRoot,
                imageRoot: *imageRoot,
                graphState: bytes(state),
                beginWitness: bytes(witness),
                finalState: bytes(last),
                endWitness: bytes(end_witness),
            }
            .abi_encode()
        }
        Shown::Prove { state, witness } => {
            let (state, witness) = (bytes(state), bytes(witness));
            IGame::proveCall { gameId, header, hashes, segment, state, witness }.abi_encode()
        }
    }
}

/// A first move: a selector, and what comes from the segment on.
pub fn first_move(made: &Move) -> Vec<u8> {
    let segment = U256::from(made.segment);
    match &made.shown {
        Shown::Dissect { ends } => {
            let arguments = (segment, ends.clone()).abi_encode_params();
            [&IGame::dissectCall::SELECTOR[..], &arguments].concat()
        }
        Shown::Conclude { roots: [program, image], state, witness } => {
            let arguments = (segment, *program, *image, bytes(state), bytes(witness));
            [&IGame::concludeCall::SELECTOR[..], &arguments.abi_encode_params()].concat()
        }
        Shown::Descend { roots: [program, image], state, witness, last, end_witness } => {
            let [state, witness, last, end] =
                [state, witness, last, end_witness].map(|part| bytes(part));
            let arguments = (segment, *program, *image, state, witness, last, end);
            [&IGame::descendCall::SELECTOR[..], &arguments.abi_encode_params()].concat()
        }
        Shown::Prove { state, witness } => {
            let arguments = (segment, bytes(state), bytes(witness));
            [&IGame::proveCall::SELECTOR[..], &arguments.abi_encode_params()].concat()
        }
    }
}
