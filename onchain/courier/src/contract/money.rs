//! Pay that was earned.

use alloy_primitives::Address;
use opml_host::{Answer, Arguments, emit, host, require};

use super::records;
use crate::abi::ICourier::{InsufficientFunds, PaymentRefused, Withdrawn};

/// Owes `account` more. All the ether there is is far below 2^128 wei.
pub fn credit(account: Address, amount: u128) {
    let credit = records::credit_of(account);
    credit.set(credit.get().saturating_add(amount));
}

pub fn withdraw(arguments: Arguments<'_>) -> Answer<()> {
    let (to, amount) = (arguments.address(0)?, arguments.number::<u128>(1)?);
    let account = host::sender();
    let credit = records::credit_of(account);
    let have = credit.get();
    require!(have >= amount, InsufficientFunds, account, have, amount);
    credit.set(have.saturating_sub(amount));
    emit!(Withdrawn [account, to], amount);
    require!(host::send(to, amount), PaymentRefused, to, amount);
    Ok(())
}
