//! Moves as calldata brings them.

use alloy_primitives::B256;
use alloy_sol_types::SolCall;
use opml_core::game::{Ends, Move, Position, SegmentIndex};

use crate::abi::IGame::{
    ArgumentOutOfRange, UnknownSelector, concludeCall, descendCall, dissectCall,
};
use crate::calldata::{Reader, split_selector};
use crate::errors;
use crate::revert::Revert;

/// Arguments of the moves before `segment`: game, header, hashes.
const BEFORE: u8 = 3;

/// What a move shows besides itself.
pub enum Shown<'a> {
    Nothing,
    Step(GraphStep<'a>),
    Instruction { state: &'a [u8], witness: &'a [u8] },
}

/// A graph step and, for a descent, the end of its run.
pub struct GraphStep<'a> {
    pub program_root: B256,
    pub image_root: B256,
    pub state: &'a [u8],
    pub witness: &'a [u8],
    pub end: Option<RunEnd<'a>>,
}

/// The end of a run.
pub struct RunEnd<'a> {
    pub state: &'a [u8],
    pub witness: &'a [u8],
}

/// A move with what it shows.
pub struct Played<'a> {
    pub mv: Move,
    pub shown: Shown<'a>,
}

/// The four kinds of moves.
#[derive(Clone, Copy)]
pub enum Kind {
    Dissect,
    Conclude,
    Descend,
    Prove,
}

impl Kind {
    /// Arguments from `segment` on.
    const fn arguments(self) -> u8 {
        match self {
            Self::Dissect => 2,
            Self::Prove => 3,
            Self::Conclude => 5,
            Self::Descend => 7,
        }
    }

    /// Reads the arguments from `segment` on.
    fn read(self, mut reader: Reader<'_>) -> Result<Played<'_>, Revert> {
        let segment = segment(&mut reader)?;
        let (mv, shown) = match self {
            Self::Dissect => {
                let ends = Ends::new(&reader.words()?).map_err(errors::degree)?;
                (Move::Dissect { segment, ends }, Shown::Nothing)
            }
            Self::Conclude => (Move::Conclude { segment }, Shown::Step(graph_step(&mut reader)?)),
            Self::Descend => {
                let mut step = graph_step(&mut reader)?;
                step.end = Some(RunEnd { state: reader.bytes()?, witness: reader.bytes()? });
                (Move::Descend { segment }, Shown::Step(step))
            }
            Self::Prove => {
                let (state, witness) = (reader.bytes()?, reader.bytes()?);
                (Move::Prove { segment }, Shown::Instruction { state, witness })
            }
        };
        reader.finish()?;
        Ok(Played { mv, shown })
    }
}

/// A move in a game.
pub struct Transaction<'a> {
    pub game_id: B256,
    pub position: Position,
    pub played: Played<'a>,
}

impl<'a> Transaction<'a> {
    /// Reads a move's arguments.
    pub fn read(kind: Kind, params: &'a [u8]) -> Result<Self, Revert> {
        let mut reader = Reader::new(params, BEFORE.saturating_add(kind.arguments()));
        let (game_id, header, hashes) = (reader.word()?, reader.word()?, reader.words()?);
        let played = kind.read(reader)?;
        let position = Position::decode(&header.0, &hashes).map_err(errors::position)?;
        Ok(Self { game_id, position, played })
    }
}

/// Reads a first move. What has no place in it is refused as unknown: no position to open is of a run.
pub fn first_move(bytes: &[u8]) -> Result<Played<'_>, Revert> {
    let (selector, params) = split_selector(bytes);
    let kind = match selector {
        dissectCall::SELECTOR => Kind::Dissect,
        concludeCall::SELECTOR => Kind::Conclude,
        descendCall::SELECTOR => Kind::Descend,
        _ => return Err(UnknownSelector { selector: selector.into() }.into()),
    };
    kind.read(Reader::new(params, kind.arguments()))
}

fn segment(reader: &mut Reader<'_>) -> Result<SegmentIndex, Revert> {
    let argument = reader.argument();
    let number = reader.number::<u8>()?;
    SegmentIndex::new(number.into()).ok_or(ArgumentOutOfRange { argument }.into())
}

fn graph_step<'a>(reader: &mut Reader<'a>) -> Result<GraphStep<'a>, Revert> {
    Ok(GraphStep {
        program_root: reader.word()?,
        image_root: reader.word()?,
        state: reader.bytes()?,
        witness: reader.bytes()?,
        end: None,
    })
}
