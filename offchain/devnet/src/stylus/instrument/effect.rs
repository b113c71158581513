//! What instructions do to the height of the operand stack.

use wasmparser::Operator;

/// Change of the operand stack's height.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// One value more.
    Push,
    /// As many values as before.
    Keep,
    /// So many values fewer.
    Pop(u8),
}

/// Effect of `op`, or `None` for instructions that contracts may not use. Blocks and calls, whose
/// effect depends on a type, count as [`Effect::Keep`].
#[rustfmt::skip]
pub fn of(op: &Operator<'_>) -> Option<Effect> {
    use Operator as O;
    Some(match op {
        O::LocalGet { .. } | O::GlobalGet { .. } | O::MemorySize { .. } | O::I32Const { .. }
        | O::I64Const { .. } | O::F32Const { .. } | O::F64Const { .. } => Effect::Push,
        O::Nop | O::Unreachable | O::Return | O::Else | O::End | O::I32Eqz | O::I64Eqz | O::I32Clz
        | O::I32Ctz | O::I32Popcnt | O::I64Clz | O::I64Ctz | O::I64Popcnt | O::I32WrapI64
        | O::I64ExtendI32S | O::I64ExtendI32U | O::I32Extend8S | O::I32Extend16S | O::I64Extend8S
        | O::I64Extend16S | O::I64Extend32S | O::I32ReinterpretF32 | O::I64ReinterpretF64
        | O::F32ReinterpretI32 | O::F64ReinterpretI64 | O::Block { .. } | O::Loop { .. }
        | O::If { .. } | O::Call { .. } | O::CallIndirect { .. } | O::Br { .. }
        | O::LocalTee { .. } | O::MemoryGrow { .. } | O::I32Load { .. } | O::I64Load { .. }
        | O::F32Load { .. } | O::F64Load { .. } | O::I32Load8S { .. } | O::I32Load8U { .. }
        | O::I32Load16S { .. } | O::I32Load16U { .. } | O::I64Load8S { .. } | O::I64Load8U { .. }
        | O::I64Load16S { .. } | O::I64Load16U { .. } | O::I64Load32S { .. }
        | O::I64Load32U { .. } => Effect::Keep,
        O::Drop | O::I32Eq | O::I32Ne | O::I32LtS | O::I32LtU | O::I32GtS | O::I32GtU | O::I32LeS
        | O::I32LeU | O::I32GeS | O::I32GeU | O::I64Eq | O::I64Ne | O::I64LtS | O::I64LtU
        | O::I64GtS | O::I64GtU | O::I64LeS | O::I64LeU | O::I64GeS | O::I64GeU | O::I32Add
        | O::I32Sub | O::I32Mul | O::I32DivS | O::I32DivU | O::I32RemS | O::I32RemU | O::I64Add
        | O::I64Sub | O::I64Mul | O::I64DivS | O::I64DivU | O::I64RemS | O::I64RemU | O::I32And
        | O::I32Or | O::I32Xor | O::I32Shl | O::I32ShrS | O::I32ShrU | O::I32Rotl | O::I32Rotr
        | O::I64And | O::I64Or | O::I64Xor | O::I64Shl | O::I64ShrS | O::I64ShrU | O::I64Rotl
        | O::I64Rotr | O::BrIf { .. } | O::BrTable { .. } | O::LocalSet { .. }
        | O::GlobalSet { .. } => Effect::Pop(1),
        O::Select | O::I32Store { .. } | O::I64Store { .. } | O::F32Store { .. }
        | O::F64Store { .. } | O::I32Store8 { .. } | O::I32Store16 { .. } | O::I64Store8 { .. }
        | O::I64Store16 { .. } | O::I64Store32 { .. } => Effect::Pop(2),
        O::MemoryFill { .. } | O::MemoryCopy { .. } => Effect::Pop(3),
        _ => return None,
    })
}

/// Whether `op` computes with floats, which chains have no implementation for. Loading, storing
/// and reinterpreting them is not meant.
#[rustfmt::skip]
pub fn is_float_arithmetic(op: &Operator<'_>) -> bool {
    use Operator as O;
    matches!(
        op,
        O::F32Abs | O::F32Neg | O::F32Ceil | O::F32Floor | O::F32Trunc | O::F32Nearest
        | O::F32Sqrt | O::F64Abs | O::F64Neg | O::F64Ceil | O::F64Floor | O::F64Trunc
        | O::F64Nearest | O::F64Sqrt | O::F32Eq | O::F32Ne | O::F32Lt | O::F32Gt | O::F32Le
        | O::F32Ge | O::F64Eq | O::F64Ne | O::F64Lt | O::F64Gt | O::F64Le | O::F64Ge | O::F32Add
        | O::F32Sub | O::F32Mul | O::F32Div | O::F32Min | O::F32Max | O::F32Copysign | O::F64Add
        | O::F64Sub | O::F64Mul | O::F64Div | O::F64Min | O::F64Max | O::F64Copysign
        | O::I32TruncF32S | O::I32TruncF32U | O::I32TruncF64S | O::I32TruncF64U | O::I64TruncF32S
        | O::I64TruncF32U | O::I64TruncF64S | O::I64TruncF64U | O::F32ConvertI32S
        | O::F32ConvertI32U | O::F32ConvertI64S | O::F32ConvertI64U | O::F32DemoteF64
        | O::F64ConvertI32S | O::F64ConvertI32U | O::F64ConvertI64S | O::F64ConvertI64U
        | O::F64PromoteF32 | O::I32TruncSatF32S | O::I32TruncSatF32U | O::I32TruncSatF64S
        | O::I32TruncSatF64U | O::I64TruncSatF32S | O::I64TruncSatF32U | O::I64TruncSatF64S
        | O::I64TruncSatF64U
    )
}
