//! Pay: in by orders, out by withdrawals.

use alloy_primitives::U256;

use crate::consumers::{recorder, spinner};
use crate::desk::{Desk, GAS, ICourier, price};
use crate::world::{CAROL, DAVE, IHub, REQUESTER, refused};

fn withdraw(to: alloy_primitives::Address, amount: u128) -> ICourier::withdrawCall {
    ICourier::withdrawCall { to, amount: U256::from(amount) }
}

#[test]
fn what_is_paid_in_is_what_deliverers_take_out() {
    let mut desk = Desk::new();
    let consumers = [recorder(), spinner()].map(|code| desk.consumer(&code));
    let ids = [0, 1, 0, 1].map(|which| desk.ordered(consumers[which]));
    assert_eq!(desk.balance(), 4 * price(GAS));
    for (id, deliverer) in ids.into_iter().zip([CAROL, DAVE, CAROL]) {
        desk.finish(id);
        desk.deliver(deliverer, id).unwrap();
    }
    // The last is refunded: its delivery is paid as well.
    desk.world.ask(REQUESTER, IHub::cancelCall { requestId: ids[3] }).unwrap();
    desk.deliver(DAVE, ids[3]).unwrap();
    for account in [CAROL, DAVE] {
        let credit = 2 * price(GAS);
        assert_eq!(desk.credit(account), U256::from(credit));
        let (have, want) = (U256::from(credit), U256::from(credit + 1));
        let refusal = ICourier::InsufficientFunds { account, have, want };
        refused(desk.ask(account, withdraw(account, credit + 1)), refusal);
        desk.ask(account, withdraw(account, credit)).unwrap();
        let amount = U256::from(credit);
        let wanted = ICourier::Withdrawn { account, to: account, amount };
        assert_eq!(desk.event::<ICourier::Withdrawn>(), wanted);
        assert_eq!(desk.credit(account), U256::ZERO);
    }
    assert_eq!(desk.balance(), 0);
}

#[test]
fn a_payee_that_refuses_harms_only_itself() {
    let mut desk = Desk::new();
    let consumer = desk.consumer(&recorder());
    let id = desk.ordered(consumer);
    desk.finish(id);
    desk.deliver(CAROL, id).unwrap();
    let closed = desk.consumer(&[0x5f, 0x5f, 0xfd]);
    let amount = price(GAS);
    let refusal = ICourier::PaymentRefused { to: closed, amount: U256::from(amount) };
    refused(desk.ask(CAROL, withdraw(closed, amount)), refusal);
    assert_eq!(desk.credit(CAROL), U256::from(amount));
    desk.ask(CAROL, withdraw(DAVE, amount)).unwrap();
    assert_eq!(desk.balance(), 0);
}
