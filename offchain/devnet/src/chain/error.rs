//! Why the chain refuses something. Texts are those that clients know from other nodes.

use alloy_eips::BlockId;
use alloy_eips::eip2718::Eip2718Error;
use alloy_primitives::{Address, B256, Bytes, U256};
use alloy_sol_types::{Revert, SolError};
use revm::context_interface::result::{HaltReason, InvalidTransaction};
use revm::interpreter::{InstructionResult, SuccessOrHalt};
use thiserror::Error;

use super::exec::{Rejected, TraceTooLarge};
use super::store::StoreError;
use crate::stylus::engine::EngineError;

/// The chain could not be set up.
#[derive(Debug, Error)]
pub enum StartError {
    /// The WebAssembly engine does not run on this machine.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// No such block, transaction or snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum NotFound {
    /// The block was never mined.
    #[error("header not found: {0}")]
    Block(BlockId),
    /// The transaction was never mined.
    #[error("transaction {0} not found")]
    Transaction(B256),
    /// The first block of a range lies behind its last.
    #[error("invalid block range params")]
    Range,
}

/// Why a transaction is not valid.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Invalid {
    /// It was sent before, or another in its place.
    #[error("nonce too low: address {sender}, tx: {tx} state: {state}")]
    NonceTooLow {
        /// Who sent it.
        sender: Address,
        /// Its nonce.
        tx: u64,
        /// The nonce that is next.
        state: u64,
    },
    /// Another has to come first.
    #[error("nonce too high: address {sender}, tx: {tx} state: {state}")]
    NonceTooHigh {
        /// Who sent it.
        sender: Address,
        /// Its nonce.
        tx: u64,
        /// The nonce that is next.
        state: u64,
    },
    /// The sender has less than it may cost.
    #[error("insufficient funds for gas * price + value: address {sender} have {have} want {want}")]
    Funds {
        /// Who sent it.
        sender: Address,
        /// Balance in wei.
        have: U256,
        /// Wei it may cost.
        want: U256,
    },
    /// The gas limit does not even cover the transaction itself.
    #[error("intrinsic gas too low: have {have}, want {want}")]
    IntrinsicGas {
        /// The gas limit.
        have: u64,
        /// Gas before execution.
        want: u64,
    },
    /// The sender pays less than the base fee.
    #[error("max fee per gas less than block base fee: maxFeePerGas: {cap}, baseFee: {base_fee}")]
    FeeCap {
        /// What the sender pays at most, in wei a gas.
        cap: u128,
        /// The base fee in wei.
        base_fee: u64,
    },
    /// The tip exceeds what the sender pays at most.
    #[error("max priority fee per gas higher than max fee per gas")]
    Tip,
    /// Signed for another chain, or for none.
    #[error("invalid chain id for signer: have {have:?} want {want}")]
    ChainId {
        /// Chain id in the transaction.
        have: Option<u64>,
        /// That of this chain.
        want: u64,
    },
    /// Blob transactions do not exist on Arbitrum.
    #[error("transaction type not supported")]
    Type,
    /// Another rule.
    #[error("{0}")]
    Other(InvalidTransaction),
}

impl Invalid {
    /// Names the rule with what the chain knows of the transaction.
    pub(super) fn of(rejected: Rejected, sender: Address) -> Self {
        let Rejected::Transaction(reason) = rejected else {
            return Self::Other(InvalidTransaction::Str(rejected.to_string().into()));
        };
        match reason {
            InvalidTransaction::NonceTooLow { tx, state } => {
                Self::NonceTooLow { sender, tx, state }
            }
            InvalidTransaction::NonceTooHigh { tx, state } => {
                Self::NonceTooHigh { sender, tx, state }
            }
            InvalidTransaction::LackOfFundForMaxFee { fee, balance } => {
                Self::Funds { sender, have: *balance, want: *fee }
            }
            InvalidTransaction::CallGasCostMoreThanGasLimit { initial_gas, gas_limit } => {
                Self::IntrinsicGas { have: gas_limit, want: initial_gas }
            }
            other => Self::Other(other),
        }
    }
}

/// Why a transaction is not accepted.
#[derive(Debug, Error)]
pub enum SendError {
    /// The bytes are no transaction.
    #[error("failed to decode transaction: {0}")]
    Decode(#[from] Eip2718Error),
    /// The signature names no sender.
    #[error("invalid sender: {0}")]
    Signature(#[from] alloy_consensus::crypto::RecoveryError),
    /// It is not valid.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// As many wait for a block as may.
    #[error("txpool is full")]
    PoolFull,
    /// The chain holds no key of this account and does not impersonate it.
    #[error("unknown account {0}")]
    NoKey(Address),
    /// A request lacks this field, or contradicts itself.
    #[error("incomplete transaction request: {0}")]
    Request(String),
    /// Signing failed.
    #[error("signing failed: {0}")]
    Sign(#[from] alloy_signer::Error),
    /// The gas it needs could not be found out.
    #[error(transparent)]
    Estimate(#[from] CallError),
    /// It was taken, but the chain's file could not be written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a call gave no result.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CallError {
    /// It reverted with this data.
    #[error("execution reverted{}", reason(.0))]
    Revert(Bytes),
    /// It failed and used all its gas.
    #[error("{}", halt(.0))]
    Halt(HaltReason),
    /// A program did not activate.
    #[error("program activation failed: {0}")]
    Activation(String),
    /// It is not valid.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// There is nothing to run it on.
    #[error(transparent)]
    NotFound(#[from] NotFound),
    /// It does more than a trace may tell.
    #[error(transparent)]
    Trace(#[from] TraceTooLarge),
    /// No gas limit allowed suffices.
    #[error("gas required exceeds allowance ({0})")]
    GasAllowance(u64),
    /// The overrides contradict themselves.
    #[error("account {0} has both 'state' and 'stateDiff'")]
    Overrides(Address),
    /// An override that is not offered; ignoring it would give a wrong answer.
    #[error("override '{0}' is not supported")]
    Unsupported(&'static str),
}

/// The text of a Solidity `revert("...")`, as nodes append it.
fn reason(data: &Bytes) -> String {
    Revert::abi_decode(data).map_or_else(|_| String::new(), |revert| format!(": {}", revert.reason))
}

/// Why a frame failed, in the words of other nodes.
pub(super) fn frame_error(result: InstructionResult) -> String {
    match result {
        InstructionResult::Revert => "execution reverted".to_owned(),
        InstructionResult::OutOfFunds => "insufficient balance for transfer".to_owned(),
        InstructionResult::CallTooDeep => "max call depth exceeded".to_owned(),
        other => match SuccessOrHalt::<HaltReason>::from(other) {
            SuccessOrHalt::Halt(reason) => halt(&reason),
            _ => format!("{other:?}"),
        },
    }
}

fn halt(reason: &HaltReason) -> String {
    match reason {
        HaltReason::OutOfGas(_) => "out of gas".to_owned(),
        HaltReason::OpcodeNotFound => "invalid opcode".to_owned(),
        HaltReason::InvalidFEOpcode => "invalid opcode: INVALID".to_owned(),
        HaltReason::InvalidJump => "invalid jump destination".to_owned(),
        HaltReason::StackUnderflow => "stack underflow".to_owned(),
        HaltReason::StackOverflow => "stack limit reached".to_owned(),
        HaltReason::CallTooDeep => "max call depth exceeded".to_owned(),
        HaltReason::CreateCollision => "contract address collision".to_owned(),
        HaltReason::CreateContractSizeLimit => "max code size exceeded".to_owned(),
        HaltReason::CreateContractStartingWithEF => {
            "invalid code: must not begin with 0xef".to_owned()
        }
        HaltReason::NotActivated => "program not activated".to_owned(),
        HaltReason::StateChangeDuringStaticCall | HaltReason::CallNotAllowedInsideStatic => {
            "write protection".to_owned()
        }
        other => format!("{other:?}"),
    }
}
