//! Pays for pages before `memory.grow` makes them.

use wasmparser::Operator;

use super::{Code, Globals};
use crate::stylus::module::ModuleView;

pub fn apply<'a>(code: Code<'a>, view: &ModuleView<'_>, globals: Globals) -> Code<'a> {
    let fixed = view.memories.first().is_none_or(|m| m.maximum == Some(m.initial));
    let Some(pay) = view.payment_import().filter(|_| !fixed) else {
        return code;
    };
    let mut out = Code::with_capacity(code.len());
    for op in code {
        if matches!(op, Operator::MemoryGrow { .. }) {
            out.extend(payment(pay, globals.scratch));
        }
        out.push(op);
    }
    out
}

/// Calls `pay` with the page count on the stack and leaves the count there.
fn payment(pay: u32, scratch: u32) -> [Operator<'static>; 4] {
    use Operator as O;
    let global_index = scratch;
    [
        O::GlobalSet { global_index },
        O::GlobalGet { global_index },
        O::GlobalGet { global_index },
        O::Call { function_index: pay },
    ]
}
