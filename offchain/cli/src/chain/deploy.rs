//! `opml deploy`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use alloy_provider::Provider as _;
use anyhow::{Context as _, Result, ensure};
use opml_client::deploy::{Done, Finding, Journal, Plan, Profile, Terms, deploy, verify};
use opml_client::{ConnectSettings, Deployment, Wei, connect};

use super::access::{Access, Key};
use super::block_on;
use crate::contracts;
use crate::output::{Format, table};

/// Arguments.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    access: Access,
    #[command(flatten)]
    key: Key,
    /// Terms and their limits: dev, sepolia or one. By default those of the chain.
    #[arg(long, value_parser = profile)]
    profile: Option<Profile>,
    /// TOML file with terms of your own instead of the profile's (see --print-terms).
    #[arg(long, value_name = "FILE")]
    terms: Option<PathBuf>,
    /// Print the terms and do nothing.
    #[arg(long)]
    print_terms: bool,
    /// Deployment file to write.
    #[arg(long, value_name = "FILE", default_value = "deployment.json")]
    out: PathBuf,
    /// Go on with a deployment that was cut off.
    #[arg(long)]
    resume: bool,
    /// Deploy nothing: compare the deployment in --out (or --deployment) with the chain.
    #[arg(long)]
    verify: bool,
    /// Folder of compiled contracts, instead of those built into this program.
    #[arg(long, value_name = "DIR")]
    contracts: Option<PathBuf>,
    #[command(flatten)]
    format: Format,
}

fn profile(text: &str) -> Result<Profile> {
    match text {
        "dev" => Ok(Profile::Dev),
        "sepolia" => Ok(Profile::Sepolia),
        "one" => Ok(Profile::One),
        _ => anyhow::bail!("profiles are dev, sepolia and one"),
    }
}

impl Args {
    /// Deploys or verifies.
    pub fn execute(&self) -> Result<ExitCode> {
        if self.print_terms {
            print!(
                "{}",
                toml::to_string_pretty(&self.terms(self.profile.unwrap_or(Profile::Dev))?)?
            );
            return Ok(ExitCode::SUCCESS);
        }
        if self.verify { block_on(self.compare()) } else { block_on(self.deploy()) }
    }

    fn terms(&self, profile: Profile) -> Result<Terms> {
        let Some(path) = &self.terms else { return Ok(profile.terms()) };
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        toml::from_str(&text).with_context(|| format!("{}", path.display()))
    }

    async fn deploy(&self) -> Result<ExitCode> {
        let artifacts = contracts::artifacts(self.contracts.as_deref())?;
        let (connection, deployer) = self.access.signer(&self.key).await?;
        let chain_id = connection.get_chain_id().await?;
        let terms = self.terms(self.profile.unwrap_or(Profile::of_chain(chain_id)))?;
        terms.check(chain_id)?;
        let plan = Plan { artifacts: &artifacts, terms: &terms, deployer };
        let file = journal_of(&self.out);
        let mut journal = if self.resume {
            Journal::resume(&file)?
        } else {
            ensure!(
                !self.out.exists(),
                "{} is there already: compare it with the chain by --verify, or name another file by --out",
                self.out.display()
            );
            let block = connection.get_block_number().await?;
            Journal::begin(&file, (chain_id, block), &plan)?
        };
        let mut report = |done: Done| eprintln!("{}", sentence(done));
        let deployment =
            deploy(&connection, plan, &mut journal, &mut report).await.with_context(|| {
                format!("not finished; go on by --resume (it is kept in {})", file.display())
            })?;
        deployment.write(&self.out)?;
        journal.remove()?;
        self.format.print(&deployment, |deployment| summary(deployment, &self.out))?;
        Ok(ExitCode::SUCCESS)
    }

    async fn compare(&self) -> Result<ExitCode> {
        let path = self.access.deployment.as_ref().unwrap_or(&self.out);
        let deployment = Deployment::read(path)?;
        let connection = connect(&self.access.url()?, None, ConnectSettings::default()).await?;
        let chain_id = connection.get_chain_id().await?;
        ensure!(
            chain_id == deployment.chain_id,
            "the deployment is on chain {}, the node serves chain {chain_id}",
            deployment.chain_id
        );
        let artifacts = contracts::artifacts(self.contracts.as_deref()).ok();
        let findings = verify(&connection, &deployment, artifacts.as_ref()).await?;
        let good = findings.iter().all(|finding| finding.good);
        self.format.print(&findings, |findings| checked(findings))?;
        Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

fn journal_of(out: &Path) -> PathBuf {
    out.with_extension("journal")
}

fn sentence(done: Done) -> String {
    match done {
        Done::Created { role, address, bytes, gas } => {
            format!("{role:<14} created at {address}: {bytes} bytes, {gas} gas")
        }
        Done::Activated { role, fee, gas } => {
            let fee = Wei(fee.try_into().unwrap_or(u128::MAX));
            format!("{role:<14} activated: {gas} gas, data fee at most {fee}")
        }
        Done::Initialized { role, gas } => format!("{role:<14} initialised: {gas} gas"),
        Done::Found { role, address } => format!("{role:<14} is at {address} already"),
    }
}

fn summary(deployment: &Deployment, path: &Path) -> String {
    let rows = deployment.contracts().map(|(role, contract)| {
        [role.to_string(), contract.address.to_string(), contract.code_hash.to_string()]
    });
    format!("{}\nwritten to {}", table(["contract", "address", "code hash"], rows), path.display())
}

fn checked(findings: &[Finding]) -> String {
    let rows = findings.iter().map(|finding| {
        let verdict = if finding.good { "good" } else { "WRONG" };
        [finding.role.to_string(), finding.subject.into(), verdict.into(), finding.found.clone()]
    });
    table(["contract", "subject", "", "found"], rows)
}
