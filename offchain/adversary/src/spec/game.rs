//! Games: docs/spec.md, 9.2 to 9.4.

use alloy_primitives::{Address, B256, keccak256};

use super::call::{Refused, Rules};
use super::position::{self, Position};
use crate::machine::graph::GraphState;
use crate::machine::handover::{Begun, Code};
use crate::machine::mips::{MipsState, NoState};

/// What a move shows.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are the arguments of sol/IGame.sol")]
pub enum Shown {
    Dissect {
        ends: Vec<B256>,
    },
    Conclude {
        roots: [B256; 2],
        state: Vec<u8>,
        witness: Vec<u8>,
    },
    Descend {
        roots: [B256; 2],
        state: Vec<u8>,
        witness: Vec<u8>,
        last: Vec<u8>,
        end_witness: Vec<u8>,
    },
    Prove {
        state: Vec<u8>,
        witness: Vec<u8>,
    },
}

/// A move.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// The segment that it disputes.
    pub segment: u8,
    /// What it shows.
    pub shown: Shown,
}

/// Where a game is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Server or challenger is on turn, as the position says.
    Open,
    /// The first move has won.
    Unsettled,
    /// Over.
    ChallengerWon,
    /// Over.
    ServerWon,
}

/// A game.
#[derive(Clone, Debug)]
pub struct Game {
    /// Where it is.
    pub stage: Stage,
    /// Server and challenger.
    pub parties: [Address; 2],
    /// Second in which the turn began.
    pub started: u64,
    /// Seconds left of server and challenger.
    pub left: [u64; 2],
    /// The position to answer, and those before it.
    pub positions: Vec<Position>,
    /// What it runs.
    pub code: Code,
}

/// What a move leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Led {
    /// Another position.
    To(Position),
    /// Victory.
    Won,
}

impl Game {
    /// The position to answer.
    pub fn position(&self) -> &Position {
        &self.positions[self.positions.len() - 1]
    }

    /// 0 if the server is on turn, 1 if the challenger is.
    pub fn on_turn(&self) -> usize {
        usize::from(self.position().challenger_on_turn())
    }

    /// First second in which the side on turn can no longer move.
    pub fn deadline(&self) -> u64 {
        self.started + self.left[self.on_turn()]
    }

    /// keccak256(programRoot || imageRoot).
    pub fn program(&self) -> B256 {
        keccak256([self.code.program.root().0, self.code.image.0].concat())
    }

    /// Judges who moves, when, and in which position.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn judge(
        &self,
        id: B256,
        sent: (Address, u64),
        answered: (B256, &[B256]),
    ) -> Result<(), Refused> {
        let (from, now) = sent;
        let mut rules = Rules::default();
        let side = self.on_turn();
        let is_open = self.stage == Stage::Open;
        rules
            .must(is_open, "GameOver")
            .must(self.parties.contains(&from), "NotAParty")
            .must(
                !is_open || self.parties[side] == from || !self.parties.contains(&from),
                "NotOnTurn",
            )
            .must(!is_open || now < self.deadline(), "Late");
        let (header, hashes) = answered;
        if position::hash(id, header, hashes) != self.position().hash(id) {
            // What is no position is refused as that, or as another one.
            rules
                .must(false, "WrongPosition")
                .must(false, "PositionPhase")
                .must(false, "PositionHashes")
                .must(false, "PositionLength")
                .must(false, "PositionBase");
        }
        rules.judge()
    }
}

/// What a move in a position leads to.
///
/// # Errors
/// [`Refused`].
pub fn play(position: &Position, code: Code, made: &Move) -> Result<Led, Refused> {
    let mut rules = Rules::default();
    let at = usize::from(made.segment);
    let is_segment = u32::from(made.segment) < position.degree();
    rules.must(is_segment, "NoSuchSegment").must(is_segment, "ArgumentOutOfRange").judge()?;
    let (start, end) = (position.hashes[at], position.hashes[at + 1]);
    let base = position.segment_base(made.segment);
    let length = position.segment_length();
    let moves = position.moves + 1;
    match &made.shown {
        Shown::Dissect { ends } => {
            let cuts = length.min(5);
            let is_degree = ends.len().is_power_of_two() && ends.len() <= 32;
            rules
                .must(length > 0, "OneStep")
                .must(is_degree, "NoDegree")
                .must(!is_degree || ends.len() == 1 << cuts, "WrongDegree")
                .must(ends.last() != Some(&end), "SameEnd")
                .judge()?;
            let hashes = std::iter::once(start).chain(ends.iter().copied()).collect();
            Ok(Led::To(Position { moves, base, length, hashes, ..position.clone() }))
        }
        Shown::Conclude { roots, state, witness } => {
            rules.must(position.phase == 1, "InRun").must(length == 0, "ManySteps");
            let begun = begin(&mut rules, (code, *roots, start), state, witness)?;
            rules.must(!matches!(begun, Some((_, Begun::Run(..)))), "HasRun").judge()?;
            let Some((_, Begun::Direct(successor))) = begun else {
                return Err(Refused::by("HasRun"));
            };
            rules.must(successor.hash() != end, "SameEnd").judge()?;
            Ok(Led::Won)
        }
        Shown::Descend { roots, state, witness, last, end_witness } => {
            rules.must(position.phase == 1, "InRun").must(length == 0, "ManySteps");
            let last = mips_state(&mut rules, last);
            let begun = begin(&mut rules, (code, *roots, start), state, witness)?;
            let is_direct = matches!(begun, Some((_, Begun::Direct(_))));
            rules.must(!is_direct, "HasNoRun").judge()?;
            let (Some((state, Begun::Run(first, bound))), Some(last)) = (begun, last) else {
                return Err(Refused(vec!["HasNoRun", "*"]));
            };
            let successor = code.end(&state, &last, end_witness).ok_or(Refused::by("*"))?;
            rules.must(successor.hash() != end, "SameEnd").judge()?;
            let hashes = vec![first.hash(), last.hash()];
            let (graph_step, length) = (base, bound.into());
            Ok(Led::To(Position { phase: 2, moves, graph_step, base: 0, length, hashes }))
        }
        Shown::Prove { state, witness } => {
            rules.must(position.phase == 2, "InGraph").must(length == 0, "ManySteps");
            let Some(state) = mips_state(&mut rules, state) else { return Err(judged(rules)) };
            rules.must(state.hash() == start, "StateNotAgreed");
            // A state of another memory is not looked at: its step may be anything.
            rules.judge()?;
            let successor = state.step(witness).ok_or(Refused::by("*"))?;
            rules.must(successor.hash() != end, "SameEnd").judge()?;
            Ok(Led::Won)
        }
    }
}

fn judged(mut rules: Rules) -> Refused {
    rules.judge().err().unwrap_or_default()
}

type Agreed = (Code, [B256; 2], B256);

fn begin(
    rules: &mut Rules,
    (code, roots, start): Agreed,
    state: &[u8],
    witness: &[u8],
) -> Result<Option<(GraphState, Begun)>, Refused> {
    rules.must(roots == [code.program.root(), code.image], "WrongProgram");
    let Some(state) = GraphState::decode(state) else {
        rules.must(false, "*");
        return Err(judged(std::mem::take(rules)));
    };
    rules.must(state.hash() == start, "*");
    let begun = code.begin(&state, witness);
    rules.must(begun.is_some(), "*");
    Ok(begun.map(|begun| (state, begun)))
}

fn mips_state(rules: &mut Rules, bytes: &[u8]) -> Option<MipsState> {
    match MipsState::decode(bytes) {
        Ok(state) => Some(state),
        Err(NoState::Malformed) => {
            for name in ["StateLength", "StateRegisterZero", "StateStatus", "*"] {
                rules.must(false, name);
            }
            None
        }
        // Registers are all zero here: such a state is that of no hash.
        Err(NoState::Registers) => {
            rules.must(false, "StateNotAgreed");
            None
        }
    }
}
