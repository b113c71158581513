//! Compiled contracts.

use std::borrow::Cow;
use std::fs;
use std::path::Path;

use alloy_primitives::{B256, keccak256};
use opml_devnet::stylus::activate::{DEFAULT_PAGE_LIMIT, activate};
use opml_devnet::stylus::code;

use super::error::DeployError;
use crate::deployment::Role;

/// A compiled contract in its deployed form: prefix and compressed module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifact {
    name: &'static str,
    code: Cow<'static, [u8]>,
}

impl Artifact {
    /// Checks that a chain would take `code`, by the rules of activation.
    pub fn new(name: &'static str, code: Cow<'static, [u8]>) -> Result<Self, DeployError> {
        let module = code::decompress(&code).map_err(|error| DeployError::Code { name, error })?;
        activate(&module, DEFAULT_PAGE_LIMIT)
            .map_err(|error| DeployError::Activation { name, error: Box::new(error) })?;
        Ok(Self { name, code })
    }

    /// Hash of the deployed code.
    pub fn code_hash(&self) -> B256 {
        keccak256(&self.code)
    }

    /// Bytes of the deployed code.
    pub fn len(&self) -> usize {
        self.code.len()
    }

    /// Never: code has a prefix.
    pub fn is_empty(&self) -> bool {
        self.code.is_empty()
    }

    /// What creates the contract.
    pub(super) fn init_code(&self) -> Result<Vec<u8>, DeployError> {
        code::init_code(&self.code).map_err(|error| DeployError::Code { name: self.name, error })
    }
}

/// The compiled contracts of a deployment. Hub, game and step are always there, the others may be missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifacts(Vec<Artifact>);

/// Files are `NAME.wasm.br`.
const NAMES: [(&str, Need); 6] = [
    ("step", Need::Always),
    ("game", Need::Always),
    ("hub", Need::Always),
    ("courier", Need::IfThere),
    ("batch", Need::IfThere),
    ("attention", Need::IfThere),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Need {
    Always,
    IfThere,
}

impl Artifacts {
    /// Those in a folder, as `cargo xtask contracts` leaves them.
    pub fn read(folder: &Path) -> Result<Self, DeployError> {
        Self::collect(folder, |name| {
            fs::read(folder.join(name).with_extension("wasm.br")).ok().map(Cow::Owned)
        })
    }

    /// Those that `find` has by name; `source` is for the message about one that is missing.
    pub fn collect(
        source: &Path,
        find: impl Fn(&str) -> Option<Cow<'static, [u8]>>,
    ) -> Result<Self, DeployError> {
        let mut artifacts = Vec::new();
        for (name, need) in NAMES {
            match (find(name), need) {
                (Some(code), _) => artifacts.push(Artifact::new(name, code)?),
                (None, Need::IfThere) => {}
                (None, Need::Always) => {
                    return Err(DeployError::NoArtifact { name, folder: source.to_owned() });
                }
            }
        }
        Ok(Self(artifacts))
    }

    /// The code of a contract; none if it was not compiled.
    pub fn of(&self, role: Role) -> Option<&Artifact> {
        let find = |name: &str| self.0.iter().find(|artifact| artifact.name == name);
        match role {
            Role::Step => find("step"),
            Role::Game => find("game"),
            Role::Hub => find("hub"),
            Role::Courier => find("courier"),
            Role::Batch => find("batch"),
            Role::Attention => find("attention"),
            // The same code once more, with another hub.
            Role::AttentionGame => find("attention").and_then(|_| find("game")),
        }
    }
}
