//! Fixing the hub, once. One word is all that is kept: the hub and its bond, both immutable.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256};
use alloy_sol_types::SolCall;
use opml_host::{Answer, Arguments, Packer, Record, Unpacker, concat, emit, host, require, words};

use crate::abi::IBatch::{AlreadyInitialized, Initialized, NoHub};
use crate::abi::hub::IHub::parametersCall;

/// Position of the server bond in what the hub's `parameters` returns.
const SERVER_BOND: usize = 7;

#[derive(Clone, Copy)]
pub struct Configuration {
    pub hub: Address,
    pub bond: u128,
}

pub fn initialize(arguments: Arguments<'_>) -> Answer<()> {
    let (nonce, hub) = (arguments.number(0)?, arguments.address(1)?);
    host::require_creator(nonce)?;
    require!(kept().hub.is_zero(), AlreadyInitialized);
    let bond = bond_of(hub);
    require!(bond != 0, NoHub, hub);
    record().set(0, Packer::default().address(hub).number(bond, 12).word());
    emit!(Initialized [], hub, bond);
    Ok(())
}

/// Zero if there is no hub, or none that is initialised. A hub's bond is below 2^96.
fn bond_of(hub: Address) -> u128 {
    let answer = host::query(hub, &parametersCall::SELECTOR);
    answer.and_then(|answer| Arguments(&answer).number(SERVER_BOND)).unwrap_or_default()
}

fn record() -> Record {
    Record::new(0, B256::ZERO)
}

pub fn kept() -> Configuration {
    let mut word = Unpacker::new(record().get(0));
    Configuration { hub: word.address(), bond: word.number(12) }
}

pub fn configuration() -> Vec<u8> {
    let Configuration { hub, bond } = kept();
    concat(&words![hub, bond])
}
