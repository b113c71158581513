//! Controls of a development chain: `evm_*`, `anvil_*`, `hardhat_*`.

use std::time::Duration;

use alloy_primitives::{Address, B256, Bytes, U64, U256};
use jsonrpsee::core::RegisterMethodError;
use opml_devnet::chain::{Mining, SnapshotId};
use serde_json::{Value, json};

use crate::error::Error;
use crate::methods::{Methods, Reply};
use crate::node::Node;
use crate::params::{Number, Slot};

/// Latest timestamp that can be chosen, millions of years ahead: nothing that is added to one
/// overflows.
const LAST_TIMESTAMP: u64 = 1 << 48;

/// Blocks mined before others may ask something.
const SLICE: u64 = 1000;
const PAUSE: Duration = Duration::from_millis(1);

/// Adds them.
///
/// # Errors
/// [`RegisterMethodError`] if one is there already.
pub fn register(methods: &mut Methods) -> Result<(), RegisterMethodError> {
    time(methods)?;
    mining(methods)?;
    accounts(methods)?;
    methods.add("evm_snapshot", |node, ()| {
        Ok(U64::from(node.write(|ledger| ledger.chain.snapshot())?.0))
    })?;
    methods.add("evm_revert", |node, (id,): (Number,)| {
        Ok(node.write(|ledger| ledger.revert(SnapshotId(id.small())))?)
    })?;
    methods.alias("anvil_snapshot", "evm_snapshot")?;
    methods.alias("anvil_revert", "evm_revert")?;
    methods.add("anvil_nodeInfo", node_info)
}

fn time(methods: &mut Methods) -> Result<(), RegisterMethodError> {
    methods.add("evm_increaseTime", |node, (seconds,): (Number,)| {
        let seconds = seconds.small();
        node.write(|ledger| {
            in_time(ledger.chain.next_timestamp().saturating_add(seconds))?;
            Ok(ledger.chain.increase_time(seconds)?)
        })
    })?;
    methods.add("evm_setNextBlockTimestamp", |node, (timestamp,): (Number,)| {
        set_next_timestamp(node, timestamp.small())?;
        Ok(Value::Null)
    })?;
    methods.add("evm_setTime", |node, (timestamp,): (Number,)| {
        let timestamp = in_time(timestamp.small())?;
        node.write(|ledger| ledger.chain.set_time(timestamp))?;
        Ok(Value::Null)
    })?;
    methods.alias("anvil_increaseTime", "evm_increaseTime")?;
    methods.alias("anvil_setNextBlockTimestamp", "evm_setNextBlockTimestamp")?;
    methods.alias("anvil_setTime", "evm_setTime")
}

fn set_next_timestamp(node: &Node, timestamp: u64) -> Reply<()> {
    let timestamp = in_time(timestamp)?;
    let set = node.write(|ledger| ledger.chain.set_next_timestamp(timestamp))?;
    if set { Ok(()) } else { Err(Error::Timestamp(timestamp)) }
}

/// A timestamp that leaves later blocks room.
fn in_time(timestamp: u64) -> Reply<u64> {
    if timestamp > LAST_TIMESTAMP {
        return Err(Error::FarTimestamp { timestamp, limit: LAST_TIMESTAMP });
    }
    Ok(timestamp)
}

fn mining(methods: &mut Methods) -> Result<(), RegisterMethodError> {
    methods.add("evm_mine", evm_mine)?;
    methods.add("anvil_mine", |node, (count, seconds): (Option<Number>, Option<Number>)| {
        mine(node, count.map_or(1, Number::small), seconds.map_or(0, Number::small))?;
        Ok(Value::Null)
    })?;
    methods.alias("hardhat_mine", "anvil_mine")?;
    methods.add("evm_setAutomine", |node, (instant,): (bool,)| {
        if instant {
            node.set_interval(None);
        }
        let mining = if instant { Mining::Instant } else { Mining::OnDemand };
        node.write(|ledger| ledger.chain.set_mining(mining))?;
        Ok(Value::Null)
    })?;
    methods.alias("anvil_setAutomine", "evm_setAutomine")?;
    methods.add("anvil_getAutomine", |node, ()| {
        Ok(node.read(|ledger| ledger.chain.mining() == Mining::Instant))
    })?;
    methods.alias("hardhat_getAutomine", "anvil_getAutomine")?;
    methods.add("evm_setIntervalMining", |node, (seconds,): (Number,)| {
        set_interval(node, Duration::from_secs(seconds.small()))?;
        Ok(Value::Null)
    })?;
    methods.alias("anvil_setIntervalMining", "evm_setIntervalMining")?;
    methods.add("anvil_getIntervalMining", |node, ()| {
        let interval = *node.interval().borrow();
        Ok(interval.map(|interval| interval.as_secs()))
    })
}

/// Mines in intervals from now on; with none, only when asked to.
fn set_interval(node: &Node, interval: Duration) -> Reply<()> {
    node.write(|ledger| ledger.chain.set_mining(Mining::OnDemand))?;
    node.set_interval((interval > Duration::ZERO).then_some(interval));
    Ok(())
}

/// One block, at a time; or as anvil has it, `{timestamp, blocks}`.
fn evm_mine(node: &Node, (options,): (Option<Value>,)) -> Reply<&'static str> {
    let (timestamp, blocks) = match &options {
        Some(Value::Object(fields)) => (fields.get("timestamp"), fields.get("blocks")),
        timestamp => (timestamp.as_ref(), None),
    };
    let number = |value: Option<&Value>| match value {
        None | Some(Value::Null) => Ok(None),
        Some(value) => <Number as crate::params::Arg>::read(value)
            .map(|number| Some(number.small()))
            .map_err(|reason| Error::Argument { index: 0, reason }),
    };
    let blocks = number(blocks)?.unwrap_or(1);
    if let Some(timestamp) = number(timestamp)? {
        set_next_timestamp(node, timestamp)?;
    }
    mine(node, blocks, 0)?;
    Ok("0x0")
}

fn mine(node: &Node, blocks: u64, seconds: u64) -> Reply<()> {
    let limit = node.limits.mined_blocks;
    if blocks > limit {
        return Err(Error::TooManyBlocks { blocks, limit });
    }
    let head = node.read(|ledger| ledger.chain.next_timestamp());
    in_time(head.saturating_add(seconds.saturating_mul(blocks)))?;
    let mut mined = 0;
    while mined < blocks {
        let slice = SLICE.min(blocks - mined);
        node.write(|ledger| {
            if mined > 0 && seconds > 0 {
                let next = ledger.chain.last_timestamp().saturating_add(seconds);
                ledger.chain.set_next_timestamp(next)?;
            }
            ledger.chain.mine_many(slice, seconds)
        })?;
        mined += slice;
        if mined < blocks {
            // A lock that is taken again at once is got by nobody else.
            std::thread::sleep(PAUSE);
        }
    }
    Ok(())
}

fn accounts(methods: &mut Methods) -> Result<(), RegisterMethodError> {
    methods.add("anvil_setBalance", |node, (account, Number(balance)): (Address, _)| {
        node.write(|ledger| ledger.chain.set_balance(account, balance))?;
        Ok(Value::Null)
    })?;
    methods.add("anvil_setNonce", |node, (account, nonce): (Address, Number)| {
        node.write(|ledger| ledger.chain.set_nonce(account, nonce.small()))?;
        Ok(Value::Null)
    })?;
    methods.add("anvil_setCode", |node, (account, code): (Address, Bytes)| {
        node.write(|ledger| ledger.chain.set_code(account, code))?;
        Ok(Value::Null)
    })?;
    methods.add("anvil_setStorageAt", set_storage)?;
    methods.add("anvil_impersonateAccount", |node, (account,)| {
        node.write(|ledger| ledger.chain.impersonate(account))?;
        Ok(Value::Null)
    })?;
    methods.add("anvil_stopImpersonatingAccount", |node, (account,)| {
        node.write(|ledger| ledger.chain.stop_impersonating(account))?;
        Ok(Value::Null)
    })?;
    methods.add("anvil_autoImpersonateAccount", |node, (whether,)| {
        node.write(|ledger| ledger.chain.impersonate_all(whether))?;
        Ok(Value::Null)
    })?;
    methods.add("anvil_dropTransaction", |node, (hash,): (B256,)| {
        Ok(node.write(|ledger| ledger.chain.drop_transaction(hash))?.then_some(hash))
    })?;
    for (alias, name) in [
        ("hardhat_setBalance", "anvil_setBalance"),
        ("hardhat_setNonce", "anvil_setNonce"),
        ("hardhat_setCode", "anvil_setCode"),
        ("hardhat_setStorageAt", "anvil_setStorageAt"),
        ("hardhat_impersonateAccount", "anvil_impersonateAccount"),
        ("hardhat_stopImpersonatingAccount", "anvil_stopImpersonatingAccount"),
        ("hardhat_dropTransaction", "anvil_dropTransaction"),
    ] {
        methods.alias(alias, name)?;
    }
    Ok(())
}

fn set_storage(node: &Node, (account, Slot(slot), value): (Address, Slot, B256)) -> Reply<bool> {
    node.write(|ledger| ledger.chain.set_storage(account, slot, U256::from_be_bytes(value.0)))?;
    Ok(true)
}

#[allow(clippy::unnecessary_wraps, reason = "the type of all methods")]
fn node_info(node: &Node, (): ()) -> Reply<Value> {
    let interval = node.interval().borrow().map(|interval| interval.as_secs());
    Ok(node.read(|ledger| {
        let chain = &ledger.chain;
        let head = chain.header(alloy_rpc_types_eth::BlockId::latest());
        json!({
            "currentBlockNumber": U64::from(chain.block_number()),
            "currentBlockTimestamp": head.as_ref().map(|head| head.timestamp),
            "currentBlockHash": head.as_ref().map(|head| head.hash),
            "hardFork": "osaka",
            "transactionOrder": "fifo",
            "environment": {
                "baseFee": U64::from(chain.gas_price()),
                "chainId": chain.chain_id(),
                "gasLimit": head.as_ref().map(|head| U64::from(head.gas_limit)),
                "gasPrice": U64::from(chain.gas_price()),
            },
            "forkConfig": { "forkUrl": null, "forkBlockNumber": null, "forkRetryBackoff": null },
            "miningInterval": interval,
        })
    }))
}
