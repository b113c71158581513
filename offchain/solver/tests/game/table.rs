//! A game as a contract keeps it: position hash, clocks, nothing else.

use std::collections::BTreeMap;

use alloy_primitives::B256;
use opml_core::game::{
    Answer, AnswerError, Begin, Clock, Early, End, Game, Move, Phase, Position, Side, StepRules,
    Turn, Verdict,
};
use opml_core::keccak::AlloyKeccak;
use opml_solver::{Decision, Seat, decide};
use thiserror::Error;

use crate::toy::{Graph, Program, Run, Step, Story};

/// Seconds of each side.
pub const BUDGET: u64 = 1_000;
/// Second in which the claim is made.
pub const START: u64 = 5_000;

/// States that a mover shows.
#[derive(Clone, Copy, Debug, Default)]
pub struct Shown {
    pub graph: Option<Graph>,
    pub run: Option<Run>,
    pub last: Option<Run>,
}

#[derive(Clone, Debug)]
pub struct Reply {
    pub mv: Move,
    pub shown: Shown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("what was shown is not what is agreed")]
pub struct NotShown;

/// The toy's step verifier.
pub struct Judge {
    pub program: Program,
    pub shown: Shown,
}

impl Judge {
    fn graph(&self, agreed: B256) -> Result<Graph, NotShown> {
        self.shown.graph.filter(|state| state.hash() == agreed).ok_or(NotShown)
    }
}

impl StepRules for Judge {
    type Error = NotShown;

    fn begin(&mut self, agreed: B256) -> Result<Begin, NotShown> {
        Ok(match self.program.begin(&self.graph(agreed)?) {
            Step::Direct(next) => Begin::Direct { successor: next.hash() },
            Step::Run(first, bound) => Begin::Run { initial: first.hash(), bound },
        })
    }

    fn end(&mut self, agreed: B256) -> Result<End, NotShown> {
        let state = self.graph(agreed)?;
        let last = self.shown.last.ok_or(NotShown)?;
        Ok(End { successor: self.program.end(&state, &last).hash(), last: last.hash() })
    }

    fn step(&mut self, agreed: B256) -> Result<B256, NotShown> {
        let state = self.shown.run.filter(|state| state.hash() == agreed).ok_or(NotShown)?;
        Ok(self.program.step(&state).hash())
    }
}

pub type Refused = AnswerError<NotShown>;

/// One game, on what a contract keeps of it.
pub struct Table {
    pub program: Program,
    pub id: B256,
    pub game: Game,
    pub verdict: Option<Verdict>,
}

impl Table {
    pub fn new(program: Program, id: B256, claim: &Position) -> Self {
        let game = Game::open::<AlloyKeccak>(&id, claim, BUDGET, START);
        Self { program, id, game, verdict: None }
    }

    /// A move as a transaction brings it: the position that it answers as bytes.
    pub fn submit(
        &mut self,
        (side, now): (Side, u64),
        (header, hashes): (&[u8; 32], &[B256]),
        reply: &Reply,
    ) -> Result<Option<Position>, Refused> {
        assert_eq!(self.verdict, None, "the game is over");
        let position = Position::decode(header, hashes).unwrap();
        let mut judge = Judge { program: self.program, shown: reply.shown };
        let (game_id, position, mv) = (&self.id, &position, &reply.mv);
        let answer = Answer { game_id, side, now, position, mv };
        match self.game.answer::<AlloyKeccak, _>(&answer, &mut judge)? {
            Turn::Next { game, position } => {
                self.game = game;
                Ok(Some(position))
            }
            Turn::Over(verdict) => {
                self.verdict = Some(verdict);
                Ok(None)
            }
        }
    }

    pub fn timeout(&mut self, now: u64) -> Result<Verdict, Early> {
        let verdict = self.game.timeout(now)?;
        self.verdict = Some(verdict);
        Ok(verdict)
    }
}

pub fn hashes(position: &Position) -> Vec<B256> {
    let segments = position.segments();
    [segments.start].into_iter().chain(segments.ends.hashes().iter().copied()).collect()
}

/// One of the sides.
pub trait Player {
    /// Attempts in order; the first legal one counts. None: it lets its time pass.
    fn replies(&mut self, position: &Position) -> Vec<Reply>;

    /// Seconds that it takes for a move, of those that it has left: less than all.
    fn seconds(&mut self, left: u64) -> u64 {
        1.min(left - 1)
    }
}

/// Plays what the solver says about a story: honest if the story is true.
pub struct Follower {
    pub story: Story,
    pub side: Side,
}

impl Follower {
    /// What it shows for a move: the states of its story.
    pub fn shown(&self, position: &Position, mv: &Move) -> Shown {
        let Ok(segment) = position.segment(mv.segment()) else { return Shown::default() };
        match position.phase() {
            Phase::Graph => Shown {
                graph: Some(self.story.graph_state(segment.first_step)),
                last: self.story.ticks(segment.first_step).and_then(|run| run.last().copied()),
                run: None,
            },
            Phase::Run { graph_step } => {
                let ticks = self.story.ticks(graph_step).unwrap_or_default();
                let tick = usize::try_from(segment.first_step).unwrap();
                Shown { run: ticks.get(tick).copied(), ..Shown::default() }
            }
        }
    }
}

impl Player for Follower {
    fn replies(&mut self, position: &Position) -> Vec<Reply> {
        let clock = Clock::start(BUDGET, START);
        let seat = Seat { position, clock: &clock, side: self.side };
        match decide(&seat, START, &mut self.story).unwrap() {
            Decision::Play { mv, .. } => {
                vec![Reply { shown: self.shown(position, &mv), mv }]
            }
            Decision::CallTime | Decision::Wait => vec![],
        }
    }
}

/// How a game went.
#[derive(Debug)]
pub struct Record {
    pub verdict: Verdict,
    pub moves: u32,
    /// Moves by kind and side.
    pub kinds: BTreeMap<(&'static str, u8), u32>,
}

/// Plays a claim to its end; the honest side, which must always have a legal move, takes a second for
/// each.
pub fn play_out(
    claim: &Position,
    program: Program,
    (honest, liar): (&mut Follower, &mut dyn Player),
) -> Record {
    let mut table = Table::new(program, B256::repeat_byte(9), claim);
    let mut position = claim.clone();
    let (mut now, mut moves, mut kinds) = (START, 0, BTreeMap::new());
    loop {
        let on_turn = position.on_turn();
        let is_honest = on_turn == honest.side;
        let replies = if is_honest { honest.replies(&position) } else { liar.replies(&position) };
        let left = table.game.clock.remaining(on_turn);
        now += if is_honest { honest.seconds(left) } else { liar.seconds(left) };
        let shown = (position.header(), hashes(&position));
        let mut legal = None;
        for reply in replies {
            let outcome = table.submit((on_turn, now), (&shown.0, &shown.1), &reply);
            if is_honest {
                assert!(outcome.is_ok(), "{outcome:?} for {:?}", reply.mv);
            }
            if let Ok(next) = outcome {
                legal = Some((next, kind(&reply.mv)));
                break;
            }
        }
        if let Some((next, kind)) = legal {
            moves += 1;
            *kinds.entry((kind, on_turn as u8)).or_default() += 1;
            match next {
                Some(next) => position = next,
                None => return Record { verdict: table.verdict.unwrap(), moves, kinds },
            }
        } else {
            assert!(!is_honest, "the honest side is stuck in {position:?}");
            let deadline = table.game.clock.deadline(on_turn);
            table.timeout(deadline - 1).unwrap_err();
            let verdict = table.timeout(deadline).unwrap();
            return Record { verdict, moves, kinds };
        }
    }
}

pub fn kind(mv: &Move) -> &'static str {
    match mv {
        Move::Dissect { .. } => "dissect",
        Move::Conclude { .. } => "conclude",
        Move::Descend { .. } => "descend",
        Move::Prove { .. } => "prove",
    }
}
