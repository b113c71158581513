//! A process that keeps a chain in a file is killed, again and again, at any moment. What it had
//! told of must be there.
#![cfg(unix)]
#![allow(clippy::unwrap_used)]

mod chain_support;

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use alloy_eips::BlockId;
use alloy_primitives::{Address, B256, Bytes, U256};
use chain_support::asm::{COUNTER, assemble};
use chain_support::{START, sent, slot, to};
use opml_devnet::chain::{Chain, ChainConfig};

const FILE: &str = "OPML_TEST_CHAIN";
const RUNS: u64 = 24;
const COUNTER_ACCOUNT: Address = Address::with_last_byte(0xcc);
const SET_BY_HAND: Address = Address::with_last_byte(0xdd);

fn open(path: &Path) -> Chain {
    Chain::open(path, ChainConfig::fixed_time(START)).unwrap()
}

/// What the child does until it is killed: a block with a call of the counter, told of by its
/// number, hash and count; now and then other changes.
#[test]
#[ignore = "runs as a child of the test below"]
fn child() {
    let mut chain = open(Path::new(&std::env::var_os(FILE).unwrap()));
    chain.set_code(COUNTER_ACCOUNT, assemble(COUNTER).into()).unwrap();
    println!("ready");
    for round in 1u64.. {
        if round % 16 == 0 {
            // Blocks that are taken back, and never told of.
            let snapshot = chain.snapshot().unwrap();
            chain.mine_many(round % 7, 1).unwrap();
            sent(&mut chain, to(COUNTER_ACCOUNT, Bytes::new()));
            chain.revert(snapshot).unwrap();
        }
        let receipt = sent(&mut chain, to(COUNTER_ACCOUNT, Bytes::new()));
        let count = slot(&chain, COUNTER_ACCOUNT, 0);
        let number = receipt.block_number.unwrap();
        chain.set_balance(SET_BY_HAND, U256::from(number)).unwrap();
        println!("block {number} {} {count}", receipt.block_hash.unwrap());
        std::io::stdout().flush().unwrap();
    }
}

fn spawn(path: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--ignored", "--nocapture"])
        .env(FILE, path)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// A block that was told of.
#[derive(Clone, Copy, Debug)]
struct Told {
    number: u64,
    hash: B256,
    count: U256,
}

fn told(line: &str) -> Option<Told> {
    let mut words = line.strip_prefix("block ")?.split(' ');
    let mut word = || words.next();
    let (number, hash, count) = (word()?, word()?, word()?);
    let (number, hash) = (number.parse().ok()?, hash.parse().ok()?);
    Some(Told { number, hash, count: count.parse().ok()? })
}

/// Starts the child, kills it some time after it got going, and gives what it told of by then.
fn interrupted(path: &Path, delay: Duration) -> Vec<Told> {
    let mut child = spawn(path);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().ends_with("ready")));
    std::thread::sleep(delay);
    child.kill().unwrap();
    child.wait().unwrap();
    // The last line may be cut.
    lines.filter_map(|line| told(&line.ok()?)).collect()
}

#[test]
fn no_block_that_was_told_of_is_lost_when_the_process_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("chain");
    let mut all: Vec<Told> = Vec::new();
    for run in 0..RUNS {
        all.extend(interrupted(&path, Duration::from_micros(run * run * 311 % 60_000)));
        let copy = Chain::load(&path, ChainConfig::fixed_time(START)).unwrap();
        let mut chain = open(&path);
        assert_eq!(copy.block_number(), chain.block_number());
        for told in &all {
            let header = chain.header(BlockId::number(told.number)).unwrap();
            assert_eq!(header.hash, told.hash, "{told:?}");
            let at = BlockId::number(told.number);
            let count = chain.storage(COUNTER_ACCOUNT, U256::ZERO, at).unwrap();
            assert_eq!(U256::from_be_bytes(count.0), told.count);
            assert_eq!(chain.receipts(at).unwrap().len(), 1);
        }
        let Some(last) = all.last() else { continue };
        let set = chain.balance(SET_BY_HAND, BlockId::latest()).unwrap();
        assert!(set >= U256::from(last.number));
        // It goes on.
        let before = slot(&chain, COUNTER_ACCOUNT, 0);
        sent(&mut chain, to(COUNTER_ACCOUNT, Bytes::new()));
        assert_eq!(slot(&chain, COUNTER_ACCOUNT, 0), before + U256::from(1));
    }
    println!("{} blocks told of in {RUNS} runs", all.len());
    assert!(all.len() as u64 > RUNS);
}
