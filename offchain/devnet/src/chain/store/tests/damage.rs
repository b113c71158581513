//! Files that are not what they should be.

use std::fs;
use std::mem::discriminant;
use std::path::Path;

use alloy_primitives::{Address, Bytes, U256};
use redb::{Database, ReadableTable, TableDefinition};

use super::super::table::{BLOCKS, CHANGES, META, PARAMETERS, Table};
use super::twins::{COUNTER, config, creation, open, place, to};
use crate::chain::{Chain, ChainConfig, Damage, StoreError};

fn fails(path: &Path, config: ChainConfig) -> StoreError {
    let before = fs::read(path).unwrap();
    let Err(error) = Chain::load(path, config.clone()) else { panic!("loaded") };
    assert_eq!(fs::read(path).unwrap(), before);
    let Err(opening) = Chain::open(path, config) else { panic!("opened") };
    assert_eq!(discriminant(&opening), discriminant(&error));
    assert!(error.to_string().contains(path.to_str().unwrap()), "{error}");
    error
}

fn some_chain(path: &Path) {
    let mut chain = open(path);
    let hash = chain.send_request(creation(&COUNTER)).unwrap();
    let counter = chain.receipt(hash).unwrap().contract_address.unwrap();
    for _ in 0..10 {
        chain.send_request(to(counter, Bytes::new())).unwrap();
    }
    chain.set_balance(Address::with_last_byte(1), U256::from(7)).unwrap();
}

/// Changes an entry, below the chain's own code.
fn tamper(path: &Path, table: &Table<u64>, key: u64, change: impl FnOnce(&mut Vec<u8>)) {
    let db = Database::open(path).unwrap();
    let write = db.begin_write().unwrap();
    {
        let mut table = write.open_table(table.definition()).unwrap();
        let mut value = table.get(key).unwrap().unwrap().value().to_vec();
        change(&mut value);
        if value.is_empty() {
            table.remove(key).unwrap();
        } else {
            table.insert(key, value.as_slice()).unwrap();
        }
    }
    write.commit().unwrap();
}

fn damage(path: &Path) -> String {
    match fails(path, config()) {
        StoreError::Damaged { damage, .. } => damage.to_string(),
        other => panic!("{other}"),
    }
}

#[test]
fn other_files_are_told_apart() {
    let (_folder, path) = place();
    for content in [&b"x"[..], b"not a chain", &vec![0; 100_000], &[0xff; 5000]] {
        fs::write(&path, content).unwrap();
        assert!(matches!(fails(&path, config()), StoreError::Foreign { .. }));
    }
    fs::remove_file(&path).unwrap();
    for name in ["other", "meta"] {
        let db = Database::create(&path).unwrap();
        let write = db.begin_write().unwrap();
        write.open_table(TableDefinition::<u8, u8>::new(name)).unwrap().insert(1, 2).unwrap();
        write.commit().unwrap();
        drop(db);
        assert!(matches!(fails(&path, config()), StoreError::Foreign { .. }));
    }
}

#[test]
fn other_chains_are_told_apart() {
    let (_folder, path) = place();
    some_chain(&path);
    let error = fails(&path, ChainConfig { chain_id: 7, ..config() });
    let StoreError::Parameter { name, have, want, .. } = error else { panic!("{error}") };
    assert_eq!((name, have.as_str(), want.as_str()), ("chain id", "412346", "7"));
    let mut other = config();
    other.stylus.page_limit = 64;
    let error = fails(&path, other);
    assert!(matches!(error, StoreError::Parameter { name: "page limit", .. }), "{error}");
}

#[test]
fn other_formats_are_told_apart() {
    let (_folder, path) = place();
    some_chain(&path);
    let db = Database::open(&path).unwrap();
    let write = db.begin_write().unwrap();
    let value = META.seal(&"format", &U256::from(99));
    write.open_table(META.definition()).unwrap().insert("format", value.as_slice()).unwrap();
    write.open_table(PARAMETERS.definition()).unwrap().remove("chain id").unwrap();
    write.commit().unwrap();
    drop(db);
    let error = fails(&path, config());
    assert!(matches!(error, StoreError::Format { have: 99, want: 1, .. }), "{error}");
}

#[test]
fn a_changed_entry_is_found() {
    let (_folder, path) = place();
    some_chain(&path);
    tamper(&path, &BLOCKS, 4, |value| value[60] ^= 1);
    assert_eq!(damage(&path), "blocks entry 4: wrong checksum");
}

#[test]
fn a_lost_entry_is_found() {
    let (_folder, path) = place();
    some_chain(&path);
    tamper(&path, &BLOCKS, 4, Vec::clear);
    assert_eq!(damage(&path), "blocks entry 4 is missing");
    fs::remove_file(&path).unwrap();
    some_chain(&path);
    tamper(&path, &CHANGES, 0, Vec::clear);
    assert_eq!(damage(&path), "changes entry 0 is missing");
}

#[test]
fn a_block_that_is_not_what_its_hash_says_is_found() {
    let (_folder, path) = place();
    some_chain(&path);
    // A block whose checksum is right: the one before.
    let mut moved = Vec::new();
    tamper(&path, &BLOCKS, 3, |value| moved.clone_from(value));
    let record: super::super::record::BlockRecord = BLOCKS.open(&3, &moved).unwrap();
    tamper(&path, &BLOCKS, 4, |value| *value = BLOCKS.seal(&4, &record));
    assert_eq!(damage(&path), "block 4 does not have its hash");
}

#[test]
fn truncated_files_are_found() {
    let (_folder, path) = place();
    some_chain(&path);
    let whole = fs::read(&path).unwrap();
    for eighths in 1..8 {
        fs::write(&path, &whole[..whole.len() * eighths / 8]).unwrap();
        let error = fails(&path, config());
        assert!(matches!(error, StoreError::Damaged { damage: Damage::Database(_), .. }));
    }
    for len in [1, 8, 9, 100, 319, 320, 4095, 4096, whole.len() - 1] {
        fs::write(&path, &whole[..len]).unwrap();
        let error = fails(&path, config());
        let known = matches!(error, StoreError::Damaged { .. } | StoreError::Foreign { .. });
        assert!(known, "{len}: {error}");
    }
}

/// Every page of the file has a byte changed. Where nothing of the chain is, nothing is lost;
/// elsewhere the damage is found. Never is a chain opened that is not the one written.
#[test]
fn no_changed_byte_goes_unnoticed() {
    let (_folder, path) = place();
    some_chain(&path);
    let whole = fs::read(&path).unwrap();
    let intact = Chain::load(&path, config()).unwrap();
    let (mut found, mut harmless) = (0, 0);
    let spots = (0..320).step_by(7).chain((512..whole.len()).step_by(1499));
    for spot in spots {
        let mut changed = whole.clone();
        changed[spot] ^= 0x41;
        fs::write(&path, &changed).unwrap();
        match Chain::load(&path, config()) {
            Ok(chain) => {
                super::twins::assert_equal(&chain, &intact);
                harmless += 1;
            }
            Err(StoreError::Damaged { .. } | StoreError::Foreign { .. }) => found += 1,
            Err(other) => panic!("byte {spot}: {other}"),
        }
    }
    println!("{found} found, {harmless} harmless");
    assert!(found > 10);
}
