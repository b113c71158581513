//! The verifier's reasons as errors of the ABI.

use opml_core::merkle::PathError;
use opml_core::mips::{Role as Leaf, StateError, StepError, WitnessError};

use crate::abi::IStepVerifier::{
    IStepVerifierErrors as Revert, Role, StateLength, StateRegisterZero, StateStatus,
    WitnessPathLength, WitnessTooLong, WitnessTooShort, WitnessWrongRoot,
};
use crate::calldata::wide;

impl From<StepError> for Revert {
    fn from(error: StepError) -> Self {
        match error {
            StepError::State(error) => error.into(),
            StepError::Witness(error) => error.into(),
        }
    }
}

impl From<StateError> for Revert {
    fn from(error: StateError) -> Self {
        match error {
            StateError::Length { actual } => {
                Self::StateLength(StateLength { actual: wide(actual) })
            }
            StateError::RegisterZero { value } => {
                Self::StateRegisterZero(StateRegisterZero { value })
            }
            StateError::Status { status, code } => Self::StateStatus(StateStatus { status, code }),
        }
    }
}

impl From<WitnessError> for Revert {
    fn from(error: WitnessError) -> Self {
        match error {
            WitnessError::Short { role, available } => {
                let (role, available) = (role.into(), wide(available));
                Self::WitnessTooShort(WitnessTooShort { role, available })
            }
            WitnessError::Long { surplus } => {
                Self::WitnessTooLong(WitnessTooLong { surplus: wide(surplus) })
            }
            WitnessError::Proof { role, address, source } => wrong_proof(role, address, source),
        }
    }
}

fn wrong_proof(role: Leaf, target: u32, error: PathError) -> Revert {
    let role = role.into();
    match error {
        PathError::Length { expected, actual } => {
            let (expected, actual) = (wide(expected), wide(actual));
            let error = WitnessPathLength { role, target, expected, actual };
            Revert::WitnessPathLength(error)
        }
        PathError::WrongRoot { expected, computed } => {
            let error = WitnessWrongRoot { role, target, expected, computed };
            Revert::WitnessWrongRoot(error)
        }
    }
}

impl From<Leaf> for Role {
    fn from(role: Leaf) -> Self {
        match role {
            Leaf::Instruction => Self::Instruction,
            Leaf::Data => Self::Data,
        }
    }
}
