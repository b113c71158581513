//! `opml demo`: the whole of it on a chain of its own. Every line of it is a transaction by JSON-RPC.

mod costs;
mod dispute;
mod drawing;
mod lapse;
mod lie;
mod machine;
mod party;
mod picture;
mod report;
mod requester;
mod scene;
mod subject;
mod tell;

use std::path::PathBuf;
use std::time::{Instant, SystemTime};

use anyhow::{Result, ensure};

use crate::model::source;
use crate::output::Format;
use dispute::FalseClaim;
use lie::{Lie, Told};
use machine::Deceit;
use report::{Report, Shown};
use requester::Asked;
use scene::Scene;
use subject::{Question, Subject, Wish};
use tell::Teller;

/// Arguments.
#[derive(clap::Args)]
pub struct Args {
    /// `digits`, `smollm2` or `terrain`, which are fetched the first time, or the folder of a bundle
    /// that makes text or pictures.
    #[arg(long, value_name = "BUNDLE", default_value = source::DIGITS)]
    model: PathBuf,
    /// Where the lying server departs from the truth.
    #[arg(long, value_enum, default_value_t = Lie::Tile)]
    lie: Lie,
    /// What an honest server is asked, of a language model.
    #[arg(long, value_name = "TEXT", default_value = "Why is the sky blue?")]
    prompt: String,
    /// What the lying one is asked.
    #[arg(long, value_name = "TEXT", default_value = "Tell me a story about a lighthouse.")]
    other_prompt: String,
    /// Most tokens of an answer.
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=256))]
    tokens: u32,
    /// Seed of the second answer, which is drawn at temperature 0.8; of the first of two pictures.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// Draws the tile that a language model's server lies about; by default another one each time.
    #[arg(long, value_name = "NUMBER")]
    draw: Option<u64>,
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
        let teller = Teller::new(self.format, self.verbose);
        let prompts = [self.prompt.clone(), self.other_prompt.clone()];
        let wish = Wish { tokens: self.tokens, seed: self.seed };
        let subject = Subject::open(&self.model, &prompts, wish)?;
        let start = Instant::now();
        let draw = self.draw.unwrap_or_else(number_of_now);
        let shown = Shown { model: subject.name.clone(), lie: self.lie, draw };
        let Told { deceit, steps_log2 } = self.lie.tell(&subject, draw)?;
        let scene = Scene::set(teller, (subject, steps_log2), self.contracts.as_deref()).await?;
        honest(&scene).await?;
        let dispute = lying(&scene, (self.lie, &deceit)).await?;
        scene.stop().await;
        Ok(Report::of(shown, dispute, start.elapsed()))
    }
}

/// A number that is another one each time.
fn number_of_now() -> u64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::from(now.subsec_nanos())
}

/// A question is answered, and nobody objects.
async fn honest(scene: &Scene) -> Result<()> {
    scene.tell.title("An honest server");
    let [question, _] = &scene.subject.questions;
    let asked = scene.ask(question).await?;
    answered(scene, question, &asked).await
}

/// An honest server answers, and the consumer is told.
async fn answered(scene: &Scene, question: &Question, asked: &Asked) -> Result<()> {
    let truth = scene.machine(asked, None)?.answer()?;
    let claim = scene.claim(&scene.honest, asked, &truth).await?;
    scene.tell.note(&format!("the verifier computes {} too, and keeps still", truth.hash));
    let told = scene.finish(asked, claim).await?;
    let expected = scene.subject.say(&truth.output);
    let right = question.expected.as_ref().unwrap_or(&expected);
    ensure!(told == *right, "the consumer was told {told:?}, not {right:?}");
    Ok(())
}

/// A server lies, is caught, and the request is answered again.
async fn lying(scene: &Scene, (lie, deceit): (Lie, &Deceit)) -> Result<dispute::Outcome> {
    scene.tell.title(&format!("A lying server: {}", lie.story()));
    let [_, question] = &scene.subject.questions;
    let asked = scene.ask(question).await?;
    let mut machine = scene.machine(&asked, Some(deceit))?;
    let answer = machine.answer()?;
    let posted = Instant::now();
    let id = scene.claim(&scene.liar, &asked, &answer).await?;
    let claim = FalseClaim { asked: &asked, id, machine, answer, posted };
    let outcome = dispute::play(scene, claim).await?;
    scene.tell.title("The request is answered again");
    answered(scene, question, &asked).await?;
    Ok(outcome)
}
