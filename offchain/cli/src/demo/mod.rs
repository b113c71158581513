//! `opml demo`: the whole of it on a chain of its own. Every line of it is a transaction by JSON-RPC.

mod dispute;
mod lie;
mod machine;
mod party;
mod picture;
mod report;
mod requester;
mod scene;
mod tell;

use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Result, ensure};

use crate::model::source;
use crate::output::Format;
use lie::Lie;
use report::Report;
use scene::Scene;
use tell::Teller;

/// Arguments.
#[derive(clap::Args)]
pub struct Args {
    /// Where the lying server departs from the truth.
    #[arg(long, value_enum, default_value_t = Lie::Tile)]
    lie: Lie,
    /// Show every move with the range that it leaves.
    #[arg(long)]
    verbose: bool,
    /// Folder of compiled contracts, instead of those built into this program.
    #[arg(long, value_name = "DIR")]
    contracts: Option<PathBuf>,
    #[command(flatten)]
    format: Format,
}

impl Args {
    /// Runs the demonstration.
    pub fn execute(&self) -> Result<()> {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let report = runtime.block_on(self.play())?;
        self.format.print(&report, Report::text)
    }

    async fn play(&self) -> Result<Report> {
        let start = Instant::now();
        let teller = Teller::new(self.format, self.verbose);
        let bundle = source::open(source::DIGITS.as_ref())?;
        let mut scene = Scene::set(teller, (bundle, self.lie), self.contracts.as_deref()).await?;
        honest(&mut scene).await?;
        let dispute = lying(&mut scene, self.lie).await?;
        scene.stop().await;
        Ok(Report::of(self.lie, dispute, start.elapsed()))
    }
}

/// A digit is read, and nobody objects.
async fn honest(scene: &mut Scene) -> Result<()> {
    scene.tell.title("An honest server");
    let picture = &picture::SEVEN;
    let request = scene.ask(picture).await?;
    let truth = scene.machine(&request, None)?.answer()?;
    let claim = scene.claim(&scene.honest, &request, &truth).await?;
    scene.tell.note(&format!("the verifier computes {} too, and keeps still", truth.hash));
    let digit = scene.finish(&request, claim).await?;
    ensure!(digit == picture.digit, "the consumer was told {digit}, not {}", picture.digit);
    Ok(())
}

/// A server lies, is caught, and the request is answered again.
async fn lying(scene: &mut Scene, lie: Lie) -> Result<dispute::Outcome> {
    scene.tell.title(&format!("A lying server: {}", lie.story()));
    let picture = &picture::THREE;
    let request = scene.ask(picture).await?;
    let false_answer = scene.machine(&request, Some(lie))?.answer()?;
    let posted = Instant::now();
    let claim = scene.claim(&scene.liar, &request, &false_answer).await?;
    let outcome = dispute::play(scene, (&request, claim), lie, posted).await?;
    scene.tell.title("The request is answered again");
    let truth = scene.machine(&request, None)?.answer()?;
    let claim = scene.claim(&scene.honest, &request, &truth).await?;
    let digit = scene.finish(&request, claim).await?;
    ensure!(digit == picture.digit, "the consumer was told {digit}, not {}", picture.digit);
    Ok(outcome)
}
