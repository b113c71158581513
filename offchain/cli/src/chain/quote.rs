//! `opml quote`.

use alloy_primitives::B256;
use anyhow::Result;
use opml_client::{ClientError, Wei};
use serde::Serialize;

use super::access::Access;
use super::block_on;
use crate::output::Format;

/// Arguments.
#[derive(clap::Args)]
pub struct Args {
    /// The model.
    #[arg(value_name = "MODEL")]
    model: B256,
    /// Iterations asked for; 0 for the most.
    #[arg(long, value_name = "COUNT", default_value_t = 0)]
    iterations: u32,
    #[command(flatten)]
    access: Access,
    #[command(flatten)]
    format: Format,
}

#[derive(Serialize)]
struct Quote {
    fee: Wei,
    work_burn: Wei,
    total: Wei,
}

impl Args {
    /// Prints what a request costs.
    pub fn execute(&self) -> Result<()> {
        let quote = block_on(async {
            let reader = self.access.read().await?;
            let hub = reader.deployment.hub(&reader.connection);
            let asked = hub.quote(self.model, self.iterations).call().await;
            let price = asked.map_err(ClientError::from)?;
            let [fee, burn]: [u128; 2] = [price.fee.to(), price.workBurn.to()];
            Ok(Quote { fee: Wei(fee), work_burn: Wei(burn), total: Wei(fee.saturating_add(burn)) })
        })?;
        self.format.print(&quote, |quote| {
            format!(
                "fee        {}\nwork burn  {}\ntotal      {}",
                quote.fee, quote.work_burn, quote.total
            )
        })
    }
}
