//! Ether that nobody sent by a function, and payees that do not take it.

use alloy_primitives::U256;

use crate::abi::IHub;
use crate::chain_support::deploy_evm;
use crate::court::{
    CHALLENGER, Court, GAS_STAKE, MALLORY, PATIENCE, SERVER, STRANGER, WINDOW, refused,
};
use crate::liar::GELU;
use crate::model::Model;
use crate::player::{Silent, open};

/// A contract that ends itself in the hub's favour: the hub's sums do not see it, and nobody gets it out.
#[test]
fn forced_ether_changes_no_sum_and_never_comes_out() {
    let model = Model::toy(5);
    let mut court = Court::new();
    let request = court.asked(&model);
    let lie = court.claim(SERVER, request, &model.answer(GELU(|_| 0).settings()));
    court.deposit(SERVER, GAS_STAKE);
    // PUSH20 hub SELFDESTRUCT
    let code = [&[0x73], court.hub.as_slice(), &[0xff]].concat();
    let bomb = deploy_evm(&mut court.chain, &code);
    court.chain.set_balance(bomb, U256::from(12_345)).unwrap();
    court.ledger.forced = 12_345;
    court.send_to(STRANGER, bomb, Vec::new()).unwrap();
    let (mut liar, mut honest) = (model.liar(GELU(|_| 0)), model.machines());
    let mut dispute = open(&mut court, (CHALLENGER, lie), &mut honest).unwrap();
    dispute.play_out(&mut court, (&mut liar, &mut honest));
    court.pass(PATIENCE);
    court.ask(STRANGER, 0, IHub::reclaimCall { requestId: request }).unwrap();
    court.assert_nothing_left();
    assert_eq!(court.balance(court.hub), 12_345);
}

/// A challenger that takes no payments cannot keep its own game or anybody else's from ending.
#[test]
fn a_winner_that_refuses_payment_holds_nothing_up() {
    let model = Model::toy(5);
    let mut court = Court::new();
    let request = court.asked(&model);
    let lie = court.claim(SERVER, request, &model.answer(GELU(|_| 0).settings()));
    // Does as its calldata says, and reverts where there is none: it takes no ether.
    let shy = [&[0x36, 0x60, 0x06, 0x57, 0xfe, 0x00, 0x5b][..], &[0x00]].concat();
    let refuser = deploy_evm(&mut court.chain, &shy);
    let mut dispute = open(&mut court, (MALLORY, lie), &mut model.machines()).unwrap();
    let other = open(&mut court, (CHALLENGER, lie), &mut model.machines()).unwrap();
    dispute.play_out(&mut court, (&mut Silent, &mut Silent));
    let amount = U256::from(court.credit(MALLORY));
    let call = IHub::withdrawCall { to: refuser, amount };
    refused(court.ask(MALLORY, 0, call), IHub::PaymentRefused { to: refuser, amount });
    court.refund_game(other.id).unwrap();
    let right = court.claim(SERVER, request, &model.truth());
    court.pass(WINDOW);
    court.finalize(right).unwrap();
    // The refused credit is still there.
    court.assert_nothing_left();
}
