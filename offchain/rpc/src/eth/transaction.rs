//! Transactions: asked for, signed and sent.

use std::sync::Arc;
use std::time::Duration;

use alloy_consensus::TxEnvelope;
use alloy_eips::eip2718::Encodable2718;
use alloy_primitives::{Address, B256, Bytes, Signature, keccak256};
use alloy_rpc_types_eth::{BlockId, BlockNumberOrTag, Transaction, TransactionRequest};
use alloy_signer::SignerSync;
use jsonrpsee::core::RegisterMethodError;
use opml_devnet::chain::{Invalid, SendError};
use serde_json::{Value, json as object};
use tokio::time::Instant;

use super::json;
use crate::error::Error;
use crate::methods::{Methods, Reply};
use crate::node::Node;
use crate::params::{Call, Quantity};

pub fn register(methods: &mut Methods) -> Result<(), RegisterMethodError> {
    methods.add("eth_getTransactionByHash", |node, (hash,)| {
        Ok(node.read(|ledger| ledger.chain.transaction(hash)))
    })?;
    methods.add(
        "eth_getTransactionByBlockNumberAndIndex",
        |node, (tag, index): (BlockNumberOrTag, _)| Ok(in_block(node, tag.into(), index)),
    )?;
    methods.add("eth_getTransactionByBlockHashAndIndex", |node, (hash, index): (B256, _)| {
        Ok(in_block(node, hash.into(), index))
    })?;
    methods.add("eth_getRawTransactionByHash", |node, (hash,)| {
        Ok(node.read(|ledger| ledger.chain.raw_transaction(hash)))
    })?;
    methods.add("eth_getTransactionReceipt", receipt)?;
    methods.add("eth_sendTransaction", send)?;
    methods.add("eth_signTransaction", sign_transaction)?;
    methods.add("eth_sign", |node, (account, message)| sign(node, account, &message))?;
    methods.add("personal_sign", |node, (message, account)| sign(node, account, &message))?;
    methods.add_async("eth_sendRawTransaction", |node, (raw,): (Bytes,)| send_raw(node, raw))
}

fn in_block(node: &Node, at: BlockId, Quantity(index): Quantity) -> Option<Transaction> {
    let index = usize::try_from(index).ok()?;
    node.read(|ledger| ledger.chain.transaction_in(at, index))
}

fn receipt(node: &Node, (hash,): (B256,)) -> Reply<Option<Value>> {
    node.read(|ledger| {
        let receipt = ledger.chain.receipt(hash);
        receipt.map(|receipt| json::receipt(&ledger.chain, &receipt)).transpose()
    })
}

/// A request that says one thing only, and creates no contract of nothing.
fn checked(Call(request): Call) -> Reply<TransactionRequest> {
    let input = request.input.unique_input().map_err(|_| Error::TwoInputs)?;
    let creates = request.to.is_none_or(|to| to.is_create());
    if creates && input.is_none_or(|input| input.is_empty()) {
        return Err(Error::EmptyCreation);
    }
    Ok(request)
}

fn send(node: &Node, (request,): (Call,)) -> Reply<B256> {
    let request = checked(request)?;
    node.write(|ledger| {
        let hash = ledger.chain.send_request(request)?;
        ledger.accept(hash);
        Ok(hash)
    })
}

fn sign_transaction(node: &Node, (request,): (Call,)) -> Reply<Value> {
    let request = checked(request)?;
    let tx: TxEnvelope = node.read(|ledger| ledger.chain.sign_request(request))?;
    Ok(object!({ "raw": Bytes::from(tx.encoded_2718()), "tx": tx }))
}

/// Signs a message by EIP-191.
fn sign(node: &Node, account: Address, message: &Bytes) -> Reply<Bytes> {
    let signature: Signature = node.read(|ledger| {
        let signer = ledger.chain.signer(account).ok_or(Error::UnknownAccount)?;
        Ok::<_, Error>(signer.sign_message_sync(message)?)
    })?;
    Ok(signature.as_bytes().into())
}

/// Takes a signed transaction. Where one before it is missing, it waits a little: clients that send
/// several at once do not always deliver them in order.
async fn send_raw(node: Arc<Node>, raw: Bytes) -> Reply<B256> {
    let deadline = Instant::now() + node.limits.nonce_gap_wait;
    let mut changes = node.changes();
    loop {
        changes.mark_unchanged();
        let (again, raw) = (node.clone(), raw.clone());
        let sent = tokio::task::spawn_blocking(move || try_raw(&again, &raw));
        let sent = sent.await.unwrap_or(Err(Error::Panicked));
        let Err(Error::Send(SendError::Invalid(Invalid::NonceTooHigh { .. }))) = sent else {
            return sent;
        };
        let left = deadline.saturating_duration_since(Instant::now());
        if left == Duration::ZERO || tokio::time::timeout(left, changes.changed()).await.is_err() {
            return sent;
        }
    }
}

fn try_raw(node: &Node, raw: &Bytes) -> Reply<B256> {
    let hash = keccak256(raw);
    node.attempt(|ledger| {
        if ledger.chain.is_waiting(hash) {
            return Err(Error::AlreadyKnown);
        }
        let hash = ledger.chain.send_raw(raw)?;
        ledger.accept(hash);
        Ok(hash)
    })
}
