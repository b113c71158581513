//! Calls as calldata and returned data, without a chain.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use alloy_primitives::{B256, Bytes};
use alloy_sol_types::{SolCall, SolInterface};
use opml_core::keccak::AlloyKeccak;
use opml_core::merkle::zero_root;
use opml_core::mips::{Cpu, LEAF_PROOF_BYTES, Reg, State, Status, Trap};
use opml_step::IStepVerifier::{self, IStepVerifierErrors as Revert, Role};

/// Levels between a leaf and the root of the 2^32-byte memory.
const LEVELS: u8 = 27;

/// Selector, two offsets, length of the state.
const HEAD: usize = 4 + 3 * 32;

/// A machine about to execute the zero word (`sll $0, $0, 0`) in memory that is all zero.
fn idle() -> State {
    let mut cpu = Cpu::new(0x1000);
    cpu.set(Reg::SP, 0xffff_f000);
    State { memory_root: zero_root(LEVELS).unwrap(), cpu }
}

/// The proof of any leaf of memory that is all zero.
fn zero_proof() -> Vec<u8> {
    let siblings = (0..LEVELS).map(|height| zero_root(height).unwrap());
    std::iter::once(B256::ZERO).chain(siblings).flatten().collect()
}

fn step_call(state: &[u8], witness: &[u8]) -> Vec<u8> {
    let (state, witness) = (Bytes::copy_from_slice(state), Bytes::copy_from_slice(witness));
    IStepVerifier::stepCall { state, witness }.abi_encode()
}

fn idle_step() -> Vec<u8> {
    step_call(&idle().encode(), &zero_proof())
}

fn call(calldata: &[u8]) -> Result<Vec<u8>, Revert> {
    opml_step::call::<AlloyKeccak>(calldata)
}

/// The error, after a round trip through its encoding.
fn revert(calldata: &[u8]) -> Revert {
    let error = call(calldata).expect_err("the call reverts");
    let decoded = Revert::abi_decode(&error.abi_encode()).unwrap();
    assert_eq!(decoded, error);
    decoded
}

#[test]
fn a_step_returns_the_hash_of_the_successor() {
    let mut want = idle();
    want.cpu.pc += 4;
    want.cpu.next_pc += 4;
    want.cpu.step += 1;
    assert_eq!(call(&idle_step()).unwrap(), want.hash::<AlloyKeccak>().as_slice());
}

#[test]
fn a_stopped_state_returns_its_own_hash() {
    for status in [Status::Exited(7), Status::Trapped(Trap::Breakpoint)] {
        let mut state = idle();
        state.cpu.status = status;
        let calldata = step_call(&state.encode(), &[]);
        assert_eq!(call(&calldata).unwrap(), state.hash::<AlloyKeccak>().as_slice());
    }
}

#[test]
fn the_views_show_a_state() {
    let mut state = idle();
    state.cpu.status = Status::Trapped(Trap::IntegerOverflow);
    state.cpu.step = 0x0123_4567_89ab_cdef;
    let bytes = Bytes::from(state.encode().to_vec());

    let calldata = IStepVerifier::stateHashCall { state: bytes.clone() }.abi_encode();
    assert_eq!(call(&calldata).unwrap(), state.hash::<AlloyKeccak>().as_slice());

    let calldata = IStepVerifier::decodeStateCall { state: bytes }.abi_encode();
    let shown = call(&calldata).unwrap();
    let shown = IStepVerifier::decodeStateCall::abi_decode_returns_validate(&shown).unwrap();
    assert_eq!(
        shown,
        IStepVerifier::MachineState {
            memoryRoot: state.memory_root,
            pc: 0x1000,
            nextPc: 0x1004,
            hi: 0,
            lo: 0,
            registers: *state.cpu.regs(),
            status: 2,
            code: 5,
            step: 0x0123_4567_89ab_cdef,
        }
    );
}

#[test]
fn the_version_is_the_packages() {
    let returned = call(&IStepVerifier::versionCall {}.abi_encode()).unwrap();
    let version = IStepVerifier::versionCall::abi_decode_returns_validate(&returned).unwrap();
    assert_eq!(version, env!("CARGO_PKG_VERSION"));
}

#[test]
fn unknown_selectors_are_named() {
    let unknown = |selector: [u8; 4]| IStepVerifier::UnknownSelector { selector: selector.into() };
    assert_eq!(revert(&[]), Revert::UnknownSelector(unknown([0; 4])));
    assert_eq!(revert(&[1, 2, 3]), Revert::UnknownSelector(unknown([1, 2, 3, 0])));
    assert_eq!(revert(&[1, 2, 3, 4, 5]), Revert::UnknownSelector(unknown([1, 2, 3, 4])));
}

#[test]
fn calldata_cut_anywhere_is_too_short() {
    let calldata = idle_step();
    for length in 4..calldata.len() {
        let error = revert(&calldata[..length]);
        let Revert::CalldataTooShort(short) = error else { panic!("{length}: {error:?}") };
        assert_eq!(short.length, length as u64 - 4);
        assert!(short.needed > short.length);
    }
}

#[test]
fn calldata_with_a_tail_is_too_long() {
    let mut calldata = idle_step();
    let expected = calldata.len() as u64 - 4;
    calldata.push(0);
    let error = IStepVerifier::CalldataTooLong { length: expected + 1, expected };
    assert_eq!(revert(&calldata), Revert::CalldataTooLong(error));
}

#[test]
fn a_flipped_bit_in_the_frame_reverts() {
    let calldata = idle_step();
    let state_end = HEAD + 192;
    for at in (4..HEAD).chain(state_end..state_end + 32) {
        for bit in 0..8 {
            let mut bad = calldata.clone();
            bad[at] ^= 1 << bit;
            assert!(call(&bad).is_err(), "byte {at}, bit {bit}");
        }
    }
}

#[test]
fn arguments_in_another_order_are_not_canonical() {
    // A decoder that follows offsets would take this: the witness first, then the state.
    let (state, witness) = (idle().encode().to_vec(), zero_proof());
    let offset = 0x40 + 32 + LEAF_PROOF_BYTES;
    let head = [IStepVerifier::stepCall::SELECTOR.to_vec(), word(offset), word(0x40)];
    let tail = [word(witness.len()), witness, word(state.len()), state];
    let error =
        IStepVerifier::OffsetNotCanonical { argument: 0, offset: offset as u64, expected: 0x40 };
    assert_eq!(revert(&[head.concat(), tail.concat()].concat()), Revert::OffsetNotCanonical(error));
}

#[test]
fn padding_must_be_zero() {
    let calldata = IStepVerifier::stateHashCall { state: vec![1; 33].into() }.abi_encode();
    for at in 4 + 64 + 33..calldata.len() {
        let mut bad = calldata.clone();
        bad[at] = 1;
        let error = IStepVerifier::PaddingNotZero { argument: 0 };
        assert_eq!(revert(&bad), Revert::PaddingNotZero(error));
    }
}

#[test]
fn a_length_beyond_all_bounds_is_too_short() {
    for low in [u64::MAX, u64::MAX - 31, u64::from(u32::MAX), 1 << 31] {
        let mut calldata = IStepVerifier::stateHashCall { state: Bytes::new() }.abi_encode();
        let end = calldata.len();
        calldata[end - 8..].copy_from_slice(&low.to_be_bytes());
        assert!(matches!(revert(&calldata), Revert::CalldataTooShort(_)), "{low:#x}");
    }
}

#[test]
fn malformed_states_are_named() {
    let refused = |change: fn(&mut Vec<u8>)| {
        let mut state = idle().encode().to_vec();
        change(&mut state);
        revert(&step_call(&state, &zero_proof()))
    };
    let error = IStepVerifier::StateLength { actual: 191 };
    assert_eq!(refused(|state| state.truncate(191)), Revert::StateLength(error));
    let error = IStepVerifier::StateRegisterZero { value: 1 };
    assert_eq!(refused(|state| state[51] = 1), Revert::StateRegisterZero(error));
    let error = IStepVerifier::StateStatus { status: 3, code: 0 };
    assert_eq!(refused(|state| state[187] = 3), Revert::StateStatus(error));
}

#[test]
fn malformed_witnesses_are_named() {
    let state = idle().encode();
    let refused = |witness: &[u8]| revert(&step_call(&state, witness));
    let role = Role::Instruction;

    let mut proof = zero_proof();
    let error = IStepVerifier::WitnessTooShort { role, available: 895 };
    assert_eq!(refused(&proof[..895]), Revert::WitnessTooShort(error));

    proof.push(0);
    let error = IStepVerifier::WitnessTooLong { surplus: 1 };
    assert_eq!(refused(&proof), Revert::WitnessTooLong(error));

    proof.pop();
    for at in 0..proof.len() {
        let mut wrong = proof.clone();
        wrong[at] ^= 0x80;
        let error = refused(&wrong);
        let Revert::WitnessWrongRoot(error) = error else { panic!("byte {at}: {error:?}") };
        assert_eq!((error.role, error.target, error.expected), (role, 0x1000, idle().memory_root));
    }
}

/// A length as an ABI word.
fn word(length: usize) -> Vec<u8> {
    let mut word = vec![0; 24];
    word.extend((length as u64).to_be_bytes());
    word
}
