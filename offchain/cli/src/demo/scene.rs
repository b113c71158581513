//! A chain, the contracts on it, a model, and who takes part.

use std::path::Path;

use alloy_primitives::{B256, U256};
use alloy_provider::Provider as _;
use anyhow::{Context as _, Result};
use opml_client::Deployment;
use opml_client::contracts::{ICourier, IHub};
use opml_client::deploy::{Done, HubTerms, Journal, Plan, Profile, deploy};
use opml_devnet::chain::{Chain, ChainConfig, DEV_KEYS};
use opml_rpc::{Config, Handle};

use super::machine::{Answer, Deceit, Machine};
use super::party::Party;
use super::requester::{self, Asked, Consumer};
use super::subject::{Question, Subject};
use super::tell::{Teller, short};
use crate::contracts;

/// Everything that is on stage.
pub struct Scene {
    pub tell: Teller,
    pub subject: Subject,
    /// Steps of a trace that the model is registered with, as a power of two.
    pub steps_log2: u8,
    pub deployment: Deployment,
    pub terms: HubTerms,
    pub honest: Party,
    pub liar: Party,
    pub verifier: Party,
    settler: Party,
    requester: Party,
    consumer: Option<Consumer>,
    model: B256,
    handle: Handle,
}

impl Scene {
    /// Starts a chain, deploys, registers.
    pub async fn set(
        tell: Teller,
        (subject, steps_log2): (Subject, u8),
        folder: Option<&Path>,
    ) -> Result<Self> {
        let artifacts = contracts::artifacts(folder)?;
        let config = Config { port: 0, ..Config::default() };
        let handle = opml_rpc::serve(config, Chain::new(ChainConfig::default())?).await?;
        let url = handle.url();
        tell.title(&format!("A development chain at {url}, and the contracts on it"));
        let party = |name, number: usize| {
            let url = url.clone();
            async move {
                let key = DEV_KEYS.get(number).context("no such account")?;
                Party::new((name, key), &url, tell).await
            }
        };
        let deployer = party("deployer", 1).await?;
        let terms = Profile::Dev.terms();
        let plan = Plan { artifacts: &artifacts, terms: &terms, deployer: deployer.address };
        let deployment = deployed(&deployer, plan, tell).await?;
        let model = register(&deployer, &deployment, (&subject, steps_log2)).await?;
        let consumer = match deployment.courier {
            Some(courier) => {
                Consumer::deploy(&deployer, subject.kind, (courier.address, model)).await?
            }
            None => None,
        };
        Ok(Self {
            tell,
            subject,
            steps_log2,
            deployment,
            terms: terms.hub,
            honest: party("server", 2).await?,
            liar: party("liar", 3).await?,
            verifier: party("verifier", 4).await?,
            settler: party("settler", 5).await?,
            requester: party("requester", 6).await?,
            consumer,
            model,
            handle,
        })
    }

    /// Stops the chain.
    pub async fn stop(self) {
        self.handle.stop().await;
    }

    /// The account that asks has a question answered.
    pub async fn ask(&self, question: &Question) -> Result<Asked> {
        match &self.consumer {
            Some(consumer) => consumer.ask(&self.requester, question).await,
            None => requester::ask(&self.requester, (&self.deployment, self.model), question).await,
        }
    }

    /// What a party computes about a request.
    pub fn machine(&self, asked: &Asked, deceit: Option<&Deceit>) -> Result<Machine> {
        Machine::new((&self.subject.bundle, self.steps_log2), &asked.request, deceit)
    }

    /// A server answers.
    pub async fn claim(&self, server: &Party, asked: &Asked, answer: &Answer) -> Result<B256> {
        let hub = self.deployment.hub(&server.connection);
        let (state, shown) = (answer.state.clone(), answer.shown.clone());
        let said = short(&self.subject.say(&answer.output));
        let what = format!("claims {said} (bond {})", self.terms.server_bond);
        let request =
            hub.claim(asked.id, state, shown.bytes, shown.path).into_transaction_request();
        let receipt = server.act(&what, request, self.terms.server_bond.into()).await?;
        let event = receipt.decoded_log::<IHub::Claimed>().context("nothing was claimed")?;
        Ok(event.claimId)
    }

    /// The window passes, the claim becomes final, the consumer is called. What it was told.
    pub async fn finish(&self, asked: &Asked, claim: B256) -> Result<String> {
        self.pass(u64::from(self.terms.window)).await?;
        let settler = &self.settler;
        let hub = self.deployment.hub(&settler.connection);
        let finalize = hub.finalize(claim).into_transaction_request();
        settler.act("finalizes the claim", finalize, U256::ZERO).await?;
        let (Some(consumer), Some(courier)) = (&self.consumer, self.deployment.courier) else {
            let outcome = hub.result(asked.id).call().await?;
            return Ok(self.subject.say_result(&outcome));
        };
        let courier = ICourier::new(courier.address, &settler.connection);
        let deliver = courier.deliver(asked.id).into_transaction_request();
        let receipt = settler.quietly(deliver, U256::ZERO).await?;
        let told = consumer.told((settler, asked), &receipt).await?;
        let told = told.context("the consumer was not called")?;
        let what = format!("delivers: {} is told {}", consumer.name(), short(&told));
        self.tell.sent(settler.name, &what, &receipt);
        Ok(told)
    }

    /// Time on the chain passes.
    async fn pass(&self, seconds: u64) -> Result<()> {
        let client = self.settler.connection.client();
        client.request::<_, serde_json::Value>("evm_increaseTime", (seconds,)).await?;
        client.request::<_, serde_json::Value>("evm_mine", ()).await?;
        self.tell.note(&format!("{seconds} seconds pass (evm_increaseTime)"));
        Ok(())
    }
}

async fn deployed(deployer: &Party, plan: Plan<'_>, tell: Teller) -> Result<Deployment> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("journal.json");
    let chain_id = deployer.connection.get_chain_id().await?;
    let mut journal = Journal::begin(&file, (chain_id, 0), &plan)?;
    let mut report = |done: Done| tell_of(tell, done);
    Ok(deploy(&deployer.connection, plan, &mut journal, &mut report).await?)
}

fn tell_of(tell: Teller, done: Done) {
    match done {
        Done::Created { role, address, gas, .. } => tell.placed(role.name(), address, gas),
        Done::Activated { gas, .. } => tell.step("activated", gas),
        Done::Initialized { role, gas } => tell.step(&format!("initialises the {role}"), gas),
        Done::Found { .. } => {}
    }
}

async fn register(
    owner: &Party,
    deployment: &Deployment,
    (subject, steps_log2): (&Subject, u8),
) -> Result<B256> {
    let model = subject.registration(steps_log2)?;
    let hub = deployment.hub(&owner.connection);
    let uri = format!("opml:{}", subject.name);
    let request = hub.registerModel(model, uri).into_transaction_request();
    let what = format!("registers {}", subject.name);
    let receipt = owner.act(&what, request, U256::ZERO).await?;
    let event = receipt.decoded_log::<IHub::ModelRegistered>().context("nothing was registered")?;
    Ok(event.modelId)
}
