//! Whose money the hub holds, counted object by object from what its logs have named.

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::{Address, B256};
use alloy_rpc_types_eth::TransactionReceipt;
use alloy_sol_types::SolEvent;

use crate::abi::IHub;
use crate::court::{ACCEPT_BOND, CHALLENGER_BOND, Court, GAS_STAKE, SERVER_BOND};

/// All that has ever been at stake.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    /// Who may have credit.
    pub accounts: BTreeSet<Address>,
    /// Wei that each request has paid.
    pub requests: BTreeMap<B256, u128>,
    pub claims: BTreeSet<B256>,
    pub games: BTreeSet<B256>,
    /// Wei that came in by no function.
    pub forced: u128,
}

impl Ledger {
    /// Takes note of what a transaction has made, at this price of a request.
    pub fn note(&mut self, hub: Address, receipt: &TransactionReceipt, price: u128) {
        for log in receipt.logs().iter().filter(|log| log.address() == hub) {
            let (kind, id) = (log.topics()[0], log.topics().get(1).copied().unwrap_or_default());
            if kind == IHub::Requested::SIGNATURE_HASH {
                self.requests.insert(id, price);
            } else if kind == IHub::Claimed::SIGNATURE_HASH {
                self.claims.insert(id);
            } else if kind == IHub::Challenged::SIGNATURE_HASH {
                self.games.insert(id);
            }
        }
    }

    /// Wei of open requests, held acceptances, live claims and open games.
    pub fn stakes(&self, court: &Court) -> u128 {
        let requests = self.requests.iter().map(|(id, price)| {
            let request = court.request(*id);
            let price = if request.status == IHub::RequestStatus::Open { *price } else { 0 };
            let held = request.acceptance == IHub::AcceptanceStatus::Held;
            price + if held { ACCEPT_BOND } else { 0 }
        });
        let claims = self.claims.iter();
        let claims = claims.filter(|id| court.claim_of(**id).status == IHub::ClaimStatus::Live);
        let games = self.games.iter().map(|id| {
            let game = court.stakes_of(*id);
            let stake = if game.stakeLocked { GAS_STAKE } else { 0 };
            if game.status == IHub::GameStatus::Open { CHALLENGER_BOND + stake } else { 0 }
        });
        requests.sum::<u128>() + claims.count() as u128 * SERVER_BOND + games.sum::<u128>()
    }

    /// Bonds and fees in = credits + burn + live stakes.
    pub fn assert_balanced(&self, court: &Court) {
        let credits: u128 = self.accounts.iter().map(|account| court.credit(*account)).sum();
        let accounted = credits + self.stakes(court) + court.burned() + self.forced;
        assert_eq!(court.balance(court.hub), accounted);
    }
}
