//! What `ArbOS` keeps: activated programs and the price of their native code.
//!
//! It lies in the storage of an account of its own, so that the journal, snapshots and past states
//! cover it. The layout is this chain's, the account is Nitro's.

use alloy_primitives::{Address, B256, U256, address, keccak256};
use revm::context_interface::JournalTr;

use super::exec::ArbContext;
use crate::stylus::activate::{ProgramFacts, STYLUS_VERSION};
use crate::stylus::data_fee::DataPricer;
use crate::stylus::entry::StylusParams;

/// The account whose storage this is.
pub const STATE_ACCOUNT: Address = address!("a4b05fffffffffffffffffffffffffffffffffff");

/// Who collects base fees and data fees.
pub const NETWORK_FEES: Address = address!("3f1eae7d46d88f08fc2f8ed27fcb2ab183eb2d0e");

/// When Arbitrum began, in seconds since 1970; activations are dated in hours since then.
const EPOCH: u64 = 1_421_388_000;
const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;
const KIB: u32 = 1024;

/// Why a program cannot be entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Inactive {
    /// Never activated.
    #[error("program not activated")]
    NotActivated,
    /// Activated for another version of Stylus.
    #[error("program needs an upgrade from version {0}")]
    NeedsUpgrade(u16),
    /// Activated too long ago.
    #[error("program expired, {0} seconds old")]
    Expired(u64),
}

/// What is kept about a program; all zero when it was never activated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProgramRecord {
    /// Stylus version, zero when never activated.
    pub version: u16,
    init_cost: u16,
    cached_init_cost: u16,
    /// Initial memory in pages.
    pub footprint: u16,
    /// Hours since Arbitrum began.
    activated_at: u32,
    asm_kib: u32,
    /// Whether a cache manager keeps it initialized.
    pub cached: bool,
}

impl ProgramRecord {
    /// The record of a program activated at `time` (seconds since 1970).
    pub fn new(facts: &ProgramFacts, time: u64, cached: bool) -> Self {
        Self {
            version: STYLUS_VERSION,
            init_cost: facts.init_cost,
            cached_init_cost: facts.cached_init_cost,
            footprint: facts.footprint,
            activated_at: hours(time),
            asm_kib: facts.asm_estimate.div_ceil(KIB),
            cached,
        }
    }

    /// The facts that prices depend on.
    pub fn facts(&self) -> ProgramFacts {
        ProgramFacts {
            footprint: self.footprint,
            init_cost: self.init_cost,
            cached_init_cost: self.cached_init_cost,
            asm_estimate: self.asm_size(),
        }
    }

    /// Estimated native code in bytes, in whole KiB.
    pub fn asm_size(&self) -> u32 {
        self.asm_kib.saturating_mul(KIB)
    }

    /// Gas the cache manager pays for moving it in or out.
    pub fn init_cost(&self) -> u64 {
        self.init_cost.into()
    }

    /// Seconds since activation, as of `time`.
    pub fn age(&self, time: u64) -> u64 {
        time.saturating_sub(EPOCH + u64::from(self.activated_at) * HOUR)
    }

    /// Whether the activation has lapsed.
    pub fn is_expired(&self, time: u64, params: &StylusParams) -> bool {
        self.activated_at == 0 || self.age(time) > u64::from(params.expiry_days) * DAY
    }

    /// Whether the program may be entered at `time`.
    ///
    /// # Errors
    /// [`Inactive`] tells why not.
    pub fn check_active(&self, time: u64, params: &StylusParams) -> Result<(), Inactive> {
        match self.version {
            0 => Err(Inactive::NotActivated),
            STYLUS_VERSION if self.age(time) > u64::from(params.expiry_days) * DAY => {
                Err(Inactive::Expired(self.age(time)))
            }
            STYLUS_VERSION => Ok(()),
            version => Err(Inactive::NeedsUpgrade(version)),
        }
    }

    /// Seconds until it lapses.
    pub fn time_left(&self, time: u64, params: &StylusParams) -> u64 {
        (u64::from(params.expiry_days) * DAY).saturating_sub(self.age(time))
    }

    /// Whether it is too young to be renewed.
    pub fn is_young(&self, time: u64, params: &StylusParams) -> bool {
        self.age(time) < u64::from(params.keepalive_days) * DAY
    }

    /// The same, activated anew at `time`.
    #[must_use]
    pub fn renewed(self, time: u64) -> Self {
        Self { activated_at: hours(time), ..self }
    }

    fn pack(self) -> U256 {
        let mut word = [0; 32];
        word[0..2].copy_from_slice(&self.version.to_be_bytes());
        word[2..4].copy_from_slice(&self.init_cost.to_be_bytes());
        word[4..6].copy_from_slice(&self.cached_init_cost.to_be_bytes());
        word[6..8].copy_from_slice(&self.footprint.to_be_bytes());
        word[8..11].copy_from_slice(&self.activated_at.to_be_bytes()[1..]);
        word[11..14].copy_from_slice(&self.asm_kib.to_be_bytes()[1..]);
        word[14] = self.cached.into();
        U256::from_be_bytes(word)
    }

    fn unpack(word: U256) -> Self {
        let word = word.to_be_bytes::<32>();
        let u16_at = |at: usize| u16::from_be_bytes([word[at], word[at + 1]]);
        let u24_at = |at: usize| u32::from_be_bytes([0, word[at], word[at + 1], word[at + 2]]);
        Self {
            version: u16_at(0),
            init_cost: u16_at(2),
            cached_init_cost: u16_at(4),
            footprint: u16_at(6),
            activated_at: u24_at(8),
            asm_kib: u24_at(11),
            cached: word[14] != 0,
        }
    }
}

fn hours(time: u64) -> u32 {
    let hours = time.saturating_sub(EPOCH) / HOUR;
    u32::try_from(hours).unwrap_or(u32::MAX).min((1 << 24) - 1)
}

fn program_key(code_hash: B256) -> U256 {
    keccak256([b"program".as_slice(), code_hash.as_slice()].concat()).into()
}

fn module_key(code_hash: B256) -> U256 {
    keccak256([b"module".as_slice(), code_hash.as_slice()].concat()).into()
}

fn pricer_key() -> U256 {
    keccak256(b"data pricer").into()
}

/// A word of `ArbOS` storage.
pub fn load(context: &mut ArbContext<'_>, key: U256) -> U256 {
    let Ok(_) = context.journaled_state.load_account(STATE_ACCOUNT);
    let Ok(slot) = context.journaled_state.sload(STATE_ACCOUNT, key);
    slot.data
}

/// Replaces a word of `ArbOS` storage.
pub fn store(context: &mut ArbContext<'_>, key: U256, value: U256) {
    let Ok(_) = context.journaled_state.load_account(STATE_ACCOUNT);
    let Ok(_) = context.journaled_state.sstore(STATE_ACCOUNT, key, value);
    context.journaled_state.touch_account(STATE_ACCOUNT);
}

/// The record of the program with this code hash.
pub fn program(context: &mut ArbContext<'_>, code_hash: B256) -> ProgramRecord {
    ProgramRecord::unpack(load(context, program_key(code_hash)))
}

/// Replaces a record.
pub fn set_program(context: &mut ArbContext<'_>, code_hash: B256, record: ProgramRecord) {
    store(context, program_key(code_hash), record.pack());
}

/// Notes the hash of a program's activated module.
pub fn set_module_hash(context: &mut ArbContext<'_>, code_hash: B256, module_hash: B256) {
    store(context, module_key(code_hash), module_hash.into());
}

/// The fee in wei for `bytes` of native code at `time`, which raises the price for the next.
pub fn charge_data(context: &mut ArbContext<'_>, bytes: u32, time: u64) -> U256 {
    let mut pricer = DataPricer::default();
    let word = load(context, pricer_key());
    if !word.is_zero() {
        let [demand, time, ..] = *word.as_limbs();
        pricer.demand = u32::try_from(demand).unwrap_or(u32::MAX);
        pricer.last_update = time;
    }
    let fee = pricer.charge(bytes, time);
    let limbs = [pricer.demand.into(), pricer.last_update, 0, 0];
    store(context, pricer_key(), U256::from_limbs(limbs));
    U256::from(fee)
}
