//! Moves that are refused before a machine is asked: each leaves the game as it was.

use alloy_primitives::{B256, U256};
use alloy_rpc_types_eth::TransactionRequest;
use alloy_sol_types::{SolCall, SolError};
use opml_core::game::{Move, SegmentIndex, Side};
use opml_core::keccak::AlloyKeccak;
use opml_solver::machines::Evidence;

use crate::chain_support::to;
use crate::encoding::{IGame, answer, hashes};
use crate::stage::{Stage, claim, cut, hash};
use crate::table::{CHALLENGER, HUB, SERVER, STRANGER};

/// Calldata of the server's reply that would count.
fn reply(stage: &Stage) -> IGame::dissectCall {
    let play = (&cut(3, 32, 1), &Evidence::Dissect);
    let data = answer(stage.case.id, &stage.position, &stage.case.program, play);
    IGame::dissectCall::abi_decode_validate(&data).unwrap()
}

/// `data` from the server is refused with `error`, and then the right reply still counts.
fn assert_refused(data: Vec<u8>, error: impl SolError) {
    let mut stage = Stage::opened(12);
    let before = stage.table.state(stage.case.id);
    assert_eq!(stage.table.send(SERVER, data).unwrap_err(), error.abi_encode());
    assert_eq!(stage.table.state(stage.case.id), before);
    let reply = reply(&stage).abi_encode();
    stage.table.send(SERVER, reply).unwrap();
}

#[test]
fn only_the_side_on_turn_moves() {
    let mut stage = Stage::opened(12);
    let data = reply(&stage).abi_encode();
    let refused = stage.table.send(CHALLENGER, data.clone()).unwrap_err();
    assert_eq!(refused, IGame::NotOnTurn { onTurn: IGame::Side::Server }.abi_encode());
    for caller in [STRANGER, HUB] {
        let refused = stage.table.send(caller, data.clone()).unwrap_err();
        assert_eq!(refused, IGame::NotAParty { caller }.abi_encode());
    }
    stage.play(Side::Server, &cut(3, 32, 1)).unwrap();
    let refused = stage.play(Side::Server, &cut(3, 4, 2)).unwrap_err();
    assert_eq!(refused, IGame::NotOnTurn { onTurn: IGame::Side::Challenger }.abi_encode());
    stage.play(Side::Challenger, &cut(3, 4, 2)).unwrap();
}

#[test]
fn a_move_counts_in_its_game_and_position_only() {
    let mut stage = Stage::opened(12);
    // Of a game that there is not.
    let (game_id, good) = (hash(0x77), reply(&stage));
    let unknown = IGame::dissectCall { gameId: game_id, ..good.clone() }.abi_encode();
    let refused = stage.table.send(SERVER, unknown).unwrap_err();
    assert_eq!(refused, IGame::NoSuchGame { gameId: game_id }.abi_encode());
    // Of another game about the same claim, which has gone another way.
    let other = claim(12, 2);
    stage.table.open(&other, (&cut(0, 32, 0xdd), &Evidence::Dissect)).unwrap();
    let foreign = IGame::dissectCall { gameId: other.id, ..good.clone() }.abi_encode();
    let computed = stage.position.hash::<AlloyKeccak>(&other.id);
    let expected = stage.table.state(other.id).positionHash;
    let refused = stage.table.send(SERVER, foreign).unwrap_err();
    assert_eq!(refused, IGame::WrongPosition { expected, computed }.abi_encode());
    // The move before, once more, by either side.
    let answered = stage.position.clone();
    stage.play(Side::Server, &cut(3, 32, 1)).unwrap();
    let (case, play) = (stage.case.clone(), (&cut(3, 32, 1), &Evidence::Dissect));
    let expected = stage.position.hash::<AlloyKeccak>(&case.id);
    let computed = answered.hash::<AlloyKeccak>(&case.id);
    for side in [SERVER, CHALLENGER] {
        let refused = stage.table.play(side, (&case, &answered), play).unwrap_err();
        assert_eq!(refused, IGame::WrongPosition { expected, computed }.abi_encode());
    }
}

#[test]
fn positions_are_shown_as_they_are() {
    let stage = Stage::opened(12);
    let good = reply(&stage);
    let mut altered = good.clone();
    altered.hashes[17] = hash(0x99);
    let refused = Stage::opened(12).table.send(SERVER, altered.abi_encode()).unwrap_err();
    IGame::WrongPosition::abi_decode_validate(&refused).unwrap();

    let with_header = |change: fn(&mut B256)| {
        let mut call = good.clone();
        change(&mut call.header);
        call.abi_encode()
    };
    assert_refused(with_header(|h| h[3] = 3), IGame::PositionPhase { phase: 3, graphStep: 0 });
    assert_refused(with_header(|h| h[15] = 9), IGame::PositionPhase { phase: 1, graphStep: 9 });
    let wrong = IGame::PositionHashes { hashes: 33, degree: 16 };
    assert_refused(with_header(|h| h[31] = 16), wrong);
    let wrong = IGame::PositionLength { log2Length: 4, log2Degree: 5 };
    assert_refused(with_header(|h| h[27] = 4), wrong);
    assert_refused(with_header(|h| h[23] = 1), IGame::PositionBase { base: 1, log2Length: 12 });
    let mut fewer = good.clone();
    fewer.hashes.pop();
    assert_refused(fewer.abi_encode(), IGame::PositionHashes { hashes: 32, degree: 32 });
}

#[test]
fn dissections_are_full_and_change_their_end() {
    let stage = Stage::opened(12);
    let good = reply(&stage);
    let with_ends = |count: usize| {
        let ends = vec![hash(5); count];
        IGame::dissectCall { ends, ..good.clone() }.abi_encode()
    };
    for (count, actual) in [(1, 1), (2, 2), (16, 16)] {
        assert_refused(with_ends(count), IGame::WrongDegree { expected: 32, actual });
    }
    for count in [0, 3, 31, 33, 64] {
        assert_refused(with_ends(count), IGame::NoDegree { count: count as u64 });
    }
    let mut same = good.clone();
    let end = hashes(&stage.position)[4];
    same.ends[31] = end;
    assert_refused(same.abi_encode(), IGame::SameEnd { end });
}

#[test]
fn segments_are_of_the_position_and_long_enough() {
    // Two steps: a dissection of two.
    let mut stage = Stage::opened_by(claim(1, 1), &cut(0, 2, 7));
    let mut refused = |mv: &Move| stage.play(Side::Server, mv).unwrap_err();
    for segment in [2, 31] {
        let error = IGame::NoSuchSegment { segment, degree: 2 };
        assert_eq!(refused(&cut(segment.into(), 1, 9)), error.abi_encode());
    }
    assert_eq!(refused(&cut(1, 1, 9)), IGame::OneStep {}.abi_encode());

    let mut call = reply(&Stage::opened(12));
    call.segment = 32;
    assert_refused(call.abi_encode(), IGame::ArgumentOutOfRange { argument: 3 });
}

#[test]
fn steps_decide_single_steps_of_their_machine_only() {
    let evidence = Evidence::Prove {
        state: opml_core::mips::State {
            memory_root: B256::ZERO,
            cpu: opml_core::mips::Cpu::new(0),
        },
        proof: vec![],
    };
    let prove = Move::Prove { segment: SegmentIndex::FIRST };
    let mut stage = Stage::opened(12);
    let refused = stage.show(Side::Server, (&prove, &evidence)).unwrap_err();
    assert_eq!(refused, IGame::ManySteps { log2Length: 7 }.abi_encode());
    let mut stage = Stage::opened_by(claim(1, 1), &cut(0, 2, 7));
    let refused = stage.show(Side::Server, (&prove, &evidence)).unwrap_err();
    assert_eq!(refused, IGame::InGraph {}.abi_encode());
}

#[test]
fn calldata_is_canonical() {
    let good = reply(&Stage::opened(12)).abi_encode();
    let changed = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut data = good.clone();
        change(&mut data);
        data
    };
    let params = good.len() as u64 - 4;
    let long = IGame::CalldataTooLong { length: params + 1, expected: params };
    assert_refused(changed(&|data| data.push(0)), long);
    let short = IGame::CalldataTooShort { length: params - 1, needed: params };
    assert_refused(changed(&|data| data.truncate(data.len() - 1)), short);
    // Game, header, then the offset of the hashes.
    let moved = IGame::OffsetNotCanonical { argument: 2, offset: 161, expected: 160 };
    assert_refused(changed(&|data| data[4 + 95] += 1), moved);
    let wide = IGame::ArgumentOutOfRange { argument: 3 };
    assert_refused(changed(&|data| data[4 + 96] = 1), wide);
    let selector = [1, 2, 3, 4].into();
    assert_refused(vec![1, 2, 3, 4], IGame::UnknownSelector { selector });
    assert_refused(vec![], IGame::UnknownSelector { selector: [0; 4].into() });
    let end = [IGame::timeoutCall::SELECTOR.to_vec(), vec![0; 31]].concat();
    assert_refused(end, IGame::CalldataTooShort { length: 31, needed: 32 });
}

#[test]
fn ether_is_refused() {
    let mut stage = Stage::opened(12);
    let value = U256::from(3);
    let data = reply(&stage).abi_encode();
    let paid =
        TransactionRequest { from: Some(SERVER), value: Some(value), ..to(stage.table.game, data) };
    let refused = stage.table.send_request(paid).unwrap_err();
    assert_eq!(refused, IGame::ValueNotAccepted { value }.abi_encode());
}
