//! A deployment: where the contracts are on which chain.

use std::path::Path;
use std::{fmt, fs};

use alloy_primitives::{Address, B256, keccak256};
use alloy_provider::Provider;
use serde::{Deserialize, Serialize};

use crate::connect::Connection;
use crate::contracts::game::IGame::IGameInstance;
use crate::contracts::hub::IHub::IHubInstance;
use crate::deploy::Terms;
use crate::error::ClientError;

/// What a contract of a deployment is for, in the order in which they are deployed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// One step of either machine.
    Step,
    /// Games about claims.
    Game,
    /// Models, requests, claims and money.
    Hub,
    /// Callbacks.
    Courier,
    /// Many claims in one transaction.
    Batch,
    /// Games about attention.
    AttentionGame,
    /// Rewards for verifiers.
    Attention,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Step,
        Self::Game,
        Self::Hub,
        Self::Courier,
        Self::Batch,
        Self::AttentionGame,
        Self::Attention,
    ];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Step => "step",
            Self::Game => "game",
            Self::Hub => "hub",
            Self::Courier => "courier",
            Self::Batch => "batch",
            Self::AttentionGame => "attention_game",
            Self::Attention => "attention",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A contract of a deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deployed {
    /// Where it is.
    pub address: Address,
    /// keccak256 of the code there.
    pub code_hash: B256,
}

/// The contracts of one system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deployment {
    /// Chain that they are on.
    pub chain_id: u64,
    /// Block before which none of them has an event.
    pub start_block: u64,
    /// Models, requests, claims and money.
    pub hub: Deployed,
    /// Games about claims.
    pub game: Deployed,
    /// One step of either machine.
    pub step: Deployed,
    /// Callbacks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub courier: Option<Deployed>,
    /// Many claims in one transaction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<Deployed>,
    /// Rewards for verifiers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attention: Option<Deployed>,
    /// Games about attention.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attention_game: Option<Deployed>,
    /// What they were initialised with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terms: Option<Terms>,
}

impl Deployment {
    /// Reads a deployment file.
    pub fn read(path: &Path) -> Result<Self, ClientError> {
        let bytes =
            fs::read(path).map_err(|error| ClientError::File { path: path.to_owned(), error })?;
        serde_json::from_slice(&bytes)
            .map_err(|error| ClientError::DeploymentFile { path: path.to_owned(), error })
    }

    /// Its contracts, those that it lacks left out.
    pub fn contracts(&self) -> impl Iterator<Item = (Role, Deployed)> {
        Role::ALL.into_iter().filter_map(|role| Some((role, self.contract(role)?)))
    }

    /// A contract of it; none if it lacks that one.
    pub const fn contract(&self, role: Role) -> Option<Deployed> {
        match role {
            Role::Step => Some(self.step),
            Role::Game => Some(self.game),
            Role::Hub => Some(self.hub),
            Role::Courier => self.courier,
            Role::Batch => self.batch,
            Role::AttentionGame => self.attention_game,
            Role::Attention => self.attention,
        }
    }

    /// Writes a deployment file.
    pub fn write(&self, path: &Path) -> Result<(), ClientError> {
        let bytes = serde_json::to_vec_pretty(self)
            .map_err(|error| ClientError::DeploymentFile { path: path.to_owned(), error })?;
        fs::write(path, bytes).map_err(|error| ClientError::File { path: path.to_owned(), error })
    }

    /// The node serves this chain, and every contract is there with the code that it was deployed with.
    pub async fn check(&self, connection: &Connection) -> Result<(), ClientError> {
        let actual = connection.get_chain_id().await?;
        if actual != self.chain_id {
            return Err(ClientError::WrongChain { expected: self.chain_id, actual });
        }
        for (role, Deployed { address, code_hash }) in self.contracts() {
            let code = connection.get_code_at(address).await?;
            if code.is_empty() {
                return Err(ClientError::NoCode { contract: role.name(), address });
            }
            let actual = keccak256(&code);
            if actual != code_hash {
                return Err(ClientError::WrongCode {
                    contract: role.name(),
                    address,
                    expected: code_hash,
                    actual,
                });
            }
        }
        Ok(())
    }

    /// The hub by a connection.
    pub fn hub(&self, connection: &Connection) -> IHubInstance<Connection> {
        IHubInstance::new(self.hub.address, connection.clone())
    }

    /// The game contract by a connection.
    pub fn game(&self, connection: &Connection) -> IGameInstance<Connection> {
        IGameInstance::new(self.game.address, connection.clone())
    }
}
