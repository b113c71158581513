//! What consumers cost: to deploy, to ask, to be delivered to. All gas of the transactions.

use alloy_primitives::B256;

use crate::adapter::{Scene, toy};
use crate::court::Sent;
use crate::desk::Desk;
use crate::model::{Answer, Model};
use crate::parts::{COLOURS, Drawing, HEIGHTS, tile};
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

fn gas_of(sent: Sent) -> u64 {
    sent.unwrap().receipt.gas_used
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

    let mut drawing = Drawing::of_noise(HEIGHTS);
    let part = drawing.part(HEIGHTS.row(77));
    row("SceneRegistry: rowOf, 128 of 16,384 bytes", gas_of(drawing.row(77, &part)));
    let area = tile(48, 80, 16, 16);
    let part = drawing.part(area);
    row("SceneRegistry: tileOf, 16 x 16 of 128 x 128 bytes", gas_of(drawing.tile(area, &part)));
    let part = drawing.part(tile(5, 99, 1, 1));
    row("SceneRegistry: pixelOf, 1 of 16,384 bytes", gas_of(drawing.pixel([5, 99], &part)));
    let mut drawing = Drawing::of_noise(COLOURS);
    let part = drawing.part(COLOURS.row(33));
    row("SceneRegistry: rowOf, 192 of 12,288 bytes", gas_of(drawing.row(33, &part)));
    check("consumers/gas.txt", &rows);
}
