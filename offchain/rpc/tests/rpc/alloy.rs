//! alloy as a client, over WebSocket.

use alloy_network::{EthereumWallet, TransactionBuilder};
use alloy_primitives::{B256, U256};
use alloy_provider::{Provider, ProviderBuilder, WsConnect};
use alloy_rpc_types_eth::{Filter, TransactionRequest};
use alloy_signer_local::PrivateKeySigner;
use opml_devnet::chain::{CHAIN_ID, DEV_KEYS};

use crate::support::{BOB, asm, server};

#[test]
fn alloy_deploys_sends_and_follows_blocks_and_logs() {
    let server = server();
    let signer = PrivateKeySigner::from_bytes(&DEV_KEYS[1]).unwrap();
    let alice = signer.address();
    server.runtime.block_on(async {
        let provider = ProviderBuilder::new()
            .wallet(EthereumWallet::from(signer))
            .connect_ws(WsConnect::new(server.handle.ws_url()))
            .await
            .unwrap();
        assert_eq!(provider.get_chain_id().await.unwrap(), CHAIN_ID);
        let mut heads = provider.subscribe_blocks().await.unwrap();

        let init = asm::deployer(&asm::assemble(asm::COUNTER));
        let deployment = TransactionRequest::default().with_deploy_code(init);
        let pending = provider.send_transaction(deployment).await.unwrap();
        let receipt = pending.get_receipt().await.unwrap();
        let counter = receipt.contract_address.unwrap();
        assert_eq!(heads.recv().await.unwrap().hash, receipt.block_hash.unwrap());

        let filter = Filter::new().address(counter);
        let mut logs = provider.subscribe_logs(&filter).await.unwrap();
        let call = TransactionRequest::default().with_to(counter);
        let pending = provider.send_transaction(call.clone()).await.unwrap();
        // Not `watch`: it waits for ever where the block comes before it looks for one.
        let hash = pending.get_receipt().await.unwrap().transaction_hash;
        let log = logs.recv().await.unwrap();
        assert_eq!(log.transaction_hash, Some(hash));
        assert_eq!(log.topics()[0], B256::from(U256::from(1)));
        let transaction = provider.get_transaction_by_hash(hash).await.unwrap().unwrap();
        assert_eq!(transaction.inner.signer(), alice);
        assert_eq!(heads.recv().await.unwrap().number, 2);
        assert_eq!(provider.call(call).await.unwrap(), U256::from(2).to_be_bytes_vec());

        let payment = TransactionRequest::default().with_to(BOB.parse().unwrap());
        let payment = payment.with_value(U256::from(7));
        let sent = provider.send_transaction(payment).await.unwrap();
        assert!(sent.get_receipt().await.unwrap().status());
        assert_eq!(provider.get_balance(BOB.parse().unwrap()).await.unwrap(), U256::from(7));
        let block = provider.get_block(3.into()).full().await.unwrap().unwrap();
        assert_eq!(block.header.hash, block.header.inner.hash_slow());
        assert_eq!(provider.get_logs(&filter.from_block(0)).await.unwrap(), [log]);
    });
}
