//! One call of a contract.

use super::super::entry::StylusParams;
use super::super::hooks;
use super::super::host::{Context, Host};
use super::outcome::{Failure, Finished, Outcome};
use super::program::{Program, Running};

/// What a contract is called with.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// Calldata.
    pub input: &'a [u8],
    /// Gas after the entry costs, see [`StylusParams::entry_gas`].
    pub gas: u64,
    /// Block, transaction and call.
    pub context: Context,
}

/// Calls `program`.
///
/// The entry costs are not part of this. Neither is journaling: unless the outcome is
/// [`Outcome::Success`], the caller rolls `host` back.
pub fn run(
    program: &Program,
    host: &mut dyn Host,
    call: &Call<'_>,
    params: &StylusParams,
) -> Finished {
    super::on_deep_stack(|| match program.start(params.ink_price) {
        Ok(mut running) => enter(&mut running, host, call, params),
        Err(error) => Finished {
            outcome: Outcome::Failure(Failure::Engine(error)),
            ink_used: 0,
            gas_left: call.gas,
            pages: 0,
        },
    })
}

/// Enters a fresh instance.
pub(super) fn enter(
    running: &mut Running,
    host: &mut dyn Host,
    call: &Call<'_>,
    params: &StylusParams,
) -> Finished {
    let ink_price = u64::from(params.ink_price.max(1));
    let ink = call.gas.saturating_mul(ink_price);
    let state = running.store.data_mut();
    state.reset(call.context, call.input);
    state.trace = host.is_tracing().then(Default::default);

    let status = running.fuel(ink, params.max_stack_words).and_then(|()| {
        let entrypoint = running.entrypoint.clone();
        // Longer calldata than the argument can say cannot be paid for anyway.
        let len = u32::try_from(call.input.len()).unwrap_or(u32::MAX);
        hooks::lend(&mut running.store, host, |store| entrypoint.call(store, len))
    });
    let output = std::mem::take(&mut running.store.data_mut().output);
    let ink_left = running.ink_left();
    let outcome = match status {
        Ok(status) => Outcome::returned(status, output),
        Err(_) if running.stack_overflowed() => Outcome::OutOfStack,
        Err(_) if ink_left.is_none() => Outcome::OutOfInk,
        Err(error) => Outcome::stopped(error, output),
    };
    let ink_left = match outcome {
        Outcome::OutOfInk | Outcome::OutOfStack => 0,
        _ => ink_left.unwrap_or(0),
    };
    Finished {
        outcome,
        ink_used: ink - ink_left.min(ink),
        gas_left: ink_left / ink_price,
        pages: running.handles.memory.size(&running.store),
    }
}
