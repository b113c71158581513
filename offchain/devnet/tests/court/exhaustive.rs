//! Every tile of a small model as the one that is lied about, from several instructions of its run on, at
//! lengths that bring either side to the handover and to the proof; and lies where there is no run.

use alloy_primitives::{B256, keccak256};
use opml_core::game::{Move, Position, Side};
use opml_core::graph::{GraphState, GraphStatus};
use opml_operator::{Operator, Place, WeightType};
use opml_runtime::trace::{RunTrace, TraceError};
use opml_solver::machines::{Evidence, Machines};
use opml_solver::{Computation, Trace, next_move};

use crate::abi::IHub;
use crate::court::{CHALLENGER, Court, GAS_STAKE, MALLORY, SERVER, STRANGER};
use crate::liar::Fault;
use crate::model::{Answer, Model};
use crate::player::{Dispute, Player, Rest, open};

/// A fault from some instruction of the run on, which depends on the run's bound.
type Lie = fn(fn(u8) -> u64) -> Fault;

/// The first word of some operators' tiles is wrong.
macro_rules! fault {
    ($($pattern:tt)+) => {{
        fn hits(operator: &Operator) -> bool {
            matches!(operator, $($pattern)+)
        }
        fn kernels(operator: &Operator, place: Place, inputs: &[&[u32]], output: &mut [u32]) {
            opml_kernels::run(operator, place, inputs, output);
            output[0] ^= u32::from(hits(operator));
        }
        (|from| Fault { kernels, hits, from }) as Lie
    }};
}

/// One for every operator of the classifier.
fn faults() -> [Lie; 9] {
    [
        fault!(Operator::FromBytes(_)),
        fault!(Operator::Quantize(_)),
        fault!(Operator::Matmul(matmul) if matmul.matrix.kind == WeightType::Q8_0),
        fault!(Operator::Add(_)),
        fault!(Operator::Gelu(_)),
        fault!(Operator::Matmul(matmul) if matmul.matrix.kind == WeightType::F16),
        fault!(Operator::Softmax(_)),
        fault!(Operator::ArgMax(_)),
        fault!(Operator::Emit(_)),
    ]
}

/// True instructions of the run: none, some, all but the last.
const FROM: [fn(u8) -> u64; 3] = [|_| 0, |_| 3_000, |bound| (1 << bound) - 1];

/// A request, an answer to it, a game against the answer.
struct Scene {
    court: Court,
    model: Model,
    id: B256,
    honest: Machines,
}

impl Scene {
    fn new(model: Model) -> Self {
        let mut court = Court::new();
        let id = court.register(&model);
        court.deposit(SERVER, 1_000 * GAS_STAKE);
        // Counted behind each game: there are many objects.
        court.audits = false;
        let honest = model.machines();
        Self { court, model, id, honest }
    }

    fn opened(&mut self, answer: &Answer, (who, player): (Side, &mut dyn Player)) -> Dispute {
        let request = self.court.infer(self.id, self.model.request());
        let claim = self.court.claim(SERVER, request, answer);
        match who {
            Side::Server => open(&mut self.court, (CHALLENGER, claim), &mut self.honest),
            Side::Challenger => open(&mut self.court, (MALLORY, claim), player),
        }
        .unwrap()
    }

    /// The honest side against `liar`, whose side is given; the claim lives or is void accordingly.
    fn play(&mut self, answer: &Answer, (side, liar): (Side, &mut dyn Player)) -> (Dispute, Rest) {
        let mut dispute = self.opened(answer, (side, liar));
        let Self { court, honest, .. } = self;
        let ending = match side {
            Side::Server => dispute.play_out(court, (liar, honest)),
            Side::Challenger => dispute.play_out(court, (honest, liar)),
        };
        assert_ne!(ending.winner, side, "{:?}", ending.rest);
        let claim = court.claim_of(court.stakes_of(dispute.id).claimId);
        let alive = side == Side::Challenger;
        let status = if alive { IHub::ClaimStatus::Live } else { IHub::ClaimStatus::Void };
        assert_eq!((claim.status, claim.openGames), (status, 0));
        court.ledger.assert_balanced(court);
        (dispute, ending.rest)
    }
}

/// Who has won by a proof, at a length.
fn at_length(steps_log2: u8) -> Vec<Side> {
    let model = Model::toy(steps_log2);
    let truth = model.truth();
    let mut scene = Scene::new(model);
    let mut proven = Vec::new();
    for (fault, from) in faults().into_iter().flat_map(|fault| FROM.map(|from| (fault, from))) {
        let lie = scene.model.answer(fault(from).settings());
        assert_ne!(lie.hash(), truth.hash());
        for side in [Side::Server, Side::Challenger] {
            let mut liar = scene.model.liar(fault(from));
            let answer = if side == Side::Server { &lie } else { &truth };
            let (dispute, rest) = scene.play(answer, (side, &mut liar));
            let handovers = dispute.costs.iter().filter(|cost| cost.0.ends_with("descend"));
            assert_eq!(handovers.count(), 1);
            if let Rest::Won(side) = rest {
                proven.push(side);
            }
        }
    }
    proven
}

macro_rules! at_lengths {
    ($($name:ident: $log2:literal),+) => {$(
        #[test]
        fn $name() {
            let proven = at_length($log2);
            assert!(!proven.is_empty(), "no game was decided by a proof");
            for side in [Side::Server, Side::Challenger] {
                println!("proofs of the {side:?}: {}", proven.iter().filter(|by| **by == side).count());
            }
        }
    )+};
}

at_lengths! {
    every_tile_of_a_trace_of_2_to_the_4: 4,
    every_tile_of_a_trace_of_2_to_the_5: 5,
    every_tile_of_a_trace_of_2_to_the_6: 6,
    every_tile_of_a_trace_of_2_to_the_7: 7,
    every_tile_of_a_trace_of_2_to_the_8: 8
}

/// Tells the truth up to some step, and then anything that ends in the claim.
struct Late {
    truth: Machines,
    last_true: u64,
    end: (u64, B256),
}

impl Trace for Late {
    type Error = TraceError;

    fn state_hash(&mut self, step: u64) -> Result<B256, TraceError> {
        let truth = self.truth.state_hash(step)?;
        Ok(match step {
            step if step <= self.last_true => truth,
            step if step == self.end.0 => self.end.1,
            _ => keccak256(truth),
        })
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
        let mv = next_move(position, side, self).unwrap()?;
        matches!(mv, Move::Dissect { .. }).then_some((mv, Evidence::Dissect))
    }
}

/// Whoever lies only behind `last_true` is shown the step by itself.
fn assert_concluded(scene: &mut Scene, answer: &Answer, last_true: u64) {
    let end = (1 << scene.model.steps_log2, answer.hash());
    let mut late = Late { truth: scene.model.machines(), last_true, end };
    let (dispute, rest) = scene.play(answer, (Side::Server, &mut late));
    assert!(matches!(rest, Rest::Won(Side::Challenger)), "{rest:?}");
    assert_eq!(dispute.costs.last().unwrap().0, "challenger: conclude");
}

fn stop(model: &Model) -> u64 {
    let mut machine = model.start(opml_runtime::executor::Settings::default());
    machine.run(1 << model.steps_log2).unwrap();
    machine.step_count()
}

#[test]
fn a_lie_only_behind_the_halt_is_concluded() {
    let model = Model::toy(6);
    let (halt, end) = (stop(&model), 1 << 6);
    let lie = model.answer(faults()[8](|_| 0).settings());
    assert_eq!(lie.state.status, GraphStatus::Halted);
    let mut scene = Scene::new(model);
    for last_true in [halt, halt + 1, end - 1] {
        assert_concluded(&mut scene, &lie, last_true);
    }
}

#[test]
fn a_lie_about_a_failure_or_only_behind_it_is_concluded() {
    let model = Model::endless(6);
    let (failure, truth) = (stop(&model), model.truth());
    assert_eq!(truth.state.status, GraphStatus::Failed);
    let lie = Answer { state: GraphState { pc: truth.state.pc + 1, ..truth.state }, ..truth };
    let mut scene = Scene::new(model);
    for last_true in [failure - 1, failure, 63] {
        assert_concluded(&mut scene, &lie, last_true);
    }
}

/// A registration with too few steps: the trace of one step ends in a running state, so that every claim is a lie.
#[test]
fn a_claim_of_one_step_is_handed_over_at_once() {
    let lie = Model::toy(4).truth();
    let mut scene = Scene::new(Model { steps_log2: 0, ..Model::toy(4) });
    let mut nobody = crate::player::Silent;
    let (dispute, rest) = scene.play(&lie, (Side::Server, &mut nobody));
    assert!(matches!(rest, Rest::Speechless(Side::Server)), "{rest:?}");
    assert_eq!(dispute.costs[0].0, "challenger: descend");
}

/// One step without a run: the challenge itself decides, and anyone settles.
#[test]
fn a_claim_of_one_direct_step_is_concluded_by_its_challenge() {
    let model = Model { steps_log2: 0, ..Model::empty() };
    let truth = model.truth();
    assert_eq!(truth.state.status, GraphStatus::Failed);
    let lie = Answer { state: GraphState { pc: 1, ..truth.state }, ..truth.clone() };
    let mut scene = Scene::new(model);
    let mut nobody = crate::player::Silent;
    let dispute = scene.opened(&lie, (Side::Server, &mut nobody));
    let court = &mut scene.court;
    let claim = court.stakes_of(dispute.id).claimId;
    assert_eq!(court.claim_of(claim).status, IHub::ClaimStatus::Live);
    court.settle(dispute.id).unwrap();
    assert_eq!(court.claim_of(claim).status, IHub::ClaimStatus::Void);
    // Against the truth there is nothing to say.
    let request = court.infer(scene.id, scene.model.request());
    let right = court.claim(SERVER, request, &truth);
    let (position, _) = crate::player::claimed(court, right);
    assert!(scene.honest.reply(&position, Side::Challenger).is_none());
    court.pass(crate::court::WINDOW);
    court.finalize(right).unwrap();
    assert!(court.result(request).failed);
    court.ask(STRANGER, 0, IHub::flushBurnedCall {}).unwrap();
    court.ledger.assert_balanced(court);
}
