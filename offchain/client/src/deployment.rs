//! A deployment: where the contracts are on which chain.

use std::fs;
use std::path::Path;

use alloy_primitives::{Address, B256, keccak256};
use alloy_provider::Provider;
use serde::{Deserialize, Serialize};

use crate::connect::Connection;
use crate::contracts::game::IGame::IGameInstance;
use crate::contracts::hub::IHub::IHubInstance;
use crate::error::ClientError;

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
}

impl Deployment {
    /// Reads a deployment file.
    pub fn read(path: &Path) -> Result<Self, ClientError> {
        let bytes =
            fs::read(path).map_err(|error| ClientError::File { path: path.to_owned(), error })?;
        serde_json::from_slice(&bytes)
            .map_err(|error| ClientError::DeploymentFile { path: path.to_owned(), error })
    }

    /// Its contracts by name, those that it lacks left out.
    pub fn contracts(&self) -> impl Iterator<Item = (&'static str, Deployed)> {
        [
            ("hub", Some(self.hub)),
            ("game", Some(self.game)),
            ("step", Some(self.step)),
            ("courier", self.courier),
            ("batch", self.batch),
            ("attention", self.attention),
            ("attention_game", self.attention_game),
        ]
        .into_iter()
        .filter_map(|(name, contract)| Some((name, contract?)))
    }

    /// The node serves this chain, and every contract is there with the code that it was deployed with.
    pub async fn check(&self, connection: &Connection) -> Result<(), ClientError> {
        let actual = connection.get_chain_id().await?;
        if actual != self.chain_id {
            return Err(ClientError::WrongChain { expected: self.chain_id, actual });
        }
        for (contract, Deployed { address, code_hash }) in self.contracts() {
            let code = connection.get_code_at(address).await?;
            if code.is_empty() {
                return Err(ClientError::NoCode { contract, address });
            }
            let actual = keccak256(&code);
            if actual != code_hash {
                return Err(ClientError::WrongCode {
                    contract,
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
