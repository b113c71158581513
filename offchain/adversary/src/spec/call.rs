//! Calls of hub and game as their arguments mean them.

use alloy_primitives::{Address, B256};

use super::game::Move;

/// What a claim shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The last state.
    pub state: Vec<u8>,
    /// The output.
    pub output: Vec<u8>,
    /// Siblings of the output's region.
    pub path: Vec<u8>,
}

/// A call.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are the arguments of sol/IHub.sol and sol/IGame.sol")]
pub enum Call {
    RetireModel {
        model: B256,
    },
    Infer {
        model: B256,
        request: Vec<u8>,
    },
    Accept {
        request: B256,
    },
    Cancel {
        request: B256,
    },
    Reclaim {
        request: B256,
    },
    AllowPayer {
        payer: Address,
        allowed: bool,
    },
    Claim {
        request: B256,
        answer: Answer,
    },
    ClaimFor {
        server: Address,
        request: B256,
        answer: Answer,
    },
    Challenge {
        claim: B256,
        first: Move,
    },
    Finalize {
        claim: B256,
    },
    Release {
        claim: B256,
    },
    RefundGame {
        game: B256,
    },
    Verdict {
        game: B256,
        challenger_won: bool,
    },
    LockStake {
        game: B256,
    },
    Deposit,
    Withdraw {
        to: Address,
        amount: u128,
    },
    FlushBurned,
    /// A move in a game, with the position that it answers.
    Move {
        game: B256,
        header: B256,
        hashes: Vec<B256>,
        made: Move,
    },
    Timeout {
        game: B256,
    },
    Settle {
        game: B256,
    },
}

impl Call {
    /// Whether it is a call of the game contract.
    pub const fn is_of_game(&self) -> bool {
        matches!(self, Self::Move { .. } | Self::Timeout { .. } | Self::Settle { .. })
    }
}

/// A call, who makes it, and with how much ether.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The sender.
    pub from: Address,
    /// Wei.
    pub value: u128,
    /// The call.
    pub call: Call,
}

/// The names of all errors that a call deserves; which of them it is refused with is not specified. `*` stands for
/// any of the step verifier.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refused(pub Vec<&'static str>);

impl Refused {
    /// One error.
    pub fn by(name: &'static str) -> Self {
        Self(vec![name])
    }
}

/// Collects the rules that a call breaks.
#[derive(Debug, Default)]
pub struct Rules(Vec<&'static str>);

impl Rules {
    /// The rule, whose error has this name, has to hold.
    pub fn must(&mut self, holds: bool, name: &'static str) -> &mut Self {
        if !holds {
            self.0.push(name);
        }
        self
    }

    /// What a refusal has already broken.
    pub fn add(&mut self, refused: Refused) -> &mut Self {
        self.0.extend(refused.0);
        self
    }

    /// Whether all have held.
    ///
    /// # Errors
    /// [`Refused`] with those that have not.
    pub fn judge(&mut self) -> Result<(), Refused> {
        if self.0.is_empty() { Ok(()) } else { Err(Refused(std::mem::take(&mut self.0))) }
    }
}
