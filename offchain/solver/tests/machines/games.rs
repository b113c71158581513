//! The games.

use alloy_primitives::{B256, keccak256};
use opml_core::game::{
    Cause, Illegal, Move, Outcome, PlayError, Position, SegmentIndex, Side, Verdict, max_moves,
    play,
};
use opml_core::graph::handover::Program;
use opml_core::graph::{GraphStatus, Request};
use opml_core::mips::Status;
use opml_runtime::executor::Settings;
use opml_runtime::tile::KernelImage;
use opml_runtime::trace::{GraphTrace, RunTrace, TraceError};
use opml_runtime::{Bundle, Executor};
use opml_solver::machines::liar::Liar;
use opml_solver::machines::{Evidence, Judge, Machines};
use opml_solver::{Computation, Trace, next_move};

use crate::common::{classifier, input};
use crate::liar::{gelu, liar};
use crate::player::{Played, Player, play_out};

const CAP: usize = 64 << 20;

fn start(bundle: &Bundle, settings: Settings) -> Executor {
    let input = input(3);
    let request = Request::new(&input, 7, [0; 28]).unwrap();
    Executor::new(bundle, &request, settings).unwrap()
}

/// A request to the classifier, padded to `2^steps_log2` steps.
struct Scene {
    honest: Machines,
    liar: Liar,
    program: Program,
    steps_log2: u8,
}

impl Scene {
    fn new(steps_log2: u8, from: fn(u8) -> u64) -> Self {
        let bundle = classifier().bundle().unwrap();
        assert!(steps_log2 >= bundle.manifest().steps_log2);
        let image = KernelImage::released().unwrap();
        let truth = start(&bundle, Settings::default());
        let program_root = truth.program().root();
        let program = Program { program_root, image_root: image.root() };
        let honest = Machines::new(GraphTrace::new(truth, steps_log2), image, CAP);
        let fault = gelu(from);
        let liar = liar(start(&bundle, fault.settings()), steps_log2, fault);
        Self { honest, liar, program, steps_log2 }
    }

    fn claim(&mut self, side: Side) -> Position {
        let last = 1 << self.steps_log2;
        let start = self.honest.state_hash(0).unwrap();
        let truth = self.honest.state_hash(last).unwrap();
        let lie = self.liar.state_hash(last).unwrap();
        assert_ne!(truth, lie);
        let end = if side == Side::Server { truth } else { lie };
        Position::claim(self.steps_log2, start, end).unwrap()
    }

    fn play(&mut self, honest_side: Side) -> Played {
        let claim = self.claim(honest_side);
        let (honest, liar) = (&mut self.honest, &mut self.liar);
        match honest_side {
            Side::Server => play_out(claim, self.program, (honest, liar)),
            Side::Challenger => play_out(claim, self.program, (liar, honest)),
        }
    }
}

/// The liar has lost: by a proof, or because its last move is none.
fn assert_won(played: &Played, side: Side) {
    if let Some(verdict) = played.verdict {
        assert_eq!((verdict.winner, verdict.cause), (side, Cause::Proven));
        assert!(played.proven.is_some());
    } else {
        assert_ne!(played.on_turn, side, "{:?}", played.refused);
        let refused = played.refused.as_ref().unwrap();
        assert!(matches!(refused, PlayError::Illegal(Illegal::SameEnd { .. })), "{refused:?}");
    }
    let descents = played.moves.iter().filter(|(_, mv)| matches!(mv, Move::Descend { .. }));
    assert_eq!(descents.count(), 1);
}

/// Lengths at which the challenger or the server hands over; a lie from the first instruction on, in
/// the middle of the run, and in its padding only.
#[test]
fn a_faulty_tile_is_beaten_by_one_instruction() {
    let mut proven_by = Vec::new();
    let lies: [fn(u8) -> u64; 3] = [|_| 0, |_| 20_000, |bound| (1 << bound) - 1];
    for (steps_log2, from) in [5, 6].into_iter().flat_map(|log2| lies.map(|from| (log2, from))) {
        for side in [Side::Server, Side::Challenger] {
            let mut scene = Scene::new(steps_log2, from);
            let played = scene.play(side);
            assert_won(&played, side);
            assert!(played.moves.len() <= max_moves(steps_log2, 30) as usize);
            if let Some(state) = played.proven {
                let from = scene.liar.forged().unwrap().from();
                assert!(state.cpu.step == from || state.cpu.status == Status::Exited(0));
                proven_by.push(side);
            }
        }
    }
    assert!(proven_by.contains(&Side::Server), "{proven_by:?}");
    assert!(proven_by.contains(&Side::Challenger), "{proven_by:?}");
}

/// The challenger shows the honest server's own run of a tile, which the server could not dispute.
#[test]
fn a_true_run_is_no_handover_against_an_honest_server() {
    let mut scene = Scene::new(6, |_| 0);
    let mut position = scene.claim(Side::Server);
    for side in [Side::Challenger, Side::Server] {
        let reply = match side {
            Side::Server => scene.honest.reply(&position, side),
            Side::Challenger => scene.liar.reply(&position, side),
        };
        let (mv, evidence) = reply.unwrap();
        let mut judge = Judge { program: scene.program, evidence: &evidence };
        let Outcome::Next(next) = play(&position, &mv, &mut judge).unwrap() else {
            panic!("{mv:?}")
        };
        position = next;
    }
    let mut tiles = 0;
    for number in 0..position.segments().ends.degree() {
        let segment = SegmentIndex::new(number).unwrap();
        let disputed = position.segment(segment).unwrap().disputed;
        let mv = Move::Descend { segment };
        let Ok(evidence) = scene.honest.evidence(&position, &mv) else { continue };
        let mut judge = Judge { program: scene.program, evidence: &evidence };
        let refused = play(&position, &mv, &mut judge);
        let same = Illegal::SameEnd { end: disputed };
        assert!(matches!(refused, Err(PlayError::Illegal(why)) if why == same), "{refused:?}");
        tiles += 1;
    }
    assert!(tiles > 0);
}

/// Tells the truth up to some step and is silent about the machines.
struct Late {
    truth: Machines,
    last_true: u64,
}

impl Trace for Late {
    type Error = TraceError;

    fn state_hash(&mut self, step: u64) -> Result<B256, TraceError> {
        let truth = self.truth.state_hash(step)?;
        Ok(if step > self.last_true { keccak256(truth) } else { truth })
    }
}

impl Computation for Late {
    type Run = RunTrace;

    fn run(&mut self, graph_step: u64) -> Result<Option<&mut RunTrace>, TraceError> {
        self.truth.run(graph_step)
    }
}

impl Player for Late {
    fn reply(&mut self, position: &Position, side: Side) -> Option<(Move, Evidence)> {
        Some((next_move(position, side, self).unwrap()?, Evidence::Dissect))
    }
}

/// Steps until the machine stops.
fn stop(bundle: &Bundle) -> u64 {
    let mut machine = start(bundle, Settings::default());
    machine.run(1 << 6).unwrap();
    machine.step_count()
}

/// The server claims the truth up to `last_true` and anything from there on.
fn assert_concluded(bundle: &Bundle, last_true: u64) {
    let machines = || {
        let image = KernelImage::released().unwrap();
        Machines::new(GraphTrace::new(start(bundle, Settings::default()), 6), image, CAP)
    };
    let program_root = bundle.program().root();
    let program = Program { program_root, image_root: KernelImage::released().unwrap().root() };
    let mut server = Late { truth: machines(), last_true };
    let [first, lie] = [0, 64].map(|step| server.state_hash(step).unwrap());
    let claim = Position::claim(6, first, lie).unwrap();
    let played = play_out(claim, program, (&mut server, &mut machines()));
    let verdict = Verdict { winner: Side::Challenger, cause: Cause::Concluded };
    assert_eq!(played.verdict, Some(verdict));
    assert_eq!(played.moves.len(), 3);
}

#[test]
fn a_lie_behind_the_halt_is_concluded() {
    let bundle = classifier().bundle().unwrap();
    for last_true in [stop(&bundle), stop(&bundle) + 1, 63] {
        assert_concluded(&bundle, last_true);
    }
}

/// The classifier without its halt: behind its last operator there is none.
fn endless() -> Bundle {
    let mut parts = classifier();
    let mut descriptors = parts.program.as_chunks::<512>().0.to_vec();
    descriptors.last_mut().unwrap()[20..24].fill(0);
    let program = opml_runtime::Program::new(descriptors);
    let mut manifest: serde_json::Value = serde_json::from_str(&parts.manifest).unwrap();
    manifest["program_root"] = serde_json::to_value(program.root()).unwrap();
    parts.manifest = manifest.to_string();
    parts.program = program.to_bytes();
    parts.bundle().unwrap()
}

#[test]
fn a_lie_about_a_failure_or_behind_it_is_concluded() {
    let bundle = endless();
    let mut machine = start(&bundle, Settings::default());
    assert_eq!(machine.run(1 << 6).unwrap(), GraphStatus::Failed);
    // The step that fails has a descriptor to show, those behind it have nothing.
    for last_true in [stop(&bundle) - 1, stop(&bundle), 63] {
        assert_concluded(&bundle, last_true);
    }
}
