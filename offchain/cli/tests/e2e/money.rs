//! Who has won and lost what.

use std::collections::HashSet;

use alloy_consensus::Transaction as _;
use alloy_primitives::{Address, U256};
use alloy_provider::Provider as _;
use alloy_sol_types::SolCall as _;
use opml_client::contracts::{IGame, IHub};
use opml_client::deploy::HubTerms;

use crate::world::{World, account};

/// What some accounts had, the gas that they have paid put back.
pub struct Books {
    numbers: Vec<usize>,
    before: Vec<U256>,
}

impl Books {
    pub async fn open(world: &World, numbers: &[usize]) -> Self {
        Self { numbers: numbers.to_vec(), before: wealth(world, numbers).await }
    }

    /// What each has more, or less.
    pub async fn changes(&self, world: &World) -> Vec<i128> {
        let after = wealth(world, &self.numbers).await;
        let change = |(after, before): (&U256, &U256)| {
            let difference = |more: U256, less: U256| i128::try_from(more - less).unwrap();
            if after >= before { difference(*after, *before) } else { -difference(*before, *after) }
        };
        after.iter().zip(&self.before).map(change).collect()
    }
}

async fn wealth(world: &World, numbers: &[usize]) -> Vec<U256> {
    let receipts = world.receipts().await;
    let hub = world.deployment.hub(&world.connection);
    let mut wealth = Vec::new();
    for number in numbers {
        let account = account(*number);
        let balance = world.connection.get_balance(account).await.unwrap();
        let credit = hub.creditOf(account).call().await.unwrap();
        let paid = receipts.iter().filter(|receipt| receipt.from == account);
        let paid = paid
            .map(|receipt| U256::from(receipt.gas_used) * U256::from(receipt.effective_gas_price));
        wealth.push(balance + credit + paid.sum::<U256>());
    }
    wealth
}

/// What is left of a bond when it is lost.
pub fn kept(terms: &HubTerms, bond: u128) -> i128 {
    i128::try_from(bond - (bond * u128::from(terms.burn_share)).div_ceil(10_000)).unwrap()
}

/// What the requester pays the server.
pub async fn fee(world: &World) -> i128 {
    let price = world.deployment.hub(&world.connection).quote(world.model, 0).call().await.unwrap();
    price.fee.to()
}

/// What anyone may do, and somebody else may have done in the same moment.
const SHARED: [[u8; 4]; 5] = [
    IHub::finalizeCall::SELECTOR,
    IHub::releaseCall::SELECTOR,
    IHub::refundGameCall::SELECTOR,
    IGame::timeoutCall::SELECTOR,
    IGame::settleCall::SELECTOR,
];

/// No transaction of these accounts has failed in its block, but for what others may do, too; and no move was made
/// twice.
pub async fn assert_no_waste(world: &World, numbers: &[usize]) {
    assert_no_move_twice(world).await;
    let accounts: HashSet<Address> = numbers.iter().map(|number| account(*number)).collect();
    for receipt in world.receipts().await {
        if accounts.contains(&receipt.from) && !receipt.status() {
            let hash = receipt.transaction_hash;
            let sent = world.connection.get_transaction_by_hash(hash).await.unwrap().unwrap();
            let selector = sent.input()[..4].to_vec();
            let is_shared = SHARED.iter().any(|shared| selector == shared);
            assert!(is_shared, "{hash} of {} has failed: {selector:02x?}", receipt.from);
        }
    }
}

/// No position was answered twice, no game opened twice.
pub async fn assert_no_move_twice(world: &World) {
    let moves = world.events::<IGame::Moved>().await;
    let positions: HashSet<_> = moves.iter().map(|moved| (moved.gameId, moved.header)).collect();
    assert_eq!(positions.len(), moves.len(), "a move was made twice");
    let challenges = world.events::<IHub::Challenged>().await;
    let games: HashSet<_> = challenges.iter().map(|opened| opened.gameId).collect();
    assert_eq!(games.len(), challenges.len(), "a game was opened twice");
}

/// The hub has what it owes and what it burns, and no stakes.
pub async fn assert_settled(world: &World, numbers: &[usize]) {
    let hub = world.deployment.hub(&world.connection);
    let mut owed = hub.burned().call().await.unwrap();
    for number in numbers {
        owed += hub.creditOf(account(*number)).call().await.unwrap();
    }
    let has = world.connection.get_balance(world.deployment.hub.address).await.unwrap();
    assert_eq!(has, owed);
}
