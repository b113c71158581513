//! The compiled step contract, called on this machine.

use std::path::Path;

use alloy_primitives::B256;
use alloy_sol_types::{SolCall, SolInterface};
use anyhow::{Context, Result, bail};
use opml_devnet::stylus::activate::{DEFAULT_PAGE_LIMIT, ProgramFacts, activate};
use opml_devnet::stylus::engine::{Engine, Outcome, PureRunner};
use opml_devnet::stylus::entry::StylusParams;
use opml_vm::Witness;

use abi::IStepVerifier::{IStepVerifierErrors, stepCall};

#[allow(missing_docs, clippy::pedantic, reason = "generated from the Solidity interface")]
mod abi {
    alloy_sol_types::sol!(
        #[sol(all_derives)]
        "../../sol/IStepVerifier.sol"
    );
}

include!(concat!(env!("OUT_DIR"), "/STEP.rs"));

/// Far more gas than a step takes.
const GAS: u64 = 100_000_000;

/// The step contract in the WebAssembly engine.
pub struct StepContract {
    runner: PureRunner,
    facts: ProgramFacts,
}

/// A step that the contract took.
pub struct Verified {
    /// State hash that it returned.
    pub post_hash: B256,
    /// Ink that it took.
    pub ink: u64,
}

impl StepContract {
    /// The contract in `file` (an activatable module), or the one built into this program.
    pub fn load(file: Option<&Path>) -> Result<Self> {
        let read;
        let module = match file {
            Some(path) => {
                let name = path.display();
                read =
                    std::fs::read(path).with_context(|| format!("cannot read contract {name}"))?;
                read.as_slice()
            }
            None => Self::built_in()?,
        };
        let activation =
            activate(module, DEFAULT_PAGE_LIMIT).context("the contract does not activate")?;
        let program = Engine::new()?.compile(&activation)?;
        let runner = PureRunner::new(program, StylusParams::default())?;
        Ok(Self { runner, facts: activation.facts })
    }

    /// The module built into this program.
    pub fn built_in() -> Result<&'static [u8]> {
        STEP.context(
            "this program was built without the contracts; build it by `cargo xtask build`, or \
             name a module with --contract",
        )
    }

    /// Calldata of `step` with a witness.
    pub fn calldata(witness: &Witness) -> Vec<u8> {
        let call = stepCall {
            state: witness.pre_state.encode().to_vec().into(),
            witness: witness.proof.clone().into(),
        };
        call.abi_encode()
    }

    /// What the chain would store about the contract.
    pub const fn facts(&self) -> &ProgramFacts {
        &self.facts
    }

    /// Calls `step` with a witness, as a transaction would.
    pub fn step(&mut self, witness: &Witness) -> Result<Verified> {
        let finished = self.runner.call(&Self::calldata(witness), GAS);
        match finished.outcome {
            Outcome::Success(data) => {
                let post_hash = stepCall::abi_decode_returns(&data)
                    .context("the contract returned something else than a hash")?;
                Ok(Verified { post_hash, ink: finished.ink_used })
            }
            Outcome::Revert(data) => match IStepVerifierErrors::abi_decode(&data) {
                Ok(error) => bail!("the contract reverted: {}", named(&error)),
                Err(_) => bail!("the contract reverted with {}", crate::output::hex(data)),
            },
            Outcome::OutOfInk => bail!("the contract ran out of ink"),
            Outcome::OutOfStack => bail!("the contract ran out of stack"),
            Outcome::Failure(failure) => bail!("the contract failed: {failure}"),
        }
    }
}

/// A typed error with its values.
fn named(error: &IStepVerifierErrors) -> String {
    format!("{error:?}")
}
