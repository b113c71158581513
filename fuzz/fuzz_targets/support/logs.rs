//! Logs of the contracts that make sense, more or less.

use alloy_primitives::{Address, B256, Bytes, LogData, U256};
use alloy_rpc_types_eth::Log;
use alloy_sol_types::SolEvent as _;
use opml_client::contracts::{ICourier, IGame, IHub};
use opml_core::game::Position;

use crate::draw::Draw;

/// The hub, the game contract and the courier.
pub const CONTRACTS: [Address; 3] =
    [Address::repeat_byte(1), Address::repeat_byte(2), Address::repeat_byte(4)];
/// Whose duties are looked at.
pub const ME: Address = Address::repeat_byte(9);

fn id(draw: &mut Draw<'_>) -> B256 {
    B256::repeat_byte(draw.below(4) as u8)
}

fn somebody(draw: &mut Draw<'_>) -> Address {
    if draw.below(2) == 0 { ME } else { Address::repeat_byte(8) }
}

/// A log of one of the blocks; of a named block with its hash.
pub fn log(
    draw: &mut Draw<'_>,
    (from, to): (u64, u64),
    (block, index): (Option<B256>, u64),
) -> Log {
    let (address, data) = match draw.below(8) {
        0 => (Address::repeat_byte(draw.byte()), LogData::default()),
        1 => (CONTRACTS[2], courier(draw)),
        2 | 3 => (CONTRACTS[1], game(draw)),
        _ => (CONTRACTS[0], hub(draw)),
    };
    let number = match draw.below(32) {
        0 => draw.number(),
        _ => from.saturating_add(draw.below(3) as u64).min(to),
    };
    Log {
        inner: alloy_primitives::Log { address, data },
        block_hash: block,
        block_number: Some(number),
        log_index: Some(index),
        removed: draw.below(32) == 1,
        ..Log::default()
    }
}

fn hub(draw: &mut Draw<'_>) -> LogData {
    let (requestId, claimId, gameId, modelId) = (id(draw), id(draw), id(draw), id(draw));
    match draw.below(14) {
        0 => IHub::ModelRegistered { modelId, owner: ME, model: model(draw), uri: "x".into() }
            .encode_log_data(),
        1 => IHub::ModelRetired { modelId }.encode_log_data(),
        2 | 3 => IHub::Requested {
            requestId,
            modelId,
            requester: somebody(draw),
            nonce: draw.number(),
            start: id(draw),
            deadline: draw.number(),
            fee: U256::from(draw.number()) << draw.below(200),
            request: Bytes::copy_from_slice(draw.take(8)),
        }
        .encode_log_data(),
        4 => IHub::Accepted { requestId, server: somebody(draw), until: draw.number() }
            .encode_log_data(),
        5 | 6 => IHub::Claimed {
            claimId,
            requestId,
            server: somebody(draw),
            finalHash: id(draw),
            windowEnd: draw.number(),
            failed: draw.below(2) == 0,
            outputLength: draw.number() as u32,
        }
        .encode_log_data(),
        7 | 8 => IHub::Challenged { gameId, claimId, challenger: somebody(draw) }.encode_log_data(),
        9 => IHub::StakeLocked { gameId }.encode_log_data(),
        10 => {
            let status =
                [IHub::GameStatus::ChallengerWon, IHub::GameStatus::Cancelled][draw.below(2)];
            IHub::GameClosed { gameId, claimId, status }.encode_log_data()
        }
        11 => IHub::Voided { claimId, requestId, gameId }.encode_log_data(),
        12 => IHub::Finalized { requestId, claimId, server: somebody(draw) }.encode_log_data(),
        _ => IHub::Refunded { requestId }.encode_log_data(),
    }
}

fn model(draw: &mut Draw<'_>) -> IHub::Model {
    IHub::Model {
        programRoot: id(draw),
        weightsRoot: id(draw),
        imageRoot: id(draw),
        outputBase: draw.number(),
        outputLog2: draw.byte(),
        stepsLog2: draw.byte(),
        maxInput: draw.number() as u32,
        fee: draw.number().into(),
        iterationFee: draw.number().into(),
        maxIterations: draw.number() as u32,
    }
}

fn game(draw: &mut Draw<'_>) -> LogData {
    let gameId = id(draw);
    match draw.below(4) {
        0 => IGame::Opened {
            gameId,
            server: somebody(draw),
            challenger: somebody(draw),
            programRoot: id(draw),
            imageRoot: id(draw),
        }
        .encode_log_data(),
        1 => IGame::Over { gameId, winner: IGame::Side::Challenger, cause: IGame::Cause::Timeout }
            .encode_log_data(),
        _ => moved(gameId, draw).encode_log_data(),
    }
}

fn moved(gameId: B256, draw: &mut Draw<'_>) -> IGame::Moved {
    let position = Position::claim(draw.byte() % 63, B256::ZERO, B256::repeat_byte(1));
    let mut header = position.map_or(B256::ZERO, |position| position.header().into());
    for _ in 0..draw.below(4) {
        header[draw.below(32)] = draw.byte();
    }
    let hashes = (0..draw.below(40)).map(|_| id(draw)).collect();
    IGame::Moved {
        gameId,
        header,
        serverSeconds: draw.number() as u32,
        challengerSeconds: draw.number() as u32,
        started: draw.number(),
        hashes,
    }
}

fn courier(draw: &mut Draw<'_>) -> LogData {
    let requestId = id(draw);
    match draw.below(2) {
        0 => ICourier::Ordered {
            requestId,
            callback: ME,
            requester: ME,
            gasLimit: draw.number(),
            pay: U256::from(draw.number()) << draw.below(200),
        }
        .encode_log_data(),
        _ => ICourier::Delivered { requestId, deliverer: ME, refunded: false, success: true }
            .encode_log_data(),
    }
}
