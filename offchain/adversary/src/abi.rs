//! Bindings of the interfaces: the one part that both sides share, since it is how anybody calls a contract.
#![allow(clippy::pedantic, missing_docs, clippy::too_many_arguments)]

/// The hub.
pub mod hub {
    alloy_sol_types::sol!(
        #![sol(all_derives)]
        "../../sol/IHub.sol"
    );
}

/// The game contract.
pub mod game {
    alloy_sol_types::sol!(
        #![sol(all_derives)]
        "../../sol/IGame.sol"
    );
}

/// The step verifier.
pub mod step {
    alloy_sol_types::sol!(
        #![sol(all_derives)]
        "../../sol/IStepVerifier.sol"
    );
}

/// The courier.
pub mod courier {
    alloy_sol_types::sol!(
        #![sol(all_derives)]
        "../../sol/ICourier.sol"
    );
}

/// The batch contract.
pub mod batch {
    alloy_sol_types::sol!(
        #![sol(all_derives)]
        "../../sol/IBatch.sol"
    );
}

/// The attention contract.
pub mod attention {
    alloy_sol_types::sol!(
        #![sol(all_derives)]
        "../../sol/IAttention.sol"
    );
}

/// Whether a revert's first bytes name an error of one of the six interfaces.
pub fn is_error(selector: [u8; 4]) -> bool {
    use alloy_sol_types::SolInterface as _;
    hub::IHub::IHubErrors::valid_selector(selector)
        || game::IGame::IGameErrors::valid_selector(selector)
        || step::IStepVerifier::IStepVerifierErrors::valid_selector(selector)
        || courier::ICourier::ICourierErrors::valid_selector(selector)
        || batch::IBatch::IBatchErrors::valid_selector(selector)
        || attention::IAttention::IAttentionErrors::valid_selector(selector)
}
