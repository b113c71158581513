//! The chain's state: accounts, storage and code in memory, with a log of what every change
//! replaced.
//!
//! The log makes past states cheap: a block or snapshot is a [`Mark`] in it, going back undoes the
//! log's end, and a query at a past block reads through an [`Overlay`] of what changed since.

mod redo;
mod view;

use std::collections::{BTreeMap, HashMap};
use std::num::TryFromIntError;

use alloy_primitives::{Address, B256, Bytes, KECCAK256_EMPTY, U256, keccak256};
use revm::bytecode::Bytecode;
use revm::primitives::AddressMap;
use revm::state::{Account, AccountInfo};

use view::Overlay;
pub use view::View;

/// Code as the EVM takes it; a malformed delegation (EIP-7702) is code like any other.
pub fn bytecode(code: Bytes) -> Bytecode {
    Bytecode::new_raw_checked(code.clone()).unwrap_or_else(|_| Bytecode::new_legacy(code))
}

/// A point in the log of changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark(usize);

impl Mark {
    /// Changes before it.
    pub fn position(self) -> u64 {
        self.0 as u64
    }
}

impl TryFrom<u64> for Mark {
    type Error = TryFromIntError;

    fn try_from(position: u64) -> Result<Self, TryFromIntError> {
        position.try_into().map(Self)
    }
}

/// Balance, nonce and code hash; an account without any of them does not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// Wei.
    pub balance: U256,
    /// Transactions sent, or contracts created.
    pub nonce: u64,
    /// Keccak-256 of the code.
    pub code_hash: B256,
}

impl Default for Leaf {
    fn default() -> Self {
        Self { balance: U256::ZERO, nonce: 0, code_hash: KECCAK256_EMPTY }
    }
}

impl Leaf {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn digest(&self) -> B256 {
        let parts: [B256; 3] = [self.balance.into(), U256::from(self.nonce).into(), self.code_hash];
        keccak256(parts.concat())
    }

    fn info(self) -> AccountInfo {
        AccountInfo {
            balance: self.balance,
            nonce: self.nonce,
            code_hash: self.code_hash,
            code: None,
            ..AccountInfo::default()
        }
    }
}

/// What a change made of an account or slot; an account that is gone is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// An account.
    Leaf(Address, Option<Leaf>),
    /// A slot: account, key, value.
    Slot(Address, U256, U256),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Replaced {
    Leaf(Address, Option<Leaf>),
    Slot(Address, U256, U256),
}

/// Accounts, storage and code.
#[derive(Clone, Debug, Default)]
pub struct State {
    leaves: HashMap<Address, Leaf>,
    slots: HashMap<Address, HashMap<U256, U256>>,
    codes: HashMap<B256, Bytecode>,
    log: Vec<Replaced>,
    /// Hashes of the chain's own blocks, by number.
    hashes: Vec<B256>,
}

impl State {
    /// The account, empty when it does not exist.
    pub fn leaf(&self, address: Address) -> Leaf {
        self.leaves.get(&address).copied().unwrap_or_default()
    }

    /// The present point in the log.
    pub fn mark(&self) -> Mark {
        Mark(self.log.len())
    }

    /// Replaces an account; an empty one is removed.
    pub fn set_leaf(&mut self, address: Address, leaf: Leaf) {
        let before = if leaf.is_empty() {
            self.leaves.remove(&address)
        } else {
            self.leaves.insert(address, leaf)
        };
        let after = (!leaf.is_empty()).then_some(leaf);
        if before != after {
            self.log.push(Replaced::Leaf(address, before));
        }
    }

    /// Replaces a storage slot.
    pub fn set_slot(&mut self, address: Address, key: U256, value: U256) {
        let before = self.put_slot(address, key, value);
        if before != value {
            self.log.push(Replaced::Slot(address, key, before));
        }
    }

    /// Replaces an account's code.
    pub fn set_code(&mut self, address: Address, code: Bytecode) {
        let leaf = self.leaf(address);
        let code_hash = self.keep_code(code);
        self.set_leaf(address, Leaf { code_hash, ..leaf });
    }

    /// Keeps code for accounts to come; gives its hash.
    pub fn keep_code(&mut self, code: Bytecode) -> B256 {
        if code.is_empty() {
            return KECCAK256_EMPTY;
        }
        let hash = keccak256(code.original_byte_slice());
        self.codes.entry(hash).or_insert(code);
        hash
    }

    /// Whether the code with this hash is known.
    pub fn has_code(&self, hash: B256) -> bool {
        self.codes.contains_key(&hash)
    }

    fn put_slot(&mut self, address: Address, key: U256, value: U256) -> U256 {
        let slots = self.slots.entry(address).or_default();
        let before = if value.is_zero() { slots.remove(&key) } else { slots.insert(key, value) };
        before.unwrap_or_default()
    }

    /// Takes over what a transaction changed, in an order that depends on nothing else.
    pub fn commit(&mut self, changes: AddressMap<Account>) {
        let mut changes: Vec<(Address, Account)> =
            changes.into_iter().filter(|(_, account)| account.is_touched()).collect();
        changes.sort_unstable_by_key(|(address, _)| *address);
        for (address, account) in changes {
            if account.is_selfdestructed() {
                self.set_leaf(address, Leaf::default());
                continue;
            }
            let AccountInfo { balance, nonce, code_hash, .. } = account.info;
            if let Some(code) = &account.info.code
                && !code.is_empty()
            {
                self.codes.entry(code_hash).or_insert_with(|| code.clone());
            }
            self.set_leaf(address, Leaf { balance, nonce, code_hash });
            let slots = account.changed_storage_slots();
            let mut slots: Vec<(U256, U256)> =
                slots.map(|(key, slot)| (*key, slot.present_value())).collect();
            slots.sort_unstable();
            for (key, value) in slots {
                self.set_slot(address, key, value);
            }
        }
    }

    /// Undoes everything after `mark`; `blocks` is how many blocks stay.
    pub fn rewind(&mut self, mark: Mark, blocks: usize) {
        while self.log.len() > mark.0 {
            match self.log.pop() {
                Some(Replaced::Leaf(address, Some(leaf))) => {
                    self.leaves.insert(address, leaf);
                }
                Some(Replaced::Leaf(address, None)) => {
                    self.leaves.remove(&address);
                }
                Some(Replaced::Slot(address, key, value)) => {
                    self.put_slot(address, key, value);
                }
                None => {}
            }
        }
        self.hashes.truncate(blocks);
    }

    /// A running commitment to the state: the one before, hashed with what changed since `since`.
    ///
    /// It stands where Ethereum has the root of a tree over all accounts. That of Arbitrum covers
    /// what is inside `ArbOS`, so none computed here could be compared with another node's.
    pub fn commitment(&self, before: B256, since: Mark) -> B256 {
        let mut changed: BTreeMap<(Address, Option<U256>), B256> = BTreeMap::new();
        for replaced in self.log.iter().skip(since.0) {
            match *replaced {
                Replaced::Leaf(address, _) => {
                    changed.insert((address, None), self.leaf(address).digest());
                }
                Replaced::Slot(address, key, _) => {
                    let value = self.now().slot(address, key);
                    changed.insert((address, Some(key)), value.into());
                }
            }
        }
        let mut preimage = before.to_vec();
        for ((address, key), value) in changed {
            preimage.extend(address);
            preimage.extend(key.map_or([0; 32], |key| key.to_be_bytes()));
            preimage.push(key.is_some().into());
            preimage.extend(value);
        }
        keccak256(preimage)
    }

    /// Notes the hash of the next block.
    pub fn push_hash(&mut self, hash: B256) {
        self.hashes.push(hash);
    }

    /// The state as it was at `mark`.
    pub fn at(&self, mark: Mark) -> View<'_> {
        let mut overlay = Overlay::default();
        // The earliest change after the mark tells what was there.
        for replaced in self.log.iter().skip(mark.0).rev() {
            match *replaced {
                Replaced::Leaf(address, leaf) => {
                    overlay.leaves.insert(address, leaf.unwrap_or_default());
                }
                Replaced::Slot(address, key, value) => {
                    overlay.slots.insert((address, key), value);
                }
            }
        }
        View::new(self, overlay)
    }

    /// The present state.
    pub fn now(&self) -> View<'_> {
        View::new(self, Overlay::default())
    }
}
