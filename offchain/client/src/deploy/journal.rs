//! What a deployment has begun, in a file that outlives the program.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use alloy_primitives::{Address, B256};
use serde::{Deserialize, Serialize};

use super::Plan;
use super::error::DeployError;
use super::terms::Terms;
use crate::deployment::Role;

/// A creation that was decided on, and may have been sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Creation {
    /// The deployer's nonce for it.
    pub nonce: u64,
    /// Where it leads.
    pub address: Address,
    /// Hash of the code.
    pub code_hash: B256,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entries {
    chain_id: u64,
    deployer: Address,
    start_block: u64,
    terms: Terms,
    created: BTreeMap<Role, Creation>,
}

/// A deployment that is under way.
#[derive(Clone, Debug)]
pub struct Journal {
    path: PathBuf,
    entries: Entries,
}

impl Journal {
    /// Begins a deployment from the chain's block `start_block` on; the file must not be there.
    pub fn begin(
        path: &Path,
        (chain_id, start_block): (u64, u64),
        plan: &Plan<'_>,
    ) -> Result<Self, DeployError> {
        if path.exists() {
            return Err(DeployError::Begun(path.to_owned()));
        }
        let entries = Entries {
            chain_id,
            deployer: plan.deployer,
            start_block,
            terms: plan.terms.clone(),
            created: BTreeMap::new(),
        };
        let journal = Self { path: path.to_owned(), entries };
        journal.write()?;
        Ok(journal)
    }

    /// Goes on with the deployment in a file.
    pub fn resume(path: &Path) -> Result<Self, DeployError> {
        let bytes = fs::read(path)
            .map_err(|error| DeployError::Journal { path: path.to_owned(), error })?;
        let entries = serde_json::from_slice(&bytes)
            .map_err(|error| DeployError::JournalFormat { path: path.to_owned(), error })?;
        Ok(Self { path: path.to_owned(), entries })
    }

    /// What the deployment was begun with.
    pub const fn terms(&self) -> &Terms {
        &self.entries.terms
    }

    /// The deployment is this one: by this account on this chain, of these contracts.
    pub(super) fn check(&self, chain_id: u64, plan: &Plan<'_>) -> Result<(), DeployError> {
        let Entries { chain_id: chain, deployer, terms, created, .. } = &self.entries;
        let same_code = created.iter().all(|(role, creation)| {
            plan.artifacts.of(*role).map(super::Artifact::code_hash) == Some(creation.code_hash)
        });
        let parts = [
            ("chain", *chain == chain_id),
            ("deployer", *deployer == plan.deployer),
            ("set of terms", terms == plan.terms),
            ("set of contracts", same_code),
        ];
        match parts.iter().find(|(_, same)| !same) {
            Some((part, _)) => Err(DeployError::OtherDeployment(part)),
            None => Ok(()),
        }
    }

    pub(super) fn creation(&self, role: Role) -> Option<Creation> {
        self.entries.created.get(&role).copied()
    }

    /// On the disk when this returns.
    pub(super) fn decide(&mut self, role: Role, creation: Creation) -> Result<(), DeployError> {
        self.entries.created.insert(role, creation);
        self.write()
    }

    /// The contract at hand is of no use: the next run makes another.
    pub(super) fn forget(&mut self, role: Role) -> Result<(), DeployError> {
        self.entries.created.remove(&role);
        self.write()
    }

    pub(super) const fn chain_id(&self) -> u64 {
        self.entries.chain_id
    }

    pub(super) const fn start_block(&self) -> u64 {
        self.entries.start_block
    }

    /// Removes the file: there is nothing left to resume, and the deployment is written elsewhere.
    pub fn remove(self) -> Result<(), DeployError> {
        fs::remove_file(&self.path)
            .map_err(|error| DeployError::Journal { path: self.path.clone(), error })
    }

    /// A new file takes the old one's place at once: neither is ever half there.
    fn write(&self) -> Result<(), DeployError> {
        let failed = |error| DeployError::Journal { path: self.path.clone(), error };
        let bytes = serde_json::to_vec_pretty(&self.entries)
            .map_err(|error| DeployError::JournalFormat { path: self.path.clone(), error })?;
        let new = self.path.with_extension("new");
        let mut file = fs::File::create(&new).map_err(failed)?;
        file.write_all(&bytes).and_then(|()| file.sync_all()).map_err(failed)?;
        fs::rename(&new, &self.path).map_err(failed)
    }
}
