//! Sides of games, and a game from its opening to its end, followed by the chain's logs alone.

use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use alloy_sol_types::SolEvent;
use opml_core::game::{Ends, LOG2_K, Move, Position, SegmentIndex, Side};
use opml_core::graph::handover::Program;
use opml_solver::machines::{Evidence, Machines};
use opml_solver::next_move;

use crate::abi::IHub;
use crate::court::{CHALLENGER_BOND, Court, Done, Sent, id};
use crate::encoding::{IGame, answer, first};
use crate::liar::Liar;

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

/// Never says anything.
pub struct Silent;

impl Player for Silent {
    fn reply(&mut self, _: &Position, _: Side) -> Option<(Move, Evidence)> {
        None
    }
}

/// Cuts a segment by hashes of nothing; at single steps, shows what the true machines show.
pub struct Noise<'a> {
    pub pick: fn(&Position) -> usize,
    pub truth: &'a mut Machines,
}

impl Player for Noise<'_> {
    fn reply(&mut self, position: &Position, side: Side) -> Option<(Move, Evidence)> {
        let index = SegmentIndex::new((self.pick)(position)).unwrap();
        let log2 = position.segment(index).unwrap().log2_length;
        if log2 > 0 {
            let ends: Vec<B256> = (0..1_u8 << log2.min(LOG2_K))
                .map(|end| keccak256([&position.header()[..], &[end, side as u8]].concat()))
                .collect();
            let mv = Move::Dissect { segment: index, ends: Ends::new(&ends).unwrap() };
            return Some((mv, Evidence::Dissect));
        }
        let moves = [
            Move::Descend { segment: index },
            Move::Prove { segment: index },
            Move::Conclude { segment: index },
        ];
        moves.into_iter().find_map(|mv| {
            let evidence = self.truth.evidence(position, &mv).ok()?;
            Some((mv, evidence))
        })
    }
}

/// A game that goes on.
#[derive(Clone, Debug)]
pub struct Dispute {
    pub id: B256,
    pub program: Program,
    /// The position to answer.
    pub position: Position,
    /// Gas and calldata of every move.
    pub costs: Vec<(String, u64, usize)>,
}

/// Where a game stands still.
#[derive(Clone, Debug)]
pub enum Rest {
    /// This side has won by its move.
    Won(Side),
    /// This side's move was refused with this.
    Refused(Side, Bytes),
    /// This side has nothing to say.
    Speechless(Side),
}

impl Rest {
    /// Who wins, at the latest when time has passed.
    pub const fn winner(&self) -> Side {
        match self {
            Self::Won(side) => *side,
            Self::Refused(Side::Server, _) | Self::Speechless(Side::Server) => Side::Challenger,
            Self::Refused(Side::Challenger, _) | Self::Speechless(Side::Challenger) => Side::Server,
        }
    }
}

/// How a game has ended.
#[derive(Clone, Debug)]
pub struct Ending {
    pub winner: Side,
    pub rest: Rest,
}

/// The position that a transaction has led to.
pub fn published(done: &Done) -> Option<Position> {
    let mut logs = done.receipt.logs().iter();
    let moved = logs.find_map(|log| IGame::Moved::decode_log_data_validate(log.data()).ok())?;
    Some(Position::decode(&moved.header.0, &moved.hashes).unwrap())
}

/// The first position of a game against a claim: what hub and registry say, nothing else.
pub fn claimed(court: &Court, claim: B256) -> (Position, Program) {
    let claim = court.claim_of(claim);
    let request = court.request(claim.requestId);
    let model = court.view(court.hub, IHub::getModelCall { modelId: request.modelId }).model;
    let position = Position::claim(model.stepsLog2, request.start, claim.finalHash).unwrap();
    (position, Program { program_root: model.programRoot, image_root: model.imageRoot })
}

/// Challenges with a first move.
pub fn challenge_by(
    court: &mut Court,
    (challenger, claim): (Address, B256),
    first_move: Vec<u8>,
) -> Sent {
    let call = IHub::challengeCall { claimId: claim, firstMove: first_move.into() };
    court.ask(challenger, CHALLENGER_BOND, call)
}

/// Opens a game with the first move of a player, which must have one.
pub fn open(
    court: &mut Court,
    (challenger, claim): (Address, B256),
    player: &mut dyn Player,
) -> Result<Dispute, Bytes> {
    let (position, program) = claimed(court, claim);
    let (mv, evidence) = player.reply(&position, Side::Challenger).expect("a first move");
    let data = first(&program, (&mv, &evidence));
    let done = challenge_by(court, (challenger, claim), data)?;
    let trace = court.chain.trace_transaction(done.receipt.transaction_hash).unwrap();
    let length = trace.input.len();
    let position = published(&done).unwrap_or(position);
    let costs = vec![(format!("challenger: {}", kind(&mv)), done.receipt.gas_used, length)];
    Ok(Dispute { id: id(done), program, position, costs })
}

fn kind(mv: &Move) -> &'static str {
    match mv {
        Move::Dissect { .. } => "dissect",
        Move::Conclude { .. } => "conclude",
        Move::Descend { .. } => "descend",
        Move::Prove { .. } => "prove",
    }
}

impl Dispute {
    /// A move of the side on turn; goes on to the position that it leads to.
    pub fn show(&mut self, court: &mut Court, (mv, evidence): (&Move, &Evidence)) -> Sent {
        let kept = court.game_of(self.id);
        let side = self.position.on_turn();
        let (from, name) = match side {
            Side::Server => (kept.server, "server"),
            Side::Challenger => (kept.challenger, "challenger"),
        };
        let data = answer(self.id, &self.position, &self.program, (mv, evidence));
        let length = data.len();
        let done = court.send_to(from, court.game, data)?;
        self.costs.push((format!("{name}: {}", kind(mv)), done.receipt.gas_used, length));
        if let Some(position) = published(&done) {
            self.position = position;
        }
        Ok(done)
    }

    /// The side on turn does what its player says.
    pub fn turn(&mut self, court: &mut Court, player: &mut dyn Player) -> Option<Sent> {
        let (mv, evidence) = player.reply(&self.position, self.position.on_turn())?;
        Some(self.show(court, (&mv, &evidence)))
    }

    /// Plays until a move wins, or the side on turn has no legal one.
    pub fn play_on(
        &mut self,
        court: &mut Court,
        (server, challenger): (&mut dyn Player, &mut dyn Player),
    ) -> Rest {
        loop {
            let side = self.position.on_turn();
            let turn = match side {
                Side::Server => self.turn(court, server),
                Side::Challenger => self.turn(court, challenger),
            };
            match turn {
                Some(Ok(_)) if court.game_of(self.id).status == IGame::Status::Open => {}
                Some(Ok(_)) => return Rest::Won(side),
                Some(Err(data)) => return Rest::Refused(side, data),
                None => return Rest::Speechless(side),
            }
        }
    }

    /// Plays to the end; who has no legal move loses by the clock.
    pub fn play_out(
        &mut self,
        court: &mut Court,
        players: (&mut dyn Player, &mut dyn Player),
    ) -> Ending {
        let rest = self.play_on(court, players);
        if !matches!(rest, Rest::Won(_)) {
            court.at(court.deadline(self.id));
            let done = court.timeout(self.id).unwrap();
            self.costs.push(("anyone: timeout".into(), done.receipt.gas_used, 36));
        }
        Ending { winner: rest.winner(), rest }
    }
}

/// A first move that any claim of at least 2^5 steps has to bear: hashes of nothing.
pub fn noise(seed: u8) -> Vec<u8> {
    use alloy_sol_types::{SolCall as _, SolValue as _};
    let ends: Vec<B256> = (0..32).map(|end| keccak256([seed, end])).collect();
    let arguments = (U256::ZERO, ends).abi_encode_params();
    [&IGame::dissectCall::SELECTOR[..], &arguments].concat()
}
