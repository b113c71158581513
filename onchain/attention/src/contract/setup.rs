//! Fixing the parameters, once.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256};
use alloy_sol_types::{SolError, SolEvent};

use super::foreign::query;
use super::{Answer, records, require};
use crate::abi::IAttention::{
    AlreadyInitialized, Initialized, NotInitialized, NotOurGame, ParameterOutOfRange, Parameters,
};
use crate::abi::{game::IGame, hub::IHub};
use crate::check_parameters;
use opml_host::Arguments;
use opml_host::host;
use opml_host::{concat, refusal, words};

pub fn initialize(arguments: Arguments<'_>) -> Answer<()> {
    let nonce = arguments.number::<u64>(0)?;
    let (hub, game) = (arguments.address(1)?, arguments.address(2)?);
    host::require_creator(nonce)?;
    require!(records::hub().0.is_zero(), AlreadyInitialized);
    let given = given(arguments)?;
    let found = query(hub, &IHub::parametersCall {})?;
    let window = found.params.window;
    check_parameters(&given, window).map_err(|error| {
        let ParameterOutOfRange { name, value, limit } = error;
        refusal(ParameterOutOfRange::SELECTOR, &[name, value.into(), limit.into()])
    })?;
    require_ours(game, found.game, found.step)?;
    records::set_parameters((hub, window), game, &given);
    host::log(&[Initialized::SIGNATURE_HASH], &parameters());
    Ok(())
}

fn given(arguments: Arguments<'_>) -> Answer<Parameters> {
    Ok(Parameters {
        epoch: arguments.number(3)?,
        commitTime: arguments.number(4)?,
        revealTime: arguments.number(5)?,
        disputeTime: arguments.number(6)?,
        burnShare: arguments.number(7)?,
        stake: arguments.number(8)?,
        bond: arguments.number(9)?,
    })
}

/// Refuses a game contract that takes another contract for its hub, or that anybody has initialised otherwise than
/// the hub's.
fn require_ours(game: Address, hub_game: Address, hub_step: Address) -> Answer<()> {
    let wanted = query(hub_game, &IGame::configurationCall {})?;
    let IGame::configurationReturn { hub, step, clock } =
        query(game, &IGame::configurationCall {})?;
    let ours = hub == host::this() && step == hub_step && clock == wanted.clock;
    require!(ours, NotOurGame, game, hub, step, clock);
    Ok(())
}

/// Nothing can be enrolled before, so nothing else has to ask.
pub fn require_initialized() -> Answer<()> {
    require!(!records::hub().0.is_zero(), NotInitialized);
    Ok(())
}

pub fn parameters() -> Vec<u8> {
    let (kept, (hub, window)) = (records::parameters(), records::hub());
    let words: [B256; 10] = words![
        hub,
        records::game_contract(),
        window,
        kept.epoch,
        kept.commitTime,
        kept.revealTime,
        kept.disputeTime,
        kept.burnShare,
        kept.stake,
        kept.bond,
    ];
    concat(&words)
}
