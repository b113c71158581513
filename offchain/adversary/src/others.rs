//! The contracts beside hub and game, for those who want to call them.

use alloy_eips::BlockId;
use alloy_primitives::Address;
use alloy_sol_types::SolCall as _;
use opml_devnet::chain::DEV_ACCOUNT;

use crate::abi::attention::IAttention;
use crate::abi::batch::IBatch;
use crate::abi::courier::ICourier;
use crate::abi::game::IGame;
use crate::world::{World, WorldError, create, deploy, order};

/// Where they are.
#[derive(Clone, Copy, Debug)]
pub struct Others {
    /// Delivers results.
    pub courier: Address,
    /// Claims many at once.
    pub batch: Address,
    /// Pays verifiers.
    pub attention: Address,
}

impl World {
    /// Deploys and initialises them.
    ///
    /// # Errors
    /// [`WorldError`].
    pub fn others(&mut self) -> Result<Others, WorldError> {
        let terms = self.first.terms.clone();
        let (courier, nonce) = self.created("courier")?;
        let call = ICourier::initializeCall { creationNonce: nonce, hub: terms.hub, gasPrice: 1 };
        order(&mut self.chain, (DEV_ACCOUNT, courier), call.abi_encode())?;
        let (batch, nonce) = self.created("batch")?;
        let call = IBatch::initializeCall { creationNonce: nonce, hub: terms.hub };
        order(&mut self.chain, (DEV_ACCOUNT, batch), call.abi_encode())?;
        let folder = self.folder.clone();
        // The same code is active already.
        let game = create(&mut self.chain, &folder, "game")?;
        let (attention, nonce) = self.created("attention")?;
        let clock = u32::try_from(terms.clock).unwrap_or(u32::MAX);
        let call = IGame::initializeCall { hub: attention, step: terms.step, clock };
        order(&mut self.chain, (DEV_ACCOUNT, game), call.abi_encode())?;
        let params = IAttention::Parameters {
            epoch: 86_400,
            commitTime: 300,
            revealTime: 86_400,
            disputeTime: 86_400,
            burnShare: 6_000,
            stake: 10_000_000_000_000_000,
            bond: 10_000_000_000_000_000,
        };
        let call =
            IAttention::initializeCall { creationNonce: nonce, hub: terms.hub, game, params };
        order(&mut self.chain, (DEV_ACCOUNT, attention), call.abi_encode())?;
        Ok(Others { courier, batch, attention })
    }

    /// A contract, and the nonce that its creator had.
    fn created(&mut self, name: &str) -> Result<(Address, u64), WorldError> {
        let nonce = self.chain.nonce(DEV_ACCOUNT, BlockId::latest())?;
        let folder = self.folder.clone();
        Ok((deploy(&mut self.chain, &folder, name)?, nonce))
    }
}
