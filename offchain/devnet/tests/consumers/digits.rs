//! A picture, the model of the repository, a lie, a dispute, the truth, and the digit in a contract's storage.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use alloy_primitives::{Address, B256, Bytes, U256};
use alloy_sol_types::sol;

use crate::court::{CHALLENGER, GAS_STAKE, SECOND, SERVER, STRANGER, WINDOW, refused};
use crate::desk::{Consumer, Desk, ICourier, USER, event};
use crate::liar::MATMUL;
use crate::model::Model;
use crate::player::open;

sol! {
    #![sol(all_derives)]
    interface DigitsConsumer {
        enum Reading { None, Waiting, Known, Unreadable }
        function read(bytes calldata picture) external payable returns (bytes32 requestId);
        function estimate() external view returns (uint256);
        function readingOf(bytes32 requestId) external view returns (Reading);
        function digitOf(bytes32 requestId) external view returns (uint8);
        error NotAPicture(uint256 length);
    }
}

const SOURCE: &str = "sol/examples/DigitsConsumer.sol";

/// A picture beside the model, whose name begins with the digit that it shows.
fn sample(name: &str) -> (u8, Vec<u8>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/digits/samples");
    let file = BufReader::new(File::open(folder.join(name)).unwrap());
    let mut reader = png::Decoder::new(file).read_info().unwrap();
    let mut pixels = vec![0; 784];
    reader.next_frame(&mut pixels).unwrap();
    (name[..1].parse().unwrap(), pixels)
}

pub fn asked(desk: &mut Desk, model: &Model) -> (Address, B256) {
    let id = desk.court.register(model);
    let consumer = desk.deploy(SOURCE, (desk.courier, id));
    let price = desk.view(consumer, DigitsConsumer::estimateCall {});
    let picture: Bytes = model.input.clone().into();
    let short = DigitsConsumer::readCall { picture: picture.slice(1..) };
    let refusal = DigitsConsumer::NotAPicture { length: U256::from(783) };
    refused(desk.pay(USER, (consumer, price), short), refusal);
    let call = DigitsConsumer::readCall { picture };
    for have in [price - U256::ONE, price + U256::ONE, U256::ZERO] {
        let refusal = Consumer::WrongPayment { have, want: price };
        refused(desk.pay(USER, (consumer, have), call.clone()), refusal);
    }
    (consumer, desk.ask(id, (consumer, price), call))
}

#[test]
fn a_digit_is_read_on_chain_in_spite_of_a_liar() {
    let (digit, input) = sample("7-1.png");
    let model = Model { input, seed: 0, ..Model::digits(4) };
    let mut desk = Desk::new();
    let (consumer, request) = asked(&mut desk, &model);
    let reading = |desk: &Desk| {
        let known = desk.view(consumer, DigitsConsumer::readingOfCall { requestId: request });
        (known, desk.view(consumer, DigitsConsumer::digitOfCall { requestId: request }))
    };
    assert_eq!(reading(&desk), (DigitsConsumer::Reading::Waiting, 0));

    let fault = MATMUL(|_| 100);
    let lie = desk.court.claim(SERVER, request, &model.answer(fault.settings()));
    desk.court.deposit(SERVER, GAS_STAKE);
    let (mut liar, mut honest) = (model.liar(fault), model.machines());
    // Neither a provisional result nor a void one is delivered.
    let early = ICourier::NotSettled { requestId: request };
    refused(desk.deliver(request), early.clone());
    let mut dispute = open(&mut desk.court, (CHALLENGER, lie), &mut honest).unwrap();
    dispute.play_out(&mut desk.court, (&mut liar, &mut honest));
    refused(desk.deliver(request), early.clone());
    let right = desk.court.claim(SECOND, request, &model.truth());
    refused(desk.deliver(request), early);
    desk.court.pass(WINDOW);
    desk.court.finalize(right).unwrap();
    assert_eq!(reading(&desk), (DigitsConsumer::Reading::Waiting, 0));

    let done = desk.deliver_with(request, true);
    assert_eq!(reading(&desk), (DigitsConsumer::Reading::Known, digit));
    println!("delivery of a digit: {} gas", done.receipt.gas_used);
    let delivered: ICourier::Delivered = event(&done);
    assert_eq!((delivered.deliverer, delivered.refunded), (STRANGER, false));
    let again = ICourier::AlreadyDelivered { requestId: request };
    refused(desk.deliver(request), again);
}

#[test]
fn a_picture_that_nobody_reads_is_paid_back() {
    let model = Model { seed: 0, ..Model::digits(4) };
    let mut desk = Desk::new();
    let (consumer, request) = asked(&mut desk, &model);
    let price = desk.court.price;
    desk.court.pass(crate::court::PATIENCE);
    let reclaim = crate::abi::IHub::reclaimCall { requestId: request };
    desk.court.ask(STRANGER, 0, reclaim).unwrap();
    desk.deliver_with(request, true);
    let known = desk.view(consumer, DigitsConsumer::readingOfCall { requestId: request });
    assert_eq!(known, DigitsConsumer::Reading::Unreadable);
    let due = Consumer::refundOfCall { account: USER };
    assert_eq!(desk.view(consumer, due.clone()), U256::from(price));
    let purse = Address::repeat_byte(0xee);
    desk.send(USER, consumer, Consumer::withdrawRefundCall { to: purse }).unwrap();
    assert_eq!(desk.court.balance(purse), price);
    desk.send(USER, consumer, Consumer::withdrawRefundCall { to: purse }).unwrap();
    assert_eq!((desk.court.balance(purse), desk.view(consumer, due)), (price, U256::ZERO));
}
