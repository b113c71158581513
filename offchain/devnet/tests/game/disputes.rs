//! Whole disputes over the real machines, down to one instruction.

use alloy_sol_types::SolError;
use opml_core::game::{Cause, Move, Side, max_moves};

use crate::encoding::IGame;
use crate::liar::{Fault, GELU, MATMUL};
use crate::players::{Model, Played, case, play_out};
use crate::table::{Case, HubCall, Table, events, published, told};

/// One game on `table`; the honest side is a challenger against a false claim, or a server with a true one.
fn dispute(
    (table, model): (&mut Table, &Model),
    steps_log2: u8,
    (fault, honest_side): (Fault, Side),
) -> (Case, Played) {
    let (mut honest, mut liar) = (model.machines(steps_log2), model.liar(steps_log2, fault));
    match honest_side {
        Side::Server => {
            let case = case(model, steps_log2, &mut honest);
            let played = play_out(table, &case, (&mut honest, &mut liar));
            (case, played)
        }
        Side::Challenger => {
            let case = case(model, steps_log2, &mut liar);
            let played = play_out(table, &case, (&mut liar, &mut honest));
            (case, played)
        }
    }
}

/// `side` has won, the hub was told so once, and nothing is left to do.
fn assert_won(table: &mut Table, case: &Case, (played, side): (&Played, Side)) {
    assert_eq!(played.winner, side, "{:?}", played.refused);
    let challenger_won = side == Side::Challenger;
    let verdict = HubCall::Verdict(case.id, challenger_won);
    assert_eq!(played.told, [HubCall::LockStake(case.id), verdict]);
    // The stake goes with the server's first reply, which is the second move.
    assert_eq!(told(&played.made[1].receipt), [HubCall::LockStake(case.id)]);

    let state = table.state(case.id);
    let status =
        if challenger_won { IGame::Status::ChallengerWon } else { IGame::Status::ServerWon };
    assert_eq!(state.status, status);
    assert!(state.positionHash.is_zero() && state.program.is_zero());
    let over = IGame::GameOver { gameId: case.id, status }.abi_encode();
    assert_eq!(table.timeout(case.id).unwrap_err(), over);
    let settled = IGame::NotUnsettled { gameId: case.id, status }.abi_encode();
    assert_eq!(table.settle(case.id).unwrap_err(), settled);

    if let Some(data) = &played.refused {
        IGame::SameEnd::abi_decode_validate(data).unwrap();
    } else {
        let last = played.made.last().unwrap();
        assert!(matches!(last.mv, Move::Prove { .. }));
        let over: Vec<IGame::Over> = events(&last.receipt);
        assert_eq!(over.len(), 1);
        assert_eq!((over[0].winner as u8, over[0].cause as u8), (side as u8, Cause::Proven as u8));
    }
}

/// Lengths at which the challenger or the server hands over; a lie from the first instruction on, in the
/// middle of the run, and in its padding only.
#[test]
fn a_faulty_tile_is_beaten_on_the_chain_by_either_side() {
    let model = Model::toy();
    let mut proven = Vec::new();
    let lies: [fn(u8) -> u64; 3] = [|_| 0, |_| 20_000, |bound| (1 << bound) - 1];
    for (steps_log2, from) in [5, 6].into_iter().flat_map(|log2| lies.map(|from| (log2, from))) {
        for side in [Side::Server, Side::Challenger] {
            let mut table = Table::new();
            let (case, played) = dispute((&mut table, &model), steps_log2, (GELU(from), side));
            assert_won(&mut table, &case, (&played, side));
            assert!(played.made.len() <= max_moves(steps_log2, 30) as usize);
            if played.refused.is_none() {
                proven.push(side);
            }
        }
    }
    assert!(proven.contains(&Side::Server), "{proven:?}");
    assert!(proven.contains(&Side::Challenger), "{proven:?}");
}

/// The model of the repository: the wrong word of a matrix product, from the middle of its run on; with as
/// many steps as its manifest says, and padded to 2^20.
#[test]
fn a_dispute_about_digits_with_the_gas_of_every_move() {
    let model = Model::digits();
    for steps_log2 in [model.bundle.manifest().steps_log2, 20] {
        for honest in [Side::Challenger, Side::Server] {
            for is_cached in [false, true] {
                let mut table = Table::new();
                if is_cached {
                    table.cache();
                }
                let players = (MATMUL(|_| 300_000), honest);
                let (case, played) = dispute((&mut table, &model), steps_log2, players);
                assert_won(&mut table, &case, (&played, honest));
                let run_log2 = run_log2(&played);
                println!(
                    "2^{steps_log2} steps, run of 2^{run_log2}; honest {honest:?}; cached: {is_cached}"
                );
                print_gas(&table, &played);
            }
        }
    }
}

/// Length of the run that a game went down to.
fn run_log2(played: &Played) -> u8 {
    let descent = played.made.iter().find(|made| matches!(made.mv, Move::Descend { .. }));
    published(&descent.unwrap().receipt).unwrap().0.log2_length()
}

fn print_gas(table: &Table, played: &Played) {
    let moves = played.made.iter().map(|made| {
        let mv = format!("{:?}", made.mv);
        let kind = mv.split_once(' ').unwrap().0.to_lowercase();
        (format!("{:?}: {kind}", made.side), &made.receipt)
    });
    let timeout = played.timeout.iter().map(|receipt| ("timeout".to_owned(), receipt));
    let mut total = 0;
    for (what, receipt) in moves.chain(timeout) {
        let trace = table.chain.trace_transaction(receipt.transaction_hash).unwrap();
        println!("| {what} | {} | {} |", trace.input.len(), receipt.gas_used);
        total += receipt.gas_used;
    }
    println!("{} moves, {total} gas", played.made.len());
}
