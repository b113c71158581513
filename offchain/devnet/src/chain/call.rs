//! Transactions that are only tried.

use alloy_eips::BlockId;
use alloy_primitives::{B256, Bytes};
use alloy_rpc_types_eth::state::StateOverride;
use alloy_rpc_types_eth::{BlockOverrides, TransactionRequest};
use revm::context_interface::result::HaltReason;

use super::block::Stamp;
use super::error::{CallError, Invalid, NotFound};
use super::exec::{
    self, ArbContext, CallTrace, Checks, Executed, Execution, RecentPrograms, Tracer,
};
use super::state::View;
use super::{Chain, overrides, run};

/// Most gas a call gets.
pub(super) const CALL_GAS: u64 = 50_000_000;
/// A payment that runs no code takes exactly this.
const PAYMENT_GAS: u64 = 21_000;
/// An estimate is accepted when it is at most this part too high.
const ESTIMATE_SLACK: (u64, u64) = (15, 1000);

/// What a call finds other than it is.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// Accounts.
    pub state: Option<StateOverride>,
    /// The block.
    pub block: Option<BlockOverrides>,
}

/// What calls are tried on: found once, since a past or pending state takes long to find.
pub(super) struct Ground<'c> {
    stamp: Stamp,
    view: View<'c>,
    block: Option<&'c BlockOverrides>,
}

/// A call as asked for.
#[derive(Clone, Copy)]
pub(super) struct Trial<'r> {
    pub(super) request: &'r TransactionRequest,
    pub(super) ground: &'r Ground<'r>,
}

impl Chain {
    /// Runs `request` on the state after block `at`, changing nothing; gives what it returns.
    ///
    /// # Errors
    /// [`CallError`] if it does not succeed.
    pub fn call(
        &self,
        request: &TransactionRequest,
        at: BlockId,
        overrides: &Overrides,
    ) -> Result<Bytes, CallError> {
        let gas = request.gas.unwrap_or(CALL_GAS).min(CALL_GAS);
        let ground = &self.ground(at, overrides)?;
        succeeded(self.try_with(Trial { request, ground }, gas, None)?)
    }

    /// The least gas limit (within 1.5 percent) with which `request` succeeds.
    ///
    /// # Errors
    /// [`CallError`] if it does not succeed with any.
    pub fn estimate_gas(
        &self,
        request: &TransactionRequest,
        at: BlockId,
        overrides: &Overrides,
    ) -> Result<u64, CallError> {
        let limit = self.config.tx_gas_limit;
        // As elsewhere, a limit that no transaction can have is none.
        let wanted = request.gas.filter(|gas| *gas >= PAYMENT_GAS);
        let mut high = wanted.map_or(limit, |gas| gas.min(limit));
        let ground = &self.ground(at, overrides)?;
        let trial = Trial { request, ground };
        let first = self.try_with(trial, high, None)?;
        let out_of_gas = matches!(first.outcome, Executed::Halt(HaltReason::OutOfGas(_)));
        if out_of_gas && first.activation_error.is_none() {
            return Err(CallError::GasAllowance(high));
        }
        let used = first.gas_used;
        succeeded(first)?;
        if used == PAYMENT_GAS {
            return Ok(used);
        }
        let mut low = used.saturating_sub(1);
        // Most transactions need little more than they use.
        let mut guess = (low + 2301).saturating_mul(64) / 63;
        while high - low > high * ESTIMATE_SLACK.0 / ESTIMATE_SLACK.1 && low + 1 < high {
            let middle = guess.clamp(low + 1, high - 1);
            if self.suffices(trial, middle)? {
                high = middle;
            } else {
                low = middle;
            }
            guess = low.midpoint(high);
        }
        Ok(high)
    }

    fn suffices(&self, trial: Trial<'_>, gas: u64) -> Result<bool, CallError> {
        match self.try_with(trial, gas, None) {
            Ok(done) => Ok(matches!(done.outcome, Executed::Success { .. })),
            Err(CallError::Invalid(Invalid::IntrinsicGas { .. })) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The call tree of `request` on the state after block `at`. The outermost call has the gas
    /// limit and the gas used of the whole request.
    ///
    /// # Errors
    /// [`CallError`] if it cannot be run, or does more than a trace may tell; failing is none.
    pub fn trace_call(
        &self,
        request: &TransactionRequest,
        at: BlockId,
        overrides: &Overrides,
    ) -> Result<CallTrace, CallError> {
        let gas = request.gas.unwrap_or(CALL_GAS).min(CALL_GAS);
        let ground = &self.ground(at, overrides)?;
        let done = self.try_with(Trial { request, ground }, gas, Some(Tracer::default()))?;
        let trace = done.trace?.unwrap_or_default();
        Ok(CallTrace { gas, gas_used: done.gas_used, ..trace })
    }

    /// The call tree of a mined transaction, which is run again.
    ///
    /// # Errors
    /// [`NotFound`] if it was never mined, [`TraceTooLarge`](super::TraceTooLarge).
    pub fn trace_transaction(&self, hash: B256) -> Result<CallTrace, CallError> {
        let (number, index) = self.mined.get(&hash).ok_or(NotFound::Transaction(hash))?;
        let block = &self.blocks[*number];
        let mined = &block.transactions[*index];
        let stamp = block.stamp();
        let env = run::tx_env(&mined.tx, stamp.base_fee, self.config.chain_id)?;
        let view = self.state.at(mined.start);
        let recent = mined.recent.clone();
        let mut context = self.context(view, &stamp, recent);
        context.chain.tracer = Some(Tracer::default());
        let done = exec::execute(context, env, Checks::All, self.config.tx_gas_limit)
            .map_err(|rejected| Invalid::of(rejected, mined.tx.signer()))?;
        Ok(done.trace?.unwrap_or_default())
    }

    pub(super) fn try_with(
        &self,
        trial: Trial<'_>,
        gas: u64,
        tracer: Option<Tracer>,
    ) -> Result<Execution, CallError> {
        let mut context = self.trial_context(trial.ground)?;
        context.chain.tracer = tracer;
        let env = run::trial_env(trial.request, gas, self.config.chain_id);
        let (sender, value) = (env.caller, env.value);
        let have = context.journaled_state.database.leaf(sender).balance;
        if have < value {
            return Err(Invalid::Funds { sender, have, want: value }.into());
        }
        let done = exec::execute(context, env, Checks::Trial, self.config.tx_gas_limit);
        done.map_err(|rejected| Invalid::of(rejected, sender).into())
    }

    /// The state after block `at`, and the block that a call there runs in.
    pub(super) fn ground<'c>(
        &'c self,
        at: BlockId,
        with: &'c Overrides,
    ) -> Result<Ground<'c>, CallError> {
        let number = self.number(at)?;
        let stamp = if at.is_pending() { self.next_stamp() } else { self.blocks[number].stamp() };
        let mut view = if at.is_pending() { self.pending_view() } else { self.view(number) };
        if let Some(state) = &with.state {
            overrides::apply_state(&mut view, state)?;
        }
        Ok(Ground { stamp, view, block: with.block.as_ref() })
    }

    fn trial_context<'c>(&self, ground: &Ground<'c>) -> Result<ArbContext<'c>, CallError> {
        let recent = RecentPrograms::default();
        let mut context = self.context(ground.view.clone(), &ground.stamp, recent);
        if let Some(block) = ground.block {
            overrides::apply_block(&mut context, block)?;
        }
        Ok(context)
    }
}

pub(super) fn succeeded(done: Execution) -> Result<Bytes, CallError> {
    match (done.outcome, done.activation_error) {
        (Executed::Success { output, .. }, _) => Ok(output),
        (_, Some(reason)) => Err(CallError::Activation(reason)),
        (Executed::Revert(data), None) => Err(CallError::Revert(data)),
        (Executed::Halt(reason), None) => Err(CallError::Halt(reason)),
    }
}
