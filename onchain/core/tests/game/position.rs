//! Encoding and hash of positions.

use alloy_primitives::{B256, hex, keccak256};
use opml_core::game::{
    DegreeError, Ends, Phase, Position, PositionError, SegmentIndex, Side, max_moves,
};
use opml_core::keccak::AlloyKeccak;
use proptest::prelude::*;

fn hashes(count: usize) -> Vec<B256> {
    (0..count).map(|number| keccak256(format!("cut {number}"))).collect()
}

fn claim() -> Position {
    Position::claim(20, keccak256("start"), keccak256("end")).unwrap()
}

/// A header with every field given.
fn header(words: [u32; 8]) -> [u8; 32] {
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_be_bytes()).collect();
    bytes.try_into().unwrap()
}

/// The values in docs/spec.md, computed with `cast keccak`.
#[test]
fn hashes_are_those_of_the_specification() {
    let game = keccak256("game");
    let want = "8b1a3593c3838b012efe455dc4e3e90c3d86a486e3492c5a5be6b07dbb12ef20";
    assert_eq!(hex::encode(claim().hash::<AlloyKeccak>(&game)), want);

    let header = header([2, 7, 0, 0x12345, 0, 0x60, 5, 32]);
    let position = Position::decode(&header, &hashes(33)).unwrap();
    let want = "9b09f560e5abe077ec3d0b6f5b51ac23fb3a48f87fc2057bb1c7884db3198663";
    assert_eq!(hex::encode(position.hash::<AlloyKeccak>(&game)), want);
    assert_eq!(position.phase(), Phase::Run { graph_step: 0x12345 });
    assert_eq!(position.on_turn(), Side::Server);
    assert_eq!(position.segment(SegmentIndex::new(31).unwrap()).unwrap().first_step, 0x7f);
}

#[test]
fn a_claim_is_one_segment_for_the_challenger() {
    let claim = claim();
    assert_eq!((claim.moves(), claim.base(), claim.log2_length()), (0, 0, 20));
    assert_eq!(claim.on_turn(), Side::Challenger);
    let segment = claim.segment(SegmentIndex::FIRST).unwrap();
    assert_eq!((segment.first_step, segment.log2_length), (0, 20));
    assert_eq!((segment.agreed, segment.disputed), (keccak256("start"), keccak256("end")));
}

#[test]
fn a_position_of_another_game_or_another_hash_is_refused() {
    let (game, other) = (keccak256("game"), keccak256("other game"));
    let stored = claim().hash::<AlloyKeccak>(&game);
    assert!(claim().check::<AlloyKeccak>(&game, stored).is_ok());
    let refused = claim().check::<AlloyKeccak>(&other, stored).unwrap_err();
    assert_eq!(refused.expected, stored);
    assert_eq!(refused.computed, claim().hash::<AlloyKeccak>(&other));
}

#[test]
fn what_no_game_comes_to_is_no_position() {
    let phase = |phase, graph_step| PositionError::Phase { phase, graph_step };
    let length = |log2_length, log2_degree| PositionError::Length { log2_length, log2_degree };
    let base = |base, log2_length| PositionError::Base { base, log2_length };
    let degree = |hashes, degree| PositionError::Hashes { hashes, degree };
    let cases = [
        ([0, 0, 0, 0, 0, 0, 5, 1], 2, phase(0, 0)),
        ([3, 0, 0, 0, 0, 0, 5, 1], 2, phase(3, 0)),
        ([1, 0, 0, 1, 0, 0, 5, 1], 2, phase(1, 1)),
        ([1, 0, 0, 0, 0, 0, 5, 1], 0, degree(0, 1)),
        ([1, 0, 0, 0, 0, 0, 5, 1], 1, degree(1, 1)),
        ([1, 0, 0, 0, 0, 0, 5, 1], 3, degree(3, 1)),
        ([1, 0, 0, 0, 0, 0, 5, 3], 4, degree(4, 3)),
        ([1, 0, 0, 0, 0, 0, 6, 64], 65, degree(65, 64)),
        ([1, 0, 0, 0, 0, 0, 0, 2], 3, length(0, 1)),
        ([1, 0, 0, 0, 0, 0, 4, 32], 33, length(4, 5)),
        ([1, 0, 0, 0, 0, 0, 63, 32], 33, length(63, 5)),
        ([1, 0, 0, 0, 0, 0, 0x120, 1], 2, length(0x120, 0)),
        ([1, 0, 0, 0, 0, 16, 5, 1], 2, base(16, 5)),
        ([1, 0, 0, 0, 0x4000_0000, 0, 5, 1], 2, base(1 << 62, 5)),
        ([1, 0, 0, 0, 0xffff_ffff, 0xffff_ffff, 0, 1], 2, base(u64::MAX, 0)),
    ];
    for (words, count, error) in cases {
        assert_eq!(Position::decode(&header(words), &hashes(count)), Err(error), "{words:?}");
    }
    let claim = |log2_length| Position::claim(log2_length, B256::ZERO, B256::ZERO);
    assert!(claim(62).is_ok());
    assert_eq!(claim(63), Err(length(63, 0)));
}

#[test]
fn degrees_are_powers_of_two_up_to_32() {
    for count in 0..=70 {
        let ends = Ends::new(&hashes(count));
        if [1, 2, 4, 8, 16, 32].contains(&count) {
            let ends = ends.unwrap();
            assert_eq!(ends.hashes(), hashes(count));
            assert_eq!(ends.degree(), count);
            assert_eq!(Some(&ends.last()), hashes(count).last());
        } else {
            assert_eq!(ends, Err(DegreeError { count }));
        }
    }
    assert_eq!(SegmentIndex::new(32), None);
}

#[test]
fn most_moves_of_a_game() {
    // 2^20 graph steps of 2^24 instructions: four dissections, handover, five dissections, proof.
    assert_eq!(max_moves(20, 24), 11);
    assert_eq!(max_moves(0, 0), 2);
    assert_eq!(max_moves(5, 5), 4);
    assert_eq!(max_moves(6, 11), 7);
}

proptest! {
    #[test]
    fn a_position_has_one_encoding(
        (log2_degree, extra, run) in (0_u8..=5, 0_u8..=57, any::<bool>()),
        (moves, graph_step, number) in any::<(u32, u64, u64)>(),
    ) {
        let log2_length = log2_degree + extra;
        let base = (number % (1 << (62 - log2_length))) << log2_length;
        let graph_step = if run { graph_step } else { 0 };
        let [g1, g0, b1, b0] = [graph_step >> 32, graph_step, base >> 32, base]
            .map(|word| u32::try_from(word & 0xffff_ffff).unwrap());
        let phase = if run { 2 } else { 1 };
        let words = [phase, moves, g1, g0, b1, b0, log2_length.into(), 1 << log2_degree];
        let header = header(words);
        let position = Position::decode(&header, &hashes((1 << log2_degree) + 1)).unwrap();
        prop_assert_eq!(position.header(), header);
        prop_assert_eq!((position.base(), position.moves()), (base, moves));
        // Segments cover the range without a gap.
        let mut step = base;
        for number in 0..1_usize << log2_degree {
            let segment = position.segment(SegmentIndex::new(number).unwrap()).unwrap();
            prop_assert_eq!(segment.first_step, step);
            step += 1 << segment.log2_length;
        }
        prop_assert_eq!(step, base + (1 << log2_length));
    }
}

#[test]
fn a_dissection_is_shown_without_what_it_does_not_have() {
    let ends = Ends::new(&hashes(2)).unwrap();
    assert_eq!(format!("{ends:?}"), format!("{:?}", hashes(2)));
}
