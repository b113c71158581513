//! Whose money the contract holds, counted object by object from what its logs have named.

use std::collections::BTreeSet;

use alloy_eips::BlockId;
use alloy_primitives::{Address, B256};
use alloy_rpc_types_eth::TransactionReceipt;
use alloy_sol_types::SolEvent;

use crate::abi::IAttention;
use crate::world::{BOND, STAKE, World};

/// All that has ever held money.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    pub accounts: BTreeSet<Address>,
    pub enrolments: BTreeSet<B256>,
    pub registrations: BTreeSet<B256>,
    /// Enrolment and claim.
    pub summonses: BTreeSet<(B256, B256)>,
    pub games: BTreeSet<B256>,
}

impl Ledger {
    /// Takes in what a transaction has made.
    pub fn note(&mut self, attention: Address, receipt: &TransactionReceipt) {
        for log in receipt.logs().iter().filter(|log| log.address() == attention) {
            let topics = log.topics();
            match topics[0] {
                IAttention::Enrolled::SIGNATURE_HASH => self.enrolments.insert(topics[1]),
                IAttention::Registered::SIGNATURE_HASH => self.registrations.insert(topics[1]),
                IAttention::Summoned::SIGNATURE_HASH => {
                    self.summonses.insert((topics[1], topics[2]))
                }
                IAttention::Disputed::SIGNATURE_HASH => self.games.insert(topics[1]),
                _ => false,
            };
        }
    }
}

impl World {
    pub fn credit(&self, account: Address) -> u128 {
        self.view(IAttention::creditOfCall { account }).to()
    }

    pub fn burned(&self) -> u128 {
        self.view(IAttention::burnedCall {}).to()
    }

    pub fn balance(&self) -> u128 {
        self.chain.balance(self.attention, BlockId::latest()).unwrap().to()
    }

    pub fn registration(&self, registrationId: B256) -> IAttention::Registration {
        self.view(IAttention::getRegistrationCall { registrationId })
    }

    pub fn summons(&self, claimId: B256) -> IAttention::Summons {
        self.view(IAttention::getSummonsCall { enrolmentId: self.enrolment, claimId })
    }

    pub fn fund_of(&self, enrolmentId: B256) -> u128 {
        self.view(IAttention::getEnrolmentCall { enrolmentId }).fund
    }

    pub fn answer_of(&self, registrationId: B256, claimId: B256) -> IAttention::Answer {
        self.view(IAttention::getAnswerCall { registrationId, claimId })
    }

    pub fn game_of(&self, gameId: B256) -> IAttention::Game {
        self.view(IAttention::getGameCall { gameId })
    }

    /// Stakes, pots and bonds, counted object by object.
    pub fn at_stake(&self) -> u128 {
        use IAttention::RegistrationStatus::{Active, Leaving};
        let open = |id: &&B256| matches!(self.registration(**id).status, Active | Leaving);
        let stakes = self.ledger.registrations.iter().filter(open).count() as u128 * STAKE;
        let playing = |id: &&B256| self.game_of(**id).status == IAttention::GameStatus::Open;
        let bonds = self.ledger.games.iter().filter(playing).count() as u128 * BOND;
        let pots = self.ledger.summonses.iter().map(|(enrolmentId, claimId)| {
            let (enrolmentId, claimId) = (*enrolmentId, *claimId);
            self.view(IAttention::getSummonsCall { enrolmentId, claimId }).pot
        });
        stakes + bonds + pots.sum::<u128>()
    }

    /// Balance = credits + stakes + funds + pots + bonds + burned.
    pub fn assert_balanced(&self) {
        let credits: u128 = self.ledger.accounts.iter().map(|account| self.credit(*account)).sum();
        let funds: u128 = self.ledger.enrolments.iter().map(|id| self.fund_of(*id)).sum();
        assert_eq!(self.balance(), credits + funds + self.at_stake() + self.burned());
    }
}
