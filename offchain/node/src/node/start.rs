//! Starting: what is checked before, and which tasks there are.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use alloy_primitives::{B256, U256};
use alloy_sol_types::SolError;
use opml_client::contracts::hub::IHub;
use opml_client::{ClientError, ConnectSettings, Connection, Deployment, connect};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::NodeHandle;
use super::care::Care;
use super::driver::{Channels, Driver};
use super::knowledge::Knowledge;
use super::tell::{Detail, Identity, Status};
use crate::api::{self, Shown};
use crate::chain::{Follower, Heads, Interest, Reader};
use crate::config::{Api, Config};
use crate::error::{NodeError, is_refusal};
use crate::jobs::{Pool, Provers};
use crate::metrics::Metrics;
use crate::models::Library;
use crate::policy::Prices;
use crate::sender::{Pressed, Sender, Sending, Signing, Tick, UnderWay};
use crate::state::Addresses;
use crate::store::{Owner, Store};

pub(super) async fn start(
    config: Config,
    provers: Arc<dyn Provers>,
) -> Result<NodeHandle, NodeError> {
    let signer = config.key.signer()?;
    let account = signer.address();
    let deployment = Deployment::read(&config.deployment)?;
    let connection = connect(&config.rpc, None, ConnectSettings::default()).await?;
    deployment.check(&connection).await?;
    let owner = Owner { account, chain_id: deployment.chain_id, hub: deployment.hub.address };
    let store = Arc::new(Store::open(&config.store.path, owner)?);
    // Bundles are mapped: whoever cuts a file short must not kill what has bonds to defend.
    opml_runtime::lost::survive();
    let models = config.models.clone();
    let library = tokio::task::spawn_blocking(move || Library::open(&models))
        .await
        .map_err(|_| NodeError::Panicked)??;
    let reader = Reader::new(connection.clone(), &deployment, config.chain.clock);
    let sending = Sending {
        connection: connection.clone(),
        signer,
        chain_id: deployment.chain_id,
        gas: config.gas,
        poll: Duration::from_millis(config.chain.poll_ms.clamp(1, 250)),
        store: Arc::clone(&store),
        under_way: UnderWay::default(),
        pressed: Pressed::default(),
        signing: Signing::default(),
    };
    let prices = match prices(&deployment, &connection).await {
        // A contract whose activation has ended reverts.
        Err(NodeError::Client(error)) if config.roles.settler && is_refusal(&error) => {
            wake(&reader, &sending, &(&deployment).into()).await?;
            prices(&deployment, &connection).await?
        }
        prices => prices?,
    };
    if config.roles.server {
        for path in library.unnamed() {
            tracing::warn!(
                bundle = %path.display(),
                "has no id: whoever registers a model with its roots, on whatever terms, has it served"
            );
        }
    }
    for id in library.named().collect::<HashSet<_>>() {
        check_model(&deployment, &connection, id).await?;
    }

    let cancel = CancellationToken::new();
    let (commands, take_commands) = mpsc::unbounded_channel();
    let (report, outcomes) = mpsc::unbounded_channel();
    let (results, finished) = mpsc::unbounded_channel();
    let under_way = sending.under_way.clone();
    let sender = Sender::new(sending, take_commands, report)?;
    let others = config.roles.settler && config.policy.settle_all;
    let interest = Interest { holdings: library.holdings(), others };
    let follower = Follower::new(deployment.start_block, config.chain.span, interest);
    let heads = Heads::new(connection.clone(), &config.rpc);
    let (status, watch) = watch::channel(Status::default());
    let (world, shown) = watch::channel(Arc::default());
    let (detail, watch_detail) = watch::channel(Arc::<Detail>::default());
    let metrics = Arc::new(Metrics::default());
    let (api, world) = match config.api {
        None => (None, None),
        Some(Api { listen }) => {
            let shown = Shown {
                identity: Identity {
                    account,
                    chain_id: deployment.chain_id,
                    hub: deployment.hub.address,
                    roles: config.roles,
                },
                status: watch.clone(),
                detail: watch_detail,
                world: shown,
                metrics: Arc::clone(&metrics),
            };
            let address = api::serve(listen, shown, cancel.clone()).await;
            (Some(address.map_err(NodeError::Listen)?), Some(world))
        }
    };
    let driver = Driver {
        account,
        roles: config.roles,
        policy: config.policy,
        prices,
        addresses: (&deployment).into(),
        poll: Duration::from_millis(config.chain.poll_ms.max(1)),
        reader,
        follower,
        heads,
        library,
        knowledge: Knowledge::default(),
        pool: Pool::new(provers, &config.jobs, results),
        store,
        under_way,
        channels: Channels { commands, outcomes, finished, status, detail, world },
        metrics,
        care: Care::new(config.policy.activation_margin),
        credit: U256::ZERO,
        forgotten: 0,
    };
    let task = tokio::spawn(run(driver, sender, cancel.clone()));
    Ok(NodeHandle { account, api, status: watch, cancel, task })
}

/// The hub's prices.
async fn prices(deployment: &Deployment, connection: &Connection) -> Result<Prices, NodeError> {
    let parameters = deployment.hub(connection).parameters().call().await;
    let parameters = parameters.map_err(|error| NodeError::Client(error.into()))?;
    if parameters.game != deployment.game.address {
        return Err(NodeError::NotInitialised);
    }
    Ok(Prices {
        server_bond: U256::from(parameters.params.serverBond),
        challenger_bond: U256::from(parameters.params.challengerBond),
        gas_stake: U256::from(parameters.params.gasStake),
        accept_bond: U256::from(parameters.params.acceptBond),
        failed_share: parameters.params.failedShare,
        window: u64::from(parameters.params.window),
    })
}

/// Activates contracts whose activation has ended: without them there is nothing to ask.
async fn wake(reader: &Reader, sending: &Sending, addresses: &Addresses) -> Result<(), NodeError> {
    let now = reader.now(&reader.head().await?).await?;
    for activation in reader.activations(sending.signer.address()).await? {
        if activation.seconds_left == 0
            && let Some(act) = activation.act(now)
        {
            tracing::warn!(contract = activation.name, "its activation has ended: it is activated");
            let tick = Tick { block: 0, now };
            sending.attempt(&act.intent(addresses), tick).await?;
        }
    }
    Ok(())
}

/// Both tasks, until one of them ends.
async fn run(driver: Driver, sender: Sender, cancel: CancellationToken) -> Result<(), NodeError> {
    let mut sender = tokio::spawn(sender.run(cancel.clone()));
    let mut driver = tokio::spawn(driver.run(cancel.clone()));
    let ended = tokio::select! {
        ended = &mut driver => ended.unwrap_or(Err(NodeError::Panicked)),
        ended = &mut sender => {
            cancel.cancel();
            let ended = ended.map_err(|_| NodeError::Panicked)?;
            // The driver has nothing to lose: what it knows is on the chain.
            let _ = driver.await;
            return ended.map_err(NodeError::from);
        }
    };
    cancel.cancel();
    let sent = sender.await.map_err(|_| NodeError::Panicked)?;
    ended.and(sent.map_err(NodeError::from))
}

/// The hub knows a model.
async fn check_model(
    deployment: &Deployment,
    connection: &Connection,
    id: B256,
) -> Result<(), NodeError> {
    match deployment.hub(connection).getModel(id).call().await.map_err(ClientError::from) {
        Ok(_) => Ok(()),
        Err(ClientError::Reverted(data))
            if IHub::UnknownModel::abi_decode_validate(&data).is_ok() =>
        {
            Err(NodeError::UnknownModel { id })
        }
        Err(error) => Err(error.into()),
    }
}
