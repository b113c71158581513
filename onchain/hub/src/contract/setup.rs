//! Fixing the parameters, once.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256};
use alloy_sol_types::{SolCall, SolError, SolEvent};
use opml_host::{Arguments, concat, host, refusal, words};

use super::records::Configuration;
use super::{Answer, place, records, require};
use crate::abi::IHub::{
    AlreadyInitialized, Initialized, NotGameOfHub, NotInitialized, ParameterOutOfRange, Parameters,
};
use crate::abi::game::IGame::configurationCall;
use crate::check_parameters;

/// Seconds for which a program is activated.
const ACTIVATION: u64 = 365 * 86_400;

/// Seconds that are left for everybody to end what has ended, when window and clocks are over.
const SETTLING: u64 = 86_400;

pub fn initialize(arguments: Arguments<'_>) -> Answer<()> {
    let (nonce, game) = (arguments.number::<u64>(0)?, arguments.address(1)?);
    host::require_creator(nonce)?;
    require!(records::game_contract().is_zero(), AlreadyInitialized);
    let given = given(arguments)?;
    check_parameters(&given).map_err(|error| {
        let ParameterOutOfRange { name, value, limit } = error;
        refusal(ParameterOutOfRange::SELECTOR, &[name, value.into(), limit.into()])
    })?;
    records::set_parameters(configured(game, &given)?, &given);
    host::log(&[Initialized::SIGNATURE_HASH], &parameters());
    Ok(())
}

/// What the game contract says of itself, if it is this hub's.
fn configured(game: Address, given: &Parameters) -> Answer<Configuration> {
    let answer = host::query(game, &configurationCall::SELECTOR);
    let answer = Arguments(answer.as_deref().unwrap_or_default());
    let hub = answer.address(0).unwrap_or_default();
    require!(hub == place().hub, NotGameOfHub, game, hub);
    let (step, clock) = (answer.address(1)?, answer.number::<u32>(2)?);
    let clocks = u64::from(clock).saturating_mul(2);
    let runway = clocks.saturating_add(given.window.into()).saturating_add(SETTLING);
    // A fresh activation must do for a request.
    let most = ACTIVATION.saturating_sub(runway);
    let name = B256::right_padding_from(b"patience");
    require!(u64::from(given.patience) <= most, ParameterOutOfRange, name, given.patience, most);
    Ok(Configuration { game, step, runway })
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
        exclusivity: arguments.number(10)?,
        acceptBond: arguments.number(11)?,
    })
}

/// Nothing can be registered before, so nothing else has to ask.
pub fn require_initialized() -> Answer<()> {
    require!(!records::game_contract().is_zero(), NotInitialized);
    Ok(())
}

pub fn parameters() -> Vec<u8> {
    let (Configuration { game, step, runway }, kept) =
        (records::configuration(), records::parameters());
    concat(&words![
        game,
        step,
        runway,
        kept.window,
        kept.patience,
        kept.burnShare,
        kept.failedShare,
        kept.serverBond,
        kept.challengerBond,
        kept.gasStake,
        kept.burnPerStep,
        kept.exclusivity,
        kept.acceptBond,
    ])
}
