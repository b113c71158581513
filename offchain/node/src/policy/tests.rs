//! What may be put at stake.

use super::*;
use crate::config::{Amount, Policy};

const PRICES: Prices = Prices {
    server_bond: U256::from_limbs([100, 0, 0, 0]),
    challenger_bond: U256::from_limbs([50, 0, 0, 0]),
    gas_stake: U256::from_limbs([10, 0, 0, 0]),
    accept_bond: U256::ZERO,
    failed_share: 2500,
    window: 3600,
};

fn means(has: u64) -> Means {
    Means {
        funds: Funds { balance: U256::from(has), credit: U256::ZERO },
        exposure: Exposure::default(),
        pending: U256::ZERO,
        gas_price: U256::from(1),
        gas_today: U256::ZERO,
    }
}

fn policy() -> Policy {
    Policy { game_gas: 7, ..Policy::default() }
}

#[test]
fn a_claim_needs_bond_stake_and_the_price_of_a_game() {
    let mut budget = Budget::new(&policy(), &means(117));
    assert_eq!(budget.claim(&PRICES), Ok(()));
    assert_eq!(budget.claim(&PRICES), Err(Denied::Funds));
    assert_eq!(Budget::new(&policy(), &means(116)).claim(&PRICES), Err(Denied::Funds));
}

#[test]
fn what_is_at_stake_keeps_a_reserve() {
    let exposure = Exposure { claims: 1, games: 1, wei: U256::from(150), ..Exposure::default() };
    let with = |has| Means { exposure, ..means(has) };
    assert_eq!(Budget::new(&policy(), &with(71)).challenge(&PRICES), Ok(()));
    assert_eq!(Budget::new(&policy(), &with(70)).challenge(&PRICES), Err(Denied::Funds));
    let tight = Policy { max_exposure: Amount(U256::from(199)), ..policy() };
    assert_eq!(Budget::new(&tight, &with(1000)).challenge(&PRICES), Err(Denied::Exposure));
}

#[test]
fn gas_is_not_paid_from_credit() {
    let rich = Funds { balance: U256::from(6), credit: U256::from(1000) };
    let means = |funds| Means { funds, ..means(0) };
    assert_eq!(Budget::new(&policy(), &means(rich)).claim(&PRICES), Err(Denied::Funds));
    let enough = Funds { balance: U256::from(7), ..rich };
    assert_eq!(Budget::new(&policy(), &means(enough)).claim(&PRICES), Ok(()));
}

#[test]
fn the_stake_of_an_open_game_is_no_bond() {
    let funds = Funds { balance: U256::from(14), credit: U256::from(50) };
    let exposure = Exposure { games: 1, unlocked: U256::from(10), ..Exposure::default() };
    let means = Means { funds, exposure, ..means(0) };
    assert_eq!(Budget::new(&policy(), &means).challenge(&PRICES), Err(Denied::Funds));
    let free = Means { exposure: Exposure { unlocked: U256::ZERO, ..exposure }, ..means };
    assert_eq!(Budget::new(&policy(), &free).challenge(&PRICES), Ok(()));
}

#[test]
fn what_is_on_its_way_is_at_stake() {
    let pending = Pending { claims: 2, games: 1, ..Pending::default() };
    let exposure = Exposure::default().with(&pending, &PRICES);
    assert_eq!((exposure.claims, exposure.games, exposure.wei), (2, 1, U256::from(250)));
}

#[test]
fn an_acceptance_takes_what_its_claim_needs() {
    let prices = Prices { accept_bond: U256::from(1), ..PRICES };
    let mut budget = Budget::new(&policy(), &means(2 * 118 + 117));
    assert_eq!((budget.accept(&prices), budget.accept(&prices)), (Ok(()), Ok(())));
    assert_eq!(budget.accept(&prices), Err(Denied::Funds));
    assert_eq!(budget.claim(&prices), Ok(()), "what was refused has taken nothing");
}

#[test]
fn claims_and_gas_have_limits_of_their_own() {
    let few = Policy { max_live_claims: 1, ..policy() };
    let mut budget = Budget::new(&few, &means(1000));
    assert_eq!((budget.claim(&PRICES), budget.claim(&PRICES)), (Ok(()), Err(Denied::Claims)));
    let poor = Policy { max_gas_per_day: Amount(U256::from(5)), ..policy() };
    let spent = Means { gas_today: U256::from(5), ..means(1000) };
    assert_eq!(Budget::new(&poor, &spent).challenge(&PRICES), Err(Denied::Gas));
}
