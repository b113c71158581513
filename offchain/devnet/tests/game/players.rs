//! The two sides, and a whole game of theirs on the contracts.

use std::path::Path;

use alloy_primitives::{Bytes, keccak256};
use alloy_rpc_types_eth::TransactionReceipt;
use opml_core::game::{Move, Outcome, Position, Side, play};
use opml_core::graph::Request;
use opml_core::graph::handover::Program;
use opml_runtime::executor::Settings;
use opml_runtime::tile::KernelImage;
use opml_runtime::trace::GraphTrace;
use opml_runtime::{Bundle, Executor};
use opml_solver::machines::{Evidence, Judge, Machines};
use opml_solver::{Trace, next_move};

use crate::common::{classifier, input};
use crate::liar::{Fault, Liar};
use crate::table::{CLOCK, Case, HubCall, Table, account, published, told as hub_calls};

/// Most bytes of memory for the pages of a MIPS machine.
const CAP: usize = 64 << 20;

/// A side with its moves and what they show.
pub trait Player {
    /// The move in a position; none if it has nothing to say.
    fn reply(&mut self, position: &Position, side: Side) -> Option<(Move, Evidence)>;
}

impl Player for Machines {
    fn reply(&mut self, position: &Position, side: Side) -> Option<(Move, Evidence)> {
        let mv = next_move(position, side, self).unwrap()?;
        let evidence = self.evidence(position, &mv).unwrap();
        Some((mv, evidence))
    }
}

impl Player for Liar {
    fn reply(&mut self, position: &Position, side: Side) -> Option<(Move, Evidence)> {
        let mv = next_move(position, side, self).unwrap()?;
        let shown = self.shown(position, &mv);
        Some((mv, shown))
    }
}

/// A model, and a request to it.
pub struct Model {
    pub bundle: Bundle,
    pub input: Vec<u8>,
}

impl Model {
    pub fn toy() -> Self {
        Self { bundle: classifier().bundle().unwrap(), input: input(3) }
    }

    /// The digits of the repository, and a picture that is none: a ramp of grey levels.
    pub fn digits() -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/digits");
        let input = (0..784_u32).map(|i| u8::try_from(i % 256).unwrap()).collect();
        Self { bundle: Bundle::open(&folder).unwrap(), input }
    }

    pub fn start(&self, settings: Settings) -> Executor {
        let request = Request::new(&self.input, 7, [0; 28]).unwrap();
        Executor::new(&self.bundle, &request, settings).unwrap()
    }

    pub fn program(&self) -> Program {
        let image_root = KernelImage::released().unwrap().root();
        Program { program_root: self.bundle.program().root(), image_root }
    }

    pub fn machines(&self, steps_log2: u8) -> Machines {
        let image = KernelImage::released().unwrap();
        Machines::new(GraphTrace::new(self.start(Settings::default()), steps_log2), image, CAP)
    }

    pub fn liar(&self, steps_log2: u8, fault: Fault) -> Liar {
        Liar::new(self.start(fault.settings()), steps_log2, fault)
    }
}

/// The claim of whoever `teller` is.
pub fn case<T: Trace>(model: &Model, steps_log2: u8, teller: &mut T) -> Case
where
    T::Error: std::fmt::Debug,
{
    let [start, end] = [0, 1 << steps_log2].map(|step| teller.state_hash(step).unwrap());
    let claim = Position::claim(steps_log2, start, end).unwrap();
    Case { id: keccak256(claim.header()), program: model.program(), claim }
}

/// A move that was made.
pub struct Made {
    pub side: Side,
    pub mv: Move,
    pub receipt: TransactionReceipt,
}

/// A game that is over, by a move or by the clock.
pub struct Played {
    pub made: Vec<Made>,
    pub winner: Side,
    /// What the loser's last attempt was refused with, if time decided.
    pub refused: Option<Bytes>,
    /// What that took, if time decided.
    pub timeout: Option<TransactionReceipt>,
    /// All that the hub was told.
    pub told: Vec<HubCall>,
}

/// Plays a game to its end. Each move is judged by the rules as well, which must agree with the contract.
pub fn play_out(
    table: &mut Table,
    case: &Case,
    (server, challenger): (&mut dyn Player, &mut dyn Player),
) -> Played {
    let (mut position, mut made, mut told) = (case.claim.clone(), Vec::new(), Vec::new());
    loop {
        let side = position.on_turn();
        let reply = match side {
            Side::Server => server.reply(&position, side),
            Side::Challenger => challenger.reply(&position, side),
        };
        let Some((mv, evidence)) = reply else {
            return time_decides(table, case, (made, told, None));
        };
        let mut judge = Judge { program: case.program, evidence: &evidence };
        let judged = play(&position, &mv, &mut judge);
        let sent = match made.len() {
            0 => table.open(case, (&mv, &evidence)),
            _ => table.play(account(side), (case, &position), (&mv, &evidence)),
        };
        let receipt = match (sent, &judged) {
            (Err(data), Err(_)) => return time_decides(table, case, (made, told, Some(data))),
            (Ok(receipt), Ok(_)) => receipt,
            other => panic!("the contract and the rules do not agree: {other:?}"),
        };
        told.extend(hub_calls(&receipt));
        let next = published(&receipt).map(|(position, _)| position);
        made.push(Made { side, mv, receipt });
        match judged.unwrap() {
            Outcome::Next(expected) => {
                assert_eq!(next.as_ref(), Some(&expected));
                position = expected;
            }
            Outcome::Won(verdict) => {
                assert_eq!(next, None);
                let winner = verdict.winner;
                return Played { made, winner, refused: None, timeout: None, told };
            }
        }
    }
}

type SoFar = (Vec<Made>, Vec<HubCall>, Option<Bytes>);

/// The side on turn has no legal move and loses by its clock.
fn time_decides(table: &mut Table, case: &Case, (made, mut told, refused): SoFar) -> Played {
    let deadline = table.deadline(case.id);
    assert_eq!(deadline, table.chain.next_timestamp() + u64::from(CLOCK));
    table.at(deadline);
    let receipt = table.timeout(case.id).unwrap();
    told.extend(hub_calls(&receipt));
    let winner = made.last().expect("a game").side;
    Played { made, winner, refused, timeout: Some(receipt), told }
}
