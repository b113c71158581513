//! Whole disputes: the truth wins on either side, down to one instruction, and every wei is accounted for.

use alloy_primitives::Bytes;
use alloy_sol_types::SolError;
use opml_core::game::{Move, Position, Side};
use opml_solver::machines::Evidence;

use crate::abi::IHub;
use crate::court::{
    CHALLENGER, CHALLENGER_BOND, CHALLENGER_BOND_BURN, CLOCK, Court, FEE, GAS_STAKE, MALLORY,
    SECOND, SERVER, SERVER_BOND, SERVER_BOND_BURN, WINDOW,
};
use crate::encoding::IGame;
use crate::liar::{GELU, Liar, MATMUL};
use crate::model::Model;
use crate::player::{Noise, Player, Rest, open};

#[test]
fn a_lie_about_digits_is_voided_by_one_instruction_and_the_truth_paid() {
    let model = Model::digits(4);
    let mut court = Court::new();
    let request = court.asked(&model);
    let fault = MATMUL(|_| 300_000);
    let lie = court.claim(SERVER, request, &model.answer(fault.settings()));
    court.deposit(SERVER, GAS_STAKE);
    let (mut liar, mut honest) = (model.liar(fault), model.machines());
    let mut dispute = open(&mut court, (CHALLENGER, lie), &mut honest).unwrap();
    let ending = dispute.play_out(&mut court, (&mut liar, &mut honest));
    assert_eq!(ending.winner, Side::Challenger, "{ending:?}");

    let void = court.claim_of(lie);
    assert_eq!((void.status, void.openGames), (IHub::ClaimStatus::Void, 0));
    assert_eq!(court.stakes_of(dispute.id).status, IHub::GameStatus::ChallengerWon);
    let won = CHALLENGER_BOND + SERVER_BOND - SERVER_BOND_BURN + GAS_STAKE;
    assert_eq!((court.credit(CHALLENGER), court.credit(SERVER)), (won, 0));
    assert_eq!(court.burned(), SERVER_BOND_BURN);
    assert_eq!(court.result(request).status, IHub::ResultStatus::None);

    let truth = model.truth();
    let right = court.claim(SECOND, request, &truth);
    court.pass(WINDOW);
    court.finalize(right).unwrap();
    let outcome = court.result(request);
    assert_eq!(
        (outcome.status, &outcome.output[..]),
        (IHub::ResultStatus::Final, &truth.output[..])
    );
    assert_eq!(court.credit(SECOND), FEE + SERVER_BOND);
    court.assert_nothing_left();
}

/// What a move was refused with because the opponent is right.
fn assert_same_end(data: &Bytes) {
    IGame::SameEnd::abi_decode_validate(data).unwrap();
}

fn last(position: &Position) -> usize {
    position.segments().ends.degree() - 1
}

/// Liars about three tiles or places in their runs, dissections out of nothing with true machines behind
/// them, and one who only opens.
#[test]
fn an_honest_claim_survives_hostile_challengers_side_by_side_and_earns_their_bonds() {
    let model = Model::toy(5);
    let mut court = Court::new();
    let request = court.asked(&model);
    let claim = court.claim(SERVER, request, &model.truth());
    court.deposit(SERVER, 7 * GAS_STAKE);
    let mut honest = model.machines();
    let mut truths = [(); 3].map(|()| model.machines());
    let lies = [GELU(|_| 0), MATMUL(|_| 20_000), GELU(|bound| (1 << bound) - 1)];
    let [mut early, mut middle, mut late] = lies.map(|fault| model.liar(fault));
    let [first, second, third] = &mut truths;
    let mut opener = Opener(model.liar(lies[0]));
    let mut hostile: [&mut dyn Player; 7] = [
        &mut early,
        &mut middle,
        &mut late,
        &mut Noise { pick: |_| 0, truth: first },
        &mut Noise { pick: last, truth: second },
        &mut Noise { pick: |position| last(position) / 2, truth: third },
        &mut opener,
    ];
    let mut games = Vec::new();
    for player in &mut hostile {
        games.push(open(&mut court, (MALLORY, claim), *player).unwrap());
    }
    assert_eq!(court.claim_of(claim).openGames, 7);
    let mut proven = 0;
    for (number, (dispute, player)) in games.iter_mut().zip(&mut hostile).enumerate() {
        let rest = dispute.play_on(&mut court, (&mut honest, *player));
        assert_eq!(rest.winner(), Side::Server, "game {number}: {rest:?}");
        match &rest {
            Rest::Won(_) => proven += 1,
            Rest::Refused(_, data) => assert_same_end(data),
            Rest::Speechless(_) => assert_eq!(number, 6),
        }
    }
    assert!(proven > 0, "no game was decided by a proof");
    court.pass(CLOCK);
    for (closed, dispute) in games.iter().enumerate() {
        if court.game_of(dispute.id).status == IGame::Status::Open {
            assert_eq!(court.game_of(dispute.id).onTurn, IGame::Side::Challenger, "{closed}");
            court.timeout(dispute.id).unwrap();
        }
        assert_eq!(court.stakes_of(dispute.id).status, IHub::GameStatus::ServerWon);
    }
    assert_eq!(court.claim_of(claim).openGames, 0);
    court.finalize(claim).unwrap();
    let won = 7 * (CHALLENGER_BOND - CHALLENGER_BOND_BURN + GAS_STAKE);
    assert_eq!(court.credit(SERVER), FEE + SERVER_BOND + won);
    assert_eq!(court.credit(MALLORY), 0);
    assert_eq!(court.result(request).output, model.truth().output);
    court.assert_nothing_left();
}

/// Makes the first move and no other.
struct Opener(Liar);

impl Player for Opener {
    fn reply(&mut self, position: &Position, side: Side) -> Option<(Move, Evidence)> {
        if position.moves() == 0 { self.0.reply(position, side) } else { None }
    }
}
