//! Results are brought to who asked for that.

use alloy_eips::BlockId;
use alloy_primitives::{Address, B256, Bytes, TxKind, U256, hex};
use alloy_rpc_types_eth::TransactionRequest;
use alloy_sol_types::SolCall;
use opml_client::contracts::courier::ICourier;
use opml_client::contracts::hub::IHub;
use opml_devnet::chain::{Chain, DEV_ACCOUNT};

use crate::lies::{SERVER, SETTLER};
use crate::setup::{WINDOW, call, contracts, deploy, send};
use crate::world::{REQUESTER, World, account};

/// Deploys a contract that returns from every call.
const CONSUMER: [u8; 10] = hex!("60018060095f395ff300");
const GAS_LIMIT: u64 = 50_000;
const GAS_PRICE: u64 = 100_000_000;
/// Enough for the gas of a delivery at the development chain's price.
const PAY: u128 = 1_000_000_000_000_000;

fn consumer(chain: &mut Chain) -> Address {
    let create = call(DEV_ACCOUNT, Address::ZERO, 0, CONSUMER.to_vec());
    let create = TransactionRequest { to: Some(TxKind::Create), ..create };
    send(chain, create).contract_address.unwrap()
}

fn order(world: &World, courier: Address, request_id: B256, pay: u128) {
    let order = ICourier::orderCall {
        requestId: request_id,
        callback: world.chain(consumer),
        gasLimit: GAS_LIMIT,
        data: Bytes::new(),
    };
    world.chain(|chain| send(chain, call(REQUESTER, courier, pay, order.abi_encode())));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_ordered_is_delivered_by_the_settler_if_it_pays() {
    let (mut chain, mut deployment) = contracts();
    let nonce = chain.nonce(DEV_ACCOUNT, BlockId::latest()).unwrap();
    let courier = deploy(&mut chain, "courier");
    let data = ICourier::initializeCall {
        creationNonce: nonce,
        hub: deployment.hub.address,
        gasPrice: GAS_PRICE,
    };
    send(&mut chain, call(DEV_ACCOUNT, courier.address, 0, data.abi_encode()));
    deployment.courier = Some(courier);
    let world = World::with(chain, deployment).await;
    let server = world.start(1, SERVER).await;
    let settler = world.start(2, SETTLER).await;
    let request = world.request(3);
    let silent = world.request(4);
    order(&world, courier.address, request, PAY);
    world.claim(request).await;
    world.claim(silent).await;
    for node in [&server, &settler] {
        world.idle(node).await;
    }
    let delivered = |world: &World| world.events_of_courier(courier.address);
    assert!(delivered(&world).is_empty(), "there is no result yet");
    world.pass(WINDOW);
    world.finality(request).await;
    world.until_is("a delivery", |world| !delivered(world).is_empty()).await;
    world.finality(silent).await;
    for node in [&server, &settler] {
        world.idle(node).await;
    }
    let delivered = delivered(&world);
    assert_eq!(delivered.len(), 1, "once, and nothing that was not ordered");
    assert_eq!((delivered[0].requestId, delivered[0].deliverer), (request, account(2)));
    assert!(delivered[0].success && !delivered[0].refunded);
    let credit = ICourier::creditOfCall { account: account(2) };
    assert_eq!(world.view(courier.address, &credit), U256::from(PAY));
    assert_eq!(world.request_of(request).status, IHub::RequestStatus::Final);
    server.stop().await.unwrap();
    settler.stop().await.unwrap();
}
