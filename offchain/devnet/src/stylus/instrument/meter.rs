//! Charges each basic block on entry, for all its instructions and for the check itself.

use wasmparser::{BlockType, Operator};

use super::{Code, Globals};
use crate::stylus::module::ModuleView;
use crate::stylus::price;

pub fn apply<'a>(code: Code<'a>, view: &ModuleView<'_>, globals: Globals) -> Code<'a> {
    let mut out = Code::with_capacity(code.len() * 2);
    let mut block = Code::new();
    let mut cost = 0u64;
    for op in code {
        cost = cost.saturating_add(price::operator(&op, &view.types));
        let last = ends_block(&op);
        block.push(op);
        if last {
            out.extend(header(cost.saturating_add(price::BLOCK_HEADER), globals));
            out.append(&mut block);
            cost = 0;
        }
    }
    out
}

/// Whether control may not simply continue after `op`. `block` begins no basic block, and
/// `unreachable` ends none: what follows it is charged with it.
fn ends_block(op: &Operator<'_>) -> bool {
    use Operator as O;
    matches!(
        op,
        O::End
            | O::Else
            | O::Return
            | O::Loop { .. }
            | O::Br { .. }
            | O::BrTable { .. }
            | O::BrIf { .. }
            | O::If { .. }
            | O::Call { .. }
            | O::CallIndirect { .. }
    )
}

/// If less than `cost` is left: set the status and trap; else pay.
fn header(cost: u64, globals: Globals) -> [Operator<'static>; 12] {
    use Operator as O;
    let ink = globals.ink_left;
    let value = cost.cast_signed();
    [
        O::GlobalGet { global_index: ink },
        O::I64Const { value },
        O::I64LtU,
        O::If { blockty: BlockType::Empty },
        O::I32Const { value: 1 },
        O::GlobalSet { global_index: globals.ink_status },
        O::Unreachable,
        O::End,
        O::GlobalGet { global_index: ink },
        O::I64Const { value },
        O::I64Sub,
        O::GlobalSet { global_index: ink },
    ]
}
