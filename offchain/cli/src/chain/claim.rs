//! `opml claim list` and `show`.

use alloy_primitives::B256;
use anyhow::{Result, ensure};
use opml_client::ClientError;
use opml_client::contracts::IHub;
use serde::Serialize;

use super::access::{Access, Reader};
use super::{block_on, logs};
use crate::output::{Format, table};

/// `opml claim`.
#[derive(clap::Subcommand)]
pub enum Command {
    /// All claims, the last one first.
    List(List),
    /// What is known of a claim.
    Show(Show),
}

impl Command {
    /// Runs it.
    pub fn execute(&self) -> Result<()> {
        match self {
            Self::List(list) => list.execute(),
            Self::Show(show) => show.execute(),
        }
    }
}

/// Arguments.
#[derive(clap::Args)]
pub struct List {
    /// Only claims about this request.
    #[arg(long, value_name = "REQUEST")]
    request: Option<B256>,
    #[command(flatten)]
    access: Access,
    #[command(flatten)]
    format: Format,
}

/// Arguments.
#[derive(clap::Args)]
pub struct Show {
    /// The claim.
    #[arg(value_name = "CLAIM")]
    claim: B256,
    #[command(flatten)]
    access: Access,
    #[command(flatten)]
    format: Format,
}

#[derive(Serialize)]
struct Report {
    claim: B256,
    status: &'static str,
    request: B256,
    server: String,
    final_state: B256,
    failed: bool,
    output_bytes: u32,
    window_end: u64,
    open_games: u64,
    games: u64,
}

impl List {
    fn execute(&self) -> Result<()> {
        let claims = block_on(async {
            let reader = self.access.read().await?;
            let hub = reader.deployment.hub.address;
            let mut claims = Vec::new();
            for found in logs::all::<IHub::Claimed>(&reader, hub, None).await?.iter().rev() {
                if self.request.is_none_or(|request| request == found.event.requestId) {
                    claims.push(report(&reader, found.event.claimId).await?);
                }
            }
            Ok(claims)
        })?;
        self.format.print(&claims, |claims| {
            let rows = claims.iter().map(|claim| {
                let games = format!("{} of {}", claim.open_games, claim.games);
                [claim.claim.to_string(), claim.status.into(), claim.server.clone(), games]
            });
            table(["claim", "", "server", "open games"], rows)
        })
    }
}

impl Show {
    fn execute(&self) -> Result<()> {
        let report = block_on(async { report(&self.access.read().await?, self.claim).await })?;
        self.format.print(&report, Report::text)
    }
}

async fn report(reader: &Reader, claim: B256) -> Result<Report> {
    let hub = reader.deployment.hub(&reader.connection);
    let found = hub.getClaim(claim).call().await.map_err(ClientError::from)?;
    ensure!(!found.server.is_zero(), "there is no claim {claim}");
    Ok(Report {
        claim,
        status: status(found.status),
        request: found.requestId,
        server: found.server.to_string(),
        final_state: found.finalHash,
        failed: found.failed,
        output_bytes: found.outputLength,
        window_end: found.windowEnd,
        open_games: found.openGames,
        games: found.games,
    })
}

impl Report {
    fn text(&self) -> String {
        let result =
            if self.failed { "failed".into() } else { format!("{} bytes", self.output_bytes) };
        format!(
            "claim        {}\nstatus       {}\nrequest      {}\nserver       {}\nfinal state  {}\n\
             result       {result}\nwindow ends  {} (seconds since 1970)\ngames        {} open, {} in all",
            self.claim,
            self.status,
            self.request,
            self.server,
            self.final_state,
            self.window_end,
            self.open_games,
            self.games,
        )
    }
}

const fn status(status: IHub::ClaimStatus) -> &'static str {
    match status {
        IHub::ClaimStatus::Live => "live",
        IHub::ClaimStatus::Void => "void",
        IHub::ClaimStatus::Final => "final",
        IHub::ClaimStatus::Released => "released",
        _ => "none",
    }
}
