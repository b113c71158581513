//! `eth_subscribe`.
//!
//! A subscription is a place in the chain, not a queue: what happened since is read from the chain
//! as fast as the client takes it, so a slow client holds nothing but its own connection's buffer.

use std::sync::Arc;

use alloy_rpc_types_eth::{BlockId, Filter};
use jsonrpsee::core::{RegisterMethodError, SubscriptionError};
use jsonrpsee::{PendingSubscriptionSink, SubscriptionSink};
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};

use crate::error::Error;
use crate::eth;
use crate::methods::{Methods, Reply};
use crate::node::{Cursor, Ledger, Node};
use crate::params::{self, Args, Logs};

/// Blocks read at a time.
const BLOCKS: usize = 64;

/// What a client wants to hear of.
#[derive(Clone)]
enum Topic {
    Heads,
    Logs(Box<Filter>),
    Hashes,
    Transactions,
}

/// Adds `eth_subscribe` and `eth_unsubscribe`.
///
/// # Errors
/// [`RegisterMethodError`] if they are there already.
pub fn register(methods: &mut Methods) -> Result<(), RegisterMethodError> {
    methods.module().register_subscription(
        "eth_subscribe",
        "eth_subscription",
        "eth_unsubscribe",
        |params, pending, node, _| async move {
            match topic(params.as_str()) {
                Ok(topic) => follow(node, topic, pending).await,
                Err(error) => {
                    pending.reject(error).await;
                    Ok(())
                }
            }
        },
    )?;
    Ok(())
}

fn topic(params: Option<&str>) -> Reply<Topic> {
    let values = params::values(params)?;
    let (name, options) = <(Value, Option<Value>)>::read(&values)?;
    match (name.as_str().unwrap_or_default(), options) {
        ("newHeads", _) => Ok(Topic::Heads),
        ("logs", None) => Ok(Topic::Logs(Box::default())),
        ("logs", Some(filter)) => {
            let (_, Logs(filter)) = <(Value, Logs)>::read(&[name, filter])?;
            Ok(Topic::Logs(Box::new(filter)))
        }
        ("newPendingTransactions", Some(Value::Bool(true))) => Ok(Topic::Transactions),
        ("newPendingTransactions", _) => Ok(Topic::Hashes),
        (other, _) => Err(Error::Subscription(other.to_owned())),
    }
}

async fn follow(
    node: Arc<Node>,
    topic: Topic,
    pending: PendingSubscriptionSink,
) -> Result<(), SubscriptionError> {
    let mut changes = node.changes();
    let cursor = tokio::task::spawn_blocking({
        let node = node.clone();
        move || node.read(Ledger::cursor)
    });
    let mut cursor = cursor.await?;
    let sink = pending.accept().await?;
    loop {
        changes.mark_unchanged();
        let (again, wanted) = (node.clone(), topic.clone());
        let read = move || {
            let messages = again.read(|ledger| news(ledger, &wanted, &mut cursor));
            (messages, cursor, again.read(|ledger| ledger.is_behind(&cursor)))
        };
        let (messages, place, behind) = tokio::task::spawn_blocking(read).await?;
        cursor = place;
        for message in messages? {
            if !deliver(&sink, message).await {
                return Ok(());
            }
        }
        if behind {
            continue;
        }
        tokio::select! {
            news = changes.changed() => if news.is_err() { return Ok(()) },
            () = sink.closed() => return Ok(()),
        }
    }
}

/// False when the client is gone.
async fn deliver(sink: &SubscriptionSink, message: Box<RawValue>) -> bool {
    sink.send(message).await.is_ok()
}

/// What has happened since, in order.
fn news(ledger: &Ledger, topic: &Topic, cursor: &mut Cursor) -> Reply<Vec<Box<RawValue>>> {
    let chain = &ledger.chain;
    let mut messages = Vec::new();
    match topic {
        Topic::Heads => {
            for number in ledger.new_blocks(cursor, BLOCKS) {
                if let Some(header) = chain.header(BlockId::number(number)) {
                    messages.push(to_raw_value(&eth::header_json(chain, &header)?)?);
                }
            }
        }
        Topic::Logs(filter) => {
            for number in ledger.new_blocks(cursor, BLOCKS) {
                for log in eth::logs_in_block(chain, filter, number) {
                    messages.push(to_raw_value(&log)?);
                }
            }
        }
        Topic::Hashes => {
            for hash in ledger.new_transactions(cursor) {
                messages.push(to_raw_value(&hash)?);
            }
        }
        Topic::Transactions => {
            for hash in ledger.new_transactions(cursor) {
                if let Some(transaction) = chain.transaction(hash) {
                    messages.push(to_raw_value(&transaction)?);
                }
            }
        }
    }
    // What is not followed does not keep the follower busy.
    match topic {
        Topic::Heads | Topic::Logs(_) => drop(ledger.new_transactions(cursor)),
        Topic::Hashes | Topic::Transactions => drop(ledger.new_blocks(cursor, usize::MAX)),
    }
    Ok(messages)
}
