//! Bindings of the interfaces.
#![allow(clippy::pedantic, missing_docs, clippy::too_many_arguments)]

alloy_sol_types::sol!(
    #![sol(all_derives)]
    "../../sol/IAttention.sol"
);

pub mod hub {
    alloy_sol_types::sol!(
        #![sol(all_derives)]
        "../../sol/IHub.sol"
    );
}
pub use hub::IHub;
