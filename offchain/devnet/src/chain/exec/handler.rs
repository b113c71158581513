//! Runs one transaction.

use std::convert::Infallible;
use std::marker::PhantomData;

use alloy_primitives::{Address, Bytes, Log, U256};
use revm::context::TxEnv;
use revm::context_interface::journaled_state::account::JournaledAccountTr;
use revm::context_interface::result::{
    EVMError, ExecutionResult, HaltReason, InvalidTransaction, Output,
};
use revm::context_interface::{JournalTr, LocalContextTr};
use revm::handler::{FrameResult, Handler, execution, handle_reservoir_remaining_gas};
use revm::interpreter::interpreter_action::FrameInit;
use revm::interpreter::{GasTracker, SharedMemory};
use revm::primitives::AddressMap;
use revm::state::Account;

use super::env::RecentPrograms;
use super::evm::{ArbContext, ArbEvm};
use super::trace::{CallTrace, TraceTooLarge, Tracer};
use crate::chain::arbos::NETWORK_FEES;
use crate::stylus::engine::on_deep_stack;

/// Why a transaction could not be run at all.
pub type Rejected = EVMError<Infallible, InvalidTransaction>;

/// How a transaction ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Executed {
    /// It succeeded.
    Success {
        /// What it returned.
        output: Bytes,
        /// The contract it created.
        created: Option<Address>,
        /// Its logs.
        logs: Vec<Log>,
    },
    /// It reverted with this data.
    Revert(Bytes),
    /// It failed and lost all its gas.
    Halt(HaltReason),
}

/// What a transaction did.
#[derive(Debug)]
pub struct Execution {
    /// How it ended.
    pub outcome: Executed,
    /// Gas paid for, refunds deducted.
    pub gas_used: u64,
    /// Why a program did not activate, if one was to.
    pub activation_error: Option<String>,
    /// What it changed.
    pub changes: AddressMap<Account>,
    /// Programs used in the block so far.
    pub recent: RecentPrograms,
    /// The call tree, if asked for.
    pub trace: Result<Option<CallTrace>, TraceTooLarge>,
}

/// Which checks a transaction has to pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checks {
    /// All: it will be in a block.
    All,
    /// None that depends on the sender: it is only tried.
    Trial,
}

/// Runs `tx` in `context`.
///
/// # Errors
/// [`Rejected`] when the transaction is not valid; the state is untouched.
pub fn execute(
    mut context: ArbContext<'_>,
    tx: TxEnv,
    checks: Checks,
    tx_gas_limit: u64,
) -> Result<Execution, Rejected> {
    context.chain.start_transaction();
    context.cfg.disable_nonce_check = checks == Checks::Trial;
    context.cfg.disable_eip3607 = checks == Checks::Trial;
    context.cfg.disable_base_fee = checks == Checks::Trial;
    context.cfg.disable_fee_charge = checks == Checks::Trial;
    context.tx = tx;
    let mut evm = ArbEvm::new(context);
    let cap = if checks == Checks::All { tx_gas_limit } else { u64::MAX };
    let result = on_deep_stack(|| ArbHandler::new(cap).run(&mut evm))?;
    let mut context = evm.into_context();
    let changes = context.journaled_state.finalize();
    let gas_used = result.tx_gas_used();
    Ok(Execution {
        outcome: outcome(result),
        gas_used,
        activation_error: context.chain.activation_error.take(),
        changes,
        trace: context.chain.tracer.take().map_or(Ok(None), Tracer::finish),
        recent: context.chain.recent,
    })
}

fn outcome(result: ExecutionResult) -> Executed {
    match result {
        ExecutionResult::Success { logs, output, .. } => {
            let (output, created) = match output {
                Output::Call(output) => (output, None),
                Output::Create(output, created) => (output, created),
            };
            Executed::Success { output, created, logs }
        }
        ExecutionResult::Revert { output, .. } => Executed::Revert(output),
        ExecutionResult::Halt { reason, .. } => Executed::Halt(reason),
    }
}

/// revm's rules for transactions but for two: gas beyond the chain's limit is held back during
/// execution, and the base fee goes to an account instead of being burned.
struct ArbHandler<'a> {
    cap: u64,
    held: u64,
    evm: PhantomData<ArbEvm<'a>>,
}

impl ArbHandler<'_> {
    fn new(cap: u64) -> Self {
        Self { cap, held: 0, evm: PhantomData }
    }
}

impl<'a> Handler for ArbHandler<'a> {
    type Evm = ArbEvm<'a>;
    type Error = Rejected;
    type HaltReason = HaltReason;

    fn first_frame_input(
        &mut self,
        evm: &mut ArbEvm<'a>,
        gas: &mut GasTracker,
    ) -> Result<Option<FrameInit>, Rejected> {
        let context = evm.context();
        let intrinsic = context.tx.gas_limit.saturating_sub(gas.remaining());
        self.held = gas.remaining().saturating_sub(self.cap.saturating_sub(intrinsic));
        let memory = SharedMemory::new_with_buffer(context.local.shared_memory_buffer().clone());
        let input = execution::create_init_frame(context, gas)?;
        Ok(input.map(|mut frame_input| {
            frame_input.reduce_gas_limit(self.held);
            FrameInit { depth: 0, memory, frame_input }
        }))
    }

    fn last_frame_result(
        &mut self,
        _evm: &mut ArbEvm<'a>,
        result: &mut FrameResult,
        gas: &mut GasTracker,
    ) -> Result<(), Rejected> {
        let reason = result.instruction_result();
        gas.spend_all();
        handle_reservoir_remaining_gas(reason, gas, result.gas_mut().tracker_mut());
        gas.erase_cost(self.held);
        *result.gas_mut().tracker_mut() = *gas;
        Ok(())
    }

    fn reward_beneficiary(
        &self,
        evm: &mut ArbEvm<'a>,
        result: &mut FrameResult,
    ) -> Result<(), Rejected> {
        let context = evm.context();
        if context.cfg.disable_fee_charge {
            return Ok(());
        }
        let price = u128::from(context.block.basefee);
        let fee = U256::from(price * u128::from(result.gas().used()));
        let Ok(mut account) = context.journaled_state.load_account_mut(NETWORK_FEES);
        account.data.incr_balance(fee);
        Ok(())
    }
}
