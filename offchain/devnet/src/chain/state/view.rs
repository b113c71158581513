//! A state to read: the present one, a past one, or one with overrides.

use std::collections::HashMap;
use std::convert::Infallible;

use alloy_primitives::{Address, B256, U256, keccak256};
use revm::Database;
use revm::bytecode::Bytecode;
use revm::primitives::AddressMap;
use revm::state::{Account, AccountInfo};

use super::{Leaf, State};

/// What differs from the present state.
#[derive(Clone, Debug, Default)]
pub struct Overlay {
    /// Accounts.
    pub leaves: HashMap<Address, Leaf>,
    /// Slots.
    pub slots: HashMap<(Address, U256), U256>,
    /// Accounts whose storage is nothing but what `slots` holds.
    blank: Vec<Address>,
    codes: HashMap<B256, Bytecode>,
    /// Hashes that `BLOCKHASH` gives.
    hashes: HashMap<u64, B256>,
}

/// A state to read and to run transactions on: the present one, a past one, or one with overrides.
#[derive(Clone, Debug)]
pub struct View<'a> {
    state: &'a State,
    overlay: Overlay,
}

impl<'a> View<'a> {
    /// `state` with what differs.
    pub fn new(state: &'a State, overlay: Overlay) -> Self {
        Self { state, overlay }
    }
    /// The account, empty when it does not exist.
    pub fn leaf(&self, address: Address) -> Leaf {
        let leaf = self.overlay.leaves.get(&address).copied();
        leaf.unwrap_or_else(|| self.state.leaf(address))
    }

    /// A storage slot.
    pub fn slot(&self, address: Address, key: U256) -> U256 {
        if let Some(value) = self.overlay.slots.get(&(address, key)) {
            return *value;
        }
        if self.overlay.blank.contains(&address) {
            return U256::ZERO;
        }
        let slots = self.state.slots.get(&address);
        slots.and_then(|slots| slots.get(&key)).copied().unwrap_or_default()
    }

    /// The code with this hash, empty when unknown.
    pub fn code(&self, hash: B256) -> Bytecode {
        let code = self.overlay.codes.get(&hash).or_else(|| self.state.codes.get(&hash));
        code.cloned().unwrap_or_default()
    }

    /// Hash of one of the chain's own blocks.
    pub fn block_hash_of(&self, number: u64) -> Option<B256> {
        usize::try_from(number).ok().and_then(|number| self.state.hashes.get(number).copied())
    }

    /// Overrides an account.
    pub fn override_leaf(&mut self, address: Address, leaf: Leaf) {
        self.overlay.leaves.insert(address, leaf);
    }

    /// Overrides an account's code.
    pub fn override_code(&mut self, address: Address, code: Bytecode) {
        let code_hash = keccak256(code.original_byte_slice());
        let leaf = self.leaf(address);
        self.override_leaf(address, Leaf { code_hash, ..leaf });
        self.overlay.codes.insert(code_hash, code);
    }

    /// Overrides one slot.
    pub fn override_slot(&mut self, address: Address, key: U256, value: U256) {
        self.overlay.slots.insert((address, key), value);
    }

    /// Overrides what `BLOCKHASH` says of a block.
    pub fn override_block_hash(&mut self, number: u64, hash: B256) {
        self.overlay.hashes.insert(number, hash);
    }

    /// Takes over what a transaction changed.
    pub fn commit(&mut self, changes: AddressMap<Account>) {
        for (address, account) in changes.into_iter().filter(|(_, account)| account.is_touched()) {
            if account.is_selfdestructed() {
                self.override_leaf(address, Leaf::default());
                continue;
            }
            for (key, slot) in account.changed_storage_slots() {
                self.override_slot(address, *key, slot.present_value());
            }
            let AccountInfo { balance, nonce, code_hash, code, .. } = account.info;
            if let Some(code) = code.filter(|code| !code.is_empty()) {
                self.overlay.codes.insert(code_hash, code);
            }
            self.override_leaf(address, Leaf { balance, nonce, code_hash });
        }
    }

    /// Forgets an account's storage.
    pub fn blank_storage(&mut self, address: Address) {
        self.overlay.slots.retain(|(owner, _), _| *owner != address);
        self.overlay.blank.push(address);
    }
}

impl Database for View<'_> {
    type Error = Infallible;

    fn basic(&mut self, address: Address) -> Result<Option<AccountInfo>, Infallible> {
        let leaf = self.leaf(address);
        Ok((!leaf.is_empty()).then(|| leaf.info()))
    }

    fn code_by_hash(&mut self, hash: B256) -> Result<Bytecode, Infallible> {
        Ok(self.code(hash))
    }

    fn storage(&mut self, address: Address, key: U256) -> Result<U256, Infallible> {
        Ok(self.slot(address, key))
    }

    /// `BLOCKHASH` on Arbitrum names blocks of the parent chain. There is none here, so each gets
    /// a fixed pseudo-random hash.
    fn block_hash(&mut self, number: u64) -> Result<B256, Infallible> {
        if let Some(hash) = self.overlay.hashes.get(&number) {
            return Ok(*hash);
        }
        let mut preimage = b"opml devnet parent block".to_vec();
        preimage.extend(number.to_be_bytes());
        Ok(keccak256(preimage))
    }
}
