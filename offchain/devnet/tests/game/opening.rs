//! Deployment, and the opening of games.

use alloy_primitives::Address;
use alloy_sol_types::{SolCall, SolError};
use opml_core::game::{Position, Side};
use opml_core::keccak::AlloyKeccak;
use opml_solver::machines::Evidence;

use crate::encoding::IGame;
use crate::stage::{claim, cut, hash};
use crate::table::{CHALLENGER, CLOCK, HUB, NOW, SERVER, STRANGER, Table, events, published, told};

const SHOWN: &Evidence = &Evidence::Dissect;

#[test]
fn a_contract_is_initialized_once_within_limits() {
    let mut table = Table::bare();
    let (hub, step, zero) = (HUB, table.step, Address::ZERO);
    // Before, nobody opens games: not even the zero address.
    let call = Table::open_call(&claim(12, 1), (&cut(0, 32, 1), SHOWN)).abi_encode();
    for caller in [hub, STRANGER] {
        let refused = table.send(caller, call.clone()).unwrap_err();
        assert_eq!(refused, IGame::NotHub { caller }.abi_encode());
    }
    let max = (1 << 24) - 1;
    for (hub, step, clock) in
        [(zero, step, CLOCK), (hub, zero, CLOCK), (hub, step, 3_599), (hub, step, max + 1)]
    {
        let refused = table.initialize(hub, step, clock).unwrap_err();
        assert_eq!(refused, IGame::Configuration { hub, step, clock }.abi_encode());
    }
    table.initialize(hub, step, max).unwrap();
    let again = table.initialize(hub, step, CLOCK).unwrap_err();
    assert_eq!(again, IGame::Initialized {}.abi_encode());
    let kept = table.view(&IGame::configurationCall {});
    assert_eq!((kept.hub, kept.step, kept.clock), (hub, step, max));
    assert_eq!(table.view(&IGame::versionCall {}), env!("CARGO_PKG_VERSION"));
    // The longest clock fits a game.
    table.open(&claim(12, 1), (&cut(0, 32, 1), SHOWN)).unwrap();
    assert_eq!(table.deadline(hash(1)), NOW + u64::from(max));
}

#[test]
fn only_the_hub_opens_games() {
    let mut table = Table::new();
    let call = Table::open_call(&claim(12, 1), (&cut(0, 32, 1), SHOWN)).abi_encode();
    for caller in [SERVER, CHALLENGER, STRANGER] {
        let refused = table.send(caller, call.clone()).unwrap_err();
        assert_eq!(refused, IGame::NotHub { caller }.abi_encode());
    }
    table.send(HUB, call).unwrap();
}

#[test]
fn an_open_game_is_what_the_hub_said_and_the_challenger_moved() {
    let (mut table, case) = (Table::new(), claim(12, 1));
    assert_eq!(table.state(case.id).status, IGame::Status::None);
    let receipt = table.open(&case, (&cut(0, 32, 1), SHOWN)).unwrap();
    assert_eq!(told(&receipt), []);
    let opened: Vec<IGame::Opened> = events(&receipt);
    let wanted = IGame::Opened {
        gameId: case.id,
        server: SERVER,
        challenger: CHALLENGER,
        programRoot: case.program.program_root,
        imageRoot: case.program.image_root,
    };
    assert_eq!(opened, [wanted]);
    let (position, _) = published(&receipt).unwrap();
    assert_eq!((position.moves(), position.log2_length(), position.base()), (1, 12, 0));
    assert_eq!(position.segments().start, case.claim.segments().start);
    assert_eq!(position.on_turn(), Side::Server);

    let program = [case.program.program_root, case.program.image_root].concat();
    let wanted = IGame::Game {
        status: IGame::Status::Open,
        onTurn: IGame::Side::Server,
        server: SERVER,
        challenger: CHALLENGER,
        serverSeconds: CLOCK,
        challengerSeconds: CLOCK,
        started: NOW,
        positionHash: position.hash::<AlloyKeccak>(&case.id),
        program: alloy_primitives::keccak256(program),
    };
    assert_eq!(table.state(case.id), wanted);
    let hash = table.view(&IGame::positionHashCall { gameId: case.id });
    assert_eq!(hash, wanted.positionHash);
}

#[test]
fn no_game_is_opened_twice() {
    let (mut table, case) = (Table::new(), claim(12, 1));
    let play = (&cut(0, 32, 1), SHOWN);
    let exists = IGame::GameExists { gameId: case.id }.abi_encode();
    table.open(&case, play).unwrap();
    assert_eq!(table.open(&case, play).unwrap_err(), exists);
    assert_eq!(table.open(&claim(7, 1), play).unwrap_err(), exists);
    table.at(table.deadline(case.id));
    table.timeout(case.id).unwrap();
    assert_eq!(table.open(&case, play).unwrap_err(), exists);
    table.open(&claim(12, 2), play).unwrap();
}

#[test]
fn a_first_move_is_judged_like_any_other() {
    let mut table = Table::new();
    let mut refused = |steps_log2: u8, change: &dyn Fn(&mut IGame::openCall)| {
        let mut call = Table::open_call(&claim(12, 1), (&cut(0, 32, 1), SHOWN));
        call.stepsLog2 = steps_log2;
        change(&mut call);
        let refused = table.send(HUB, call.abi_encode()).unwrap_err();
        assert_eq!(table.state(hash(1)).status, IGame::Status::None);
        refused
    };
    let ends = |count: u8, last| {
        move |call: &mut IGame::openCall| {
            let mv = cut(0, count, 1);
            let mut data = crate::encoding::first(&claim(12, 1).program, (&mv, SHOWN));
            let at = data.len() - 32;
            data[at..].copy_from_slice(hash(last).as_slice());
            call.r#move = data.into();
        }
    };
    let full = IGame::WrongDegree { expected: 32, actual: 16 };
    assert_eq!(refused(12, &ends(16, 1)), full.abi_encode());
    let full = IGame::WrongDegree { expected: 4, actual: 32 };
    assert_eq!(refused(2, &ends(32, 1)), full.abi_encode());
    // The claim's end is hash(0xf3).
    assert_eq!(refused(12, &ends(32, 0xf3)), IGame::SameEnd { end: hash(0xf3) }.abi_encode());
    assert_eq!(refused(0, &ends(1, 1)), IGame::OneStep {}.abi_encode());
    let long = IGame::PositionLength { log2Length: 63, log2Degree: 0 };
    assert_eq!(refused(63, &|_| {}), long.abi_encode());
    // The claim is one segment.
    let none = IGame::NoSuchSegment { segment: 1, degree: 1 };
    let second = |call: &mut IGame::openCall| {
        let mut data = call.r#move.to_vec();
        data[4 + 31] = 1;
        call.r#move = data.into();
    };
    assert_eq!(refused(12, &second), none.abi_encode());
    for selector in [IGame::proveCall::SELECTOR, IGame::timeoutCall::SELECTOR] {
        let unknown = IGame::UnknownSelector { selector: selector.into() };
        let change = |call: &mut IGame::openCall| {
            let mut data = call.r#move.to_vec();
            data[..4].copy_from_slice(&selector);
            call.r#move = data.into();
        };
        assert_eq!(refused(12, &change), unknown.abi_encode());
    }
    let trailing = |call: &mut IGame::openCall| {
        call.r#move = [&call.r#move[..], &[0; 32]].concat().into();
    };
    IGame::CalldataTooLong::abi_decode_validate(&refused(12, &trailing)).unwrap();
    // Nothing of all this is in the way of a good one, of the longest range that there is.
    let mut call = Table::open_call(&claim(12, 1), (&cut(0, 32, 1), SHOWN));
    call.stepsLog2 = 62;
    let receipt = table.send(HUB, call.abi_encode()).unwrap();
    let (position, _): (Position, _) = published(&receipt).unwrap();
    assert_eq!(position.log2_length(), 62);
}
