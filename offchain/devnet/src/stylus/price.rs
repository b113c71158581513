//! Ink prices of WebAssembly instructions (Stylus versions 1 and 2).

use wasmparser::{FuncType, Operator};

/// Charged once a basic block for the check itself.
pub const BLOCK_HEADER: u64 = 2450;

/// `memory.fill`, each byte, on top of [`operator`].
pub const MEMORY_FILL_BYTE: u64 = 100;

/// `memory.copy`, each byte, on top of [`operator`].
pub const MEMORY_COPY_BYTE: u64 = 100;

/// Price of an instruction that must never run; nobody can pay it.
pub const PROHIBITIVE: u64 = u64::MAX;

/// `br_table`, base and each target (the default not counted).
const BR_TABLE: (u64, u64) = (2400, 325);

/// `call_indirect`, base and each parameter of the callee's type.
const CALL_INDIRECT: (u64, u64) = (13_610, 650);

/// Ink one execution of `op` costs; `types` are the module's function types.
///
/// Floating point and every proposal a contract may not use cost [`PROHIBITIVE`].
pub fn operator(op: &Operator<'_>, types: &[FuncType]) -> u64 {
    control(op, types).or_else(|| memory(op)).or_else(|| integer(op)).unwrap_or(PROHIBITIVE)
}

fn control(op: &Operator<'_>, types: &[FuncType]) -> Option<u64> {
    use Operator as O;
    Some(match op {
        O::Unreachable
        | O::Return
        | O::Nop
        | O::Block { .. }
        | O::Loop { .. }
        | O::Else
        | O::End
        | O::I32Const { .. }
        | O::I64Const { .. } => 1,
        O::Drop => 9,
        O::Br { .. } | O::BrIf { .. } | O::If { .. } => 765,
        O::Select => 1250,
        O::Call { .. } => 3800,
        O::LocalGet { .. } | O::LocalTee { .. } => 75,
        O::LocalSet { .. } => 210,
        O::GlobalGet { .. } => 225,
        O::GlobalSet { .. } => 575,
        O::BrTable { targets } => BR_TABLE.0 + BR_TABLE.1 * u64::from(targets.len()),
        O::CallIndirect { type_index, .. } => {
            let params = types.get(*type_index as usize)?.params().len() as u64;
            CALL_INDIRECT.0 + CALL_INDIRECT.1 * params
        }
        _ => return None,
    })
}

#[allow(clippy::match_same_arms, reason = "a row of the table an arm")]
fn memory(op: &Operator<'_>) -> Option<u64> {
    use Operator as O;
    Some(match op {
        O::I32Load { .. }
        | O::I32Load8S { .. }
        | O::I32Load8U { .. }
        | O::I32Load16S { .. }
        | O::I32Load16U { .. } => 670,
        O::I64Load { .. }
        | O::I64Load8S { .. }
        | O::I64Load8U { .. }
        | O::I64Load16S { .. }
        | O::I64Load16U { .. }
        | O::I64Load32S { .. }
        | O::I64Load32U { .. } => 680,
        O::I32Store { .. } | O::I32Store8 { .. } | O::I32Store16 { .. } => 825,
        O::I64Store { .. } | O::I64Store8 { .. } | O::I64Store16 { .. } | O::I64Store32 { .. } => {
            950
        }
        O::MemorySize { .. } => 3000,
        // The pages themselves are paid by `pay_for_memory_grow`.
        O::MemoryGrow { .. } => 8050,
        O::MemoryCopy { .. } | O::MemoryFill { .. } => 950,
        _ => return None,
    })
}

fn integer(op: &Operator<'_>) -> Option<u64> {
    use Operator as O;
    Some(match op {
        O::I32Add
        | O::I32Sub
        | O::I32And
        | O::I32Or
        | O::I32Xor
        | O::I32Shl
        | O::I32ShrS
        | O::I32ShrU
        | O::I32Rotl
        | O::I32Rotr => 70,
        O::I64Add
        | O::I64Sub
        | O::I64And
        | O::I64Or
        | O::I64Xor
        | O::I64Shl
        | O::I64ShrS
        | O::I64ShrU
        | O::I64Rotl
        | O::I64Rotr
        | O::I32WrapI64
        | O::I64ExtendI32S
        | O::I64ExtendI32U
        | O::I32Extend8S
        | O::I32Extend16S
        | O::I64Extend8S
        | O::I64Extend16S
        | O::I64Extend32S => 100,
        O::I32Mul | O::I64Mul => 160,
        O::I32Eqz
        | O::I32Eq
        | O::I32Ne
        | O::I32LtS
        | O::I32LtU
        | O::I32GtS
        | O::I32GtU
        | O::I32LeS
        | O::I32LeU
        | O::I32GeS
        | O::I32GeU => 170,
        O::I32Clz | O::I32Ctz | O::I64Clz | O::I64Ctz => 210,
        O::I64Eqz
        | O::I64Eq
        | O::I64Ne
        | O::I64LtS
        | O::I64LtU
        | O::I64GtS
        | O::I64GtU
        | O::I64LeS
        | O::I64LeU
        | O::I64GeS
        | O::I64GeU => 225,
        O::I32DivS | O::I32DivU | O::I32RemS | O::I32RemU => 1120,
        O::I64DivS | O::I64DivU | O::I64RemS | O::I64RemU => 1270,
        O::I32Popcnt => 2650,
        O::I64Popcnt => 6000,
        _ => return None,
    })
}
