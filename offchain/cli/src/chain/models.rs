//! `opml model register` and `list`.

use std::path::PathBuf;

use alloy_network::TransactionBuilder as _;
use alloy_primitives::B256;
use anyhow::{Context as _, Result, bail};
use opml_client::contracts::IHub;
use opml_client::{Wei, send};
use opml_operator::{Illegal, legal};
use opml_runtime::Bundle;
use opml_runtime::bundle::manifest::Input;
use opml_runtime::tile::KernelImage;
use serde::Serialize;

use super::access::{Access, Key, Reader};
use super::{block_on, logs};
use crate::model::source;
use crate::output::{Format, table};

/// Arguments of `register`.
#[derive(clap::Args)]
pub struct Register {
    /// Folder of the model's bundle, or `digits`.
    #[arg(value_name = "BUNDLE")]
    bundle: PathBuf,
    /// Where others find the bundle.
    #[arg(long, default_value = "")]
    uri: String,
    /// What a request pays its server, whatever it asks for.
    #[arg(long, value_name = "AMOUNT", default_value = "0.001 ether")]
    fee: Wei,
    /// What it pays on top for each iteration.
    #[arg(long, value_name = "AMOUNT", default_value = "0 wei")]
    iteration_fee: Wei,
    /// Most iterations that a request can ask for.
    #[arg(long, value_name = "COUNT", default_value_t = 0)]
    max_iterations: u32,
    /// Longest input in bytes; by default what the model accepts.
    #[arg(long, value_name = "BYTES")]
    max_input: Option<u32>,
    #[command(flatten)]
    access: Access,
    #[command(flatten)]
    key: Key,
    #[command(flatten)]
    format: Format,
}

/// Nobody would put a bond behind a model with an operator that cannot be proven.
fn check_operators(bundle: &Bundle) -> Result<()> {
    for (pc, operator) in bundle.program().operators() {
        match legal(&operator, 0, 0) {
            Err(Illegal::Cost { cost, log2 }) => bail!(
                "operator {pc} can take {cost} instructions a tile, more than half of its 2^{log2}"
            ),
            checked => {
                checked.with_context(|| format!("operator {pc} is not legal"))?;
            }
        }
    }
    Ok(())
}

#[derive(Serialize)]
struct Registered {
    model: B256,
    transaction: B256,
    gas: u64,
}

impl Register {
    /// Registers a model.
    pub fn execute(&self) -> Result<()> {
        let model = self.model(&source::open(&self.bundle)?)?;
        let registered = block_on(self.register(model))?;
        self.format.print(&registered, |done| {
            format!("model {}\ntransaction {} ({} gas)", done.model, done.transaction, done.gas)
        })
    }

    fn model(&self, bundle: &Bundle) -> Result<IHub::Model> {
        check_operators(bundle)?;
        let manifest = bundle.manifest();
        let accepted = match manifest.input {
            Input::Grey { width, height } => width.checked_mul(height),
            Input::Bytes { .. } => None,
        };
        let max_input = self.max_input.or(accepted);
        Ok(IHub::Model {
            programRoot: manifest.program_root,
            weightsRoot: manifest.weights_root,
            imageRoot: KernelImage::released()?.root(),
            outputBase: manifest.output.base,
            outputLog2: manifest.output.log2_size,
            stepsLog2: manifest.steps_log2,
            maxInput: max_input.context("name the longest input by --max-input BYTES")?,
            fee: self.fee.0,
            iterationFee: self.iteration_fee.0,
            maxIterations: self.max_iterations,
        })
    }

    async fn register(&self, model: IHub::Model) -> Result<Registered> {
        let session = self.access.sign(&self.key).await?;
        let hub = session.deployment.hub(&session.connection);
        let request = hub.registerModel(model, self.uri.clone()).into_transaction_request();
        let receipt = send(&session.connection, request.with_from(session.account)).await?;
        let event =
            receipt.decoded_log::<IHub::ModelRegistered>().context("nothing was registered")?;
        Ok(Registered {
            model: event.modelId,
            transaction: receipt.transaction_hash,
            gas: receipt.gas_used,
        })
    }
}

/// Arguments of `list`.
#[derive(clap::Args)]
pub struct List {
    #[command(flatten)]
    access: Access,
    #[command(flatten)]
    format: Format,
}

/// A registered model.
#[derive(Serialize)]
pub struct Listed {
    pub id: B256,
    owner: String,
    pub uri: String,
    fee: Wei,
    iteration_fee: Wei,
    max_iterations: u32,
    max_input: u32,
    steps_log2: u8,
    retired: bool,
    #[serde(skip)]
    pub record: IHub::Model,
}

impl List {
    /// Prints the models of the hub.
    pub fn execute(&self) -> Result<()> {
        let listed = block_on(async { list(&self.access.read().await?).await })?;
        self.format.print(&listed, |models| {
            let rows = models.iter().map(|model| {
                let state = if model.retired { "retired" } else { "open" };
                [
                    model.id.to_string(),
                    state.into(),
                    model.fee.to_string(),
                    model.max_input.to_string(),
                    format!("2^{}", model.steps_log2),
                    model.uri.clone(),
                ]
            });
            table(["model", "", "fee", "most input", "steps", "uri"], rows)
        })
    }
}

/// All models of the hub, in the order of their registration.
pub async fn list(reader: &Reader) -> Result<Vec<Listed>> {
    let hub = reader.deployment.hub.address;
    let registered = logs::all::<IHub::ModelRegistered>(reader, hub, None).await?;
    let retired = logs::all::<IHub::ModelRetired>(reader, hub, None).await?;
    let is_retired = |id: B256| retired.iter().any(|found| found.event.modelId == id);
    Ok(registered
        .into_iter()
        .map(|found| {
            let IHub::ModelRegistered { modelId: id, owner, model, uri } = found.event;
            Listed {
                id,
                owner: owner.to_string(),
                uri,
                fee: Wei(model.fee),
                iteration_fee: Wei(model.iterationFee),
                max_iterations: model.maxIterations,
                max_input: model.maxInput,
                steps_log2: model.stepsLog2,
                retired: is_retired(id),
                record: model,
            }
        })
        .collect())
}

/// The registered model with the bundle's roots; the last one that takes requests.
pub async fn find(reader: &Reader, bundle: &Bundle) -> Result<B256> {
    let manifest = bundle.manifest();
    let models = list(reader).await?;
    let same = models.iter().rev().find(|model| {
        !model.retired
            && model.record.programRoot == manifest.program_root
            && model.record.weightsRoot == manifest.weights_root
    });
    same.map(|model| model.id)
        .context("no registered model has this bundle's roots; name one by --id")
}
