//! What a file and a configuration must agree on.

use std::path::Path;

use alloy_primitives::U256;
use redb::{Database, ReadableDatabase};

use super::error::{Damage, StoreError};
use super::load::{table, word};
use super::table::{FORMAT, FORMAT_KEY, META, PARAMETERS};
use crate::chain::config::ChainConfig;

fn parameters(config: &ChainConfig) -> Vec<(&'static str, U256)> {
    let stylus = &config.stylus;
    vec![
        ("chain id", U256::from(config.chain_id)),
        ("base fee", U256::from(config.base_fee)),
        ("transaction gas limit", U256::from(config.tx_gas_limit)),
        ("owner", U256::from_be_slice(config.owner.as_slice())),
        ("parent chain's block at genesis", U256::from(config.parent_block)),
        ("ink price", U256::from(stylus.ink_price)),
        ("Stylus stack words", U256::from(stylus.max_stack_words)),
        ("free pages", U256::from(stylus.memory.free_pages)),
        ("page gas", U256::from(stylus.memory.page_gas)),
        ("page limit", U256::from(stylus.page_limit)),
        ("minimal init gas", U256::from(stylus.min_init_gas)),
        ("minimal cached init gas", U256::from(stylus.min_cached_init_gas)),
        ("init cost scalar", U256::from(stylus.init_cost_scalar)),
        ("cached cost scalar", U256::from(stylus.cached_cost_scalar)),
        ("expiry days", U256::from(stylus.expiry_days)),
        ("keepalive days", U256::from(stylus.keepalive_days)),
        ("block cache size", U256::from(stylus.block_cache_size)),
    ]
}

/// Writes them to a new file.
pub fn write(path: &Path, db: &Database, config: &ChainConfig) -> Result<(), StoreError> {
    try_write(db, config)
        .map_err(|cause| StoreError::Write { path: path.into(), cause: Box::new(cause) })
}

fn try_write(db: &Database, config: &ChainConfig) -> Result<(), redb::Error> {
    let write = db.begin_write()?;
    {
        let mut table = write.open_table(META.definition())?;
        table.insert(FORMAT_KEY, META.seal(&FORMAT_KEY, &U256::from(FORMAT)).as_slice())?;
        let mut table = write.open_table(PARAMETERS.definition())?;
        for (name, value) in parameters(config) {
            table.insert(name, PARAMETERS.seal(&name, &value).as_slice())?;
        }
    }
    Ok(write.commit()?)
}

/// Whether a file is a chain's, in the format that is read, with the parameters of `config`.
pub fn check(path: &Path, db: &Database, config: &ChainConfig) -> Result<(), StoreError> {
    let path = path.to_path_buf();
    let damaged = |damage| StoreError::Damaged { path: path.clone(), damage };
    let read = db.begin_read().map_err(|error| damaged(Damage::database(error)))?;
    // A table of the same name and another type is another program's, too.
    if !matches!(table(&read, &META), Ok(Some(_))) {
        return Err(StoreError::Foreign { path });
    }
    let format = word(&read, &META, FORMAT_KEY).map_err(damaged)?;
    let have = format.ok_or_else(|| damaged(META.missing(&FORMAT_KEY)))?.saturating_to();
    if have != FORMAT {
        return Err(StoreError::Format { path, have, want: FORMAT });
    }
    for (name, want) in parameters(config) {
        let have = word(&read, &PARAMETERS, name).map_err(damaged)?;
        let have = have.ok_or_else(|| damaged(PARAMETERS.missing(&name)))?;
        if have != want {
            let (have, want) = (have.to_string(), want.to_string());
            return Err(StoreError::Parameter { path, name, have, want });
        }
    }
    Ok(())
}
