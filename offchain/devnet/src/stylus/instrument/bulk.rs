//! Charges `memory.fill` and `memory.copy` for each byte, known only when they run.

use wasmparser::{BlockType, Operator};

use super::{Code, Globals};
use crate::stylus::price;

pub fn apply(code: Code<'_>, globals: Globals) -> Code<'_> {
    let mut out = Code::with_capacity(code.len());
    for op in code {
        match op {
            Operator::MemoryFill { .. } => out.extend(linear(price::MEMORY_FILL_BYTE, globals)),
            Operator::MemoryCopy { .. } => out.extend(linear(price::MEMORY_COPY_BYTE, globals)),
            _ => {}
        }
        out.push(op);
    }
    out
}

/// Takes the length from the stack, pays `per_byte` for each, puts the length back. A difference
/// above the minuend means there was too little ink; 2^32 times the price cannot overflow.
fn linear(per_byte: u64, globals: Globals) -> [Operator<'static>; 17] {
    use Operator as O;
    let get_ink = || O::GlobalGet { global_index: globals.ink_left };
    let get_len = || O::GlobalGet { global_index: globals.scratch };
    [
        O::GlobalSet { global_index: globals.scratch },
        get_ink(),
        get_ink(),
        get_len(),
        O::I64ExtendI32U,
        O::I64Const { value: per_byte.cast_signed() },
        O::I64Mul,
        O::I64Sub,
        O::GlobalSet { global_index: globals.ink_left },
        get_ink(),
        O::I64LtU,
        O::If { blockty: BlockType::Empty },
        O::I32Const { value: 1 },
        O::GlobalSet { global_index: globals.ink_status },
        O::Unreachable,
        O::End,
        get_len(),
    ]
}
