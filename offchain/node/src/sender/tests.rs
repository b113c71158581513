//! What is sent again, what is not sent, and what does not keep others waiting.

use std::sync::Arc;
use std::time::{Duration, Instant};

use alloy_primitives::{Address, B256, Bytes, U256};
use alloy_provider::{Provider as _, ProviderBuilder};
use alloy_signer_local::PrivateKeySigner;
use alloy_transport::mock::Asserter;
use serde_json::json;
use tempfile::TempDir;
use tokio::sync::mpsc;

use super::queue::Queue;
use super::{Attempt, Due, Pressed, Sender, Sending, Signing, Tick, UnderWay};
use crate::config::{Amount, Gas};
use crate::intent::{Act, Intent};
use crate::state::Addresses;
use crate::store::{Mined, Owner, Record, Signed, State, Store};

const BLOCK: B256 = B256::repeat_byte(9);

struct Scene {
    answers: Asserter,
    sending: Sending,
    _folder: TempDir,
}

impl Scene {
    fn new() -> Self {
        let (answers, folder) = (Asserter::new(), TempDir::new().expect("a folder"));
        let owner = Owner { account: Address::ZERO, chain_id: 1, hub: Address::ZERO };
        let store = Store::open(&folder.path().join("store"), owner).expect("a store");
        let connection = ProviderBuilder::new().connect_mocked_client(answers.clone()).erased();
        let sending = Sending {
            connection,
            signer: PrivateKeySigner::random(),
            chain_id: 1,
            gas: Gas { max_price: Amount::gwei(10), ..Gas::default() },
            poll: Duration::from_millis(1),
            store: Arc::new(store),
            under_way: UnderWay::default(),
            pressed: Pressed::default(),
            signing: Signing::default(),
        };
        Self { answers, sending, _folder: folder }
    }

    /// Whether an intent whose transaction is in block 5 is due, for a driver that has read up to `block`.
    async fn due(&self, intent: &Intent, block: u64) -> Due {
        let mined = Mined { hash: B256::ZERO, block: 5, block_hash: BLOCK, success: true };
        let state = State::Mined { mined, nonce: 3, gas: 1, transactions: Vec::new() };
        let record = Record { intent: intent.clone(), state };
        self.sending.store.put(&record).expect("written");
        let (_, commands) = mpsc::unbounded_channel();
        let (outcomes, _) = mpsc::unbounded_channel();
        let mut sender = Sender::new(self.sending.clone(), commands, outcomes).expect("a sender");
        sender.due(intent, Tick { block, now: 0 }).await.expect("an answer")
    }

    fn receipt(&self, block_hash: B256) {
        self.answers.push_success(&json!({
            "transactionHash": B256::ZERO, "transactionIndex": "0x0", "blockHash": block_hash,
            "blockNumber": "0x5", "from": Address::ZERO, "to": Address::ZERO,
            "cumulativeGasUsed": "0x1", "gasUsed": "0x1", "effectiveGasPrice": "0x1",
            "contractAddress": null, "logs": [], "status": "0x1", "type": "0x2",
            "logsBloom": alloy_primitives::Bloom::ZERO,
        }));
    }
}

fn intent(act: &Act) -> Intent {
    let addresses = Addresses { hub: Address::ZERO, game: Address::ZERO, courier: None };
    act.intent(&addresses)
}

fn deposit() -> Intent {
    intent(&Act::Deposit { game: B256::ZERO, credit: U256::ZERO, value: U256::from(1) })
}

fn finalize() -> Intent {
    intent(&Act::Finalize { claim: B256::ZERO })
}

#[tokio::test]
async fn a_deposit_that_was_used_up_is_made_again() {
    let scene = Scene::new();
    // Not before the driver has seen it.
    scene.receipt(BLOCK);
    assert!(matches!(scene.due(&deposit(), 4).await, Due::Done));
    scene.receipt(BLOCK);
    assert!(matches!(scene.due(&deposit(), 5).await, Due::Now));
    // A claim becomes final once.
    scene.receipt(BLOCK);
    assert!(matches!(scene.due(&finalize(), 5).await, Due::Done));
}

#[tokio::test]
async fn what_was_taken_back_goes_on_with_its_nonce() {
    let scene = Scene::new();
    scene.receipt(B256::repeat_byte(8));
    assert!(matches!(scene.due(&finalize(), 9).await, Due::Again { nonce: 3 }));
    scene.answers.push_success(&serde_json::Value::Null);
    assert!(matches!(scene.due(&finalize(), 9).await, Due::Again { nonce: 3 }));
}

#[tokio::test]
async fn what_can_wait_waits_for_a_lower_price_unsigned() {
    let scene = Scene::new();
    scene.answers.push_success(&U256::from(11_000_000_000_u64));
    let attempt = scene.sending.attempt(&finalize(), Tick::default()).await.expect("no loss");
    assert!(matches!(attempt, Attempt::Dear), "{attempt:?}");
    assert!(!scene.sending.is_sent(&finalize()).expect("readable"));
}

#[tokio::test]
async fn what_the_endpoint_does_not_answer_makes_way() {
    let scene = Scene::new();
    // The endpoint says nothing at all.
    let (first, second) = (deposit(), finalize());
    let attempt = scene.sending.attempt(&first, Tick::default());
    let attempt = tokio::time::timeout(Duration::from_secs(10), attempt).await;
    let attempt = attempt.expect("it ends").expect("no loss");
    assert!(matches!(attempt, Attempt::Unanswered), "{attempt:?}");
    // With something urgent behind it, at once.
    scene.sending.pressed.set(true);
    let attempt = scene.sending.attempt(&second, Tick::default());
    let attempt = tokio::time::timeout(Duration::from_millis(500), attempt).await;
    assert!(matches!(attempt, Ok(Ok(Attempt::Unanswered))));
}

#[tokio::test]
async fn what_is_settled_far_behind_is_forgotten() {
    let scene = Scene::new();
    let put = |number: u8, state: State| {
        let game = B256::with_last_byte(number);
        let record = Record { intent: intent(&Act::Settle { game }), state };
        scene.sending.store.put(&record).expect("written");
        record.intent.key
    };
    let mined = |block| {
        let mined = Mined { hash: B256::ZERO, block, block_hash: BLOCK, success: true };
        State::Mined { mined, nonce: 3, gas: 1, transactions: Vec::new() }
    };
    let sent = State::Sent { nonce: 4, gas: 1, transactions: Vec::new() };
    let kept = [put(1, mined(5)), put(2, sent)];
    put(3, mined(4));
    put(4, State::Dropped);
    put(5, State::Refused { reason: String::new() });
    let (_, commands) = mpsc::unbounded_channel();
    let (outcomes, _) = mpsc::unbounded_channel();
    let mut sender = Sender::new(scene.sending.clone(), commands, outcomes).expect("a sender");
    sender.take(super::Command::Forget { before: 5 }).await.expect("forgotten");
    let records = scene.sending.store.records().expect("readable");
    let mut keys: Vec<_> = records.into_iter().map(|record| record.intent.key).collect();
    keys.sort();
    let mut kept = kept.to_vec();
    kept.sort();
    assert_eq!(keys, kept);
}

#[tokio::test]
async fn what_keeps_an_urgent_one_waiting_may_cost_as_much_as_that() {
    let scene = Scene::new();
    let price = || scene.answers.push_success(&U256::from(20_000_000_000_u64));
    price();
    assert_eq!(scene.sending.fee(&finalize(), None).await.expect("a price"), 10_000_000_000);
    scene.sending.pressed.set(true);
    price();
    assert_eq!(scene.sending.fee(&finalize(), None).await.expect("a price"), 40_000_000_000);
    let waiting = Signed { hash: B256::ZERO, raw: Bytes::new(), max_fee: 10_000_000_000 };
    price();
    assert!(
        scene.sending.is_late(Duration::ZERO, std::slice::from_ref(&waiting)).await.expect("known")
    );
    scene.sending.pressed.set(false);
    assert!(!scene.sending.is_late(Duration::ZERO, &[waiting]).await.expect("known"));
}

#[test]
fn nothing_urgent_waits_for_what_is_not() {
    let mut queue = Queue::default();
    let tick = Tick::default();
    let urgent = |number| {
        let game = B256::with_last_byte(number);
        intent(&Act::Deposit { game, credit: U256::ZERO, value: U256::from(1) })
    };
    queue.push(finalize(), tick);
    assert_eq!(queue.pop(3), Some((finalize(), tick)));
    queue.push(intent(&Act::Settle { game: B256::ZERO }), tick);
    assert_eq!(queue.pop(3), None, "one at a time");
    assert!(!queue.presses());
    for number in 1..=3 {
        queue.push(urgent(number), tick);
    }
    assert_eq!(queue.pop(3), Some((urgent(1), tick)));
    assert_eq!(queue.pop(3), Some((urgent(2), tick)));
    assert_eq!(queue.pop(3), None, "there are three");
    assert!(queue.presses());
    queue.done(&finalize().key);
    assert!(!queue.presses());
    assert_eq!(queue.pop(3), Some((urgent(3), tick)));
}

#[test]
fn a_refusal_is_not_believed_for_ever_where_the_chain_stands_still() {
    let under_way = UnderWay::default();
    let tick = Tick { block: 7, now: 70 };
    let settle = intent(&Act::Settle { game: B256::ZERO });
    assert!(under_way.insert(&settle, U256::ZERO, tick));
    under_way.refused(&settle.key, tick);
    assert!(!under_way.insert(&settle, U256::ZERO, tick), "the same would be said again");
    under_way.forget_refusals(Instant::now() + Duration::from_secs(2));
    assert!(under_way.insert(&settle, U256::ZERO, tick), "the state may have been another");
    under_way.refused(&settle.key, tick);
    assert!(under_way.insert(&settle, U256::ZERO, Tick { block: 8, ..tick }));
}
