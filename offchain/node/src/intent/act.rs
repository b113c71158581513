//! Acts, and the calls that do them.

use alloy_primitives::{Address, B256, Bytes, U256};
use alloy_sol_types::SolCall;
use opml_client::contracts::arbitrum::{ARB_WASM, ArbWasm};
use opml_client::contracts::courier::ICourier;
use opml_client::contracts::game::IGame;
use opml_client::contracts::hub::IHub;
use opml_core::graph::GraphState;

use super::{Call, Intent, Key, Urgency};
use crate::jobs::{Answer, Output};
use crate::policy::Prices;
use crate::state::Addresses;

/// An act on the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Takes a request for this account.
    Accept {
        /// The request.
        request: B256,
        /// Wei sent.
        value: U256,
    },
    /// Answers a request.
    Claim {
        /// The request.
        request: B256,
        /// Claims of this account on it before.
        attempt: usize,
        /// The result.
        result: Box<ClaimedResult>,
        /// Wei sent.
        value: U256,
    },
    /// Opens a game.
    Challenge {
        /// The claim.
        claim: B256,
        /// Games of this account against it before.
        attempt: usize,
        /// The first move.
        first_move: Bytes,
        /// Wei sent.
        value: U256,
        /// First second in which it is too late.
        deadline: u64,
    },
    /// Answers a position.
    Move {
        /// The game.
        game: B256,
        /// Hash of the position.
        position: B256,
        /// Calldata.
        data: Bytes,
        /// First second in which it is too late.
        deadline: u64,
    },
    /// Adds to the account's credit, for the stake of a game.
    Deposit {
        /// The game.
        game: B256,
        /// Credit there was.
        credit: U256,
        /// Wei sent.
        value: U256,
    },
    /// Ends a game whose side on turn is out of time.
    Timeout {
        /// The game.
        game: B256,
    },
    /// Tells the hub of a game that its first move has won.
    Settle {
        /// The game.
        game: B256,
    },
    /// Makes a claim its request's result.
    Finalize {
        /// The claim.
        claim: B256,
    },
    /// Gives the bond of a claim back where another one is final.
    Release {
        /// The claim.
        claim: B256,
    },
    /// Gives the stakes of a game back whose claim has ended.
    RefundGame {
        /// The game.
        game: B256,
    },
    /// Brings a result to its consumer.
    Deliver {
        /// The request.
        request: B256,
    },
    /// Takes credit out.
    Withdraw {
        /// Who gets it.
        to: Address,
        /// Credit there was.
        credit: U256,
        /// Balance there was.
        balance: U256,
        /// Wei taken.
        amount: U256,
    },
    /// Renews the activation of a contract.
    Activate {
        /// The contract.
        program: Address,
        /// Day on which its activation would end.
        ends: u64,
        /// How.
        renewal: Renewal,
    },
}

/// A result with all that a claim shows of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimedResult {
    /// The last state of the trace.
    pub state: GraphState,
    /// Its hash.
    pub hash: B256,
    /// The output and its path.
    pub output: Output,
}

impl ClaimedResult {
    /// What was computed, with what is shown of it.
    pub fn of(answer: &Answer, output: &Output) -> Self {
        Self { state: answer.state, hash: answer.hash, output: output.clone() }
    }
}

/// How an activation is renewed. Of the value, what is more than the fee comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Renewal {
    /// It has not ended: it is kept alive.
    KeepAlive {
        /// Hash of the program's code.
        code_hash: B256,
        /// Wei sent.
        value: U256,
    },
    /// It has ended.
    Activate {
        /// Wei sent.
        value: U256,
    },
}

impl Act {
    /// What it does, in a word; also the label of metrics.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Accept { .. } => "accept",
            Self::Claim { .. } => "claim",
            Self::Challenge { .. } => "challenge",
            Self::Move { .. } => "move",
            Self::Deposit { .. } => "deposit",
            Self::Timeout { .. } => "timeout",
            Self::Settle { .. } => "settle",
            Self::Finalize { .. } => "finalize",
            Self::Release { .. } => "release",
            Self::RefundGame { .. } => "refund-game",
            Self::Deliver { .. } => "deliver",
            Self::Withdraw { .. } => "withdraw",
            Self::Activate { .. } => "activate",
        }
    }

    /// Wei of credit that it takes besides what it sends.
    pub fn credit(&self, prices: &Prices) -> U256 {
        match self {
            Self::Accept { value, .. } => prices.accept_bond.saturating_sub(*value),
            Self::Claim { value, .. } => prices.claim().saturating_sub(*value),
            Self::Challenge { value, .. } => prices.challenger_bond.saturating_sub(*value),
            Self::Withdraw { amount, .. } => *amount,
            Self::Move { .. }
            | Self::Deposit { .. }
            | Self::Timeout { .. }
            | Self::Settle { .. }
            | Self::Finalize { .. }
            | Self::Release { .. }
            | Self::RefundGame { .. }
            | Self::Deliver { .. }
            | Self::Activate { .. } => U256::ZERO,
        }
    }

    /// The intent.
    pub fn intent(&self, addresses: &Addresses) -> Intent {
        let kind = self.kind().to_owned();
        let (key, urgency, repeats) = (self.key(), self.urgency(), self.repeats());
        Intent { key, kind, call: self.call(addresses), urgency, repeats }
    }

    /// Credit goes and comes back to the same amount; everything else happens once.
    const fn repeats(&self) -> bool {
        matches!(self, Self::Deposit { .. } | Self::Withdraw { .. } | Self::Activate { .. })
    }

    /// Its name.
    pub fn key(&self) -> Key {
        let kind = self.kind();
        Key(match self {
            Self::Accept { request, .. } | Self::Deliver { request } => format!("{kind}:{request}"),
            Self::Claim { request, attempt, result, .. } => {
                format!("{kind}:{request}:{}:{attempt}", result.hash)
            }
            Self::Challenge { claim, attempt, .. } => format!("{kind}:{claim}:{attempt}"),
            Self::Move { game, position, .. } => format!("{kind}:{game}:{position}"),
            Self::Deposit { game, credit, .. } => format!("{kind}:{game}:{credit}"),
            Self::Timeout { game } | Self::Settle { game } | Self::RefundGame { game } => {
                format!("{kind}:{game}")
            }
            Self::Finalize { claim } | Self::Release { claim } => format!("{kind}:{claim}"),
            Self::Withdraw { credit, balance, .. } => format!("{kind}:{credit}:{balance}"),
            Self::Activate { program, ends, .. } => format!("{kind}:{program}:{ends}"),
        })
    }

    const fn urgency(&self) -> Urgency {
        match self {
            Self::Move { deadline, .. } | Self::Challenge { deadline, .. } => {
                Urgency::Before(*deadline)
            }
            // The stake is part of a move whose clock runs.
            Self::Deposit { .. } => Urgency::Before(0),
            // Gas is paid from what is withdrawn, and without an activation nothing goes on.
            Self::Accept { .. }
            | Self::Claim { .. }
            | Self::Timeout { .. }
            | Self::Withdraw { .. }
            | Self::Activate { .. } => Urgency::Soon,
            Self::Settle { .. }
            | Self::Finalize { .. }
            | Self::Release { .. }
            | Self::RefundGame { .. }
            | Self::Deliver { .. } => Urgency::Later,
        }
    }

    #[allow(non_snake_case, reason = "the ABI's names")]
    fn call(&self, addresses: &Addresses) -> Call {
        let hub = |value: U256, data: Vec<u8>| Call { to: addresses.hub, value, data: data.into() };
        let game =
            |data: Vec<u8>| Call { to: addresses.game, value: U256::ZERO, data: data.into() };
        let free = U256::ZERO;
        match self {
            Self::Accept { request, value } => {
                hub(*value, IHub::acceptCall { requestId: *request }.abi_encode())
            }
            Self::Claim { request, result, value, .. } => {
                let call = IHub::claimCall {
                    requestId: *request,
                    finalState: result.state.encode().into(),
                    output: result.output.bytes.clone(),
                    path: result.output.path.clone(),
                };
                hub(*value, call.abi_encode())
            }
            Self::Challenge { claim, first_move, value, .. } => {
                let (claimId, firstMove) = (*claim, first_move.clone());
                hub(*value, IHub::challengeCall { claimId, firstMove }.abi_encode())
            }
            Self::Move { data, .. } => Call { to: addresses.game, value: free, data: data.clone() },
            Self::Deposit { value, .. } => hub(*value, IHub::depositCall {}.abi_encode()),
            Self::Timeout { game: gameId } => {
                game(IGame::timeoutCall { gameId: *gameId }.abi_encode())
            }
            Self::Settle { game: gameId } => {
                game(IGame::settleCall { gameId: *gameId }.abi_encode())
            }
            Self::Finalize { claim } => {
                hub(free, IHub::finalizeCall { claimId: *claim }.abi_encode())
            }
            Self::Release { claim } => {
                hub(free, IHub::releaseCall { claimId: *claim }.abi_encode())
            }
            Self::RefundGame { game } => {
                hub(free, IHub::refundGameCall { gameId: *game }.abi_encode())
            }
            Self::Deliver { request } => Call {
                // Orders come from the courier alone: where there is one, its address is known.
                to: addresses.courier.unwrap_or_default(),
                value: free,
                data: ICourier::deliverCall { requestId: *request }.abi_encode().into(),
            },
            Self::Withdraw { to, amount, .. } => {
                hub(free, IHub::withdrawCall { to: *to, amount: *amount }.abi_encode())
            }
            Self::Activate { program, renewal, .. } => {
                let (value, data) = match *renewal {
                    Renewal::KeepAlive { code_hash: codehash, value } => {
                        (value, ArbWasm::codehashKeepaliveCall { codehash }.abi_encode())
                    }
                    Renewal::Activate { value } => {
                        (value, ArbWasm::activateProgramCall { program: *program }.abi_encode())
                    }
                };
                Call { to: ARB_WASM, value, data: data.into() }
            }
        }
    }
}
