//! Runs that are said not to have come to their end.

use alloy_primitives::B256;
use opml_core::game::{Move, Phase, Position, Side};
use opml_core::graph::GraphStep;
use opml_core::keccak::AlloyKeccak;
use opml_runtime::executor::Settings;
use opml_runtime::trace::{RunTrace, TraceError, begin_witness, end_witness};
use opml_solver::machines::{Evidence, Machines};
use opml_solver::{Computation, Trace, next_move};

use crate::abi::IHub;
use crate::court::{CHALLENGER, Court, GAS_STAKE, MALLORY, SECOND, SERVER, refused};
use crate::model::{Answer, Model};
use crate::player::{Noise, Player, open};

/// Says that the run of a tile has not come to its end.
struct Unstopped {
    truth: Machines,
    tile: u64,
    failed: B256,
}

impl Trace for Unstopped {
    type Error = TraceError;

    fn state_hash(&mut self, step: u64) -> Result<B256, TraceError> {
        if step > self.tile { Ok(self.failed) } else { self.truth.state_hash(step) }
    }
}

impl Computation for Unstopped {
    type Run = RunTrace;

    fn run(&mut self, graph_step: u64) -> Result<Option<&mut RunTrace>, TraceError> {
        self.truth.run(graph_step)
    }
}

impl Unstopped {
    /// The failed state that follows from an unstopped run of tile `tile`, as an answer, and who claims it.
    fn new(model: &Model, tile: u64) -> (Answer, Self) {
        let mut machine = model.start(Settings::default());
        machine.run(tile).unwrap();
        let state = machine.state().failed();
        let answer = Answer { state, output: Vec::new(), path: Vec::new() };
        (answer, Self { truth: model.machines(), tile, failed: state.hash::<AlloyKeccak>() })
    }

    /// A handover whose last state is the one behind ten instructions.
    fn handover(&mut self, model: &Model) -> Evidence {
        let mut machine = model.start(Settings::default());
        machine.run(self.tile).unwrap();
        let (state, begin) = (machine.state(), begin_witness(&mut machine));
        let GraphStep::Tile(tile) = machine.next_step() else { panic!("a tile") };
        let mut last = self.truth.run(self.tile).unwrap().unwrap().at(10).unwrap();
        let end = end_witness(&mut machine, &tile, &mut last).unwrap();
        Evidence::Descend { state, begin, last: last.state().unwrap(), end }
    }
}

/// Plays it: at single instructions by what the true machines show.
struct Early<'a>(&'a Model, Unstopped);

impl Player for Early<'_> {
    fn reply(&mut self, position: &Position, side: Side) -> Option<(Move, Evidence)> {
        if matches!(position.phase(), Phase::Run { .. }) {
            return Noise { pick: |_| 0, truth: &mut self.1.truth }.reply(position, side);
        }
        let mv = next_move(position, side, &mut self.1).unwrap()?;
        let evidence = match mv {
            Move::Descend { .. } => self.1.handover(self.0),
            _ => Evidence::Dissect,
        };
        Some((mv, evidence))
    }
}

/// Once a machine that had not stopped was taken for a result.
#[test]
fn unstopped_machine_accepted() {
    let tile = 4;
    // A running graph state is no answer.
    let model = Model::toy(5);
    let (failed, _) = Unstopped::new(&model, tile);
    let mut court = Court::new();
    let request = court.asked(&model);
    let mut machine = model.start(Settings::default());
    machine.run(tile).unwrap();
    let running = Answer { state: machine.state(), ..failed.clone() };
    refused(court.try_claim(SERVER, request, &running), IHub::StateRunning {});
    let shown = Answer { state: machine.state(), ..model.truth() };
    refused(court.try_claim(SERVER, request, &shown), IHub::StateRunning {});

    // A run that is said not to have stopped leads to the failed state, which is a lie like any other.
    for steps_log2 in [5, 6] {
        let model = Model::toy(steps_log2);
        let (failed, unstopped) = Unstopped::new(&model, tile);
        let mut liar = Early(&model, unstopped);
        let mut honest = model.machines();
        let mut court = Court::new();
        let request = court.asked(&model);
        let claim = court.claim(SERVER, request, &failed);
        court.deposit(SERVER, GAS_STAKE);
        let mut dispute = open(&mut court, (CHALLENGER, claim), &mut honest).unwrap();
        let ending = dispute.play_out(&mut court, (&mut liar, &mut honest));
        assert_eq!(ending.winner, Side::Challenger, "{:?}", ending.rest);
        assert!(dispute.costs.iter().any(|cost| cost.0.ends_with("descend")));

        let claim = court.claim(SECOND, request, &model.truth());
        court.deposit(SECOND, GAS_STAKE);
        let (_, unstopped) = Unstopped::new(&model, tile);
        let mut liar = Early(&model, unstopped);
        let mut dispute = open(&mut court, (MALLORY, claim), &mut liar).unwrap();
        let ending = dispute.play_out(&mut court, (&mut honest, &mut liar));
        assert_eq!(ending.winner, Side::Server, "{:?}", ending.rest);
        assert!(dispute.costs.iter().any(|cost| cost.0.ends_with("descend")));
        court.at(court.claim_of(claim).windowEnd);
        court.finalize(claim).unwrap();
        assert!(!court.result(request).failed);
    }
}
