//! The server's life.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use jsonrpsee::RpcModule;
use jsonrpsee::core::RegisterMethodError;
use jsonrpsee::server::middleware::http::AuthorityError;
use jsonrpsee::server::middleware::rpc::RpcServiceBuilder;
use jsonrpsee::server::{
    BatchRequestConfig, PingConfig, RandomStringIdProvider, Server, ServerConfig, ServerHandle,
};
use opml_devnet::chain::{Chain, Mining, StoreError};
use thiserror::Error;
use tokio::sync::watch;
use tower::ServiceBuilder;
use tower_http::validate_request::ValidateRequestHeaderLayer;

use crate::config::{Config, Limits};
use crate::methods::Methods;
use crate::mining::mine_in_intervals;
use crate::node::Node;
use crate::origins::{self, Origins};
use crate::service::Service;
use crate::{debug, dev, eth, net, pubsub};

/// How long clients may take to hang up when the server stops.
const GOODBYE: Duration = Duration::from_secs(2);

/// The server could not be started.
#[derive(Debug, Error)]
pub enum ServeError {
    /// The port is taken, or the address is not this machine's.
    #[error("cannot listen on {address}: {error}")]
    Listen {
        /// Where it was to listen.
        address: SocketAddr,
        /// Why it cannot.
        error: std::io::Error,
    },
    /// The chain's file cannot be written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The address is no name of a host.
    #[error(transparent)]
    Host(#[from] AuthorityError),
    /// Two methods have the same name.
    #[error(transparent)]
    Method(#[from] RegisterMethodError),
}

/// A running server. It stops when this is dropped.
pub struct Handle {
    address: SocketAddr,
    node: Arc<Node>,
    server: ServerHandle,
    _timer: watch::Sender<()>,
}

/// Starts serving `chain`; must be called within a tokio runtime.
///
/// # Errors
/// [`ServeError`].
pub async fn serve(config: Config, mut chain: Chain) -> Result<Handle, ServeError> {
    if config.block_time.is_some() {
        chain.set_mining(Mining::OnDemand)?;
    }
    let node = Arc::new(Node::new(chain, config.limits));
    let module = module(&node)?;
    let address = SocketAddr::new(config.host, config.port);
    let fail = |error| ServeError::Listen { address, error };
    let limits = config.limits;
    let around = move |inner| Service::new(inner, &limits);
    let origins = Origins::new(&config.origins);
    let http = ServiceBuilder::new()
        .layer(origins::hosts(config.host)?)
        .layer(origins.cors())
        .layer(ValidateRequestHeaderLayer::custom(origins.gate()));
    let server = Server::builder()
        .set_config(server_config(&config.limits))
        .set_http_middleware(http)
        .set_rpc_middleware(RpcServiceBuilder::new().layer_fn(around));
    let server = server.build(address).await.map_err(fail)?;
    let address = server.local_addr().map_err(fail)?;
    node.set_interval(config.block_time);
    let (timer, stop) = watch::channel(());
    tokio::spawn(mine_in_intervals(node.clone(), stop));
    Ok(Handle { address, node, server: server.start(module), _timer: timer })
}

fn module(node: &Arc<Node>) -> Result<RpcModule<Node>, RegisterMethodError> {
    let mut methods = Methods::new(node.clone());
    eth::register(&mut methods)?;
    net::register(&mut methods)?;
    dev::register(&mut methods)?;
    debug::register(&mut methods)?;
    pubsub::register(&mut methods)?;
    Ok(methods.finish())
}

fn server_config(limits: &Limits) -> ServerConfig {
    // A client has a third of the time between pings to answer.
    let ping = PingConfig::new()
        .ping_interval(limits.ping_interval)
        .inactive_limit(limits.ping_interval * 4 / 3);
    ServerConfig::builder()
        .max_request_body_size(limits.request_bytes)
        .max_response_body_size(limits.response_bytes)
        .max_connections(limits.connections)
        .max_subscriptions_per_connection(limits.subscriptions)
        .set_message_buffer_capacity(limits.buffered_messages)
        .enable_ws_ping(ping)
        .set_batch_request_config(BatchRequestConfig::Limit(limits.batch))
        .set_id_provider(RandomStringIdProvider::new(16))
        .build()
}

impl Handle {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// For HTTP clients.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// For WebSocket clients.
    pub fn ws_url(&self) -> String {
        format!("ws://{}", self.address)
    }

    /// Works on the chain beside the clients; those who follow it hear of the change.
    pub fn with_chain<T>(&self, work: impl FnOnce(&mut Chain) -> T) -> T {
        self.node.write(|ledger| work(&mut ledger.chain))
    }

    /// Stops taking requests, answers those under way, hangs up.
    pub async fn stop(self) {
        // It may have stopped by itself.
        let _ = self.server.stop();
        if tokio::time::timeout(GOODBYE, self.server.stopped()).await.is_err() {
            tracing::warn!("some clients did not hang up in time");
        }
    }
}
