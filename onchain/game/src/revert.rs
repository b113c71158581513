//! What the contract reverts with.

use alloc::vec::Vec;

use alloy_sol_types::SolError;

/// Data to revert with: an error of the ABI, or what another contract reverted with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revert(pub Vec<u8>);

/// An error of the ABI.
impl<E: SolError> From<E> for Revert {
    fn from(error: E) -> Self {
        Self(error.abi_encode())
    }
}
