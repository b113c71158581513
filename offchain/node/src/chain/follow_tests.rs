//! Endpoints that lag, and endpoints that refuse long answers. Their answers are written down in order.

use alloy_primitives::{Address, B256, Bytes, U256};
use alloy_provider::{Provider as _, ProviderBuilder};
use alloy_rpc_types_eth::{Block, Log};
use alloy_sol_types::SolEvent;
use alloy_transport::mock::Asserter;
use opml_client::contracts::hub::IHub;
use opml_client::{Deployed, Deployment};
use serde_json::json;

use super::{Advance, ChainError, Follower, Head, Interest, Reader};
use crate::config::ClockSource;

fn reader(answers: &Asserter) -> Reader {
    let connection = ProviderBuilder::new().connect_mocked_client(answers.clone()).erased();
    let contract = |byte| Deployed { address: Address::repeat_byte(byte), code_hash: B256::ZERO };
    let deployment = Deployment {
        chain_id: 1,
        start_block: 1,
        hub: contract(1),
        game: contract(2),
        step: contract(3),
        courier: None,
        batch: None,
        attention: None,
        attention_game: None,
        terms: None,
    };
    Reader::new(connection, &deployment, ClockSource::Chain)
}

/// Block `number` of a chain, whose hashes are numbers.
fn block(number: u8, hash: u8) -> Block {
    let mut block = Block::<alloy_rpc_types_eth::Transaction>::default();
    block.header.hash = B256::with_last_byte(hash);
    block.header.inner.number = number.into();
    block.header.inner.parent_hash = B256::with_last_byte(hash - 1);
    block
}

/// A log of the hub in a block.
fn log(block: u8, event: &impl SolEvent) -> Log {
    let inner =
        alloy_primitives::Log { address: Address::repeat_byte(1), data: event.encode_log_data() };
    Log {
        inner,
        block_hash: Some(B256::with_last_byte(block)),
        block_number: Some(block.into()),
        log_index: Some(0),
        ..Log::default()
    }
}

/// The endpoint's head is `number`, and the blocks from `from` on have no logs.
fn push(answers: &Asserter, from: u8, number: u8) {
    answers.push_success(&block(number, number));
    (from..number).for_each(|known| answers.push_success(&block(known, known)));
    (from..=number).for_each(|_| answers.push_success(&Vec::<Log>::new()));
}

#[tokio::test]
async fn a_node_that_is_behind_takes_nothing_back() {
    let answers = Asserter::new();
    let (reader, mut follower) = (reader(&answers), Follower::new(1, 1000, Interest::default()));
    push(&answers, 1, 3);
    follower.advance(&reader).await.expect("three blocks");
    // The end of what is known is asked for first.
    answers.push_success(&block(5, 5));
    answers.push_success(&block(3, 3));
    answers.push_success(&block(4, 4));
    (4..=5).for_each(|_| answers.push_success(&Vec::<Log>::new()));
    follower.advance(&reader).await.expect("two more");
    let known = follower.head().expect("a head");
    assert_eq!(known.number, 5);
    // Another node answers, two blocks behind: nothing has another hash.
    answers.push_success(&block(3, 3));
    let behind = follower.advance(&reader).await;
    assert!(matches!(behind, Err(ChainError::Behind { number: 3, known: 5 })), "{behind:?}");
    assert_eq!(follower.head(), Some(known));
    // The first one again.
    answers.push_success(&block(5, 5));
    let (advance, more) = follower.advance(&reader).await.expect("the same head");
    assert_eq!((advance, more), (Advance::default(), false));
    // Another block of a known number is a re-organization, however low the head.
    answers.push_success(&block(3, 103));
    (1..3).for_each(|number| answers.push_success(&block(number, 100 + number)));
    (1..=3).for_each(|_| answers.push_success(&Vec::<Log>::new()));
    let (advance, _) = follower.advance(&reader).await.expect("another chain");
    assert!(advance.reorganized);
    assert_eq!(follower.head().map(|head| head.number), Some(3));
}

#[tokio::test]
async fn a_node_that_does_not_know_the_newest_block_is_not_believed() {
    let answers = Asserter::new();
    let (reader, mut follower) = (reader(&answers), Follower::new(1, 1000, Interest::default()));
    answers.push_success(&block(1, 1));
    answers.push_failure_msg("unknown block");
    let unknown = follower.advance(&reader).await;
    assert!(matches!(unknown, Err(ChainError::Client(_))), "{unknown:?}");
    assert_eq!(follower.head(), None);
    push(&answers, 1, 1);
    follower.advance(&reader).await.expect("a block");
    assert_eq!(follower.head().map(|head| head.number), Some(1));
}

#[tokio::test]
async fn a_span_that_is_too_long_is_halved() {
    let answers = Asserter::new();
    let (reader, mut follower) = (reader(&answers), Follower::new(1, 1000, Interest::default()));
    // Far below the head: blocks 1 to 136 are asked for by number.
    answers.push_success(&block(200, 200));
    for end in [136, 68, 34] {
        answers.push_success(&block(end, end));
        if end == 34 {
            answers.push_success(&Vec::<Log>::new());
            answers.push_success(&block(end, end));
        } else {
            answers.push_failure_msg("query returned more than 10000 results");
        }
    }
    let (_, more) = follower.advance(&reader).await.expect("a part of it");
    assert!(more);
    assert_eq!(follower.head().map(|head| head.number), Some(34));
}

#[tokio::test]
async fn a_reorganization_is_told_also_if_the_endpoint_fails_behind_it() {
    let answers = Asserter::new();
    let (reader, mut follower) = (reader(&answers), Follower::new(1, 1000, Interest::default()));
    push(&answers, 1, 2);
    follower.advance(&reader).await.expect("two blocks");
    answers.push_success(&block(2, 102));
    answers.push_success(&block(1, 101));
    answers.push_failure_msg("away");
    follower.advance(&reader).await.expect_err("it is away");
    answers.push_success(&block(2, 102));
    answers.push_success(&block(1, 101));
    (1..=2).for_each(|_| answers.push_success(&Vec::<Log>::new()));
    let (advance, _) = follower.advance(&reader).await.expect("another chain");
    assert!(advance.reorganized);
}

#[tokio::test]
async fn of_models_that_are_not_held_no_bytes_are_kept() {
    let answers = Asserter::new();
    let (reader, mut follower) = (reader(&answers), Follower::new(1, 1000, Interest::default()));
    answers.push_success(&block(1, 1));
    let requested = IHub::Requested {
        requestId: B256::repeat_byte(7),
        modelId: B256::repeat_byte(8),
        requester: Address::ZERO,
        nonce: 0,
        start: B256::ZERO,
        deadline: 0,
        fee: U256::ZERO,
        request: Bytes::from(vec![1; 1000]),
    };
    answers.push_success(&vec![log(1, &requested)]);
    follower.advance(&reader).await.expect("a block");
    let request = &follower.world().requests[&B256::repeat_byte(7)];
    assert!(request.bytes.is_empty());
    // Deeper than any re-organization, nothing is left of what has no claim.
    let high = |number: u64| {
        let mut block = Block::<alloy_rpc_types_eth::Transaction>::default();
        block.header.hash = B256::from(U256::from(number));
        block.header.inner.number = number;
        block.header.inner.parent_hash = B256::from(U256::from(number - 1));
        block
    };
    for number in 2..=260_u64 {
        assert_eq!(follower.world().requests.len(), usize::from(number <= 257));
        answers.push_success(&high(number));
        answers.push_success(&high(number - 1));
        answers.push_success(&Vec::<Log>::new());
        follower.advance(&reader).await.expect("a block");
    }
}

/// Whatever the endpoint says the pending block is.
#[tokio::test]
async fn a_pending_block_that_is_none_is_refused() {
    let answers = Asserter::new();
    let reader = reader(&answers);
    let head = Head { number: 1, hash: B256::ZERO, parent: B256::ZERO, timestamp: 7 };
    for answer in [json!(5), json!("0x5"), json!([]), json!(true), json!({ "timestamp": "x" })] {
        answers.push_success(&answer);
        let now = reader.now(&head).await;
        assert!(now.is_err(), "{answer}: {now:?}");
    }
    for (answer, second) in [(json!(null), 7), (json!({ "timestamp": "0x63", "hash": null }), 99)] {
        answers.push_success(&answer);
        assert_eq!(reader.now(&head).await.expect("an answer"), second);
    }
}
