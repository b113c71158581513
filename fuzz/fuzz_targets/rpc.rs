//! Answers of a hostile endpoint to all that the client and the daemon ask: blocks, logs, views, receipts, refusals. Nothing
//! panics, however the chain forks, lags and lies; and duties can be decided in whatever world comes of it.
#![no_main]
#![allow(non_snake_case)]

use std::collections::HashSet;
use std::time::Duration;

use alloy_primitives::{Address, B256, U256};
use alloy_provider::{Provider as _, ProviderBuilder};
use alloy_rpc_client::RpcClient;
use libfuzzer_sys::fuzz_target;
use opml_client::{ClientError, Deployed, Deployment};
use opml_node::chain::{Activation, Follower, Funds, Interest, Reader};
use opml_node::config::{Amount, ClockSource, Policy, Roles};
use opml_node::duties::{Results, View};
use opml_node::policy::{Budget, Exposure, Means, Prices};
use opml_node::state::World;

#[path = "support/draw.rs"]
#[allow(dead_code)]
mod draw;
#[path = "support/endpoint.rs"]
mod endpoint;
#[path = "support/logs.rs"]
mod logs;

use endpoint::Endpoint;
use logs::{CONTRACTS, ME};

fuzz_target!(|data: &[u8]| {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    runtime.block_on(ask(Endpoint::new(data)));
});

fn deployment() -> Deployment {
    let contract = |address| Deployed { address, code_hash: B256::ZERO };
    Deployment {
        chain_id: 1,
        start_block: 1,
        hub: contract(CONTRACTS[0]),
        game: contract(CONTRACTS[1]),
        step: contract(Address::repeat_byte(3)),
        courier: Some(contract(CONTRACTS[2])),
        batch: None,
        attention: None,
        attention_game: None,
        terms: None,
    }
}

async fn ask(endpoint: Endpoint) {
    let client = RpcClient::new(endpoint.clone(), true);
    let connection =
        ProviderBuilder::new().disable_recommended_fillers().connect_client(client).erased();
    let deployment = deployment();
    said(deployment.check(&connection).await);
    let reader = Reader::new(connection.clone(), &deployment, ClockSource::Chain);
    let mut follower = Follower::new(1, 50, Interest { others: true, ..Interest::default() });
    let hub = deployment.hub(&connection);
    let game = deployment.game(&connection);
    while !endpoint.is_done() {
        for _ in 0..4 {
            if let Err(error) = follower.advance(&reader).await {
                let _ = (error.severity(), error.to_string());
            }
        }
        let head = follower.head().unwrap_or_default();
        let now = reader.now(&head).await.unwrap_or_default();
        let funds = Funds {
            balance: reader.balance(ME).await.unwrap_or_default(),
            credit: reader.credit(ME).await.unwrap_or_default(),
        };
        let activations = reader.activations(ME).await.unwrap_or_default();
        for activation in &activations {
            let _ = (activation.act(now), activation.renewal());
        }
        decide(follower.world(), (now, head.timestamp), funds, &activations);
        said(hub.getRequest(B256::ZERO).call().await.map_err(ClientError::from));
        said(hub.getClaim(B256::ZERO).call().await.map_err(ClientError::from));
        said(hub.getModel(B256::ZERO).call().await.map_err(ClientError::from));
        said(game.getGame(B256::ZERO).call().await.map_err(ClientError::from));
        said(opml_client::receipt(&connection, B256::ZERO, Duration::ZERO).await);
    }
}

/// An error is one that can be told.
fn said<T>(answer: Result<T, ClientError>) {
    if let Err(error) = answer {
        let _ = (error.severity(), error.to_string());
    }
}

/// All duties, of one who holds every model and has computed nothing yet.
fn decide(world: &World, (now, block_time): (u64, u64), funds: Funds, activations: &[Activation]) {
    let prices = Prices {
        server_bond: U256::from(100),
        challenger_bond: U256::from(50),
        gas_stake: U256::from(10),
        accept_bond: U256::from(5),
        failed_share: 2500,
        window: 3600,
    };
    let policy = Policy { max_exposure: Amount(U256::MAX), ..Policy::default() };
    let exposure = Exposure::of(world, ME, &prices);
    let models: HashSet<B256> = world.models.keys().copied().collect();
    let starts = world.requests.keys().map(|id| (*id, true)).collect();
    let results = Results { starts, ..Results::default() };
    let gas_price = U256::from(1);
    let view = View {
        world,
        me: ME,
        now,
        block_time,
        roles: Roles::ALL,
        policy: &policy,
        prices,
        gas_price,
        funds,
        exposure,
        models: &models,
        served: &models,
        results: &results,
        activations,
    };
    let means = Means { funds, exposure, pending: U256::ZERO, gas_price, gas_today: U256::ZERO };
    let _ = view.todo(Budget::new(&policy, &means));
}
