//! What the chain keeps of a game: who may answer what, until when, and in which order that is asked.

use alloy_primitives::{B256, keccak256};
use opml_core::game::{
    Answer, AnswerError, Begin, Cause, Clock, Early, End, Ends, Game, Illegal, Late, Move,
    PlayError, Position, SegmentIndex, Side, StepRules, Turn, Verdict, WrongPosition,
};
use opml_core::keccak::AlloyKeccak;

const OPENED: u64 = 5_000;
const BUDGET: u64 = 100;

/// Every graph step leads to the same state; counts how often it is asked.
#[derive(Default)]
struct Steps(usize);

/// A step that there is not.
#[derive(Debug, PartialEq, Eq)]
struct NoSuchStep;

impl StepRules for Steps {
    type Error = NoSuchStep;

    fn begin(&mut self, _: B256) -> Result<Begin, NoSuchStep> {
        self.0 += 1;
        Ok(Begin::Direct { successor: keccak256("successor") })
    }

    fn end(&mut self, _: B256) -> Result<End, NoSuchStep> {
        Err(NoSuchStep)
    }

    fn step(&mut self, _: B256) -> Result<B256, NoSuchStep> {
        Err(NoSuchStep)
    }
}

fn id() -> B256 {
    keccak256("game")
}

fn claim(log2_length: u8) -> Position {
    Position::claim(log2_length, keccak256("start"), keccak256("end")).unwrap()
}

fn opened(claim: &Position) -> Game {
    Game::open::<AlloyKeccak>(&id(), claim, BUDGET, OPENED)
}

fn halves() -> Move {
    let ends = Ends::new(&[keccak256("middle"), keccak256("other end")]).unwrap();
    Move::Dissect { segment: SegmentIndex::FIRST, ends }
}

fn conclude() -> Move {
    Move::Conclude { segment: SegmentIndex::FIRST }
}

/// What comes of a move, and how often a step was asked for.
fn answered(
    game: &Game,
    position: &Position,
    (side, now): (Side, u64),
    mv: &Move,
) -> (Result<Turn, AnswerError<NoSuchStep>>, usize) {
    let mut steps = Steps::default();
    let answer = Answer { game_id: &id(), side, now, position, mv };
    (game.answer::<AlloyKeccak, _>(&answer, &mut steps), steps.0)
}

#[test]
fn a_game_opens_on_the_claim_with_the_challenger_on_turn() {
    let game = opened(&claim(1));
    assert_eq!(game.position, claim(1).hash::<AlloyKeccak>(&id()));
    assert_eq!(game.on_turn, Side::Challenger);
    assert_eq!(game.clock, Clock { server: BUDGET, challenger: BUDGET, started: OPENED });
}

#[test]
fn sides_answer_in_turns_and_pay_with_their_own_time() {
    let (claim, now) = (claim(1), OPENED + 30);
    let (turn, asked) = answered(&opened(&claim), &claim, (Side::Challenger, now), &halves());
    let Turn::Next { game, position } = turn.unwrap() else { panic!("a dissection ends no game") };
    assert_eq!((position.moves(), asked), (1, 0));
    assert_eq!(game.position, position.hash::<AlloyKeccak>(&id()));
    assert_eq!(game.on_turn, Side::Server);
    assert_eq!(game.clock, Clock { server: BUDGET, challenger: 70, started: now });
    // The challenger waits; the server shows that the first half ends elsewhere.
    let refused = answered(&game, &position, (Side::Challenger, now), &conclude());
    assert_eq!(refused, (Err(AnswerError::NotOnTurn { on_turn: Side::Server }), 0));
    let won = Verdict { winner: Side::Server, cause: Cause::Concluded };
    let over = answered(&game, &position, (Side::Server, now + BUDGET - 1), &conclude());
    assert_eq!(over, (Ok(Turn::Over(won)), 1));
}

/// Position, side, clock, rules, machines: the first that is wrong is the reason, and a machine is asked last.
#[test]
fn the_first_that_is_wrong_is_the_reason() {
    let (claim, game) = (claim(1), opened(&claim(1)));
    let other = Position::claim(1, keccak256("start"), keccak256("another end")).unwrap();
    let (expected, computed) = (game.position, other.hash::<AlloyKeccak>(&id()));
    let deadline = OPENED + BUDGET;
    // A conclusion of two steps is not legal either.
    let late = (Side::Server, deadline);
    let refused = answered(&game, &other, late, &conclude());
    assert_eq!(refused, (Err(WrongPosition { expected, computed }.into()), 0));
    let refused = answered(&game, &claim, late, &conclude());
    assert_eq!(refused, (Err(AnswerError::NotOnTurn { on_turn: Side::Challenger }), 0));
    let refused = answered(&game, &claim, (Side::Challenger, deadline), &conclude());
    assert_eq!(refused, (Err(Late { deadline, now: deadline }.into()), 0));
    let refused = answered(&game, &claim, (Side::Challenger, deadline - 1), &conclude());
    let illegal = PlayError::Illegal(Illegal::ManySteps { log2_length: 1 });
    assert_eq!(refused, (Err(illegal.into()), 0));
}

#[test]
fn whoever_is_on_turn_loses_by_time() {
    let game = opened(&claim(1));
    let deadline = OPENED + BUDGET;
    let early = Early { deadline, now: deadline - 1 };
    assert_eq!(game.timeout(deadline - 1), Err(early));
    let verdict = Verdict { winner: Side::Server, cause: Cause::Timeout };
    assert_eq!(game.timeout(deadline), Ok(verdict));
}
