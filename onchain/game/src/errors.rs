//! The reasons of the rules as errors of the ABI.

use opml_core::game::{
    AnswerError, DegreeError, Early, Illegal, Late, PlayError, PositionError, Side as CoreSide,
    WrongPosition,
};
use opml_core::mips::StateError;

use crate::abi::IGame::{self as abi, Side};
use crate::calldata::wide;
use crate::revert::Revert;

impl From<CoreSide> for Side {
    fn from(side: CoreSide) -> Self {
        match side {
            CoreSide::Server => Self::Server,
            CoreSide::Challenger => Self::Challenger,
        }
    }
}

/// Why an answer does not count.
pub fn answer(error: AnswerError<Revert>) -> Revert {
    match error {
        AnswerError::Position(WrongPosition { expected, computed }) => {
            abi::WrongPosition { expected, computed }.into()
        }
        AnswerError::NotOnTurn { on_turn } => abi::NotOnTurn { onTurn: on_turn.into() }.into(),
        AnswerError::Late(Late { deadline, now }) => abi::Late { deadline, now_: now }.into(),
        AnswerError::Play(PlayError::Illegal(illegal)) => broken_rule(illegal),
        AnswerError::Play(PlayError::Proof(revert)) => revert,
    }
}

/// The rule that a move breaks.
fn broken_rule(illegal: Illegal) -> Revert {
    match illegal {
        Illegal::NoSuchSegment { segment, degree } => abi::NoSuchSegment { segment, degree }.into(),
        Illegal::OneStep => abi::OneStep {}.into(),
        Illegal::ManySteps { log2_length } => abi::ManySteps { log2Length: log2_length }.into(),
        Illegal::InRun => abi::InRun {}.into(),
        Illegal::InGraph => abi::InGraph {}.into(),
        Illegal::Degree { expected, actual } => abi::WrongDegree { expected, actual }.into(),
        Illegal::SameEnd { end } => abi::SameEnd { end }.into(),
        Illegal::HasRun => abi::HasRun {}.into(),
        Illegal::HasNoRun => abi::HasNoRun {}.into(),
        Illegal::Bound { bound } => abi::RunTooLong { bound }.into(),
        Illegal::Moves => abi::TooManyMoves {}.into(),
    }
}

/// Why an encoding is no position.
pub fn position(error: PositionError) -> Revert {
    match error {
        PositionError::Phase { phase, graph_step } => {
            abi::PositionPhase { phase, graphStep: graph_step }.into()
        }
        PositionError::Hashes { hashes, degree } => {
            abi::PositionHashes { hashes: wide(hashes), degree }.into()
        }
        PositionError::Length { log2_length, log2_degree } => {
            abi::PositionLength { log2Length: log2_length, log2Degree: log2_degree }.into()
        }
        PositionError::Base { base, log2_length } => {
            abi::PositionBase { base, log2Length: log2_length }.into()
        }
    }
}

/// Why hashes are no dissection.
pub fn degree(error: DegreeError) -> Revert {
    abi::NoDegree { count: wide(error.count) }.into()
}

/// Why time is not over.
pub fn early(Early { deadline, now }: Early) -> Revert {
    abi::Early { deadline, now_: now }.into()
}

/// Why an encoding is no state.
pub fn state(error: StateError) -> Revert {
    match error {
        StateError::Length { actual } => abi::StateLength { actual: wide(actual) }.into(),
        StateError::RegisterZero { value } => abi::StateRegisterZero { value }.into(),
        StateError::Status { status, code } => abi::StateStatus { status, code }.into(),
    }
}
