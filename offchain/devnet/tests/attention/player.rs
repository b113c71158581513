//! Sides of games about segments, whose trace begins in the middle of the machine's.

use alloy_primitives::{Address, B256, Bytes};
use alloy_rpc_types_eth::TransactionReceipt;
use alloy_sol_types::{SolCall, SolEvent};
use opml_core::game::{Move, Phase, Position, SegmentIndex, Side};
use opml_core::graph::handover::Program;
use opml_runtime::trace::TraceError;
use opml_solver::machines::{Evidence, Machines};
use opml_solver::{Computation, Trace, next_move};

use crate::abi::IAttention;
use crate::encoding::{IGame, answer, first};
use crate::liar::Liar;
use crate::verifier::Told;
use crate::world::{BOND, DAVE, TOY, Verifier, World};

/// Machines with what they show of a move.
pub trait Shows: Computation<Error = TraceError> {
    fn shows(&mut self, position: &Position, mv: &Move) -> Evidence;
}

impl Shows for Machines {
    fn shows(&mut self, position: &Position, mv: &Move) -> Evidence {
        self.evidence(position, mv).unwrap()
    }
}

impl Shows for Liar {
    fn shows(&mut self, position: &Position, mv: &Move) -> Evidence {
        self.shown(position, mv)
    }
}

/// Machines that begin behind `by` steps.
pub struct Behind<T> {
    pub machines: T,
    pub by: u64,
}

impl<T: Shows> Trace for Behind<T> {
    type Error = TraceError;

    fn state_hash(&mut self, step: u64) -> Result<B256, TraceError> {
        self.machines.state_hash(self.by + step)
    }
}

impl<T: Shows> Computation for Behind<T> {
    type Run = T::Run;

    fn run(&mut self, graph_step: u64) -> Result<Option<&mut T::Run>, TraceError> {
        self.machines.run(self.by + graph_step)
    }
}

/// The move, as one that answers a position of the whole trace and shows the same: of a run that of its graph
/// step, of a graph step that step alone, since a range in the middle need not begin at a multiple of its length.
fn in_whole(position: &Position, mv: &Move, by: u64) -> (Position, Move) {
    let (mut header, segments) = (position.header(), position.segments());
    let all: Vec<B256> =
        [segments.start].into_iter().chain(segments.ends.hashes().iter().copied()).collect();
    let moved = |at: usize| u64::from_be_bytes(*header[at..].first_chunk().unwrap()) + by;
    if let Phase::Run { .. } = position.phase() {
        let step = moved(8).to_be_bytes();
        header[8..16].copy_from_slice(&step);
        return (Position::decode(&header, &all).unwrap(), mv.clone());
    }
    let first = position.segment(mv.segment()).unwrap().first_step + by;
    header[16..24].copy_from_slice(&first.to_be_bytes());
    header[24..].copy_from_slice(&[0, 0, 0, 0, 0, 0, 0, 1]);
    let place = usize::from(mv.segment().get());
    let position = Position::decode(&header, &all[place..place + 2]).unwrap();
    let segment = SegmentIndex::FIRST;
    match mv {
        Move::Conclude { .. } => (position, Move::Conclude { segment }),
        Move::Descend { .. } => (position, Move::Descend { segment }),
        _ => panic!("{mv:?} shows nothing of the graph"),
    }
}

/// A side with its moves and what they show.
pub trait Player {
    /// The move in a position; none if it has nothing to say.
    fn reply(&mut self, position: &Position, side: Side) -> Option<(Move, Evidence)>;
}

impl<T: Shows> Player for Behind<T> {
    fn reply(&mut self, position: &Position, side: Side) -> Option<(Move, Evidence)> {
        let mv = next_move(position, side, self).unwrap()?;
        if matches!(mv, Move::Dissect { .. }) {
            return Some((mv, Evidence::Dissect));
        }
        let (whole, shown) = in_whole(position, &mv, self.by);
        Some((mv, self.machines.shows(&whole, &shown)))
    }
}

pub fn program() -> Program {
    let image_root = opml_runtime::tile::KernelImage::released().unwrap().root();
    Program { program_root: TOY.bundle.program().root(), image_root }
}

pub fn published(receipt: &TransactionReceipt) -> Option<Position> {
    let mut logs = receipt.logs().iter();
    let moved = logs.find_map(|log| IGame::Moved::decode_log_data_validate(log.data()).ok())?;
    Some(Position::decode(&moved.header.0, &moved.hashes).unwrap())
}

/// A game about a segment of an answer.
pub struct Dispute {
    pub id: B256,
    pub position: Position,
    /// Gas of every move.
    pub gas: Vec<u64>,
}

/// The claim that a segment of an answer makes.
pub fn segment(start: B256, told: &Told, number: u8) -> Position {
    let place = usize::from(number);
    let log2 = crate::verifier::cuts(told.drawn, told.steps)[place].1;
    let start = if place == 0 { start } else { told.hashes[place - 1] };
    Position::claim(log2, start, told.hashes[place]).unwrap()
}

impl World {
    pub fn try_dispute(
        &mut self,
        by: Address,
        (verifier, told): (&Verifier, &Told),
        (segment, firstMove): (u8, Vec<u8>),
    ) -> Result<B256, Bytes> {
        let call = IAttention::disputeCall {
            registrationId: verifier.id,
            claimId: told.claim,
            hashes: told.hashes.clone(),
            segment,
            firstMove: firstMove.into(),
        };
        self.pay(by, BOND, call)
    }

    /// Opens a game with a player's first move, which it must have.
    pub fn dispute(
        &mut self,
        by: Address,
        (verifier, told): (&Verifier, &Told),
        (number, player): (u8, &mut dyn Player),
    ) -> Dispute {
        let position = segment(self.summons(told.claim).start, told, number);
        let (mv, evidence) = player.reply(&position, Side::Challenger).expect("a first move");
        let data = first(&program(), (&mv, &evidence));
        let id = self.try_dispute(by, (verifier, told), (number, data)).unwrap();
        let position = published(self.last.as_ref().unwrap()).unwrap_or(position);
        Dispute { id, position, gas: vec![self.gas()] }
    }

    pub fn kept(&mut self, gameId: B256) -> IGame::Game {
        self.call(DAVE, self.game, IGame::getGameCall { gameId }).unwrap()
    }

    pub fn timeout(&mut self, gameId: B256) -> Result<(), Bytes> {
        self.call(DAVE, self.game, IGame::timeoutCall { gameId }).map(|_| ())
    }

    /// Plays a game to its end; who has no legal move loses by the clock. Whether a move was decisive.
    pub fn play<'a>(
        &mut self,
        dispute: &mut Dispute,
        (verifier, disputer): (&'a mut dyn Player, &'a mut dyn Player),
    ) -> bool {
        loop {
            let kept = self.kept(dispute.id);
            if kept.status != IGame::Status::Open {
                return true;
            }
            let side = dispute.position.on_turn();
            let (account, player) = match side {
                Side::Server => (kept.server, &mut *verifier),
                Side::Challenger => (kept.challenger, &mut *disputer),
            };
            let sent = player.reply(&dispute.position, side).map(|(mv, evidence)| {
                let data = answer(dispute.id, &dispute.position, &program(), (&mv, &evidence));
                self.send((account, self.game), 0, data)
            });
            if !matches!(sent, Some(Ok(_))) {
                self.out_of_time(dispute.id);
                return false;
            }
            let receipt = self.last.as_ref().unwrap();
            dispute.gas.push(receipt.gas_used);
            if let Some(position) = published(receipt) {
                dispute.position = position;
            }
        }
    }

    /// The side on turn has no legal move and loses by its clock.
    fn out_of_time(&mut self, gameId: B256) {
        let deadline = self.call(DAVE, self.game, IGame::deadlineCall { gameId }).unwrap();
        self.at(deadline);
        self.timeout(gameId).unwrap();
    }

    pub fn settle_game(&mut self, gameId: B256) -> Result<(), Bytes> {
        let data = IGame::settleCall { gameId }.abi_encode();
        self.send((DAVE, self.game), 0, data).map(|_| ())
    }
}
