//! What the contract keeps, record by record.

mod claim;
mod game;
mod hub;
mod model;
mod request;

use alloy_primitives::B256;
use opml_host::Record;

pub use claim::{Claim, live, payer_of};
pub use game::Game;
pub use hub::{
    Configuration, burned, configuration, credit_of, game_contract, nonce_of, parameters,
    set_parameters,
};
pub use model::Model;
pub use request::Request;

/// What a record is about.
#[derive(Clone, Copy)]
pub enum Kind {
    Hub,
    Account,
    Model,
    Request,
    Claim,
    Game,
    Live,
    Payer,
}

impl Kind {
    /// The record of this kind with this id.
    pub fn record(self, id: B256) -> Record {
        Record::new(self as u8, id)
    }
}
