//! The steps of a deployment.

use alloy_network::TransactionBuilder as _;
use alloy_primitives::{Address, U256};
use alloy_rpc_types_eth::{TransactionReceipt, TransactionRequest};

use super::chain;
use super::error::DeployError;
use super::journal::{Creation, Journal};
use super::{Artifact, Plan};
use crate::connect::Connection;
use crate::contracts::{IAttention, IBatch, ICourier, IGame, IHub};
use crate::deployment::{Deployed, Deployment, Role};
use crate::error::ClientError;
use crate::receipt::send;

/// A step that is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "fields say what they are")]
pub enum Done {
    /// A contract is on the chain.
    Created { role: Role, address: Address, bytes: usize, gas: u64 },
    /// Its code may run.
    Activated { role: Role, fee: U256, gas: u64 },
    /// It has its parameters.
    Initialized { role: Role, gas: u64 },
    /// The step was done before.
    Found { role: Role, address: Address },
}

pub(super) struct Setup<'a> {
    pub connection: &'a Connection,
    pub plan: Plan<'a>,
    pub journal: &'a mut Journal,
    pub report: &'a mut dyn FnMut(Done),
}

impl Setup<'_> {
    fn address(&self, role: Role) -> Address {
        self.journal.creation(role).map_or(Address::ZERO, |creation| creation.address)
    }

    fn nonce(&self, role: Role) -> u64 {
        self.journal.creation(role).map_or(u64::MAX, |creation| creation.nonce)
    }

    async fn send(&self, request: TransactionRequest) -> Result<TransactionReceipt, ClientError> {
        send(self.connection, request.with_from(self.plan.deployer)).await
    }

    pub async fn create(&mut self, role: Role) -> Result<(), DeployError> {
        let Some(artifact) = self.plan.artifacts.of(role) else { return Ok(()) };
        if let Some(creation) = self.journal.creation(role) {
            chain::settled(self.connection, self.plan.deployer, creation.nonce).await?;
            let address = creation.address;
            match chain::code_hash(self.connection, address).await? {
                Some(hash) if hash == creation.code_hash => {
                    (self.report)(Done::Found { role, address });
                    return Ok(());
                }
                Some(actual) => {
                    let expected = creation.code_hash;
                    return Err(DeployError::WrongCode { role, address, expected, actual });
                }
                // Never sent, or failed: the nonce below is the same or a new one.
                None => {}
            }
        }
        self.create_anew(role, artifact).await
    }

    async fn create_anew(&mut self, role: Role, artifact: &Artifact) -> Result<(), DeployError> {
        let (_, nonce) = chain::nonces(self.connection, self.plan.deployer).await?;
        let (address, code_hash) = (self.plan.deployer.create(nonce), artifact.code_hash());
        self.journal.decide(role, Creation { nonce, address, code_hash })?;
        let request =
            TransactionRequest::default().with_deploy_code(artifact.init_code()?).with_nonce(nonce);
        let gas = self.send(request).await?.gas_used;
        (self.report)(Done::Created { role, address, bytes: artifact.len(), gas });
        Ok(())
    }

    pub async fn activate(&mut self, role: Role) -> Result<(), DeployError> {
        let (program, from) = (self.address(role), self.plan.deployer);
        if chain::is_active(self.connection, program).await? {
            return Ok(());
        }
        let fee = chain::data_fee(self.connection, (from, program))
            .await
            .map_err(|error| DeployError::NoDataFee { role, error: Box::new(error) })?;
        let request = chain::activation(self.connection, from, (program, fee));
        let gas = self.send(request).await?.gas_used;
        (self.report)(Done::Activated { role, fee, gas });
        Ok(())
    }

    pub async fn initialize(&mut self, role: Role) -> Result<(), DeployError> {
        let done = match role {
            Role::Step => return Ok(()),
            Role::Game => self.game_of(role, Role::Hub).await?,
            Role::AttentionGame => self.game_of(role, Role::Attention).await?,
            Role::Hub => self.hub().await?,
            Role::Courier => self.courier().await?,
            Role::Batch => self.batch().await?,
            Role::Attention => self.attention().await?,
        };
        if let Some(request) = done {
            let gas = self.send(request).await?.gas_used;
            (self.report)(Done::Initialized { role, gas });
        }
        Ok(())
    }

    /// Anybody can initialise a game contract first. Then it is of no use and another one is made.
    async fn game_of(
        &mut self,
        role: Role,
        hub: Role,
    ) -> Result<Option<TransactionRequest>, DeployError> {
        let (address, clock) = (self.address(role), self.plan.terms.clock);
        let (hub, step) = (self.address(hub), self.address(Role::Step));
        let game = IGame::new(address, self.connection.clone());
        let found = game.configuration().call().await.map_err(ClientError::from)?;
        if found.hub.is_zero() {
            return Ok(Some(game.initialize(hub, step, clock).into_transaction_request()));
        }
        if (found.hub, found.step, found.clock) == (hub, step, clock) {
            return Ok(None);
        }
        self.journal.forget(role)?;
        Err(DeployError::Foreign { role, address })
    }

    async fn hub(&self) -> Result<Option<TransactionRequest>, DeployError> {
        let hub = IHub::new(self.address(Role::Hub), self.connection.clone());
        let found = hub.parameters().call().await.map_err(ClientError::from)?;
        let (nonce, game) = (self.nonce(Role::Hub), self.address(Role::Game));
        let request = hub.initialize(nonce, game, (&self.plan.terms.hub).into());
        Ok(found.game.is_zero().then(|| request.into_transaction_request()))
    }

    async fn courier(&self) -> Result<Option<TransactionRequest>, DeployError> {
        let courier = ICourier::new(self.address(Role::Courier), self.connection.clone());
        let found = courier.configuration().call().await.map_err(ClientError::from)?;
        let price = u64::try_from(self.plan.terms.courier_gas_price.0).unwrap_or(u64::MAX);
        let request = courier.initialize(self.nonce(Role::Courier), self.address(Role::Hub), price);
        Ok(found.hub.is_zero().then(|| request.into_transaction_request()))
    }

    async fn batch(&self) -> Result<Option<TransactionRequest>, DeployError> {
        let batch = IBatch::new(self.address(Role::Batch), self.connection.clone());
        let found = batch.configuration().call().await.map_err(ClientError::from)?;
        let request = batch.initialize(self.nonce(Role::Batch), self.address(Role::Hub));
        Ok(found.hub.is_zero().then(|| request.into_transaction_request()))
    }

    async fn attention(&self) -> Result<Option<TransactionRequest>, DeployError> {
        let attention = IAttention::new(self.address(Role::Attention), self.connection.clone());
        let found = attention.parameters().call().await.map_err(ClientError::from)?;
        let (hub, game) = (self.address(Role::Hub), self.address(Role::AttentionGame));
        let terms = (&self.plan.terms.attention).into();
        let request = attention.initialize(self.nonce(Role::Attention), hub, game, terms);
        Ok(found.hub.is_zero().then(|| request.into_transaction_request()))
    }

    /// The deployment, when all is done.
    pub fn finish(&self) -> Result<Deployment, DeployError> {
        let contract = |role| {
            self.journal
                .creation(role)
                .map(|Creation { address, code_hash, .. }| Deployed { address, code_hash })
        };
        let needed = |role| contract(role).ok_or(DeployError::OtherDeployment("set of contracts"));
        Ok(Deployment {
            chain_id: self.journal.chain_id(),
            start_block: self.journal.start_block(),
            hub: needed(Role::Hub)?,
            game: needed(Role::Game)?,
            step: needed(Role::Step)?,
            courier: contract(Role::Courier),
            batch: contract(Role::Batch),
            attention: contract(Role::Attention),
            attention_game: contract(Role::AttentionGame),
            terms: Some(self.plan.terms.clone()),
        })
    }
}
