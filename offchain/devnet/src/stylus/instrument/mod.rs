//! Rewrites a contract so that it counts its own ink and stack.
//!
//! Four passes run over each function, in this order, as on chain: [`meter`] charges every basic
//! block, [`bulk`] charges `memory.fill` and `memory.copy` by the byte, [`depth`] accounts for the
//! frame, [`heap`] pays for new pages. The order matters: the frame is measured with the meter's
//! own values on the stack, while the ink of the later passes' instructions is not charged.

mod bulk;
mod depth;
mod effect;
mod encode;
mod heap;
mod meter;

use wasmparser::Operator;

use super::error::{ActivationError, Limited};
use super::module::ModuleView;
use super::validate::limit;

/// Instructions of one function, as the passes exchange them.
type Code<'a> = Vec<Operator<'a>>;

/// Export name of the `i64` global that holds the ink left.
pub const INK_LEFT: &str = "stylus_ink_left";
/// Export name of the `i32` global that is non-zero once ink ran out.
pub const INK_STATUS: &str = "stylus_ink_status";
/// Export name of the `i32` global that holds the stack words left; zero after an overflow.
pub const STACK_LEFT: &str = "stylus_stack_left";

/// The contract's own mutable globals are exported under this prefix and their index, so that an
/// instance can be set back to its start.
pub const MUTABLE_GLOBAL_PREFIX: &str = "stylus_global_";

/// Globals appended to every contract.
pub const ADDED_GLOBALS: u32 = 4;

/// Indices of the globals appended to a contract.
#[derive(Clone, Copy, Debug)]
struct Globals {
    ink_left: u32,
    ink_status: u32,
    scratch: u32,
    stack_left: u32,
}

impl Globals {
    fn after(count: u32) -> Self {
        Self { ink_left: count, ink_status: count + 1, scratch: count + 2, stack_left: count + 3 }
    }
}

/// An instrumented contract.
#[derive(Debug)]
pub struct Instrumented {
    /// The module, ready to be compiled.
    pub wasm: Vec<u8>,
    /// Instructions over all functions, those of the passes included.
    pub instructions: u64,
}

/// Instruments a contract that has passed [`super::validate::check`].
pub fn instrument(view: &ModuleView<'_>) -> Result<Instrumented, ActivationError> {
    /// Most globals, exports, declared locals and instructions a function.
    const MAX: (u64, u64, u64, u64) = (32_768, 1024, 348, 65_536);

    let globals = u32::try_from(view.globals.len()).unwrap_or(u32::MAX);
    let all_globals = u64::from(globals) + u64::from(ADDED_GLOBALS);
    limit(Limited::Globals, all_globals, MAX.0)?;
    limit(Limited::Exports, kept_exports(view), MAX.1)?;
    let added = Globals::after(globals);

    let mut functions = Vec::with_capacity(view.bodies.len());
    let mut instructions = 0;
    for (index, body) in view.bodies.iter().enumerate() {
        let locals = declared_locals(body)?;
        let mut code = Code::new();
        for op in body.get_operators_reader()? {
            let op = op?;
            supported(&op)?;
            code.push(op);
        }
        let code = meter::apply(code, view, added);
        let code = bulk::apply(code, added);
        let code = depth::apply(code, &depth::Frame::new(index, locals, view), added)?;
        let code = heap::apply(code, view, added);
        limit(Limited::Locals, u64::from(locals), MAX.2)?;
        limit(Limited::Instructions, code.len() as u64, MAX.3)?;
        instructions += code.len() as u64;
        functions.push(code);
    }
    Ok(Instrumented { wasm: encode::module(view, functions, added)?, instructions })
}

/// Exports left after all but the two known names are dropped, plus the added globals.
fn kept_exports(view: &ModuleView<'_>) -> u64 {
    let kept = super::pack::KEPT_EXPORTS;
    let count = view.exports.iter().filter(|e| kept.contains(&e.name));
    count.count() as u64 + u64::from(ADDED_GLOBALS)
}

fn declared_locals(body: &wasmparser::FunctionBody<'_>) -> Result<u32, ActivationError> {
    let mut count = 0u32;
    for local in body.get_locals_reader()? {
        count = count.saturating_add(local?.0);
    }
    Ok(count)
}

/// Rejects what validates but has no meaning on chain.
fn supported(op: &Operator<'_>) -> Result<(), ActivationError> {
    if effect::is_float_arithmetic(op) {
        return Err(ActivationError::Float(format!("{op:?}")));
    }
    if effect::of(op).is_none() {
        return Err(ActivationError::Instruction(format!("{op:?}")));
    }
    Ok(())
}
