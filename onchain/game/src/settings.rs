//! What all games share: fixed once, after deployment.

use alloy_primitives::{Address, B256, U256};

use crate::abi::IGame::{Configuration, Initialized};
use crate::calldata::Reader;
use crate::host::Host;
use crate::revert::Revert;

/// Hub and clock share the first word, the step contract has the second.
const HUB: U256 = U256::ZERO;
const STEP: U256 = U256::ONE;

/// Fewest seconds that a side may have for all its moves.
const MIN_CLOCK: u32 = 3_600;

/// Most seconds: three bytes of a game's record.
const MAX_CLOCK: u32 = (1 << 24) - 1;

/// Who opens games, and how long a side has.
#[derive(Clone, Copy)]
pub struct Opening {
    pub hub: Address,
    pub clock: u32,
}

impl Opening {
    /// As stored: zeros before the contract is initialized.
    pub fn load<H: Host>(host: &H) -> Self {
        let word = host.load(HUB);
        let (_, hub) = word.split_last_chunk().unwrap_or((&[], &[0; 20]));
        let clock = word.iter().take(12).fold(0, |sum: u32, byte| (sum << 8) | u32::from(*byte));
        Self { hub: Address::new(*hub), clock }
    }
}

/// Where the step contract is.
pub fn step_contract<H: Host>(host: &H) -> Address {
    Address::from_word(host.load(STEP))
}

/// `initialize(address,address,uint32)`.
pub fn initialize<H: Host>(params: &[u8], host: &mut H) -> Result<(), Revert> {
    let mut reader = Reader::new(params, 3);
    let (hub, step, clock) = (reader.address()?, reader.address()?, reader.number::<u32>()?);
    reader.finish()?;
    if !Opening::load(host).hub.is_zero() {
        return Err(Initialized {}.into());
    }
    if hub.is_zero() || step.is_zero() || !(MIN_CLOCK..=MAX_CLOCK).contains(&clock) {
        return Err(Configuration { hub, step, clock }.into());
    }
    let mut word = B256::left_padding_from(hub.as_slice());
    for (to, from) in word.iter_mut().skip(8).zip(clock.to_be_bytes()) {
        *to = from;
    }
    host.store(HUB, word);
    host.store(STEP, step.into_word());
    Ok(())
}
