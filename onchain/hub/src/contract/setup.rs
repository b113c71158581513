//! Fixing the parameters, once.

use alloc::vec::Vec;

use super::arguments::Arguments;
use super::encode::{concat, refusal, words};
use super::host::{self, HostKeccak, has_code, place, sender};
use super::{Answer, records, require};
use crate::abi::IHub::{
    AlreadyInitialized, Initialized, NotCreator, NotInitialized, ParameterOutOfRange, Parameters,
};
use crate::{check_parameters, created_address};
use alloy_primitives::B256;
use alloy_sol_types::{SolError, SolEvent};

pub fn initialize(arguments: Arguments<'_>) -> Answer<()> {
    let (nonce, game) = (arguments.number::<u64>(0)?, arguments.address(1)?);
    let sender = sender();
    let created = created_address::<HostKeccak>(sender, nonce);
    require!(created == place().hub, NotCreator, sender, nonce);
    require!(records::game_contract().is_zero(), AlreadyInitialized);
    let given = given(arguments)?;
    check_parameters(&given).map_err(|error| {
        let ParameterOutOfRange { name, value, limit } = error;
        refusal(ParameterOutOfRange::SELECTOR, &[name, value.into(), limit.into()])
    })?;
    let name = B256::right_padding_from(b"game");
    require!(has_code(game), ParameterOutOfRange, name, 0_u8, 1_u8);
    records::set_parameters(game, &given);
    host::log(&[Initialized::SIGNATURE_HASH], &parameters());
    Ok(())
}

fn given(arguments: Arguments<'_>) -> Answer<Parameters> {
    Ok(Parameters {
        window: arguments.number(2)?,
        patience: arguments.number(3)?,
        burnShare: arguments.number(4)?,
        failedShare: arguments.number(5)?,
        serverBond: arguments.number(6)?,
        challengerBond: arguments.number(7)?,
        gasStake: arguments.number(8)?,
        burnPerStep: arguments.number(9)?,
    })
}

/// Nothing can be registered before, so nothing else has to ask.
pub fn require_initialized() -> Answer<()> {
    require!(!records::game_contract().is_zero(), NotInitialized);
    Ok(())
}

pub fn parameters() -> Vec<u8> {
    let kept = records::parameters();
    concat(&words![
        records::game_contract(),
        kept.window,
        kept.patience,
        kept.burnShare,
        kept.failedShare,
        kept.serverBond,
        kept.challengerBond,
        kept.gasStake,
        kept.burnPerStep,
    ])
}
