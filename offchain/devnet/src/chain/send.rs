//! Transactions on their way into a block.

use alloy_consensus::transaction::{Recovered, SignerRecoverable};
use alloy_consensus::{SignableTransaction, Transaction, TxEnvelope, TypedTransaction};
use alloy_eips::BlockId;
use alloy_eips::eip2718::Decodable2718;
use alloy_primitives::{Address, B256, Signature, U256};
use alloy_rpc_types_eth::TransactionRequest;
use alloy_signer::SignerSync;
use alloy_signer_local::PrivateKeySigner;

use super::call::Overrides;
use super::control::Mining;
use super::error::{Invalid, SendError};
use super::store::StoreError;
use super::{Chain, run};

impl Chain {
    /// Takes a signed transaction in its network encoding; with [`Mining::Instant`] it is mined
    /// when this returns. Gives its hash.
    ///
    /// # Errors
    /// [`SendError`]; a transaction that is valid and fails is none.
    pub fn send_raw(&mut self, raw: &[u8]) -> Result<B256, SendError> {
        let tx = TxEnvelope::decode_2718_exact(raw)?;
        let signer = tx.recover_signer()?;
        self.accept(Recovered::new_unchecked(tx, signer))
    }

    /// Fills in what `request` leaves open, signs it with a key the chain holds or impersonates
    /// its sender, and takes it like [`Self::send_raw`].
    ///
    /// # Errors
    /// [`SendError`].
    pub fn send_request(&mut self, request: TransactionRequest) -> Result<B256, SendError> {
        let sender = self.sender(&request);
        let tx = self.fill(request, sender)?;
        let tx = self.sign(tx, sender)?;
        self.accept(Recovered::new_unchecked(tx, sender))
    }

    /// Signs a completed request without sending it.
    ///
    /// # Errors
    /// [`SendError`].
    pub fn sign_request(&self, request: TransactionRequest) -> Result<TxEnvelope, SendError> {
        let sender = self.sender(&request);
        let signer = self.signer(sender).ok_or(SendError::NoKey(sender))?;
        let tx = self.fill(request, sender)?;
        let signature = signer.sign_hash_sync(&tx.signature_hash())?;
        Ok(tx.into_envelope(signature))
    }

    /// The key of an account, if the chain holds it.
    pub fn signer(&self, account: Address) -> Option<&PrivateKeySigner> {
        self.config.signers.iter().find(|signer| signer.address() == account)
    }

    /// Accounts whose keys the chain holds.
    pub fn accounts(&self) -> Vec<Address> {
        self.config.signers.iter().map(PrivateKeySigner::address).collect()
    }

    /// Transactions waiting for a block, in order.
    pub fn pool(&self) -> &[Recovered<TxEnvelope>] {
        self.pool.transactions()
    }

    /// Whether a transaction waits for a block.
    pub fn is_waiting(&self, hash: B256) -> bool {
        self.pool.get(hash).is_some()
    }

    /// Drops a waiting transaction; false if it is not waiting.
    ///
    /// # Errors
    /// As [`Self::mine`].
    pub fn drop_transaction(&mut self, hash: B256) -> Result<bool, StoreError> {
        let was_there = self.pool.remove(hash);
        self.commit()?;
        Ok(was_there)
    }

    /// The nonce of an account's next transaction, those waiting counted.
    pub fn next_nonce(&self, account: Address) -> u64 {
        self.state.leaf(account).nonce.saturating_add(self.pool.count(account))
    }

    fn sender(&self, request: &TransactionRequest) -> Address {
        let first = || self.config.signers.first().map(PrivateKeySigner::address);
        request.from.or_else(first).unwrap_or_default()
    }

    fn accept(&mut self, tx: Recovered<TxEnvelope>) -> Result<B256, SendError> {
        let hash = *tx.inner().tx_hash();
        match self.mining {
            Mining::Instant => {
                self.mine_alone(tx)?;
            }
            Mining::OnDemand => {
                if self.pool.transactions().len() >= self.config.pool_limit {
                    return Err(SendError::PoolFull);
                }
                self.check(&tx)?;
                self.pool.push(tx);
            }
        }
        self.commit()?;
        Ok(hash)
    }

    /// Checks what can be said before the block is known.
    fn check(&self, tx: &Recovered<TxEnvelope>) -> Result<(), Invalid> {
        let env = run::tx_env(tx, self.config.base_fee, self.config.chain_id)?;
        let sender = tx.signer();
        let (state, tx_nonce) = (self.next_nonce(sender), tx.nonce());
        if tx_nonce < state {
            return Err(Invalid::NonceTooLow { sender, tx: tx_nonce, state });
        }
        if tx_nonce > state {
            return Err(Invalid::NonceTooHigh { sender, tx: tx_nonce, state });
        }
        let gas = U256::from(env.gas_price).saturating_mul(U256::from(env.gas_limit));
        let want = gas.saturating_add(env.value);
        let have = self.state.leaf(sender).balance;
        if have < want {
            return Err(Invalid::Funds { sender, have, want });
        }
        Ok(())
    }

    /// Completes a request: nonce, fees, gas limit, chain id.
    fn fill(
        &self,
        mut request: TransactionRequest,
        sender: Address,
    ) -> Result<TypedTransaction, SendError> {
        request.from = Some(sender);
        request.chain_id.get_or_insert(self.config.chain_id);
        request.nonce.get_or_insert(self.next_nonce(sender));
        request.to.get_or_insert(alloy_primitives::TxKind::Create);
        if request.gas_price.is_none() {
            let cap = 2 * u128::from(self.config.base_fee);
            request.max_fee_per_gas.get_or_insert(cap);
            request.max_priority_fee_per_gas.get_or_insert(0);
        }
        if request.gas.is_none() {
            let gas = self.estimate_gas(&request, BlockId::pending(), &Overrides::default())?;
            request.gas = Some(gas);
        }
        request.build_typed_tx().map_err(|request| {
            let missing = request.missing_keys().err();
            SendError::Request(missing.map_or_else(String::new, |(_, keys)| keys.join(", ")))
        })
    }

    fn sign(&self, tx: TypedTransaction, sender: Address) -> Result<TxEnvelope, SendError> {
        if let Some(signer) = self.signer(sender) {
            let signature = signer.sign_hash_sync(&tx.signature_hash())?;
            return Ok(tx.into_envelope(signature));
        }
        if !self.impersonate_all && !self.impersonated.contains(&sender) {
            return Err(SendError::NoKey(sender));
        }
        // Nobody checks it; it makes the hash depend on the sender.
        let stand_in = Signature::new(sender.into_word().into(), U256::ONE, false);
        Ok(tx.into_envelope(stand_in))
    }
}
