//! The contract as a function, on a chain in memory: every calldata is answered or refused with data.
#![allow(clippy::unwrap_used)]

use std::collections::HashMap;

use alloy_primitives::{Address, B256, U256, keccak256};
use alloy_sol_types::{SolCall, SolError, SolInterface, SolValue};
use opml_core::game::Position;
use opml_core::keccak::{AlloyKeccak, Keccak};
use opml_game::{Host, IGame, Revert, call};

const HUB: Address = Address::repeat_byte(1);
const SERVER: Address = Address::repeat_byte(2);
const CHALLENGER: Address = Address::repeat_byte(3);
const STEP: Address = Address::repeat_byte(4);
const GAME: B256 = B256::repeat_byte(5);

#[derive(Clone, Default)]
struct Memory {
    sender: Address,
    words: HashMap<U256, B256>,
    calls: usize,
}

impl Keccak for Memory {
    fn keccak256(bytes: &[u8]) -> B256 {
        AlloyKeccak::keccak256(bytes)
    }
}

impl Host for Memory {
    fn sender(&self) -> Address {
        self.sender
    }

    fn now(&self) -> u64 {
        1_000
    }

    fn load(&self, slot: U256) -> B256 {
        self.words.get(&slot).copied().unwrap_or_default()
    }

    fn store(&mut self, slot: U256, word: B256) {
        self.words.insert(slot, word);
    }

    fn log(&mut self, _: &[B256], _: &[u8]) {}

    fn query(&self, _: Address, _: &[u8]) -> Result<Vec<u8>, Vec<u8>> {
        panic!("no move of these tests asks for a step")
    }

    fn call(&mut self, to: Address, _: &[u8]) -> Result<(), Vec<u8>> {
        assert_eq!(to, HUB);
        self.calls += 1;
        Ok(())
    }
}

fn ends(seed: u8) -> Vec<B256> {
    (0..32_u8).map(|end| keccak256([seed, end])).collect()
}

fn opening() -> Vec<u8> {
    let first = (U256::ZERO, ends(1)).abi_encode_params();
    IGame::openCall {
        gameId: GAME,
        server: SERVER,
        challenger: CHALLENGER,
        programRoot: keccak256("program"),
        imageRoot: keccak256("image"),
        start: keccak256("start"),
        end: keccak256("end"),
        stepsLog2: 20,
        r#move: [&IGame::dissectCall::SELECTOR[..], &first].concat().into(),
    }
    .abi_encode()
}

/// The server's first reply.
fn reply() -> Vec<u8> {
    let start = keccak256("start");
    let mut header = [0; 32];
    // Graph, one move made, 2^20 steps, 32 segments.
    header[3] = 1;
    header[7] = 1;
    header[27] = 20;
    header[31] = 32;
    let hashes: Vec<B256> = [start].into_iter().chain(ends(1)).collect();
    assert!(Position::decode(&header, &hashes).is_ok());
    let header = header.into();
    IGame::dissectCall { gameId: GAME, header, hashes, segment: 9, ends: ends(2) }.abi_encode()
}

fn initialized() -> Memory {
    let mut memory = Memory::default();
    let configuration = IGame::initializeCall { hub: HUB, step: STEP, clock: 3_600 };
    call(&configuration.abi_encode(), &mut memory).unwrap();
    memory
}

fn sent(memory: &Memory, sender: Address, data: &[u8]) -> Result<Memory, Revert> {
    let mut memory = Memory { sender, ..memory.clone() };
    call(data, &mut memory).map(|_| memory)
}

fn opened() -> Memory {
    sent(&initialized(), HUB, &opening()).unwrap()
}

/// Refused by an error of the ABI; what a mistake of ours would leave is no data.
fn assert_typed(revert: &Revert) {
    assert!(IGame::IGameErrors::valid_selector(revert.0[..4].try_into().unwrap()), "{revert:?}");
}

#[test]
fn calls_that_end_early_or_late_are_refused() {
    for (memory, sender, data) in [(initialized(), HUB, opening()), (opened(), SERVER, reply())] {
        for length in 0..data.len() {
            assert_typed(&sent(&memory, sender, &data[..length]).map(|_| ()).unwrap_err());
        }
        let long = [&data[..], &[0]].concat();
        let refused = sent(&memory, sender, &long).map(|_| ()).unwrap_err();
        IGame::CalldataTooLong::abi_decode_validate(&refused.0).unwrap();
        assert!(sent(&memory, sender, &data).is_ok());
    }
}

/// Nothing of a reply is free but which segment it picks and what it claims of it.
#[test]
fn every_byte_of_a_reply_counts() {
    let (memory, data) = (opened(), reply());
    let claimed = data.len() - 32 * 32;
    let segment = 4 + 3 * 32 + 31;
    for at in 0..data.len() {
        for bit in [0x01, 0x80] {
            let mut changed = data.clone();
            changed[at] ^= bit;
            match sent(&memory, SERVER, &changed) {
                Ok(after) => {
                    assert!(at >= claimed || at == segment, "byte {at}");
                    assert_eq!(after.calls, 1);
                }
                Err(revert) => {
                    assert!(at < claimed, "byte {at}");
                    assert_typed(&revert);
                }
            }
        }
    }
}

/// A refused call has written nothing: the contract judges first.
#[test]
fn refusals_leave_no_trace() {
    let memory = opened();
    for sender in [HUB, CHALLENGER, STEP] {
        let mut after = Memory { sender, ..memory.clone() };
        assert_typed(&call(&reply(), &mut after).unwrap_err());
        assert_eq!((after.words, after.calls), (memory.words.clone(), 0));
    }
}
