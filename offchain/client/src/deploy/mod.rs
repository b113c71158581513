//! Deployment of the contracts on any Arbitrum chain.
//!
//! Every step looks first whether the chain has it behind it already, and what it is about to send is in
//! the journal before it is sent: a deployment that was cut off goes on where it was, without a second copy
//! of anything.

mod artifacts;
mod chain;
mod error;
mod journal;
mod setup;
mod terms;
mod verify;

use alloy_primitives::Address;
use alloy_provider::Provider as _;

pub use artifacts::{Artifact, Artifacts};
pub use error::DeployError;
pub use journal::Journal;
pub use setup::Done;
pub use terms::{AttentionTerms, HubTerms, Profile, Terms};
pub use verify::{Finding, verify};

use crate::connect::Connection;
use crate::deployment::{Deployment, Role};
use crate::error::ClientError;
use setup::Setup;

/// What is deployed, and by whom.
#[derive(Clone, Copy, Debug)]
pub struct Plan<'a> {
    /// The contracts.
    pub artifacts: &'a Artifacts,
    /// What they are initialised with.
    pub terms: &'a Terms,
    /// The account that the connection signs for.
    pub deployer: Address,
}

/// Deploys, activates and initialises what `journal` has not seen done; `report` hears of each transaction.
///
/// Until the journal is removed the same call goes on where the last one stopped.
pub async fn deploy(
    connection: &Connection,
    plan: Plan<'_>,
    journal: &mut Journal,
    report: &mut dyn FnMut(Done),
) -> Result<Deployment, DeployError> {
    let chain_id = connection.get_chain_id().await.map_err(ClientError::from)?;
    journal.check(chain_id, &plan)?;
    let mut setup = Setup { connection, plan, journal, report };
    for role in Role::ALL.into_iter().filter(|role| plan.artifacts.of(*role).is_some()) {
        setup.create(role).await?;
        setup.activate(role).await?;
    }
    for role in Role::ALL.into_iter().filter(|role| plan.artifacts.of(*role).is_some()) {
        setup.initialize(role).await?;
    }
    setup.finish()
}
