//! Fixing hub and price, once.

use alloc::vec::Vec;

use opml_host::{Answer, Arguments, concat, emit, host, require, words};

use super::records::{self, Configuration};
use crate::abi::ICourier::{AlreadyInitialized, Initialized, NoHub};

pub fn initialize(arguments: Arguments<'_>) -> Answer<()> {
    let (nonce, hub, gas_price) =
        (arguments.number(0)?, arguments.address(1)?, arguments.number(2)?);
    host::require_creator(nonce)?;
    require!(records::configuration().hub.is_zero(), AlreadyInitialized);
    require!(host::has_code(hub), NoHub, hub);
    records::set_configuration(Configuration { hub, gas_price });
    emit!(Initialized [], hub, gas_price);
    Ok(())
}

pub fn configuration() -> Vec<u8> {
    let Configuration { hub, gas_price } = records::configuration();
    concat(&words![hub, gas_price])
}
