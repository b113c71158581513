//! Moves that are refused for what they show of the machines, and what wins in their place.

use alloy_primitives::B256;
use alloy_sol_types::{SolCall, SolError, sol};
use opml_core::game::{Cause, Ends, Move, Phase, Position, SegmentIndex, Side};
use opml_core::mips::{Cpu, State};
use opml_solver::machines::{Evidence, Machines};
use opml_solver::{Computation, Trace};

use crate::encoding::{IGame, answer};
use crate::players::{Model, case};
use crate::stage::{Stage, hash};
use crate::table::{Sent, account, events};

sol!("../../sol/IStepVerifier.sol");

use IStepVerifier as step;

/// A game in which the server is on turn, with the true machines at hand.
struct Scene {
    stage: Stage,
    machines: Machines,
}

fn segment(number: usize) -> SegmentIndex {
    SegmentIndex::new(number).unwrap()
}

impl Scene {
    /// A claim with a false end, opened by a dissection that is true up to cut `last_true`, counted from the
    /// end where negative.
    fn opened(last_true: isize) -> Self {
        let model = Model::toy();
        let steps_log2 = model.bundle.manifest().steps_log2;
        let mut machines = model.machines(steps_log2);
        let mut case = case(&model, steps_log2, &mut machines);
        let start = case.claim.segments().start;
        case.claim = Position::claim(steps_log2, start, hash(1)).unwrap();
        let degree = 1_u64 << steps_log2;
        let last_true =
            u64::try_from(last_true).unwrap_or(degree - last_true.unsigned_abs() as u64);
        let end = |cut| {
            if cut > last_true { hash(2) } else { machines.state_hash(cut).unwrap() }
        };
        let ends: Vec<B256> = (1..=degree).map(end).collect();
        let ends = Ends::new(&ends).unwrap();
        let mv = Move::Dissect { segment: SegmentIndex::FIRST, ends };
        Self { stage: Stage::opened_by(case, &mv), machines }
    }

    fn evidence(&mut self, mv: &Move) -> Evidence {
        self.machines.evidence(&self.stage.position, mv).unwrap()
    }

    /// The side on turn makes a move with what the true machines show.
    fn play(&mut self, mv: &Move) -> Sent {
        let evidence = self.evidence(mv);
        self.show(mv, &evidence)
    }

    fn show(&mut self, mv: &Move, evidence: &Evidence) -> Sent {
        let side = self.stage.position.on_turn();
        self.stage.show(side, (mv, evidence))
    }

    /// Calldata of a move with what the true machines show.
    fn calldata<C: SolCall>(&mut self, mv: &Move) -> C {
        let evidence = self.evidence(mv);
        let Stage { case, position, .. } = &self.stage;
        let data = answer(case.id, position, &case.program, (mv, &evidence));
        C::abi_decode_validate(&data).unwrap()
    }

    fn send(&mut self, call: &impl SolCall) -> Sent {
        let side = self.stage.position.on_turn();
        self.stage.table.send(account(side), call.abi_encode())
    }
}

fn won_by(sent: Sent, (side, cause): (Side, Cause)) {
    let over: Vec<IGame::Over> = events(&sent.unwrap());
    assert_eq!(over.len(), 1);
    assert_eq!((over[0].winner as u8, over[0].cause as u8), (side as u8, cause as u8));
}

#[test]
fn the_true_run_of_a_true_step_is_no_handover() {
    let mut scene = Scene::opened(-1);
    let segments = scene.stage.position.segments().clone();
    let mut tiles = 0;
    for number in 0..segments.ends.degree() - 1 {
        let mv = Move::Descend { segment: segment(number) };
        if scene.machines.run(number as u64).unwrap().is_none() {
            continue;
        }
        let end = segments.cut(number + 1).unwrap();
        let refused = scene.play(&mv).unwrap_err();
        assert_eq!(refused, IGame::SameEnd { end }.abi_encode(), "step {number}");
        tiles += 1;
    }
    assert!(tiles > 5);
}

#[test]
fn steps_with_and_without_a_run_are_told_apart() {
    let mut scene = Scene::opened(-1);
    let last = scene.stage.position.segments().ends.degree() - 1;
    let mv = Move::Conclude { segment: segment(1) };
    assert_eq!(scene.play(&mv).unwrap_err(), IGame::HasRun {}.abi_encode());

    let Evidence::Conclude { state, begin } =
        scene.evidence(&Move::Conclude { segment: segment(last) })
    else {
        panic!()
    };
    let anything = State { memory_root: B256::ZERO, cpu: Cpu::new(0) };
    let descent = Evidence::Descend { state, begin, last: anything, end: vec![] };
    let refused = scene.show(&Move::Descend { segment: segment(last) }, &descent).unwrap_err();
    assert_eq!(refused, IGame::HasNoRun {}.abi_encode());
    // The halt is shown against a true end, then against the false one.
    let end = scene.stage.position.segments().cut(last).unwrap();
    let true_end = Move::Conclude { segment: segment(last - 1) };
    assert_eq!(scene.play(&true_end).unwrap_err(), IGame::SameEnd { end }.abi_encode());
    let false_end = Move::Conclude { segment: segment(last) };
    won_by(scene.play(&false_end), (Side::Server, Cause::Concluded));
}

#[test]
fn a_handover_is_of_the_agreed_state_and_the_models_program() {
    let mut scene = Scene::opened(1);
    let mv = Move::Descend { segment: segment(1) };
    let good: IGame::descendCall = scene.calldata(&mv);
    let mut swapped = good.clone();
    std::mem::swap(&mut swapped.programRoot, &mut swapped.imageRoot);
    let foreign = IGame::descendCall { imageRoot: hash(7), ..good.clone() };
    for call in [swapped, foreign] {
        let refused = scene.send(&call).unwrap_err();
        IGame::WrongProgram::abi_decode_validate(&refused).unwrap();
    }
    let mut other = good.clone();
    let first: IGame::descendCall = scene.calldata(&Move::Descend { segment: segment(0) });
    other.graphState = first.graphState;
    let refused = scene.send(&other).unwrap_err();
    let error = step::GraphStateNotAgreed::abi_decode_validate(&refused).unwrap();
    assert_eq!(error.expected, scene.stage.position.segments().cut(1).unwrap());

    let mut damaged = good.clone();
    damaged.beginWitness = flipped(&good.beginWitness, 700).into();
    let refused = scene.send(&damaged).unwrap_err();
    step::HandoverWrongRoot::abi_decode_validate(&refused).unwrap();
    let mut long = good.clone();
    long.endWitness = [&good.endWitness[..], &[0]].concat().into();
    let refused = scene.send(&long).unwrap_err();
    step::HandoverTooLong::abi_decode_validate(&refused).unwrap();
    let mut malformed = good.clone();
    malformed.finalState = good.finalState.slice(1..);
    let refused = scene.send(&malformed).unwrap_err();
    assert_eq!(refused, step::StateLength { actual: 191 }.abi_encode());

    let receipt = scene.send(&good).unwrap();
    assert_eq!(events::<IGame::Moved>(&receipt).len(), 1);
}

fn flipped(bytes: &[u8], at: usize) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[at] ^= 1;
    bytes
}

/// A game in the run of step 1 whose position is of single instructions, all true but the last end. Both
/// sides agree with every start there is.
fn single_instructions() -> Scene {
    let mut scene = Scene::opened(1);
    scene.play(&Move::Descend { segment: segment(1) }).unwrap();
    let mut seed = 10;
    loop {
        let position = scene.stage.position.clone();
        let log2_length = position.segment(SegmentIndex::FIRST).unwrap().log2_length;
        if log2_length == 0 {
            return scene;
        }
        let prove = Move::Prove { segment: SegmentIndex::FIRST };
        let refused = scene.play(&prove).unwrap_err();
        assert_eq!(refused, IGame::ManySteps { log2Length: log2_length }.abi_encode());
        let degree = log2_length.min(5);
        let stride = 1 << (log2_length - degree);
        let run = scene.machines.run(1).unwrap().unwrap();
        let mut ends: Vec<B256> =
            (1..=1_u64 << degree).map(|end| run.state_hash(end * stride).unwrap()).collect();
        seed += 1;
        *ends.last_mut().unwrap() = hash(seed);
        let ends = Ends::new(&ends).unwrap();
        let mv = Move::Dissect { segment: SegmentIndex::FIRST, ends };
        scene.show(&mv, &Evidence::Dissect).unwrap();
        assert_eq!(scene.stage.position.phase(), Phase::Run { graph_step: 1 });
    }
}

#[test]
fn an_instruction_decides_only_against_a_false_end() {
    let mut scene = single_instructions();
    let segments = scene.stage.position.segments().clone();
    let last = segments.ends.degree() - 1;
    for number in 0..last {
        let end = segments.cut(number + 1).unwrap();
        let refused = scene.play(&Move::Prove { segment: segment(number) }).unwrap_err();
        assert_eq!(refused, IGame::SameEnd { end }.abi_encode());
    }
    let mover = scene.stage.position.on_turn();
    let sent = scene.play(&Move::Prove { segment: segment(last) });
    won_by(sent, (mover, Cause::Proven));
}

#[test]
fn an_instruction_is_shown_from_the_agreed_state() {
    let mut scene = single_instructions();
    let segments = scene.stage.position.segments().clone();
    let last = segments.ends.degree() - 1;
    let mv = Move::Prove { segment: segment(last) };
    let good: IGame::proveCall = scene.calldata(&mv);
    // Another state with its own, true witness, though its successor is not the disputed end either.
    let mut other: IGame::proveCall = scene.calldata(&Move::Prove { segment: segment(0) });
    other.segment = good.segment;
    let expected = segments.cut(last).unwrap();
    let computed = segments.start;
    let refused = scene.send(&other).unwrap_err();
    assert_eq!(refused, IGame::StateNotAgreed { expected, computed }.abi_encode());

    let mut refused = |state: Vec<u8>| {
        scene.send(&IGame::proveCall { state: state.into(), ..good.clone() }).unwrap_err()
    };
    let short = good.state[..191].to_vec();
    assert_eq!(refused(short), IGame::StateLength { actual: 191 }.abi_encode());
    let register = IGame::StateRegisterZero { value: 1 };
    assert_eq!(refused(flipped(&good.state, 51)), register.abi_encode());
    let status = IGame::StateStatus { status: 0, code: 1 };
    assert_eq!(refused(flipped(&good.state, 191)), status.abi_encode());
    IGame::StateNotAgreed::abi_decode_validate(&refused(flipped(&good.state, 0))).unwrap();

    let witness = flipped(&good.witness, 40).into();
    let refused = scene.send(&IGame::proveCall { witness, ..good.clone() }).unwrap_err();
    step::WitnessWrongRoot::abi_decode_validate(&refused).unwrap();
    let witness = [&good.witness[..], &[0; 32]].concat().into();
    let refused = scene.send(&IGame::proveCall { witness, ..good.clone() }).unwrap_err();
    step::WitnessTooLong::abi_decode_validate(&refused).unwrap();
    scene.send(&good).unwrap();
}

#[test]
fn the_run_has_no_moves_of_the_graph() {
    let mut graph = Scene::opened(1);
    let shown = [Move::Conclude { segment: segment(1) }, Move::Descend { segment: segment(1) }]
        .map(|mv| (graph.evidence(&mv), mv));
    let mut scene = single_instructions();
    for (evidence, mv) in shown {
        let refused = scene.show(&mv, &evidence).unwrap_err();
        assert_eq!(refused, IGame::InRun {}.abi_encode());
    }
    let ends = Ends::single(hash(3));
    let refused = scene.show(&Move::Dissect { segment: segment(0), ends }, &Evidence::Dissect);
    assert_eq!(refused.unwrap_err(), IGame::OneStep {}.abi_encode());
}
