//! The registry.

use alloy_primitives::{B256, U256, keccak256};
use alloy_sol_types::SolValue;

use crate::world::{
    BASE_FEE, CAROL, FEE, IHub, OWNER, PRICE, REQUESTER, WORK_BURN, World, model, refused, request,
};

#[test]
fn an_id_commits_to_everything() {
    let mut world = World::new();
    let tag = B256::right_padding_from(b"opml.model.v1");
    let chain = U256::from(world.chain.chain_id());
    let uri = keccak256(b"ipfs://model");
    let place = (tag, chain, world.hub, OWNER);
    assert_eq!(world.model, keccak256((place, model(), uri).abi_encode()));
    let known = world.view(IHub::getModelCall { modelId: world.model });
    assert_eq!((known.model, known.owner, known.retired), (model(), OWNER, false));
    let quote = world.view(IHub::quoteCall { modelId: world.model, iterations: 0 });
    assert_eq!((quote.fee, quote.workBurn), (U256::from(FEE), U256::from(WORK_BURN)));
    // The same by another owner is another model; the same again is refused.
    let call = IHub::registerModelCall { model: model(), uri: "ipfs://model".into() };
    let other = world.ask(CAROL, call.clone()).unwrap();
    assert_ne!(other, world.model);
    let refusal = IHub::ModelExists { modelId: world.model };
    refused(world.ask(OWNER, call), refusal);
}

#[test]
fn what_cannot_be_a_model_is_refused() {
    let mut world = World::new();
    let mut register = |change: fn(&mut IHub::Model)| {
        let mut model = model();
        change(&mut model);
        let (base, log2Size) = (model.outputBase, model.outputLog2);
        let call = IHub::registerModelCall { model, uri: String::new() };
        (world.ask(OWNER, call), IHub::BadOutputRegion { base, log2Size })
    };
    for change in [
        (|m| m.outputBase += 32) as fn(&mut IHub::Model),
        |m| m.outputBase = 1 << 40,
        |m| m.outputBase = 0,
        |m| m.outputBase = 1 << 39,
        |m| m.outputBase = (1 << 39) + (1 << 28) - (1 << 12),
        |m| (m.outputBase, m.outputLog2) = (1 << 39, 28),
        |m| m.outputLog2 = 4,
        |m| (m.outputBase, m.outputLog2) = (1 << 39, 29),
    ] {
        let (outcome, refusal) = register(change);
        refused(outcome, refusal);
    }
    for (base, log2) in [(1 << 28, 28), (1 << 28, 5), ((1 << 39) - (1 << 28), 28)] {
        let mut model = model();
        (model.outputBase, model.outputLog2) = ((1 << 39) + base, log2);
        let call = IHub::registerModelCall { model, uri: String::new() };
        world.ask(OWNER, call).unwrap();
    }
    let mut register = |change: fn(&mut IHub::Model)| {
        let mut model = model();
        change(&mut model);
        (world.ask(OWNER, IHub::registerModelCall { model, uri: String::new() }), ())
    };
    refused(register(|m| m.stepsLog2 = 63).0, IHub::TooManySteps { stepsLog2: 63 });
    let (length, maxInput) = (U256::from((1 << 28) - 127), (1 << 28) - 128);
    refused(register(|m| m.maxInput = (1 << 28) - 127).0, IHub::InputTooLong { length, maxInput });
}

#[test]
fn a_retired_model_takes_no_requests_and_open_ones_go_on() {
    let mut world = World::new();
    let modelId = world.model;
    let open = world.infer();
    let refusal = IHub::NotModelOwner { sender: CAROL, owner: OWNER };
    refused(world.ask(CAROL, IHub::retireModelCall { modelId }), refusal);
    let unknown = B256::repeat_byte(9);
    let refusal = IHub::UnknownModel { modelId: unknown };
    refused(world.ask(OWNER, IHub::retireModelCall { modelId: unknown }), refusal.clone());
    world.ask(OWNER, IHub::retireModelCall { modelId }).unwrap();
    let retired = IHub::ModelIsRetired { modelId };
    refused(world.ask(OWNER, IHub::retireModelCall { modelId }), retired.clone());
    let call = IHub::inferCall { modelId, request: request(b"") };
    refused(world.pay(REQUESTER, PRICE, call), retired);
    let call = IHub::inferCall { modelId: unknown, request: request(b"") };
    refused(world.pay(REQUESTER, PRICE, call), refusal);
    crate::lifecycle::finish(&mut world, open);
}

#[test]
fn a_model_whose_dearest_request_is_no_amount_is_refused() {
    let mut world = World::new();
    let most = (1_u128 << 96) - 1;
    let mut register = |fee, iteration_fee, iterations| {
        let mut model = model();
        (model.fee, model.iterationFee, model.maxIterations) = (fee, iteration_fee, iterations);
        world.ask(OWNER, IHub::registerModelCall { model, uri: String::new() })
    };
    refused(register(most + 1, 0, 0), IHub::PriceTooHigh {});
    refused(register(0, most + 1, 1), IHub::PriceTooHigh {});
    let iterations = (1 << 24) - 1;
    let refusal = IHub::TooManyIterations { asked: 1 << 24, maxIterations: iterations };
    refused(register(0, 0, 1 << 24), refusal);
    let modelId = register(most, most, iterations).unwrap();
    let quote = world.view(IHub::quoteCall { modelId, iterations: 0 });
    assert_eq!(quote.fee, U256::from(most) * U256::from(1 << 24));
    let call = IHub::inferCall { modelId, request: request(b"") };
    let have = U256::from(PRICE);
    let refusal =
        IHub::InsufficientFunds { account: REQUESTER, have, want: quote.fee + quote.workBurn };
    refused(world.pay(REQUESTER, PRICE, call), refusal);
}

#[test]
fn a_model_without_iterations_takes_none() {
    let mut world = World::new();
    let mut model = model();
    (model.iterationFee, model.maxIterations) = (7, 0);
    let call = IHub::registerModelCall { model, uri: String::new() };
    let modelId = world.ask(OWNER, call).unwrap();
    let refusal = IHub::TooManyIterations { asked: 1, maxIterations: 0 };
    refused(world.ask(CAROL, IHub::quoteCall { modelId, iterations: 1 }), refusal);
    let quote = world.view(IHub::quoteCall { modelId, iterations: 0 });
    assert_eq!(quote.fee, U256::from(BASE_FEE));
}
