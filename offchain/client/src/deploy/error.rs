//! Why a deployment stopped.

use std::path::PathBuf;

use alloy_primitives::{Address, B256};
use opml_devnet::stylus::ActivationError;
use opml_devnet::stylus::code::CodeError;
use thiserror::Error;

use crate::deployment::Role;
use crate::error::{ClientError, Severity};

/// Why a deployment stopped.
#[derive(Debug, Error)]
pub enum DeployError {
    /// The chain or the connection to it.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// A compiled contract is missing.
    #[error("there is no compiled {name} in {}", folder.display())]
    NoArtifact {
        /// Its name.
        name: &'static str,
        /// Where it was looked for.
        folder: PathBuf,
    },
    /// A compiled contract has not the form of one.
    #[error("compiled contract {name}")]
    Code {
        /// Its name.
        name: &'static str,
        /// Why.
        #[source]
        error: CodeError,
    },
    /// A chain would not activate a contract.
    #[error("the {name} would not be activated")]
    Activation {
        /// Its name.
        name: &'static str,
        /// Why.
        #[source]
        error: Box<ActivationError>,
    },
    /// A parameter is below what the profile allows.
    #[error("{name} is {value}, profile {profile} wants at least {least}")]
    TooLow {
        /// Name of the parameter.
        name: &'static str,
        /// What was asked for.
        value: u64,
        /// What is allowed.
        least: u64,
        /// Name of the profile.
        profile: &'static str,
    },
    /// The profile is for another chain.
    #[error("profile {profile} is for chain {expected}, the node serves chain {actual}")]
    WrongProfile {
        /// Name of the profile.
        profile: &'static str,
        /// Its chain.
        expected: u64,
        /// The node's.
        actual: u64,
    },
    /// The journal cannot be read or written.
    #[error("journal {}", path.display())]
    Journal {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        error: std::io::Error,
    },
    /// The journal is none.
    #[error("journal {} is damaged", path.display())]
    JournalFormat {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        error: serde_json::Error,
    },
    /// A deployment was begun there and is to be resumed.
    #[error("{} is of a deployment that was begun: resume it, or remove the file", .0.display())]
    Begun(PathBuf),
    /// The deployment that was begun is another one.
    #[error("the deployment that was begun has another {0}")]
    OtherDeployment(&'static str),
    /// A creation is done, but what is there is not what was sent.
    #[error("the code of the {role} at {address} hashes to {actual}, not to {expected}")]
    WrongCode {
        /// The contract.
        role: Role,
        /// Where it is.
        address: Address,
        /// Hash of what was sent.
        expected: B256,
        /// Hash of what is there.
        actual: B256,
    },
    /// Somebody else has initialised the contract, which makes it useless.
    #[error("the {role} at {address} was initialised by somebody else; resume to deploy another")]
    Foreign {
        /// The contract.
        role: Role,
        /// Where it is.
        address: Address,
    },
    /// The chain did not say what activation costs.
    #[error("the chain does not tell what activating the {role} costs")]
    NoDataFee {
        /// The contract.
        role: Role,
        /// What it said instead.
        #[source]
        error: Box<ClientError>,
    },
}

impl DeployError {
    /// Whether to try again.
    pub fn severity(&self) -> Severity {
        match self {
            Self::Client(error) => error.severity(),
            Self::NoDataFee { error, .. } => error.severity(),
            Self::NoArtifact { .. }
            | Self::Code { .. }
            | Self::Activation { .. }
            | Self::TooLow { .. }
            | Self::WrongProfile { .. }
            | Self::Journal { .. }
            | Self::JournalFormat { .. }
            | Self::Begun(_)
            | Self::OtherDeployment(_)
            | Self::WrongCode { .. }
            | Self::Foreign { .. } => Severity::Fatal,
        }
    }
}
