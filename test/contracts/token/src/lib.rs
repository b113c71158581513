//! A token written with the Stylus SDK, to test the chain that runs it: packed fields, nested
//! mappings, a list, a string, events, errors with arguments, and calls of other contracts.
#![cfg(target_arch = "wasm32")]
#![no_std]
#![allow(unexpected_cfgs, reason = "the SDK's macro asks for features of its own")]
#![allow(missing_docs, clippy::pedantic, reason = "for tests, and much of it generated")]

extern crate alloc;

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use alloy_primitives::{Address, U64, U256};
use alloy_sol_types::sol;
use stylus_sdk::prelude::*;

sol! {
    event Transfer(address indexed from, address indexed to, uint256 value);
    error Insufficient(address owner, uint256 have, uint256 want);
    error NotOwner(address caller);
}

sol_interface! {
    interface IToken {
        function transfer(address to, uint256 value) external returns (bool);
        function balanceOf(address owner) external view returns (uint256);
    }
}

#[derive(SolidityError)]
pub enum Refusal {
    Insufficient(Insufficient),
    NotOwner(NotOwner),
}

sol_storage! {
    #[entrypoint]
    pub struct Token {
        address owner;
        uint64 transfers;
        bool open;
        uint256 total;
        mapping(address => uint256) balances;
        mapping(address => mapping(address => uint256)) allowances;
        uint256[] amounts;
        string name;
    }
}

#[public]
impl Token {
    pub fn open(&mut self, name: String) {
        self.owner.set(self.vm().msg_sender());
        self.open.set(true);
        self.name.set_str(name);
    }

    pub fn name(&self) -> String {
        self.name.get_string()
    }

    pub fn balance_of(&self, owner: Address) -> U256 {
        self.balances.get(owner)
    }

    pub fn mint(&mut self, to: Address, value: U256) -> Result<(), Refusal> {
        let caller = self.vm().msg_sender();
        if caller != self.owner.get() {
            return Err(Refusal::NotOwner(NotOwner { caller }));
        }
        self.total.set(self.total.get() + value);
        self.credit(to, value);
        self.vm().log(Transfer { from: Address::ZERO, to, value });
        Ok(())
    }

    pub fn approve(&mut self, spender: Address, value: U256) {
        let owner = self.vm().msg_sender();
        self.allowances.setter(owner).insert(spender, value);
    }

    pub fn transfer(&mut self, to: Address, value: U256) -> Result<bool, Refusal> {
        let from = self.vm().msg_sender();
        let have = self.balances.get(from);
        if have < value {
            return Err(Refusal::Insufficient(Insufficient { owner: from, have, want: value }));
        }
        self.balances.setter(from).set(have - value);
        self.credit(to, value);
        self.transfers.set(self.transfers.get() + U64::from(1));
        self.amounts.push(value);
        self.vm().log(Transfer { from, to, value });
        Ok(true)
    }

    /// Writes, lets another token transfer, writes again; gives that token's balance of this
    /// contract. What the other reverts with is passed on.
    pub fn pay_with(&mut self, token: IToken, to: Address, value: U256) -> Result<U256, Vec<u8>> {
        self.total.set(self.total.get() + U256::from(1));
        let call = Call::new_mutating(self);
        token.transfer(self.vm(), call, to, value)?;
        self.total.set(self.total.get() + U256::from(10));
        let this = self.vm().contract_address();
        Ok(token.balance_of(self.vm(), Call::new(), this)?)
    }
}

impl Token {
    fn credit(&mut self, to: Address, value: U256) {
        let balance = self.balances.get(to) + value;
        self.balances.insert(to, balance);
    }
}
