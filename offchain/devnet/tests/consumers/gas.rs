//! What consumers cost: to deploy, to ask, to be delivered to. All gas of the transactions.

use alloy_primitives::B256;

use crate::adapter::{Scene, toy};
use crate::desk::Desk;
use crate::model::{Answer, Model};
use crate::prompts;
use crate::scenes::{Kind, LOG2, Registry};
use crate::snapshot::check;

fn last(desk: &Desk) -> u64 {
    let receipts = desk.court.chain.receipts(alloy_eips::BlockId::latest()).unwrap();
    receipts.last().unwrap().gas_used
}

fn delivery(desk: &mut Desk, request: B256, answer: &Answer) -> u64 {
    desk.answer(request, answer);
    desk.deliver_with(request, true).receipt.gas_used
}

#[test]
fn gas_of_consumers() {
    let mut rows = Vec::new();
    let mut row = |name: &str, gas: u64| rows.push((name.to_owned(), gas));

    let model = Model { seed: 0, ..Model::digits(4) };
    let mut desk = Desk::new();
    let (_, request) = crate::digits::asked(&mut desk, &model);
    row("DigitsConsumer: read, 784 bytes", last(&desk));
    row("DigitsConsumer: delivery", delivery(&mut desk, request, &model.truth()));

    let mut scene = Scene::new(toy());
    let request = scene.ask();
    row("OaoAdapter: requestCallback, 40 bytes, through a contract", last(&scene.desk));
    let truth = scene.model.truth();
    row("OaoAdapter: delivery, with its consumer", delivery(&mut scene.desk, request, &truth));

    let mut desk = Desk::new();
    let id = desk.register(12);
    let consumer = desk.deploy(prompts::SOURCE, (desk.courier, id));
    row("PromptConsumer: deployment", last(&desk));
    for length in [36, 1_024] {
        let request = prompts::ask(&mut desk, (consumer, id));
        if length == 36 {
            row("PromptConsumer: ask, 24 bytes", last(&desk));
        }
        let gas = delivery(&mut desk, request, &Answer::holding(&vec![b'x'; length], 12));
        row(&format!("PromptConsumer: delivery of {length} bytes"), gas);
    }

    let mut registry = Registry::new();
    row("SceneRegistry: deployment", last(&registry.desk));
    let request = registry.create(Kind::World, 0);
    row("SceneRegistry: create", last(&registry.desk));
    let gas = delivery(&mut registry.desk, request, &Answer::holding(&[1; 5_000], LOG2));
    row("SceneRegistry: delivery of a root", gas);
    check("consumers/gas.txt", &rows);
}
