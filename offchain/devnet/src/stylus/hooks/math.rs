//! 256-bit arithmetic with the results of the EVM: dividing by zero gives zero.

use alloy_primitives::U256;

use super::vm::{Escape, Vm};
use crate::stylus::host_price as price;

/// Writes a result over the first operand.
fn finish<const N: usize>(
    vm: &mut Vm<'_>,
    dest: u32,
    operands: [U256; N],
    result: U256,
) -> Result<(), Escape> {
    vm.write_u256(dest, result)?;
    for operand in operands {
        vm.note_input(&operand.to_be_bytes::<32>());
    }
    vm.note_output(&result.to_be_bytes::<32>());
    Ok(())
}

/// `value / divisor`.
pub fn math_div(vm: &mut Vm<'_>, value: u32, divisor: u32) -> Result<(), Escape> {
    vm.buy_ink(price::MATH_DIV)?;
    let (a, b) = (vm.read_u256(value)?, vm.read_u256(divisor)?);
    finish(vm, value, [a, b], a.checked_div(b).unwrap_or_default())
}

/// `value % modulus`.
pub fn math_mod(vm: &mut Vm<'_>, value: u32, modulus: u32) -> Result<(), Escape> {
    vm.buy_ink(price::MATH_DIV)?;
    let (a, b) = (vm.read_u256(value)?, vm.read_u256(modulus)?);
    finish(vm, value, [a, b], a.checked_rem(b).unwrap_or_default())
}

/// `value ^ exponent`.
pub fn math_pow(vm: &mut Vm<'_>, value: u32, exponent: u32) -> Result<(), Escape> {
    vm.buy_ink(price::MATH_POW)?;
    let (a, b) = (vm.read_u256(value)?, vm.read_u256(exponent)?);
    vm.buy_ink(price::pow(&b.to_be_bytes::<32>()))?;
    finish(vm, value, [a, b], a.wrapping_pow(b))
}

/// `(value + addend) % modulus`, without overflow.
pub fn math_add_mod(vm: &mut Vm<'_>, value: u32, addend: u32, modulus: u32) -> Result<(), Escape> {
    vm.buy_ink(price::MATH_ADD_MOD)?;
    let (a, b) = (vm.read_u256(value)?, vm.read_u256(addend)?);
    let c = vm.read_u256(modulus)?;
    finish(vm, value, [a, b, c], a.add_mod(b, c))
}

/// `(value * multiplier) % modulus`, without overflow.
pub fn math_mul_mod(
    vm: &mut Vm<'_>,
    value: u32,
    multiplier: u32,
    modulus: u32,
) -> Result<(), Escape> {
    vm.buy_ink(price::MATH_MUL_MOD)?;
    let (a, b) = (vm.read_u256(value)?, vm.read_u256(multiplier)?);
    let c = vm.read_u256(modulus)?;
    finish(vm, value, [a, b, c], a.mul_mod(b, c))
}
