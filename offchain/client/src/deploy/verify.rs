//! Whether a deployment on a chain is what its file says.

use alloy_primitives::{Address, B256};

use super::Artifacts;
use super::chain;
use super::terms::Terms;
use crate::connect::Connection;
use crate::contracts::arbitrum::{ARB_WASM, ArbWasm};
use crate::contracts::{IAttention, IBatch, ICourier, IGame, IHub};
use crate::deployment::{Deployed, Deployment, Role};
use crate::error::ClientError;

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Finding {
    /// The contract.
    pub role: Role,
    /// What about it.
    pub subject: &'static str,
    /// Whether it is as it should be.
    pub good: bool,
    /// What was found.
    pub found: String,
}

/// Looks at everything that can be read of a deployment. With `artifacts` the code is compared with these too; what was
/// initialised is compared with the terms in the file, or only looked at if it has none.
pub async fn verify(
    connection: &Connection,
    deployment: &Deployment,
    artifacts: Option<&Artifacts>,
) -> Result<Vec<Finding>, ClientError> {
    let mut check = Check { connection, deployment, findings: Vec::new() };
    for (role, contract) in deployment.contracts() {
        check.code((role, contract), artifacts).await?;
        check.activation(role, contract.address).await?;
    }
    check.game(Role::Game, deployment.game.address, deployment.hub.address).await?;
    check.hub().await?;
    check.courier().await?;
    check.batch().await?;
    check.attention().await?;
    Ok(check.findings)
}

struct Check<'a> {
    connection: &'a Connection,
    deployment: &'a Deployment,
    findings: Vec<Finding>,
}

impl Check<'_> {
    fn note(&mut self, role: Role, subject: &'static str, (good, found): (bool, String)) {
        self.findings.push(Finding { role, subject, good, found });
    }

    fn terms(&self) -> Option<&Terms> {
        self.deployment.terms.as_ref()
    }

    async fn code(
        &mut self,
        (role, contract): (Role, Deployed),
        artifacts: Option<&Artifacts>,
    ) -> Result<(), ClientError> {
        let hash = chain::code_hash(self.connection, contract.address).await?;
        let shown = hash.as_ref().map_or_else(|| "none".to_owned(), B256::to_string);
        self.note(role, "code hash", (hash == Some(contract.code_hash), shown.clone()));
        if let Some(artifact) = artifacts.and_then(|artifacts| artifacts.of(role)) {
            let same = hash == Some(artifact.code_hash());
            self.note(role, "code of this build", (same, shown));
        }
        Ok(())
    }

    async fn activation(&mut self, role: Role, program: Address) -> Result<(), ClientError> {
        let wasm = ArbWasm::new(ARB_WASM, self.connection.clone());
        let left = wasm.programTimeLeft(program).call().await.map_err(ClientError::from);
        let found = match left {
            Ok(seconds) => (seconds > 0, format!("{} days left", seconds / 86_400)),
            Err(error @ ClientError::Reverted(_)) => (false, error.to_string()),
            Err(error) => return Err(error),
        };
        self.note(role, "activation", found);
        Ok(())
    }

    async fn game(
        &mut self,
        role: Role,
        address: Address,
        hub: Address,
    ) -> Result<(), ClientError> {
        let game = IGame::new(address, self.connection.clone());
        let found = game.configuration().call().await?;
        let step = self.deployment.step.address;
        self.note(role, "hub", (found.hub == hub, found.hub.to_string()));
        self.note(role, "step verifier", (found.step == step, found.step.to_string()));
        let same = self.terms().is_none_or(|terms| terms.clock == found.clock);
        self.note(role, "clock", (same, format!("{} s", found.clock)));
        Ok(())
    }

    async fn hub(&mut self) -> Result<(), ClientError> {
        let hub = IHub::new(self.deployment.hub.address, self.connection.clone());
        let found = hub.parameters().call().await?;
        let (game, step) = (self.deployment.game.address, self.deployment.step.address);
        self.note(Role::Hub, "game contract", (found.game == game, found.game.to_string()));
        self.note(Role::Hub, "step verifier", (found.step == step, found.step.to_string()));
        let same = self.terms().is_none_or(|terms| found.params == (&terms.hub).into());
        self.note(Role::Hub, "parameters", (same, parameters(same, &found.params)));
        Ok(())
    }

    async fn courier(&mut self) -> Result<(), ClientError> {
        let Some(Deployed { address, .. }) = self.deployment.courier else { return Ok(()) };
        let courier = ICourier::new(address, self.connection.clone());
        let found = courier.configuration().call().await?;
        let same = found.hub == self.deployment.hub.address;
        self.note(Role::Courier, "hub", (same, found.hub.to_string()));
        let price = self.terms().map(|terms| terms.courier_gas_price.0);
        let same = price.is_none_or(|price| price == found.gasPrice.into());
        self.note(Role::Courier, "gas price", (same, format!("{} wei", found.gasPrice)));
        Ok(())
    }

    async fn batch(&mut self) -> Result<(), ClientError> {
        let Some(Deployed { address, .. }) = self.deployment.batch else { return Ok(()) };
        let batch = IBatch::new(address, self.connection.clone());
        let found = batch.configuration().call().await?;
        let same = found.hub == self.deployment.hub.address;
        self.note(Role::Batch, "hub", (same, found.hub.to_string()));
        Ok(())
    }

    async fn attention(&mut self) -> Result<(), ClientError> {
        let (Some(attention), Some(game)) =
            (self.deployment.attention, self.deployment.attention_game)
        else {
            return Ok(());
        };
        self.game(Role::AttentionGame, game.address, attention.address).await?;
        let contract = IAttention::new(attention.address, self.connection.clone());
        let found = contract.parameters().call().await?;
        let hub = self.deployment.hub.address;
        self.note(Role::Attention, "hub", (found.hub == hub, found.hub.to_string()));
        let same = found.game == game.address;
        self.note(Role::Attention, "game contract", (same, found.game.to_string()));
        let same = self.terms().is_none_or(|terms| found.params == (&terms.attention).into());
        self.note(Role::Attention, "parameters", (same, parameters(same, &found.params)));
        Ok(())
    }
}

/// All of them only where they are news.
fn parameters(same: bool, found: &impl std::fmt::Debug) -> String {
    if same { "as in the file".to_owned() } else { format!("{found:?}") }
}
