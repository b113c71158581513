//! Ways to win that there are not: the holes of earlier systems, one scene each.

use alloy_primitives::{B256, keccak256};
use opml_core::game::{Cause, Illegal, Move, PlayError, Position, SegmentIndex, Side};
use opml_core::keccak::AlloyKeccak;
use opml_solver::next_move;

use crate::strategies::ends_of_run;
use crate::table::{Follower, NotShown, Refused, Reply, Shown, Table, hashes};
use crate::toy::{Ending, Graph, Lie, Program, Status, Story};

const PROGRAM: Program = Program { ending: Ending::Halts { at: 40 }, max_bound: 7 };
const NOW: u64 = crate::table::START + 1;

/// A game about 2^`log2_length` steps, the claim true or a lie at a step.
struct Scene {
    table: Table,
    position: Position,
    truth: Story,
    lying: Story,
    honest: Side,
}

impl Scene {
    fn new(log2_length: u8, graph_step: u64, honest: Side) -> Self {
        let truth = Story::new(PROGRAM, log2_length, None);
        let lie = Lie { graph_step, tick: 0, traps: false };
        let lying = Story::new(PROGRAM, log2_length, Some(lie));
        let end = if honest == Side::Server { truth.end() } else { lying.end() };
        let position = Position::claim(log2_length, Graph::START.hash(), end).unwrap();
        let table = Table::new(PROGRAM, B256::repeat_byte(7), &position);
        Self { table, position, truth, lying, honest }
    }

    /// The move that the side on turn makes by its story.
    fn usual(&self) -> Reply {
        let side = self.position.on_turn();
        let story = if side == self.honest { &self.truth } else { &self.lying };
        let mut follower = Follower { story: story.clone(), side };
        let mv = next_move(&self.position, side, &mut follower.story).unwrap().unwrap();
        Reply { shown: follower.shown(&self.position, &mv), mv }
    }

    /// Submits as the side on turn.
    fn submit(&mut self, reply: &Reply) -> Result<(), Refused> {
        let side = self.position.on_turn();
        let shown = (self.position.header(), hashes(&self.position));
        if let Some(next) = self.table.submit((side, NOW), (&shown.0, &shown.1), reply)? {
            self.position = next;
        }
        Ok(())
    }

    /// Plays as usual until the side on turn has single graph steps before it.
    fn at_single_steps(mut self) -> Self {
        while self.position.segment(SegmentIndex::FIRST).unwrap().log2_length > 0 {
            let reply = self.usual();
            self.submit(&reply).unwrap();
        }
        self
    }
}

fn illegal(illegal: Illegal) -> Result<(), Refused> {
    Err(Refused::Play(PlayError::Illegal(illegal)))
}

/// A graph step with a run of several ticks.
const STEP: u64 = 9;

/// An honest trace must not beat an honest proposer: who hands over a true run has to be refused.
#[test]
fn a_true_run_is_no_handover_against_an_honest_server() {
    // At 2^6 steps the challenger comes to the single steps, in a dissection of the server's.
    let mut scene = Scene::new(6, STEP, Side::Server).at_single_steps();
    assert_eq!(scene.position.on_turn(), Side::Challenger);
    for number in 0..scene.position.segments().ends.degree() {
        let segment = SegmentIndex::new(number).unwrap();
        let picked = scene.position.segment(segment).unwrap();
        let Some(ticks) = scene.truth.ticks(picked.first_step) else { continue };
        let graph = scene.truth.graph_state(picked.first_step);
        for last in ends_of_run(&ticks) {
            let same = scene.truth.program.end(&graph, &last).hash() == picked.disputed;
            let shown = Shown { graph: Some(graph), last: Some(last), run: None };
            let reply = Reply { mv: Move::Descend { segment }, shown };
            let (position, kept) = (scene.position.clone(), scene.table.game);
            let outcome = scene.submit(&reply);
            if same {
                assert_eq!(outcome, illegal(Illegal::SameEnd { end: picked.disputed }));
            } else {
                // A false end of the run: the game goes on below, and the server answers.
                assert_eq!(outcome, Ok(()));
                let side = scene.position.on_turn();
                let answer = next_move(&scene.position, side, &mut scene.truth).unwrap();
                assert!(answer.is_some());
                scene.table.game = kept;
                scene.position = position;
            }
        }
    }
}

/// The true run and one that differs from it where nothing depends on it, against an honest server.
#[test]
fn a_run_with_another_scratch_register_is_the_same_to_the_graph() {
    let truth = Story::new(PROGRAM, 6, None);
    let ticks = truth.ticks(STEP).unwrap();
    let state = truth.graph_state(STEP);
    let scratch = ends_of_run(&ticks)[2];
    assert_ne!(scratch.hash(), ticks.last().unwrap().hash());
    assert_eq!(PROGRAM.end(&state, &scratch), truth.graph_state(STEP + 1));
}

#[test]
fn states_of_a_run_are_not_a_callers_choice() {
    let mut scene = Scene::new(6, STEP, Side::Challenger).at_single_steps();
    let reply = scene.usual();
    assert!(matches!(reply.mv, Move::Descend { .. }), "{reply:?}");
    // Another graph state than the agreed one, true in its own place.
    let other = Some(scene.truth.graph_state(STEP + 1));
    let shown = Shown { graph: other, ..reply.shown };
    let forged = Reply { shown, ..reply.clone() };
    let refused = Err(Refused::Play(PlayError::Proof(NotShown)));
    assert_eq!(scene.submit(&forged), refused);
    // And the start of the run follows from the agreed one.
    scene.submit(&reply).unwrap();
    assert_eq!(scene.position.segments().start, scene.truth.ticks(STEP).unwrap()[0].hash());
}

#[test]
fn a_run_that_has_not_stopped_is_a_failure() {
    let truth = Story::new(PROGRAM, 6, None);
    let state = truth.graph_state(STEP);
    let running = ends_of_run(&truth.ticks(STEP).unwrap())[3];
    assert_eq!(running.status, Status::Running);
    assert_eq!(PROGRAM.end(&state, &running), Graph { status: Status::Failed, ..state });
}

#[test]
fn a_proof_of_the_truth_does_not_win_against_it() {
    // The honest challenger opens the run and dissects it down to single instructions.
    let mut scene = Scene::new(6, STEP, Side::Challenger).at_single_steps();
    let opening = scene.usual();
    scene.submit(&opening).unwrap();
    let mut scene = scene.at_single_steps();
    assert_eq!(scene.position.on_turn(), Side::Server);
    let ticks = scene.truth.ticks(STEP).unwrap();
    for number in 0..scene.position.segments().ends.degree() {
        let segment = SegmentIndex::new(number).unwrap();
        let picked = scene.position.segment(segment).unwrap();
        let run = Some(ticks[usize::try_from(picked.first_step).unwrap()]);
        let shown = Shown { run, ..Shown::default() };
        let reply = Reply { mv: Move::Prove { segment }, shown };
        assert_eq!(scene.submit(&reply), illegal(Illegal::SameEnd { end: picked.disputed }));
    }
}

#[test]
fn a_lie_behind_the_halt_is_concluded() {
    let mut scene = Scene::new(6, 50, Side::Challenger).at_single_steps();
    let reply = scene.usual();
    assert!(matches!(reply.mv, Move::Conclude { .. }), "{reply:?}");
    scene.submit(&reply).unwrap();
    let verdict = scene.table.verdict.unwrap();
    assert_eq!((verdict.winner, verdict.cause), (Side::Challenger, Cause::Concluded));
}

#[test]
fn a_move_answers_the_position_that_the_game_is_in() {
    let mut scene = Scene::new(6, STEP, Side::Challenger);
    let (claim, opening) = (scene.position.clone(), scene.usual());
    scene.submit(&opening).unwrap();
    // The same move again, by either side.
    let shown = (claim.header(), hashes(&claim));
    for side in [Side::Server, Side::Challenger] {
        let again = scene.table.submit((side, NOW), (&shown.0, &shown.1), &opening);
        assert!(matches!(again, Err(Refused::Position(_))), "{again:?}");
    }
    // The position with one hash of it altered.
    let mut altered = hashes(&scene.position);
    altered[3] = keccak256(altered[3]);
    let reply = scene.usual();
    let header = scene.position.header();
    let refused = scene.table.submit((Side::Server, NOW), (&header, &altered), &reply);
    assert!(matches!(refused, Err(Refused::Position(_))), "{refused:?}");
    // The same position in another game.
    let other = Table::new(PROGRAM, B256::repeat_byte(8), &claim);
    assert_ne!(other.game.position, claim.hash::<AlloyKeccak>(&scene.table.id));
}

#[test]
fn only_the_side_on_turn_moves_and_only_in_time() {
    let mut scene = Scene::new(6, STEP, Side::Challenger);
    let (shown, opening) = ((scene.position.header(), hashes(&scene.position)), scene.usual());
    let mut submit =
        |side, now| scene.table.submit((side, now), (&shown.0, &shown.1), &opening).map(drop);
    let deadline = crate::table::START + crate::table::BUDGET;
    assert_eq!(submit(Side::Server, NOW), Err(Refused::NotOnTurn { on_turn: Side::Challenger }));
    assert!(matches!(submit(Side::Challenger, deadline), Err(Refused::Late(_))));
    assert_eq!(submit(Side::Challenger, deadline - 1), Ok(()));
    assert_eq!(scene.table.game.clock.challenger, 1);
}
