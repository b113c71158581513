//! A chain behind a server, and the contracts that are built.

use std::path::PathBuf;

use alloy_primitives::Address;
use alloy_provider::Provider as _;
use alloy_signer_local::PrivateKeySigner;
use opml_client::deploy::{Artifacts, DeployError, Done, Journal, Plan, Profile, Terms, deploy};
use opml_client::{ConnectSettings, Connection, Deployment, connect};
use opml_devnet::chain::{Chain, ChainConfig, DEV_KEYS};
use opml_rpc::{Config, Handle};
use tempfile::TempDir;

pub struct Stage {
    pub handle: Handle,
    pub connection: Connection,
    pub artifacts: Artifacts,
    pub terms: Terms,
    pub folder: TempDir,
}

pub fn artifacts() -> Artifacts {
    let test = std::env::current_exe().unwrap();
    let folder = test.ancestors().nth(3).unwrap().join("contracts");
    Artifacts::read(&folder).expect("the contracts are built: cargo xtask contracts")
}

/// Not the first account: the chain's fees are paid to that one.
pub fn signer() -> PrivateKeySigner {
    PrivateKeySigner::from_bytes(&DEV_KEYS[1]).unwrap()
}

pub fn account() -> Address {
    signer().address()
}

impl Stage {
    pub async fn new() -> Self {
        let chain = Chain::new(ChainConfig::default()).unwrap();
        let config = Config { port: 0, ..Config::default() };
        let handle = opml_rpc::serve(config, chain).await.unwrap();
        let settings = ConnectSettings::default();
        let connection = connect(&handle.url(), Some(signer()), settings).await.unwrap();
        Self {
            handle,
            connection,
            artifacts: artifacts(),
            terms: Profile::Dev.terms(),
            folder: TempDir::new().unwrap(),
        }
    }

    pub fn plan(&self) -> Plan<'_> {
        Plan { artifacts: &self.artifacts, terms: &self.terms, deployer: account() }
    }

    pub fn file(&self) -> PathBuf {
        self.folder.path().join("journal.json")
    }

    pub async fn begin(&self) -> Journal {
        let chain = self.connection.get_chain_id().await.unwrap();
        let block = self.connection.get_block_number().await.unwrap();
        Journal::begin(&self.file(), (chain, block), &self.plan()).unwrap()
    }

    /// Deploys; what was done, in words.
    pub async fn run(&self, journal: &mut Journal) -> (Result<Deployment, DeployError>, Vec<Done>) {
        let mut done = Vec::new();
        let result =
            deploy(&self.connection, self.plan(), journal, &mut |step| done.push(step)).await;
        (result, done)
    }

    pub async fn transactions(&self) -> u64 {
        self.connection.get_transaction_count(account()).await.unwrap()
    }

    pub async fn balance(&self, account: Address) -> u128 {
        self.connection.get_balance(account).await.unwrap().to()
    }
}
