//! Chains that are closed and opened again.

use std::fs;

use alloy_eips::BlockId;
use alloy_primitives::{Address, Bytes, U256};
use tempfile::NamedTempFile;

use super::twins::{
    COUNTER, assert_equal, config, creation, deploy_relay, history, open, place, script, to,
};
use crate::chain::{Chain, ChainConfig, Durability, Mining, StoreError};

const STRANGER: Address = Address::with_last_byte(0xbb);

/// Something of everything.
fn live(chain: &mut Chain) -> Address {
    let relay = deploy_relay(chain);
    let hash = chain.send_request(creation(&COUNTER)).unwrap();
    let counter = chain.receipt(hash).unwrap().contract_address.unwrap();
    chain.set_balance(STRANGER, U256::from(1_000_000_000_000_000_000u64)).unwrap();
    chain.impersonate(STRANGER).unwrap();
    let mut request = to(counter, Bytes::new());
    request.from = Some(STRANGER);
    chain.send_request(request).unwrap();
    chain.increase_time(1000).unwrap();
    for value in 0..6 {
        chain.send_request(to(relay, script(value % 3, value))).unwrap();
        chain.send_request(to(counter, Bytes::new())).unwrap();
    }
    let snapshot = chain.snapshot().unwrap();
    chain.mine_many(5, 10).unwrap();
    chain.send_request(creation(&[&COUNTER[..], &[1]].concat())).unwrap();
    chain.set_storage(counter, U256::ZERO, U256::from(40)).unwrap();
    chain.snapshot().unwrap();
    chain.revert(snapshot).unwrap();
    chain.snapshot().unwrap();
    chain.set_mining(Mining::OnDemand).unwrap();
    chain.send_request(to(counter, Bytes::new())).unwrap();
    chain.send_request(to(relay, script(1, 4))).unwrap();
    counter
}

#[test]
fn a_chain_goes_on_where_it_was_left() {
    let (_folder, path) = place();
    let mut twin = Chain::new(config()).unwrap();
    let mut kept = open(&path);
    let counter = live(&mut twin);
    live(&mut kept);
    drop(kept);
    let mut kept = open(&path);
    assert_equal(&kept, &twin);
    assert_eq!(history(&kept, counter)[..3], [(); 3].map(|()| Bytes::new()));
    assert_eq!(history(&kept, counter), history(&twin, counter));
    for chain in [&mut twin, &mut kept] {
        // Both waiting transactions, then one at once.
        chain.set_mining(Mining::Instant).unwrap();
        chain.send_request(to(counter, Bytes::new())).unwrap();
        assert_eq!(chain.block_number(), twin_blocks());
    }
    assert_equal(&kept, &twin);
    drop(kept);
    assert_equal(&open(&path), &twin);
}

/// Two transactions each for both contracts, one by the stranger, twelve, then two blocks more.
fn twin_blocks() -> u64 {
    3 + 1 + 12 + 2
}

#[test]
fn a_loaded_chain_is_a_copy() {
    let (_folder, path) = place();
    live(&mut open(&path));
    let before = fs::read(&path).unwrap();
    let mut copy = Chain::load(&path, config()).unwrap();
    let again = Chain::load(&path, config()).unwrap();
    assert_equal(&copy, &again);
    copy.mine().unwrap();
    drop(copy);
    assert_eq!(fs::read(&path).unwrap(), before);
    assert_equal(&open(&path), &again);
}

#[test]
fn a_file_is_one_chains_at_a_time() {
    let (_folder, path) = place();
    let chain = open(&path);
    let refused = |opened: Result<Chain, StoreError>| matches!(opened, Err(StoreError::InUse { path: named }) if named == path);
    assert!(refused(Chain::open(&path, config())));
    assert!(refused(Chain::load(&path, config())));
    drop(chain);
    open(&path);
}

#[test]
fn a_new_file_does_not_take_the_place_of_one_made_meanwhile() {
    let (_folder, path) = place();
    let head = open(&path).mine().unwrap();
    let late = Chain::create(&path, config(), NamedTempFile::persist_noclobber);
    assert!(matches!(late, Err(StoreError::InUse { .. })));
    assert_eq!(open(&path).header(BlockId::latest()).unwrap().hash, head);
}

#[test]
fn flushed_files_hold_the_same() {
    let (_folder, path) = place();
    let config = ChainConfig { durability: Durability::PowerLoss, ..config() };
    let mut twin = Chain::new(config.clone()).unwrap();
    live(&mut twin);
    let mut kept = Chain::open(&path, config.clone()).unwrap();
    live(&mut kept);
    drop(kept);
    assert_equal(&Chain::open(&path, config).unwrap(), &twin);
}

#[test]
fn an_empty_file_becomes_a_chains() {
    let (_folder, path) = place();
    fs::write(&path, []).unwrap();
    open(&path).mine().unwrap();
    assert_eq!(open(&path).block_number(), 1);
    // Nothing else is left in the folder.
    assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
}

#[test]
fn a_file_that_cannot_be_made_is_named() {
    let (folder, path) = place();
    let nowhere = folder.path().join("missing/chain");
    let Err(error) = Chain::open(&nowhere, config()) else { panic!("opened") };
    assert!(matches!(&error, StoreError::Open { path, .. } if *path == nowhere), "{error}");
    // The text names the file and the cause, each once.
    assert_eq!(
        error.to_string(),
        format!("{}: No such file or directory (os error 2)", nowhere.display())
    );
    assert!(std::error::Error::source(&error).is_none());
    let Err(error) = Chain::load(&path, config()) else { panic!("loaded") };
    assert!(matches!(&error, StoreError::Open { .. }), "{error}");
    let Err(error) = Chain::open(folder.path(), config()) else { panic!("opened") };
    assert!(matches!(&error, StoreError::Open { .. }), "{error}");
}
