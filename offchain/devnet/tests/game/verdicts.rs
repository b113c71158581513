//! What the hub is told: once, after the storage is written, and never over its head.

use alloy_primitives::{Address, hex};
use alloy_sol_types::{SolCall, SolError};
use opml_core::game::{Move, Phase, Position, SegmentIndex, Side};
use opml_core::keccak::AlloyKeccak;
use opml_runtime::executor::Settings;
use opml_runtime::trace::begin_witness;
use opml_solver::machines::Evidence;

use crate::encoding::{IGame, IGameHub};
use crate::players::{Model, Player, case};
use crate::stage::{Stage, claim, cut, hash};
use crate::table::{CHALLENGER, CLOCK, Case, HUB, HubCall, NOW, SERVER, Table, published, told};

#[test]
fn the_stake_goes_with_the_first_reply_only() {
    let mut stage = Stage::opened(60);
    let calls = [1, 2, 3, 4].map(|turn| {
        let side = if turn % 2 == 1 { Side::Server } else { Side::Challenger };
        let receipt = stage.play(side, &cut(0, 32, turn)).unwrap();
        told(&receipt)
    });
    assert_eq!(calls, [vec![HubCall::LockStake(stage.case.id)], vec![], vec![], vec![]]);
}

#[test]
fn a_move_fails_where_the_hub_does() {
    let mut stage = Stage::opened(12);
    let (id, before) = (stage.case.id, stage.table.state(stage.case.id));
    // The server has no stake to lock.
    stage.table.hub_refuses(true);
    let refused = stage.play(Side::Server, &cut(0, 32, 1)).unwrap_err();
    assert_eq!(refused, IGameHub::lockStakeCall { gameId: id }.abi_encode());
    assert_eq!(stage.table.state(id), before);
    // Its time passes; the verdict is not taken at first.
    stage.table.at(NOW + u64::from(CLOCK));
    let refused = stage.table.timeout(id).unwrap_err();
    let verdict = IGameHub::verdictCall { gameId: id, challengerWon: true };
    assert_eq!(refused, verdict.abi_encode());
    assert_eq!(stage.table.state(id), before);
    stage.table.hub_refuses(false);
    let receipt = stage.table.timeout(id).unwrap();
    assert_eq!(told(&receipt), [HubCall::Verdict(id, true)]);
}

#[test]
fn a_decided_game_takes_nothing_more() {
    let mut stage = Stage::opened(12);
    let (id, position) = (stage.case.id, stage.position.clone());
    stage.play(Side::Server, &cut(0, 32, 1)).unwrap();
    stage.table.at(stage.table.deadline(id));
    let receipt = stage.table.timeout(id).unwrap();
    assert_eq!(told(&receipt), [HubCall::Verdict(id, false)]);
    let status = IGame::Status::ServerWon;
    let over = IGame::GameOver { gameId: id, status }.abi_encode();
    assert_eq!(stage.play(Side::Challenger, &cut(0, 4, 2)).unwrap_err(), over);
    stage.position = position;
    assert_eq!(stage.play(Side::Server, &cut(0, 32, 1)).unwrap_err(), over);
    assert_eq!(stage.table.timeout(id).unwrap_err(), over);
    let settled = IGame::NotUnsettled { gameId: id, status }.abi_encode();
    assert_eq!(stage.table.settle(id).unwrap_err(), settled);
    let unknown = IGame::NoSuchGame { gameId: hash(9) }.abi_encode();
    assert_eq!(stage.table.settle(hash(9)).unwrap_err(), unknown);
    assert_eq!(stage.table.timeout(hash(9)).unwrap_err(), unknown);
    let open = claim(12, 2);
    stage.table.open(&open, (&cut(0, 32, 1), &Evidence::Dissect)).unwrap();
    let unsettled = IGame::NotUnsettled { gameId: open.id, status: IGame::Status::Open };
    assert_eq!(stage.table.settle(open.id).unwrap_err(), unsettled.abi_encode());
}

/// Answers every call by calling `timeout` of the same game, and logs whether that succeeded.
fn call_back(game: Address) -> String {
    let (timeout, game) = (hex::encode(IGame::timeoutCall::SELECTOR), hex::encode(game));
    format!(
        "0x{timeout} PUSH0 MSTORE 0x04 CALLDATALOAD 0x20 MSTORE
         PUSH0 PUSH0 0x24 0x1c PUSH0 0x{game} GAS CALL
         PUSH0 MSTORE PUSH0 0x20 PUSH0 LOG1 STOP"
    )
}

#[test]
fn the_hub_cannot_call_back() {
    let mut stage = Stage::opened(12);
    stage.table.set_hub(&call_back(stage.table.game));
    stage.table.at(stage.table.deadline(stage.case.id));
    let receipt = stage.table.timeout(stage.case.id).unwrap();
    let logs: Vec<_> = receipt.logs().iter().filter(|log| log.address() == HUB).collect();
    assert_eq!(logs.len(), 1);
    assert_eq!(logs[0].data().data[..], [0; 32], "the call back failed");
    assert_eq!(stage.table.state(stage.case.id).status, IGame::Status::ChallengerWon);
}

/// Who plays both sides is on turn every time.
#[test]
fn an_account_may_challenge_itself() {
    let (mut table, case) = (Table::new(), claim(12, 1));
    let mut call = Table::open_call(&case, (&cut(0, 32, 1), &Evidence::Dissect));
    call.challenger = SERVER;
    let receipt = table.send(HUB, call.abi_encode()).unwrap();
    let (mut position, _) = published(&receipt).unwrap();
    for (count, turn) in [(32, 1), (4, 2)] {
        let play = (&cut(0, count, turn), &Evidence::Dissect);
        let receipt = table.play(SERVER, (&case, &position), play).unwrap();
        position = published(&receipt).unwrap().0;
    }
    let play = (&cut(0, 4, 3), &Evidence::Dissect);
    let refused = table.play(CHALLENGER, (&case, &position), play).unwrap_err();
    assert_eq!(refused, IGame::NotAParty { caller: CHALLENGER }.abi_encode());
}

/// The claim of one step of a halted machine, to a state that is not the halted one.
fn one_step(model: &Model) -> (Case, Move, Evidence) {
    let mut machine = model.start(Settings::default());
    machine.run(64).unwrap();
    let state = machine.state();
    let claim = Position::claim(0, state.hash::<AlloyKeccak>(), hash(1)).unwrap();
    let case = Case { id: hash(2), program: model.program(), claim };
    let mv = Move::Conclude { segment: SegmentIndex::FIRST };
    (case, mv, Evidence::Conclude { state, begin: begin_witness(&mut machine) })
}

/// A hub that opens a game is not called back in the same transaction: anyone settles.
#[test]
fn an_opening_that_wins_is_settled_afterwards() {
    let model = Model::toy();
    let (case, mv, evidence) = one_step(&model);
    let mut table = Table::new();
    let receipt = table.open(&case, (&mv, &evidence)).unwrap();
    assert_eq!(told(&receipt), []);
    assert_eq!(table.state(case.id).status, IGame::Status::Unsettled);
    let over = IGame::GameOver { gameId: case.id, status: IGame::Status::Unsettled }.abi_encode();
    assert_eq!(table.timeout(case.id).unwrap_err(), over);

    table.hub_refuses(true);
    table.settle(case.id).unwrap_err();
    assert_eq!(table.state(case.id).status, IGame::Status::Unsettled);
    table.hub_refuses(false);
    let receipt = table.settle(case.id).unwrap();
    assert_eq!(told(&receipt), [HubCall::Verdict(case.id, true)]);
    let status = IGame::Status::ChallengerWon;
    let again = IGame::NotUnsettled { gameId: case.id, status }.abi_encode();
    assert_eq!(table.settle(case.id).unwrap_err(), again);
}

/// A claim of one step with a run: the opening hands over, and the server is on turn in the run.
#[test]
fn a_claim_of_one_step_is_opened_by_its_handover() {
    let model = Model::toy();
    let mut machines = model.machines(0);
    let mut case = case(&model, 0, &mut machines);
    let start = case.claim.segments().start;
    case.claim = Position::claim(0, start, hash(1)).unwrap();
    let (mv, evidence) = machines.reply(&case.claim, Side::Challenger).unwrap();
    assert!(matches!(mv, Move::Descend { .. }));
    let mut table = Table::new();
    let receipt = table.open(&case, (&mv, &evidence)).unwrap();
    let (position, _) = published(&receipt).unwrap();
    assert_eq!(position.on_turn(), Side::Server);
    assert!(matches!(position.phase(), Phase::Run { graph_step: 0 }));
}
