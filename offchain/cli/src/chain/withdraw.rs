//! `opml withdraw`.

use alloy_network::TransactionBuilder as _;
use alloy_primitives::{Address, B256};
use anyhow::{Context as _, Result, ensure};
use opml_client::contracts::ICourier;
use opml_client::{ClientError, Wei, send};
use serde::Serialize;

use super::access::{Access, Key};
use super::block_on;
use crate::output::Format;

/// Arguments.
#[derive(clap::Args)]
pub struct Args {
    /// How much, like `0.1 ether`; by default all there is.
    #[arg(value_name = "AMOUNT")]
    amount: Option<Wei>,
    /// Who gets it; by default the key's account.
    #[arg(long, value_name = "ADDRESS")]
    to: Option<Address>,
    /// What was earned by deliveries, instead of the credit at the hub.
    #[arg(long)]
    courier: bool,
    #[command(flatten)]
    access: Access,
    #[command(flatten)]
    key: Key,
    #[command(flatten)]
    format: Format,
}

#[derive(Serialize)]
struct Report {
    amount: Wei,
    to: Address,
    transaction: B256,
}

impl Args {
    /// Takes credit out.
    pub fn execute(&self) -> Result<()> {
        let report = block_on(self.withdraw())?;
        self.format.print(&report, |report| {
            format!("{} to {}\ntransaction {}", report.amount, report.to, report.transaction)
        })
    }

    async fn withdraw(&self) -> Result<Report> {
        let session = self.access.sign(&self.key).await?;
        let (account, to) = (session.account, self.to.unwrap_or(session.account));
        let hub = session.deployment.hub(&session.connection);
        let request = if self.courier {
            let courier = session.deployment.courier.context("the deployment has no courier")?;
            let courier = ICourier::new(courier.address, &session.connection);
            let credit = courier.creditOf(account).call().await.map_err(ClientError::from)?;
            let amount = self.amount.map_or(credit, Into::into);
            (courier.withdraw(to, amount).into_transaction_request(), amount)
        } else {
            let credit = hub.creditOf(account).call().await.map_err(ClientError::from)?;
            let amount = self.amount.map_or(credit, Into::into);
            (hub.withdraw(to, amount).into_transaction_request(), amount)
        };
        let (request, amount) = request;
        ensure!(!amount.is_zero(), "account {account} has no credit there: nothing was sent");
        let receipt = send(&session.connection, request.with_from(account)).await?;
        Ok(Report { amount: Wei(amount.to()), to, transaction: receipt.transaction_hash })
    }
}
