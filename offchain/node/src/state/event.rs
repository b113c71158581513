//! Events of the hub, the game contract and the courier.

use alloy_primitives::Address;
use alloy_rpc_types_eth::Log;
use alloy_sol_types::SolEventInterface;
use opml_client::Deployment;
use opml_client::contracts::courier::ICourier::ICourierEvents;
use opml_client::contracts::game::IGame::IGameEvents;
use opml_client::contracts::hub::IHub::IHubEvents;

/// An event that belongs to the system.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::large_enum_variant, reason = "they are folded and dropped")]
pub enum Event {
    /// Of the hub.
    Hub(IHubEvents),
    /// Of the game contract.
    Game(IGameEvents),
    /// Of the courier.
    Courier(ICourierEvents),
}

/// Whose events count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Addresses {
    /// The hub.
    pub hub: Address,
    /// The game contract of the hub.
    pub game: Address,
    /// The courier, if there is one.
    pub courier: Option<Address>,
}

impl Addresses {
    /// All of them.
    pub fn all(&self) -> Vec<Address> {
        [self.hub, self.game].into_iter().chain(self.courier).collect()
    }
}

impl From<&Deployment> for Addresses {
    fn from(deployment: &Deployment) -> Self {
        Self {
            hub: deployment.hub.address,
            game: deployment.game.address,
            courier: deployment.courier.map(|courier| courier.address),
        }
    }
}

impl Event {
    /// What a log says; none if it is from elsewhere, or no event of the interface.
    pub fn decode(log: &Log, addresses: &Addresses) -> Option<Self> {
        let (topics, data) = (log.topics(), &log.data().data);
        if log.address() == addresses.hub {
            IHubEvents::decode_raw_log(topics, data).ok().map(Self::Hub)
        } else if log.address() == addresses.game {
            IGameEvents::decode_raw_log(topics, data).ok().map(Self::Game)
        } else if Some(log.address()) == addresses.courier {
            ICourierEvents::decode_raw_log(topics, data).ok().map(Self::Courier)
        } else {
            None
        }
    }
}
