//! A chain, the contracts on it, a model, and who takes part.

use std::path::Path;

use alloy_primitives::{B256, U256};
use alloy_provider::Provider as _;
use anyhow::{Context as _, Result, bail};
use opml_client::Deployment;
use opml_client::contracts::{ICourier, IHub};
use opml_client::deploy::{Done, HubTerms, Journal, Plan, Profile, deploy};
use opml_devnet::chain::{Chain, ChainConfig, DEV_KEYS};
use opml_rpc::{Config, Handle};
use opml_runtime::Bundle;
use opml_runtime::tile::KernelImage;

use super::lie::Lie;
use super::machine::{Answer, Machine};
use super::party::Party;
use super::picture::Picture;
use super::requester::{self, Asked, Consumer};
use super::tell::Teller;
use crate::contracts;

/// What a digit costs its requester, in wei, besides the work burn and the delivery.
const FEE: u128 = 1_000_000_000_000_000;

/// Everything that is on stage.
pub struct Scene {
    pub tell: Teller,
    pub bundle: Bundle,
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
        (bundle, lie): (Bundle, Lie),
        folder: Option<&Path>,
    ) -> Result<Self> {
        let steps_log2 = lie.steps_log2(&bundle)?;
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
        let model = register(&deployer, &deployment, (&bundle, steps_log2)).await?;
        let known = contracts::DIGITS_CONSUMER.zip(deployment.courier);
        let consumer = if let Some((code, courier)) = known {
            Some(Consumer::deploy(&deployer, code, (courier.address, model)).await?)
        } else {
            tell.note("DigitsConsumer is not built into this program: an account asks instead");
            None
        };
        Ok(Self {
            tell,
            bundle,
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

    /// The account that asks has a picture read.
    pub async fn ask(&self, picture: &Picture) -> Result<Asked> {
        let input = picture.input()?;
        let subject = (picture.name, input);
        match &self.consumer {
            Some(consumer) => consumer.ask(&self.requester, subject).await,
            None => requester::ask(&self.requester, (&self.deployment, self.model), subject).await,
        }
    }

    /// What a party computes about a request.
    pub fn machine(&self, asked: &Asked, lie: Option<Lie>) -> Result<Machine> {
        Machine::new((&self.bundle, self.steps_log2), &asked.request, lie)
    }

    /// A server answers.
    pub async fn claim(&self, server: &Party, asked: &Asked, answer: &Answer) -> Result<B256> {
        let hub = self.deployment.hub(&server.connection);
        let (state, output, path) =
            (answer.state.clone(), answer.output.clone(), answer.path.clone());
        let digit = answer.output.first().copied().unwrap_or_default();
        let what = format!("claims: it is a {digit} (bond {})", self.terms.server_bond);
        let request = hub.claim(asked.id, state, output, path).into_transaction_request();
        let receipt = server.act(&what, request, self.terms.server_bond.into()).await?;
        let event = receipt.decoded_log::<IHub::Claimed>().context("nothing was claimed")?;
        Ok(event.claimId)
    }

    /// The window passes, the claim becomes final, the consumer is called. The digit that was told.
    pub async fn finish(&self, asked: &Asked, claim: B256) -> Result<u8> {
        self.pass(u64::from(self.terms.window)).await?;
        let settler = &self.settler;
        let hub = self.deployment.hub(&settler.connection);
        let finalize = hub.finalize(claim).into_transaction_request();
        settler.act("finalizes the claim", finalize, U256::ZERO).await?;
        let (Some(consumer), Some(courier)) = (&self.consumer, self.deployment.courier) else {
            let outcome = hub.result(asked.id).call().await?;
            return outcome.output.first().copied().context("the output is empty");
        };
        let courier = ICourier::new(courier.address, &settler.connection);
        let deliver = courier.deliver(asked.id).into_transaction_request();
        let receipt = settler.quietly(deliver, U256::ZERO).await?;
        let Some(digit) = consumer.told(&receipt) else { bail!("the consumer was not called") };
        let what = format!("delivers: DigitsConsumer is told that it is a {digit}");
        self.tell.sent(settler.name, &what, &receipt);
        Ok(digit)
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
    (bundle, steps_log2): (&Bundle, u8),
) -> Result<B256> {
    let manifest = bundle.manifest();
    let model = IHub::Model {
        programRoot: manifest.program_root,
        weightsRoot: manifest.weights_root,
        imageRoot: KernelImage::released()?.root(),
        outputBase: manifest.output.base,
        outputLog2: manifest.output.log2_size,
        stepsLog2: steps_log2,
        maxInput: 784,
        fee: FEE,
        iterationFee: 0,
        maxIterations: 0,
    };
    let hub = deployment.hub(&owner.connection);
    let request = hub.registerModel(model, "opml:digits".into()).into_transaction_request();
    let receipt = owner.act("registers the digits model", request, U256::ZERO).await?;
    let event = receipt.decoded_log::<IHub::ModelRegistered>().context("nothing was registered")?;
    Ok(event.modelId)
}
