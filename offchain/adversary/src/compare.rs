//! What differs, and the names of errors.

use alloy_primitives::{Address, B256, Bytes};
use alloy_sol_types::SolInterface as _;

use crate::abi::game::IGame::IGameErrors;
use crate::abi::hub::IHub::IHubErrors;
use crate::abi::step::IStepVerifier::IStepVerifierErrors;
use crate::spec::call::Refused;
use crate::spec::storage::Known;

/// A difference between contracts and specification.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Difference {
    /// One has taken a call that the other has not.
    #[error("expected {expected:?}, found {refused:?}: {sent}")]
    Taken {
        /// The call.
        sent: String,
        /// What the specification says.
        expected: Result<(), Refused>,
        /// What the contract has reverted with, if it has.
        refused: Option<Bytes>,
    },
    /// The call was rightly refused, with an error that is none of its own.
    #[error("refused with {found:?} ({data}), expected one of {expected:?}")]
    Error {
        /// Errors that the call deserves.
        expected: Refused,
        /// Errors with the selector that it got.
        found: Vec<&'static str>,
        /// What it reverted with.
        data: Bytes,
    },
    /// A word of storage.
    #[error("{known:?} is {found}")]
    Word {
        /// What it should be.
        known: Box<Known>,
        /// What it is.
        found: B256,
    },
    /// An account's ether.
    #[error("{account} has {found} wei, not {expected}")]
    Ether {
        /// The account.
        account: Address,
        /// What it should have.
        expected: u128,
        /// What it has.
        found: u128,
    },
    /// The hub's ether is not what it owes.
    #[error("the hub holds {found} wei and owes {expected}")]
    Sum {
        /// Credits, stakes and burned.
        expected: u128,
        /// Its balance.
        found: u128,
    },
    /// A view.
    #[error("{view}: expected {expected}, found {found}")]
    View {
        /// The view.
        view: String,
        /// What it should answer.
        expected: String,
        /// What it answers.
        found: String,
    },
    /// An honest party was wronged: contracts and specification agree, and both are wrong.
    #[error("the honest party {what}")]
    Honest {
        /// How.
        what: String,
    },
}

fn selector(data: &[u8]) -> Option<[u8; 4]> {
    data.get(..4)?.try_into().ok()
}

/// Names of the errors with the selector of what a call reverted with: hub, game and step verifier share some.
pub fn error_names(data: &[u8]) -> Vec<&'static str> {
    let Some(selector) = selector(data) else { return Vec::new() };
    let names = [
        IHubErrors::name_by_selector(selector),
        IGameErrors::name_by_selector(selector),
        IStepVerifierErrors::name_by_selector(selector),
    ];
    let mut names: Vec<&str> = names.into_iter().flatten().collect();
    names.dedup();
    names
}

/// Whether an error is one of the game contract's and not of the hub's.
pub fn is_of_game(name: &str) -> bool {
    let mut selectors = IGameErrors::selectors();
    selectors.any(|selector| IGameErrors::name_by_selector(selector) == Some(name))
}

/// Whether an error is one of the step verifier's.
pub fn is_of_step(name: &str) -> bool {
    let mut selectors = IStepVerifierErrors::selectors();
    selectors.any(|selector| IStepVerifierErrors::name_by_selector(selector) == Some(name))
}

#[cfg(test)]
mod tests {
    use alloy_sol_types::SolError as _;

    use super::*;
    use crate::abi::hub::IHub;

    #[test]
    fn errors_are_named() {
        let error = IHub::NotGame { sender: Address::ZERO }.abi_encode();
        assert_eq!(error_names(&error), ["NotGame"]);
        assert!(is_of_step("NoRun") && !is_of_step("NotGame"));
        assert_eq!(error_names(&[1, 2]), [] as [&str; 0]);
    }
}
