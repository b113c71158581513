//! A nonce that nothing is signed for any more, before one that is.

use alloy_consensus::{SignableTransaction, TxEip1559, TxEnvelope};
use alloy_eips::BlockId;
use alloy_eips::eip2718::Encodable2718;
use alloy_primitives::{B256, TxKind, U256};
use alloy_signer::SignerSync;
use alloy_signer_local::PrivateKeySigner;
use opml_client::contracts::hub::IHub;
use opml_devnet::chain::DEV_KEYS;
use opml_node::Node;
use opml_node::intent::{Act, Intent};
use opml_node::state::Addresses;
use opml_node::store::{Owner, Record, Signed, State, Store};

use crate::lies::SERVER;
use crate::pool::Pool;
use crate::world::{World, account};

const ACCOUNT: usize = 1;
const GAS: u64 = 1_000_000;

/// What a node has written down of an intent that it has signed with a nonce and a price.
fn sent(world: &World, intent: Intent, nonce: u64, max_fee: u128) -> Record {
    let transaction = TxEip1559 {
        chain_id: world.deployment.chain_id,
        nonce,
        gas_limit: GAS,
        max_fee_per_gas: max_fee,
        to: TxKind::Call(intent.call.to),
        value: intent.call.value,
        input: intent.call.data.clone(),
        ..TxEip1559::default()
    };
    let key = PrivateKeySigner::from_bytes(&DEV_KEYS[ACCOUNT]).unwrap();
    let signature = key.sign_hash_sync(&transaction.signature_hash()).unwrap();
    let signed: TxEnvelope = transaction.into_signed(signature).into();
    let signed = Signed { hash: *signed.hash(), raw: signed.encoded_2718().into(), max_fee };
    Record { intent, state: State::Sent { nonce, gas: GAS, transactions: vec![signed] } }
}

fn deposit(world: &World, number: u8) -> Intent {
    let game = B256::with_last_byte(number);
    let value = U256::from(number);
    Act::Deposit { game, credit: U256::ZERO, value }.intent(&Addresses::from(&world.deployment))
}

/// The first of two transactions was taken back and is worth nothing now; the second waits in the node's pool.
#[tokio::test(flavor = "multi_thread")]
async fn a_gap_before_a_signed_nonce_is_closed() {
    let world = World::new().await;
    let mut config = world.config(ACCOUNT, SERVER);
    let (chain_id, hub) = (world.deployment.chain_id, world.deployment.hub.address);
    let store = Store::open(&config.store.path, Owner { account: account(ACCOUNT), chain_id, hub })
        .unwrap();
    // No block takes a transaction that offers one wei.
    store.put(&sent(&world, deposit(&world, 1), 0, 1)).unwrap();
    store.put(&sent(&world, deposit(&world, 2), 1, 10_000_000_000)).unwrap();
    drop(store);
    config.rpc = Pool::start(world.rpc.address()).await.url();
    let node = Node::start(config).await.unwrap();
    let request = world.request(3);
    world.claim(request).await;
    world.idle(&node).await;
    let deposited = world.events::<IHub::Deposited>();
    assert_eq!(deposited.iter().map(|event| event.amount).collect::<Vec<_>>(), [U256::from(2)]);
    let nonce = world.chain(|chain| chain.nonce(account(ACCOUNT), BlockId::latest()).unwrap());
    assert_eq!(nonce, 3, "what closes the gap, the deposit, the claim");
    node.stop().await.unwrap();
}
