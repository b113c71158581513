//! A claim is disputed down to one instruction.

use std::time::{Duration, Instant};

use alloy_network::TransactionBuilder as _;
use alloy_primitives::{B256, U256};
use alloy_rpc_types_eth::{TransactionReceipt, TransactionRequest};
use anyhow::{Context as _, Result, bail, ensure};
use opml_client::Wei;
use opml_client::contracts::{IGame, IHub};
use opml_client::game::{Shown, answer, first_move, moved};
use opml_core::game::{Move, Phase, Position, Side};
use opml_core::graph::handover::Program;
use opml_runtime::tile::KernelImage;
use opml_solver::machines::Evidence;

use super::costs::Parts;
use super::machine::{Answer, Machine};
use super::party::Party;
use super::report::{Instruction, Played};
use super::requester::Asked;
use super::scene::Scene;

/// How a dispute ended.
pub struct Outcome {
    pub moves: Vec<Played>,
    pub instruction: Option<Instruction>,
    pub operator: String,
    pub parts: Parts,
    /// Tiles of the verifier's run.
    pub steps: u64,
    /// From the false claim in its block to the verdict in its.
    pub to_verdict: Duration,
}

/// A false answer on the chain.
pub struct FalseClaim<'a> {
    pub asked: &'a Asked,
    pub id: B256,
    /// The liar's machine, with what it has told.
    pub machine: Machine,
    pub answer: Answer,
    pub posted: Instant,
}

/// Both sides of a game, and where it is.
struct Dispute<'a> {
    scene: &'a Scene,
    truth: Machine,
    lie: Machine,
    program: Program,
    game: B256,
    position: Position,
    moves: Vec<Played>,
    instruction: Option<Instruction>,
    parts: Parts,
}

/// The verifier recomputes the claim, disagrees, and wins.
pub async fn play(scene: &Scene, claim: FalseClaim<'_>) -> Result<Outcome> {
    let FalseClaim { asked, id, machine: lie, answer: told, posted } = claim;
    let hub = scene.deployment.hub(&scene.verifier.connection);
    let record = hub.getClaim(id).call().await?;
    let request = hub.getRequest(asked.id).call().await?;
    let mut truth = scene.machine(asked, None)?;
    let answer = truth.answer()?;
    ensure!(answer.hash != record.finalHash, "the lie makes no difference to this answer");
    scene.tell.note(&format!("the verifier computes {}", answer.hash));
    scene.tell.note(&format!("{:>21} {}", "not", record.finalHash));
    let mut parts = Parts::default();
    parts.answered(&told);
    parts.answered(&answer);
    let stake = scene.terms.gas_stake;
    let liars_hub = scene.deployment.hub(&scene.liar.connection);
    let deposit = liars_hub.deposit();
    let what = format!("deposits its gas stake ({stake})");
    scene.liar.act(&what, deposit.into_transaction_request(), stake.into()).await?;

    let position = Position::claim(scene.steps_log2, request.start, record.finalHash)?;
    let manifest = scene.subject.bundle.manifest();
    let mut dispute = Dispute {
        scene,
        truth,
        lie,
        program: Program {
            program_root: manifest.program_root,
            image_root: KernelImage::released()?.root(),
        },
        game: B256::ZERO,
        position,
        moves: Vec::new(),
        instruction: None,
        parts,
    };
    dispute.open(id).await?;
    while !dispute.turn().await? {}
    let to_verdict = posted.elapsed();
    dispute.settled(id).await?;
    dispute.outcome(answer.steps, to_verdict)
}

impl Dispute<'_> {
    async fn open(&mut self, claim: B256) -> Result<()> {
        let started = Instant::now();
        let shown = self.truth.reply(&self.position, Side::Challenger)?;
        let shown = shown.context("the verifier has no first move")?;
        let computed = started.elapsed();
        let bond = self.scene.terms.challenger_bond;
        let verifier = &self.scene.verifier;
        let hub = self.scene.deployment.hub(&verifier.connection);
        let first = first_move(&self.program, &shown)?;
        let request = hub.challenge(claim, first).into_transaction_request();
        let receipt = verifier.quietly(request, bond.into()).await?;
        let event = receipt.decoded_log::<IHub::Challenged>().context("no game was opened")?;
        self.game = event.gameId;
        let what = format!("challenges (bond {bond}): {}", describe(&shown, &self.position)?);
        self.scene.tell.sent(verifier.name, &what, &receipt);
        self.note(&shown, (Side::Challenger, &receipt), [computed, started.elapsed()])?;
        self.go_on(&receipt)?;
        Ok(())
    }

    /// The side on turn moves; whether that decides the game.
    async fn turn(&mut self) -> Result<bool> {
        let side = self.position.on_turn();
        let started = Instant::now();
        let (machine, party) = match side {
            Side::Server => (&mut self.lie, &self.scene.liar),
            Side::Challenger => (&mut self.truth, &self.scene.verifier),
        };
        let Some(shown) = machine.reply(&self.position, side)? else {
            bail!("the {} has no move", party.name)
        };
        let computed = started.elapsed();
        let data = answer(self.game, &self.position, &self.program, &shown)?;
        let game = self.scene.deployment.game.address;
        let request = TransactionRequest::default().with_to(game).with_input(data);
        let receipt = party.quietly(request, U256::ZERO).await?;
        if self.scene.tell.verbose || !matches!(shown.mv, Move::Dissect { .. }) {
            let what = describe(&shown, &self.position)?;
            self.scene.tell.sent(party.name, &what, &receipt);
        }
        self.note(&shown, (side, &receipt), [computed, started.elapsed()])?;
        if let (Evidence::Prove { state, proof }, Side::Challenger) = (&shown.evidence, side) {
            self.instruction = Instruction::of(state, proof);
        }
        let over = receipt.decoded_log::<IGame::Over>().map(|event| event.data);
        if let Some(IGame::Over { winner, cause, .. }) = over {
            ensure!(winner == IGame::Side::Challenger, "the liar has won: {cause:?}");
            return Ok(true);
        }
        self.go_on(&receipt)?;
        Ok(false)
    }

    fn go_on(&mut self, receipt: &TransactionReceipt) -> Result<()> {
        let event = receipt.decoded_log::<IGame::Moved>().context("the game has not moved")?;
        (self.position, _) = moved(&event.data)?;
        Ok(())
    }

    /// `times`: until the move was computed, and until it was in its block.
    fn note(
        &mut self,
        shown: &Shown,
        (side, receipt): (Side, &TransactionReceipt),
        [computed, done]: [Duration; 2],
    ) -> Result<()> {
        let sent = done.saturating_sub(computed);
        self.parts.moved((self.position.phase(), &shown.mv), [computed, sent]);
        self.moves.push(Played {
            side: match side {
                Side::Server => self.scene.liar.name,
                Side::Challenger => self.scene.verifier.name,
            },
            kind: kind(&shown.mv),
            range: range(shown, &self.position)?,
            gas: receipt.gas_used,
            compute_seconds: computed.as_secs_f64(),
            chain_seconds: sent.as_secs_f64(),
        });
        Ok(())
    }

    /// What the verdict has done to the money.
    async fn settled(&self, claim: B256) -> Result<()> {
        let Party { connection, address, .. } = &self.scene.verifier;
        let hub = self.scene.deployment.hub(connection);
        let record = hub.getClaim(claim).call().await?;
        ensure!(record.status == IHub::ClaimStatus::Void, "the claim is not void");
        let credit: u128 = hub.creditOf(*address).call().await?.to();
        let burned: u128 = hub.burned().call().await?.to();
        let tell = self.scene.tell;
        tell.note(&format!(
            "the claim is void, its bond of {} lost:",
            self.scene.terms.server_bond
        ));
        tell.note(&format!(
            "{} burned so far, {} in the verifier's credit",
            Wei(burned),
            Wei(credit)
        ));
        Ok(())
    }

    fn outcome(mut self, steps: u64, to_verdict: Duration) -> Result<Outcome> {
        let operator = match self.position.phase() {
            Phase::Run { graph_step } => {
                format!("step {graph_step}, {}", self.truth.operator(graph_step)?)
            }
            Phase::Graph => "none".to_owned(),
        };
        let Self { moves, instruction, parts, .. } = self;
        Ok(Outcome { moves, instruction, operator, parts, steps, to_verdict })
    }
}

const fn kind(mv: &Move) -> &'static str {
    match mv {
        Move::Dissect { .. } => "dissect",
        Move::Conclude { .. } => "conclude",
        Move::Descend { .. } => "descend",
        Move::Prove { .. } => "prove",
    }
}

/// The steps that the move is about.
fn range(shown: &Shown, position: &Position) -> Result<String> {
    let segment = position.segment(shown.mv.segment())?;
    let length = 1_u64 << segment.log2_length;
    let machine = match position.phase() {
        Phase::Graph => "graph",
        Phase::Run { .. } => "MIPS",
    };
    Ok(match length {
        1 => format!("{machine} step {}", segment.first_step),
        _ => format!("{machine} steps {} to {}", segment.first_step, segment.first_step + length),
    })
}

fn describe(shown: &Shown, position: &Position) -> Result<String> {
    let range = range(shown, position)?;
    Ok(match &shown.mv {
        Move::Dissect { ends, .. } => format!("cuts {range} into {}", ends.degree()),
        Move::Conclude { .. } => format!("shows the successor of {range}"),
        Move::Descend { .. } => format!("hands {range} over to the MIPS machine"),
        Move::Prove { .. } => format!("proves {range}: the instruction decides"),
    })
}
