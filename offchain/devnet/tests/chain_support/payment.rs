//! Signed payments.

use alloy_consensus::{SignableTransaction, TxEip1559, TxEnvelope};
use alloy_eips::BlockId;
use alloy_eips::eip2718::Encodable2718;
use alloy_eips::eip2930::AccessList;
use alloy_primitives::{Address, Bytes, TxKind, U256, address};
use alloy_signer::SignerSync;
use alloy_signer_local::PrivateKeySigner;
use opml_devnet::chain::{CHAIN_ID, Chain, DEV_KEYS, Invalid, SendError};

pub const ALICE: Address = address!("f39Fd6e51aad88F6F4ce6aB8827279cffFb92266");
pub const BOB: Address = address!("00000000000000000000000000000000000b0b00");
pub const GWEI: u128 = 1_000_000_000;

pub fn key(index: usize) -> PrivateKeySigner {
    PrivateKeySigner::from_bytes(&DEV_KEYS[index]).unwrap()
}

pub fn signed<T>(tx: T, signer: &PrivateKeySigner) -> Vec<u8>
where
    T: SignableTransaction<alloy_primitives::Signature>,
    TxEnvelope: From<alloy_consensus::Signed<T>>,
{
    let signature = signer.sign_hash_sync(&tx.signature_hash()).unwrap();
    TxEnvelope::from(tx.into_signed(signature)).encoded_2718()
}

pub fn payment() -> TxEip1559 {
    TxEip1559 {
        chain_id: CHAIN_ID,
        nonce: 0,
        gas_limit: 21_000,
        max_fee_per_gas: GWEI,
        max_priority_fee_per_gas: GWEI,
        to: TxKind::Call(BOB),
        value: U256::from(5),
        access_list: AccessList::default(),
        input: Bytes::new(),
    }
}

pub fn balance(chain: &Chain, account: Address) -> U256 {
    chain.balance(account, BlockId::latest()).unwrap()
}

pub fn refused(chain: &mut Chain, tx: TxEip1559) -> Invalid {
    match chain.send_raw(&signed(tx, &key(1))) {
        Err(SendError::Invalid(reason)) => reason,
        other => panic!("{other:?}"),
    }
}
