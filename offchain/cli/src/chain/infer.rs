//! `opml infer`: asks a registered model, and waits for the answer.

use std::time::Duration;

use alloy_network::TransactionBuilder as _;
use alloy_primitives::B256;
use alloy_provider::Provider as _;
use alloy_rpc_types_eth::BlockId;
use anyhow::{Context as _, Result, bail};
use opml_client::contracts::IHub;
use opml_client::{ClientError, Wei, send};
use opml_runtime::Bundle;
use serde::Serialize;

use super::access::{Access, Key, Reader, Session};
use super::{block_on, models};
use crate::model::request::Question;
use crate::model::run::label;
use crate::model::source::Model;
use crate::output::{Format, hex};

/// Arguments.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    model: Model,
    /// Id of the registered model; by default the last one with the bundle's roots.
    #[arg(long, value_name = "MODEL")]
    id: Option<B256>,
    #[command(flatten)]
    question: Question,
    /// Return as soon as the request is made.
    #[arg(long)]
    no_wait: bool,
    /// Tell each change of the result until it is final.
    #[arg(long)]
    follow: bool,
    /// Seconds between looks at the chain.
    #[arg(long, value_name = "SECONDS", default_value_t = 2.0)]
    poll: f64,
    #[command(flatten)]
    access: Access,
    #[command(flatten)]
    key: Key,
    #[command(flatten)]
    format: Format,
}

#[derive(Serialize)]
struct Report {
    request: B256,
    model: B256,
    paid: Wei,
    transaction: B256,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<Outcome>,
}

#[derive(Clone, PartialEq, Eq, Serialize)]
struct Outcome {
    status: &'static str,
    claim: B256,
    failed: bool,
    length: u32,
    /// Root of the output's region.
    root: B256,
    /// Empty if it is longer than the hub hands out.
    output: String,
    text: Option<String>,
}

impl Args {
    /// Asks, waits, prints.
    pub fn execute(&self) -> Result<()> {
        let bundle = self.model.open()?;
        let request = self.question.encode(&bundle)?;
        eprintln!("Note: the request is public, as are all on this chain, and stays so.");
        let report = block_on(self.ask(&bundle, request))?;
        self.format.print(&report, Report::text)
    }

    async fn ask(&self, bundle: &Bundle, request: Vec<u8>) -> Result<Report> {
        let session = self.access.sign(&self.key).await?;
        let Session { connection, deployment, account } = session;
        let reader = Reader { connection, deployment };
        let model = match self.id {
            Some(id) => id,
            None => models::find(&reader, bundle).await?,
        };
        let hub = reader.deployment.hub(&reader.connection);
        let iterations = opml_core::graph::Request::decode(&request)?.params[2];
        let price = hub.quote(model, iterations).call().await.map_err(ClientError::from)?;
        let paid = price.fee + price.workBurn;
        let infer = hub.infer(model, request.into()).into_transaction_request();
        let receipt = send(&reader.connection, infer.with_from(account).with_value(paid)).await?;
        let event = receipt.decoded_log::<IHub::Requested>().context("nothing was requested")?;
        let mut report = Report {
            request: event.requestId,
            model,
            paid: Wei(paid.to()),
            transaction: receipt.transaction_hash,
            result: None,
        };
        if !self.no_wait {
            eprintln!("request {}", report.request);
            report.result = Some(self.wait(&reader, bundle, report.request).await?);
        }
        Ok(report)
    }

    async fn wait(&self, reader: &Reader, bundle: &Bundle, request: B256) -> Result<Outcome> {
        let hub = reader.deployment.hub(&reader.connection);
        let pause = Duration::try_from_secs_f64(self.poll.max(0.1))?;
        let mut last = None;
        loop {
            let found = hub.result(request).call().await.map_err(ClientError::from)?;
            let outcome = Outcome::of(&found, bundle);
            let record = hub.getRequest(request).call().await.map_err(ClientError::from)?;
            if self.follow && last.as_ref() != Some(&outcome) {
                eprintln!("{}", outcome.line());
                if !outcome.claim.is_zero() {
                    eprintln!("by claim {}", outcome.claim);
                }
            }
            if found.status == IHub::ResultStatus::Final {
                return Ok(outcome);
            }
            if record.status == IHub::RequestStatus::Refunded {
                bail!("the request was refunded: there is no result");
            }
            if last.is_none() && self.follow {
                let block = reader.connection.get_block(BlockId::latest()).await?;
                let now = block.map_or(0, |block| block.header.timestamp);
                eprintln!("its fee can be reclaimed in {} s", record.deadline.saturating_sub(now));
            }
            last = Some(outcome);
            tokio::time::sleep(pause).await;
        }
    }
}

impl Outcome {
    fn of(found: &IHub::Outcome, bundle: &Bundle) -> Self {
        let text = label(bundle.manifest(), &found.output).or_else(|| {
            String::from_utf8(found.output.to_vec()).ok().filter(|text| !text.is_empty())
        });
        Self {
            status: match found.status {
                IHub::ResultStatus::Final => "final",
                IHub::ResultStatus::Provisional => "provisional",
                _ => "none yet",
            },
            claim: found.claimId,
            failed: found.failed,
            length: found.outputLength,
            root: found.outputRoot,
            output: hex(&found.output),
            text,
        }
    }

    fn line(&self) -> String {
        match (&self.text, self.failed) {
            _ if self.claim.is_zero() => "no answer yet".to_owned(),
            (_, true) => format!("{}: the model has failed", self.status),
            (Some(text), _) => format!("{}: {text}", self.status),
            (None, _) if self.length > 0 && self.output == "0x" => {
                format!("{}: {} bytes with root {}", self.status, self.length, self.root)
            }
            (None, _) => format!("{}: {} ({} bytes)", self.status, self.output, self.length),
        }
    }
}

impl Report {
    fn text(&self) -> String {
        let result = self.result.as_ref();
        let result = result.map(|result| format!("\nclaim   {}\n{}", result.claim, result.line()));
        format!("request {}\npaid    {}{}", self.request, self.paid, result.unwrap_or_default())
    }
}
