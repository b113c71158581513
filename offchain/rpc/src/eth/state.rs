//! Accounts.

use alloy_primitives::{Address, B256, Bytes, U64, U256};
use jsonrpsee::core::RegisterMethodError;

use crate::methods::{Methods, Reply};
use crate::node::Node;
use crate::params::{At, Slot};

pub fn register(methods: &mut Methods) -> Result<(), RegisterMethodError> {
    methods.add("eth_getBalance", balance)?;
    methods.add("eth_getTransactionCount", nonce)?;
    methods.add("eth_getCode", code)?;
    methods.add("eth_getStorageAt", storage)
}

fn balance(node: &Node, (account, At(at)): (Address, At)) -> Reply<U256> {
    Ok(node.read(|ledger| ledger.chain.balance(account, at))?)
}

fn nonce(node: &Node, (account, At(at)): (Address, At)) -> Reply<U64> {
    Ok(U64::from(node.read(|ledger| ledger.chain.nonce(account, at))?))
}

fn code(node: &Node, (account, At(at)): (Address, At)) -> Reply<Bytes> {
    Ok(node.read(|ledger| ledger.chain.code(account, at))?)
}

fn storage(node: &Node, (account, Slot(slot), At(at)): (Address, Slot, At)) -> Reply<B256> {
    Ok(node.read(|ledger| ledger.chain.storage(account, slot, at))?)
}
