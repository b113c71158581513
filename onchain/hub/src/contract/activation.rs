//! Whether what is begun can end: the activation of a program lapses.

use alloc::vec::Vec;

use alloy_primitives::{Address, address};
use alloy_sol_types::SolCall;

use super::{Answer, place, records, require};
use crate::abi::ArbWasm::programTimeLeftCall;
use crate::abi::IHub::ActivationLapsing;
use opml_host::Arguments;
use opml_host::host::{self};

const ARB_WASM: Address = address!("0000000000000000000000000000000000000071");

/// Refuses while one of the programs that a claim depends on is active for too short a time.
#[inline(never)]
pub fn require_runway() -> Answer<()> {
    let configuration = records::configuration();
    for program in [place().hub, configuration.game, configuration.step] {
        let left = seconds_left(program);
        require!(left >= configuration.runway, ActivationLapsing, program, left);
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
