//! Whether what is begun can end: the activation of a program lapses.

use alloc::vec::Vec;

use alloy_primitives::{Address, address};
use alloy_sol_types::SolCall;
use opml_host::Arguments;
use opml_host::host::{self};

use super::{Answer, place, records, require};
use crate::abi::ArbWasm::programTimeLeftCall;
use crate::abi::IHub::ActivationLapsing;

const ARB_WASM: Address = address!("0000000000000000000000000000000000000071");

/// What is begun, by the longest time that it and what it leads to can take.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Begun {
    /// Claimed by the deadline at the latest.
    Request,
    /// Claimed at the end of the exclusive time at the latest.
    Acceptance,
    Claim,
    /// No window any more: while a claim that was taken can be challenged at all, it can be here.
    Challenge,
}

impl Begun {
    /// Seconds that it can take.
    fn needs(self) -> u64 {
        let (runway, parameters) = (records::configuration().runway, records::parameters());
        match self {
            Self::Request => runway.saturating_add(parameters.patience.into()),
            Self::Acceptance => runway.saturating_add(parameters.exclusivity.into()),
            Self::Claim => runway,
            Self::Challenge => runway.saturating_sub(parameters.window.into()),
        }
    }
}

/// Refuses while one of the programs that claims depend on is active for too short a time.
#[inline(never)]
pub fn require_time_for(begun: Begun) -> Answer<()> {
    let (configuration, needed) = (records::configuration(), begun.needs());
    for program in [place().hub, configuration.game, configuration.step] {
        let left = seconds_left(program);
        require!(left >= needed, ActivationLapsing, program, left);
    }
    Ok(())
}

/// Zero for what is not active.
fn seconds_left(program: Address) -> u64 {
    let mut calldata: Vec<u8> = programTimeLeftCall::SELECTOR.into();
    calldata.extend(program.into_word());
    let answer = host::query(ARB_WASM, &calldata).unwrap_or_default();
    Arguments(&answer).number(0).unwrap_or_default()
}
