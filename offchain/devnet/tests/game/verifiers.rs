//! Step contracts that answer what the deployed one never does (games do not rely on it), and a position that no game
//! comes to.

use alloy_primitives::{Address, B256, U256, hex, keccak256};
use alloy_sol_types::{SolCall, SolError, SolValue, sol};
use opml_core::game::{Move, POSITION_HEADER_BYTES, Position, SegmentIndex, Side};
use opml_core::graph::{GraphState, GraphStatus};
use opml_core::keccak::AlloyKeccak;
use opml_core::mips::{Cpu, State};
use opml_solver::machines::Evidence;

use crate::chain_support::asm::assemble;
use crate::encoding::IGame;
use crate::stage::{Stage, claim, cut, hash};
use crate::table::{CLOCK, Case, HUB, SERVER, Sent, Table, published};

sol!("../../sol/IStepVerifier.sol");

const VERIFIER: Address = Address::repeat_byte(0x7e);
const SEGMENT: SegmentIndex = SegmentIndex::FIRST;
/// `kind` of a step with a run.
const RUN: u64 = 1;

/// Returns `begin` where it is asked how a run begins, and `rest` whatever else it is asked.
fn answers(begin: &[u8], rest: &[u8]) -> Vec<u8> {
    let returns = |at: usize, bytes: &[u8]| {
        let length = bytes.len();
        format!("0x{length:04x} 0x{at:04x} PUSH0 CODECOPY 0x{length:04x} PUSH0 RETURN")
    };
    let selector = hex::encode(IStepVerifier::beginCall::SELECTOR);
    let code = |at: usize| {
        let (rest_returned, begin_returned) = (returns(at + begin.len(), rest), returns(at, begin));
        assemble(&format!(
            "PUSH0 CALLDATALOAD 0xe0 SHR 0x{selector} EQ @begin JUMPI {rest_returned}
             begin: {begin_returned}"
        ))
    };
    let length = code(0).len();
    [&code(length)[..], begin, rest].concat()
}

/// How a run begins, as words.
fn begin(kind: u64, result: B256, bound: u64) -> Vec<u8> {
    (U256::from(kind), result, U256::from(bound)).abi_encode_params()
}

/// Games with that step contract.
fn table(code: Vec<u8>) -> Table {
    let mut table = Table::bare();
    table.chain.set_code(VERIFIER, code.into()).unwrap();
    table.initialize(HUB, VERIFIER, CLOCK).unwrap();
    table
}

fn mips() -> State {
    State { memory_root: hash(0x31), cpu: Cpu::new(0) }
}

fn graph() -> GraphState {
    let status = GraphStatus::Running;
    GraphState { memory_root: hash(0x32), pc: 0, tile: 0, iteration: 0, status }
}

/// The claim of a single graph step, opened by a descent.
fn descends(table: &mut Table, case: &Case) -> Sent {
    let evidence = Evidence::Descend { state: graph(), begin: vec![], last: mips(), end: vec![] };
    table.open(case, (&Move::Descend { segment: SEGMENT }, &evidence))
}

fn concludes(table: &mut Table, case: &Case) -> Sent {
    let evidence = Evidence::Conclude { state: graph(), begin: vec![] };
    table.open(case, (&Move::Conclude { segment: SEGMENT }, &evidence))
}

fn malformed(length: u64) -> Vec<u8> {
    IGame::VerifierAnswer { length }.abi_encode()
}

#[test]
fn a_beginning_is_three_words_of_known_kind() {
    let direct = begin(0, hash(1), 0);
    for length in [0, 31, 64, 95, 97, 128] {
        let answer: Vec<u8> = direct.iter().copied().chain([0; 32]).take(length).collect();
        let mut table = table(answers(&answer, &[]));
        assert_eq!(concludes(&mut table, &claim(0, 1)).unwrap_err(), malformed(length as u64));
        assert_eq!(descends(&mut table, &claim(0, 1)).unwrap_err(), malformed(length as u64));
    }
    let mut high = direct.clone();
    high[0] = 1;
    let mut high_bound = direct.clone();
    high_bound[64] = 1;
    for answer in [begin(2, hash(1), 0), begin(0, hash(1), 256), high, high_bound] {
        let mut table = table(answers(&answer, &[]));
        assert_eq!(concludes(&mut table, &claim(0, 1)).unwrap_err(), malformed(96));
    }
    concludes(&mut table(answers(&direct, &[])), &claim(0, 1)).unwrap();
}

#[test]
fn a_run_is_no_longer_than_any_range() {
    let end = (hash(2), hash(3)).abi_encode_params();
    for bound in [63, 64, 255] {
        let mut table = table(answers(&begin(RUN, hash(1), bound), &end));
        let refused = descends(&mut table, &claim(0, 1)).unwrap_err();
        let bound = u8::try_from(bound).unwrap();
        assert_eq!(refused, IGame::RunTooLong { bound }.abi_encode());
    }
    let mut table = table(answers(&begin(RUN, hash(1), 62), &end));
    let (position, _) = published(&descends(&mut table, &claim(0, 1)).unwrap()).unwrap();
    assert_eq!((position.log2_length(), position.moves()), (62, 1));
}

#[test]
fn an_end_is_two_words_and_a_successor_is_one() {
    let initial = mips().hash::<AlloyKeccak>();
    let run = begin(RUN, initial, 0);
    let end = (hash(2), hash(3)).abi_encode_params();
    for length in [0, 32, 63, 65, 96] {
        let mut table = table(answers(&run, &vec![0; length]));
        let refused = descends(&mut table, &claim(0, 1)).unwrap_err();
        assert_eq!(refused, malformed(length as u64));
    }
    let (mut table, case) = (table(answers(&run, &end)), claim(0, 1));
    let (position, _) = published(&descends(&mut table, &case).unwrap()).unwrap();
    let evidence = Evidence::Prove { state: mips(), proof: vec![] };
    let prove = (&Move::Prove { segment: SEGMENT }, &evidence);
    for length in [0, 31, 33, 64] {
        let code = answers(&run, &vec![9; length]);
        table.chain.set_code(VERIFIER, code.into()).unwrap();
        let refused = table.play(SERVER, (&case, &position), prove).unwrap_err();
        assert_eq!(refused, malformed(length as u64));
        assert_eq!(table.state(case.id).status, IGame::Status::Open);
    }
    table.chain.set_code(VERIFIER, answers(&run, &[9; 32]).into()).unwrap();
    table.play(SERVER, (&case, &position), prove).unwrap();
    assert_eq!(table.state(case.id).status, IGame::Status::ServerWon);
}

/// As many moves as a header can count: no game has them, so the chain's storage is changed by hand.
#[test]
fn a_game_has_less_than_2_to_the_32_moves() {
    let mut stage = Stage::opened(12);
    let counted = |moves: u32| {
        let mut header: [u8; POSITION_HEADER_BYTES] = stage.position.header();
        header[4..8].copy_from_slice(&moves.to_be_bytes());
        Position::decode(&header, &crate::encoding::hashes(&stage.position)).unwrap()
    };
    let positions = [counted(u32::MAX), counted(u32::MAX - 2)];
    // The value of a mapping in slot 2, and the word behind its first one.
    let mapped = keccak256((stage.case.id, U256::from(2)).abi_encode_params());
    let slot = U256::from_be_bytes(mapped.0) + U256::ONE;
    let (mv, id) = (cut(3, 32, 1), stage.case.id);
    assert_eq!(stage.table.state(id).positionHash, stage.position.hash::<AlloyKeccak>(&id));
    for (position, refused) in
        positions.into_iter().zip([Some(IGame::TooManyMoves {}.abi_encode()), None])
    {
        let kept = U256::from_be_bytes(position.hash::<AlloyKeccak>(&id).0);
        stage.table.chain.set_storage(stage.table.game, slot, kept).unwrap();
        stage.position = position;
        assert_eq!(stage.play(Side::Server, &mv).err().map(|data| data.to_vec()), refused);
    }
    assert_eq!(stage.position.moves(), u32::MAX - 1);
}
