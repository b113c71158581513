//! Credits and the burn. Nothing else in the contract moves ether.

use alloy_primitives::Address;
use opml_host::host::{self, sender};
use opml_host::{Arguments, emit};

use super::{Answer, records, require};
use crate::abi::IHub::{BurnFlushed, Deposited, InsufficientFunds, PaymentRefused, Withdrawn};
use crate::limits::share_of;

/// Owes `account` more. All the ether there is is far below 2^128 wei.
#[inline(never)]
pub fn credit(account: Address, amount: u128) {
    if amount != 0 {
        let credit = records::credit_of(account);
        credit.set(credit.get().saturating_add(amount));
    }
}

/// Takes `price` from the sender: the value sent is added to its credit first.
#[inline(never)]
pub fn collect(price: u128) -> Answer<()> {
    let value = host::value();
    if value == price {
        return Ok(());
    }
    take(sender(), value, price)
}

/// Takes `amount` out of an account's credit.
pub fn debit(account: Address, amount: u128) -> Answer<()> {
    take(account, 0, amount)
}

/// Adds to an account's credit and takes from it.
#[inline(never)]
fn take(account: Address, add: u128, want: u128) -> Answer<()> {
    let credit = records::credit_of(account);
    let have = credit.get().saturating_add(add);
    require!(have >= want, InsufficientFunds, account, have, want);
    credit.set(have.saturating_sub(want));
    Ok(())
}

#[inline(never)]
pub fn burn(amount: u128) {
    let burned = records::burned();
    burned.set(burned.get().saturating_add(amount));
}

/// A lost bond: the burn's share is burned, the winner is owed the rest.
#[inline(never)]
pub fn slash(bond: u128, share: u16, winner: Address) {
    let burned = share_of(bond, share);
    burn(burned);
    credit(winner, bond.saturating_sub(burned));
}

pub fn deposit() {
    let (account, amount) = (sender(), host::value());
    credit(account, amount);
    emit!(Deposited[account], amount);
}

pub fn withdraw(arguments: Arguments<'_>) -> Answer<()> {
    let (to, amount) = (arguments.address(0)?, arguments.number::<u128>(1)?);
    let account = sender();
    debit(account, amount)?;
    emit!(Withdrawn [account, to], amount);
    send(to, amount)
}

pub fn flush_burned() -> Answer<()> {
    let burned = records::burned();
    let amount = burned.get();
    burned.set(0);
    emit!(BurnFlushed [], amount);
    send(Address::ZERO, amount)
}

/// The last thing a call does.
fn send(to: Address, amount: u128) -> Answer<()> {
    require!(host::send(to, amount), PaymentRefused, to, amount);
    Ok(())
}
