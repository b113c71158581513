//! `opml account`.

use alloy_primitives::Address;
use alloy_provider::Provider as _;
use anyhow::Result;
use opml_client::contracts::ICourier;
use opml_client::{ClientError, Wei};
use serde::Serialize;

use super::access::{Access, Key};
use super::block_on;
use crate::output::Format;

/// Arguments.
#[derive(clap::Args)]
pub struct Args {
    /// The account; by default the key's.
    #[arg(value_name = "ADDRESS")]
    account: Option<Address>,
    #[command(flatten)]
    access: Access,
    #[command(flatten)]
    key: Key,
    #[command(flatten)]
    format: Format,
}

#[derive(Serialize)]
struct Report {
    account: Address,
    balance: Wei,
    /// At the hub.
    credit: Wei,
    /// At the courier.
    delivery_credit: Option<Wei>,
    requests: u64,
}

impl Args {
    /// Prints what an account has.
    pub fn execute(&self) -> Result<()> {
        let report = block_on(self.look())?;
        self.format.print(&report, |report| {
            let courier = report.delivery_credit.map(|credit| format!("\nat courier  {credit}"));
            format!(
                "account     {}\nbalance     {}\nat hub      {}{}\nrequests    {}",
                report.account,
                report.balance,
                report.credit,
                courier.unwrap_or_default(),
                report.requests,
            )
        })
    }

    async fn look(&self) -> Result<Report> {
        let account = match self.account {
            Some(account) => account,
            None => self.access.account(&self.key)?,
        };
        let reader = self.access.read().await?;
        let hub = reader.deployment.hub(&reader.connection);
        let wei = |amount: alloy_primitives::U256| Wei(amount.to());
        let delivery_credit = match reader.deployment.courier {
            Some(courier) => {
                let courier = ICourier::new(courier.address, &reader.connection);
                Some(wei(courier.creditOf(account).call().await.map_err(ClientError::from)?))
            }
            None => None,
        };
        Ok(Report {
            account,
            balance: wei(reader.connection.get_balance(account).await?),
            credit: wei(hub.creditOf(account).call().await.map_err(ClientError::from)?),
            delivery_credit,
            requests: hub.nonceOf(account).call().await.map_err(ClientError::from)?,
        })
    }
}
