//! From an intent to a block.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use alloy_consensus::{SignableTransaction, TxEip1559, TxEnvelope};
use alloy_eips::eip2718::Encodable2718;
use alloy_primitives::{TxKind, U256};
use alloy_provider::Provider;
use alloy_rpc_types_eth::TransactionRequest;
use alloy_signer::SignerSync;
use opml_client::ClientError;

use super::gap::Gap;
use super::{Problem, SenderError, Sending, Tick};
use crate::intent::Intent;
use crate::store::{Mined, Record, Signed, State};

/// A transaction gets so many percent of the gas that it was estimated to need: state moves meanwhile.
const GAS_PERCENT: u64 = 130;

/// A node is told again of a transaction that waits for a block so long.
const REMIND_AFTER: Duration = Duration::from_secs(2);

/// Times that the node may refuse a transaction that it does not know.
const REFUSALS: u32 = 3;

/// A receipt is looked for so long after its nonce was seen to be used: receipts come late.
const RECEIPT_PATIENCE: Duration = Duration::from_secs(5);

/// Nonce, gas limit and transactions of an intent that is signed.
pub(super) type Sent = (u64, u64, Vec<Signed>);

impl Sending {
    /// Does an intent: goes on where the database says it is. Returns its last state, and wei of gas; none
    /// if nothing is signed, for what it would cost.
    pub(super) async fn perform(
        &self,
        intent: &Intent,
        tick: Tick,
    ) -> Result<Option<(State, U256)>, Problem> {
        let known = self.store.get(&intent.key)?.map(|record| record.state);
        let sent = match known {
            Some(State::Sent { nonce, gas, transactions }) => (nonce, gas, transactions),
            _ => match self.sign_first(intent).await? {
                Some(signed) => signed,
                None => return Ok(None),
            },
        };
        self.follow(intent, sent, tick).await.map(Some)
    }

    /// Whether a transaction of an intent may be on its way.
    pub(super) fn is_sent(&self, intent: &Intent) -> Result<bool, SenderError> {
        let record = self.store.get(&intent.key)?;
        Ok(record.is_some_and(|record| record.state.is_sent()))
    }

    pub(super) fn write(&self, intent: &Intent, state: State) -> Result<(), SenderError> {
        Ok(self.store.put(&Record { intent: intent.clone(), state })?)
    }

    /// Asks the chain whether it would do anything, takes a nonce, signs, and writes all that down.
    async fn sign_first(&self, intent: &Intent) -> Result<Option<Sent>, Problem> {
        let price = self.connection.get_gas_price().await?;
        if !intent.urgency.is_urgent() && price > self.gas.max_price.0.saturating_to() {
            return Ok(None);
        }
        self.write(intent, State::Written)?;
        let _turn = self.signing.turn().await;
        let nonce = self.free_nonce().await?;
        self.sign_with(intent, nonce).await.map(Some)
    }

    /// The first nonce that no block has used and nothing is signed with, whatever waits in a node's pool:
    /// nothing of ours does but what was believed refused, and of two transactions with one nonce only one can
    /// come.
    async fn free_nonce(&self) -> Result<u64, Problem> {
        let used = self.connection.get_transaction_count(self.signer.address()).await?;
        let signed: BTreeSet<u64> =
            self.store.records()?.iter().filter_map(Record::nonce).collect();
        Ok((used..=u64::MAX).find(|nonce| !signed.contains(nonce)).unwrap_or(used))
    }

    /// Signs with a nonce, and writes that down.
    pub(super) async fn sign_with(&self, intent: &Intent, nonce: u64) -> Result<Sent, Problem> {
        let request = TransactionRequest {
            from: Some(self.signer.address()),
            to: Some(TxKind::Call(intent.call.to)),
            value: Some(intent.call.value),
            input: intent.call.data.clone().into(),
            ..TransactionRequest::default()
        };
        let gas = self.connection.estimate_gas(request).await?;
        tracing::debug!(intent = %intent.key, gas, "estimated");
        let gas = gas.saturating_mul(GAS_PERCENT) / 100;
        let fee = self.fee(intent, None).await?;
        let transactions = vec![self.sign(intent, (nonce, gas), fee)?];
        let state = State::Sent { nonce, gas, transactions: transactions.clone() };
        self.write(intent, state)?;
        tracing::debug!(intent = %intent.key, nonce, gas, "signed");
        Ok((nonce, gas, transactions))
    }

    /// Most wei to offer for a unit of gas.
    fn limit(&self, intent: &Intent) -> u128 {
        let urgent = intent.urgency.is_urgent() || self.pressed.get();
        let limit = if urgent { self.gas.max_urgent_price.0 } else { self.gas.max_price.0 };
        limit.saturating_to()
    }

    /// Wei to offer for a unit of gas; more than `before` if that waits too long.
    pub(super) async fn fee(&self, intent: &Intent, before: Option<u128>) -> Result<u128, Problem> {
        let price = self.connection.get_gas_price().await?;
        let least = before.map_or(0, |fee| {
            fee.saturating_mul(u128::from(100 + self.gas.bump_percent)).div_ceil(100)
        });
        // Twice the price: the base fee may rise before the transaction is in a block.
        let fee = price.saturating_mul(2).max(least);
        Ok(fee.min(self.limit(intent)))
    }

    fn sign(
        &self,
        intent: &Intent,
        (nonce, gas_limit): (u64, u64),
        fee: u128,
    ) -> Result<Signed, SenderError> {
        let transaction = TxEip1559 {
            chain_id: self.chain_id,
            nonce,
            gas_limit,
            max_fee_per_gas: fee,
            max_priority_fee_per_gas: 0,
            to: TxKind::Call(intent.call.to),
            value: intent.call.value,
            access_list: alloy_eips::eip2930::AccessList::default(),
            input: intent.call.data.clone(),
        };
        let signature =
            self.signer.sign_hash_sync(&transaction.signature_hash()).map_err(SenderError::Sign)?;
        let signed: TxEnvelope = transaction.into_signed(signature).into();
        Ok(Signed { hash: *signed.hash(), raw: signed.encoded_2718().into(), max_fee: fee })
    }

    /// Sends what is signed until one of it, or another transaction with the nonce, is in a block.
    pub(super) async fn follow(
        &self,
        intent: &Intent,
        (nonce, gas, mut transactions): Sent,
        tick: Tick,
    ) -> Result<(State, U256), Problem> {
        let (mut used, mut refusals) = (None::<Instant>, 0);
        // With more than one, a node has had the first of them.
        let mut taken = transactions.len() > 1;
        let (mut sent, mut waited, mut told) = (false, Instant::now(), Instant::now());
        let (mut gap, mut tried) = (Gap::default(), false);
        loop {
            if let Some((mined, cost)) = self.find(&transactions).await? {
                let state = State::Mined { mined, nonce, gas, transactions };
                let record = Record { intent: intent.clone(), state: state.clone() };
                self.store.settle(&record, tick.now, cost)?;
                return Ok((state, cost));
            }
            let next = self.connection.get_transaction_count(self.signer.address()).await?;
            if next < nonce {
                // What it waits for is not its price.
                waited = Instant::now();
            }
            if gap.lasts(next, nonce) {
                self.fill(next, tick).await?;
                gap.closed();
                (sent, waited) = (false, Instant::now());
            } else if next > nonce {
                if used.get_or_insert_with(Instant::now).elapsed() >= RECEIPT_PATIENCE {
                    self.write(intent, State::Dropped)?;
                    return Ok((State::Dropped, U256::ZERO));
                }
            } else if !sent && next < nonce && tried && told.elapsed() < REMIND_AFTER {
                // Nodes may refuse what has to wait for another.
            } else if !sent {
                sent = self.broadcast(intent, &transactions).await?;
                (tried, taken) = (true, taken || sent);
                refusals += u32::from(!sent && next == nonce);
                // What a node has had may still come: then it is waited for.
                if refusals >= REFUSALS && !taken {
                    // Whatever is signed next has the same nonce: only one of them can come.
                    self.write(intent, State::Dropped)?;
                    return Ok((State::Dropped, U256::ZERO));
                }
                told = Instant::now();
                if sent {
                    continue;
                }
            } else if self.is_late(waited.elapsed(), &transactions).await? {
                self.bump(intent, (nonce, gas), &mut transactions).await?;
                (sent, waited) = (false, Instant::now());
            } else if told.elapsed() >= REMIND_AFTER {
                // A node may have forgotten it, or its block.
                sent = false;
                continue;
            }
            tokio::time::sleep(self.poll).await;
        }
    }

    /// Whether a transaction has waited too long: for so long, or for a price that it does not offer while
    /// something urgent waits behind it.
    pub(super) async fn is_late(
        &self,
        waited: Duration,
        transactions: &[Signed],
    ) -> Result<bool, Problem> {
        if waited.as_millis() >= u128::from(self.gas.bump_after_ms) {
            return Ok(true);
        }
        let offered = transactions.last().map_or(0, |transaction| transaction.max_fee);
        Ok(self.pressed.get() && offered < self.connection.get_gas_price().await?)
    }

    /// Signs a dearer one, if the limit allows it.
    async fn bump(
        &self,
        intent: &Intent,
        (nonce, gas): (u64, u64),
        transactions: &mut Vec<Signed>,
    ) -> Result<(), Problem> {
        let before = transactions.last().map(|transaction| transaction.max_fee);
        let fee = self.fee(intent, before).await?;
        if before.is_some_and(|before| fee <= before) {
            tracing::warn!(intent = %intent.key, "waits for a block at the highest price allowed");
            return Ok(());
        }
        transactions.push(self.sign(intent, (nonce, gas), fee)?);
        let state = State::Sent { nonce, gas, transactions: transactions.clone() };
        Ok(self.write(intent, state)?)
    }

    /// Sends the dearest one. Whether the node has it now.
    pub(super) async fn broadcast(
        &self,
        intent: &Intent,
        transactions: &[Signed],
    ) -> Result<bool, Problem> {
        let Some(last) = transactions.last() else { return Ok(false) };
        let answer = self.connection.send_raw_transaction(&last.raw).await;
        let Err(error) = answer else {
            tracing::debug!(intent = %intent.key, transaction = %last.hash, "sent");
            return Ok(true);
        };
        if error.as_error_resp().is_none() {
            return Err(ClientError::from(error).into());
        }
        // Nodes do not agree on the words for a transaction that they have already.
        let known = self.connection.get_transaction_by_hash(last.hash).await?.is_some();
        if !known {
            tracing::warn!(intent = %intent.key, %error, "the node does not take the transaction");
        }
        Ok(known)
    }

    /// Looks for one of an intent's transactions in the chain.
    async fn find(&self, transactions: &[Signed]) -> Result<Option<(Mined, U256)>, Problem> {
        for Signed { hash, .. } in transactions.iter().rev() {
            let Some(receipt) = self.connection.get_transaction_receipt(*hash).await? else {
                continue;
            };
            let (Some(block), Some(block_hash)) = (receipt.block_number, receipt.block_hash) else {
                continue;
            };
            let mined = Mined { hash: *hash, block, block_hash, success: receipt.status() };
            let cost = U256::from(receipt.gas_used) * U256::from(receipt.effective_gas_price);
            return Ok(Some((mined, cost)));
        }
        Ok(None)
    }

    /// Whether a transaction is still where it was found. Only a node that says otherwise is believed.
    pub(super) async fn is_mined(&self, mined: &Mined) -> bool {
        match self.connection.get_transaction_receipt(mined.hash).await {
            Ok(receipt) => {
                receipt.is_some_and(|receipt| receipt.block_hash == Some(mined.block_hash))
            }
            Err(_) => true,
        }
    }
}
