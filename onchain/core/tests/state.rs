//! The encoding of states and their hash. Hashes are literals of an independent keccak.
#![allow(clippy::unwrap_used)]

use alloy_primitives::{B256, b256};
use opml_core::keccak::AlloyKeccak;
use opml_core::mips::{Cpu, Reg, STATE_BYTES, State, StateError, Status, Trap};
use proptest::prelude::*;

/// Every field with a value of its own.
fn filled(status: Status) -> State {
    let mut cpu = Cpu::new(0x1122_3344);
    cpu.next_pc = 0x5566_7788;
    (cpu.hi, cpu.lo) = (0x99aa_bbcc, 0xddee_ff01);
    cpu.step = 0x0123_4567_89ab_cdef;
    cpu.status = status;
    for number in 1..32 {
        cpu.set(Reg::from_bits(number), 0x0101_0101 * number);
    }
    let root = std::array::from_fn(|i| 0x20 + u8::try_from(i).unwrap());
    State { memory_root: B256::new(root), cpu }
}

const FILLED: &str = "\
    202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f\
    112233445566778899aabbccddeeff01\
    0000000001010101020202020303030304040404050505050606060607070707\
    08080808090909090a0a0a0a0b0b0b0b0c0c0c0c0d0d0d0d0e0e0e0e0f0f0f0f\
    1010101011111111121212121313131314141414151515151616161617171717\
    18181818191919191a1a1a1a1b1b1b1b1c1c1c1c1d1d1d1d1e1e1e1e1f1f1f1f\
    0123456789abcdef0000000000000000";

#[test]
fn a_state_is_encoded_field_by_field_big_endian() {
    let state = filled(Status::Running);
    assert_eq!(hex::encode(state.encode()), FILLED);
    assert_eq!(State::decode(&hex::decode(FILLED).unwrap()), Ok(state));
}

#[test]
fn the_last_eight_bytes_are_status_and_code() {
    let tail = |status| hex::encode(&filled(status).encode()[184..]);
    assert_eq!(tail(Status::Running), "0000000000000000");
    assert_eq!(tail(Status::Exited(0)), "0000000100000000");
    assert_eq!(tail(Status::Exited(255)), "00000001000000ff");
    assert_eq!(tail(Status::Trapped(Trap::ReservedInstruction)), "0000000200000001");
    assert_eq!(tail(Status::Trapped(Trap::BadFileDescriptor)), "000000020000000a");
    // And nothing before them.
    for status in [Status::Exited(7), Status::Trapped(Trap::Breakpoint)] {
        assert_eq!(filled(status).encode()[..184], filled(Status::Running).encode()[..184]);
    }
}

#[test]
fn hashes_match_an_independent_keccak() {
    let hash = |state: &State| state.hash::<AlloyKeccak>();
    let zero_root = b256!("0x838c5655cb21c6cb83313b5a631175dff4963772cce9108188b34ac87c81c41e");
    let initial = State { memory_root: zero_root, cpu: Cpu::new(0x0040_0000) };
    let vectors = [
        (initial, b256!("0x833beeec65000bee530d14e5a581384188f296a23a2b42f7ec23c18530eef1d1")),
        (
            filled(Status::Running),
            b256!("0xe5187c9357c78dcd3e4ea47e67117a109ef16d3bb57c55eac3400f346af2cb5e"),
        ),
        (
            filled(Status::Exited(0xfe)),
            b256!("0xbdcdd347ca4a39302b70393672f4cf16890a6b2b38a156c6044bcdcd2635a8fa"),
        ),
        (
            filled(Status::Trapped(Trap::BadFileDescriptor)),
            b256!("0x38bf5d5e27850e26c3f46c0c462bef9ee1ed0b001a4bd6c824db69f6ee137898"),
        ),
    ];
    for (state, expected) in vectors {
        assert_eq!(hash(&state), expected);
    }
}

/// Writes a word into an encoding and parses it.
fn with_word(offset: usize, value: u32) -> Result<State, StateError> {
    let mut bytes = filled(Status::Running).encode();
    bytes[offset..offset + 4].copy_from_slice(&value.to_be_bytes());
    State::decode(&bytes)
}

#[test]
fn register_0_must_be_zero() {
    for value in [1, 0x8000_0000, u32::MAX] {
        assert_eq!(with_word(48, value), Err(StateError::RegisterZero { value }));
    }
    for bit in 0..32 {
        assert_eq!(with_word(48, 1 << bit), Err(StateError::RegisterZero { value: 1 << bit }));
    }
}

#[test]
fn status_and_code_must_name_a_state() {
    let decode = |status: u32, code: u32| {
        let mut bytes = filled(Status::Running).encode();
        bytes[184..188].copy_from_slice(&status.to_be_bytes());
        bytes[188..].copy_from_slice(&code.to_be_bytes());
        State::decode(&bytes).map(|state| state.cpu.status)
    };
    let codes = [0, 1, 9, 10, 11, 12, 255, 256, 257, 0x0100_0000, 0xffff_ff01, u32::MAX];
    for status in [0, 1, 2, 3, 4, 256, 0x0100_0000, 0x8000_0000, u32::MAX] {
        for code in codes {
            let expected = match (status, code) {
                (0, 0) => Ok(Status::Running),
                (1, 0..=255) => Ok(Status::Exited(code.to_le_bytes()[0])),
                (2, 1..=10) => Ok(Status::Trapped(Trap::ALL[code as usize - 1])),
                _ => Err(StateError::Status { status, code }),
            };
            assert_eq!(decode(status, code), expected, "{status} {code}");
        }
    }
}

#[test]
fn only_192_bytes_are_a_state() {
    let bytes = [filled(Status::Running).encode().to_vec(), vec![0; 192]].concat();
    for actual in (0..=384).filter(|length| *length != STATE_BYTES) {
        assert_eq!(State::decode(&bytes[..actual]), Err(StateError::Length { actual }));
    }
    assert_eq!(STATE_BYTES, 192);
}

fn status() -> impl Strategy<Value = Status> {
    prop_oneof![
        Just(Status::Running),
        any::<u8>().prop_map(Status::Exited),
        (0..10_usize).prop_map(|index| Status::Trapped(Trap::ALL[index])),
    ]
}

prop_compose! {
    fn state()(
        root: [u8; 32], counters: [u32; 4], regs: [u32; 32], step: u64, status in status(),
    ) -> State {
        let mut cpu = Cpu::new(counters[0]);
        [_, cpu.next_pc, cpu.hi, cpu.lo] = counters;
        for (number, value) in (0..).zip(regs) {
            cpu.set(Reg::from_bits(number), value);
        }
        (cpu.step, cpu.status) = (step, status);
        State { memory_root: B256::new(root), cpu }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn every_state_survives_the_round_trip(state in state()) {
        prop_assert_eq!(State::decode(&state.encode()), Ok(state));
    }

    #[test]
    fn whatever_decodes_encodes_to_the_same_bytes(state in state(), at in 0..192_usize, byte: u8) {
        let mut bytes = state.encode();
        bytes[at] = byte;
        if let Ok(decoded) = State::decode(&bytes) {
            prop_assert_eq!(decoded.encode(), bytes);
        }
    }

    #[test]
    fn random_bytes_decode_or_not_but_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        if let Ok(decoded) = State::decode(&bytes) {
            prop_assert_eq!(decoded.encode().to_vec(), bytes);
        }
    }

    #[test]
    fn states_that_differ_anywhere_differ_in_their_hash(state in state(), at in 0..192_usize, flip in 1..=255_u8) {
        let mut bytes = state.encode();
        bytes[at] ^= flip;
        if let Ok(other) = State::decode(&bytes) {
            prop_assert_ne!(other.hash::<AlloyKeccak>(), state.hash::<AlloyKeccak>());
        }
    }
}
