//! A connection to a node.

use std::time::Duration;

use alloy_network::EthereumWallet;
use alloy_provider::{DynProvider, Provider as _, ProviderBuilder, WsConnect};
use alloy_rpc_client::ClientBuilder;
use alloy_signer_local::PrivateKeySigner;
use alloy_transport::layers::RetryBackoffLayer;
use alloy_transport_http::reqwest::{Client, Url};

use crate::error::ClientError;

/// A connection, cheap to clone. With a signer it fills in nonce, gas and fees and signs.
pub type Connection = DynProvider;

/// How patient a connection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectSettings {
    /// Longest wait for a connection, and for the answer to a request over HTTP.
    pub timeout: Duration,
    /// Tries again of a request that the node was too busy for.
    pub retries: u32,
    /// Pause before each of them.
    pub pause: Duration,
}

impl Default for ConnectSettings {
    fn default() -> Self {
        Self { timeout: Duration::from_secs(30), retries: 5, pause: Duration::from_millis(500) }
    }
}

/// Requests are not counted against a budget: the node says when it is too busy.
const NO_BUDGET: u64 = u64::MAX;

/// Connects to `url` (`http`, `https`, `ws` or `wss`); transactions are signed by `signer`.
///
/// HTTP connects with the first request. A WebSocket connects here, and again by itself when it breaks.
pub async fn connect(
    url: &str,
    signer: Option<PrivateKeySigner>,
    settings: ConnectSettings,
) -> Result<Connection, ClientError> {
    let bad = || ClientError::BadUrl { url: without_secrets(url) };
    let parsed = Url::parse(url).map_err(|_| bad())?;
    let pause = u64::try_from(settings.pause.as_millis()).unwrap_or(u64::MAX);
    let retry = RetryBackoffLayer::new(settings.retries, pause, NO_BUDGET);
    let builder = ClientBuilder::default().layer(retry);
    let client = match parsed.scheme() {
        "http" | "https" => {
            let http = Client::builder().timeout(settings.timeout).build();
            builder.http_with_client(http.map_err(ClientError::HttpClient)?, parsed)
        }
        "ws" | "wss" => {
            // However long a node is away: who waits for it decides when to give up.
            let connecting = builder.ws(WsConnect::new(url).with_max_retries(u32::MAX));
            tokio::time::timeout(settings.timeout, connecting)
                .await
                .map_err(|_| ClientError::Timeout(settings.timeout))??
        }
        _ => return Err(bad()),
    };
    let plain = ProviderBuilder::new()
        .disable_recommended_fillers()
        .with_gas_estimation()
        .with_simple_nonce_management()
        .fetch_chain_id();
    Ok(match signer {
        Some(signer) => plain.wallet(EthereumWallet::from(signer)).connect_client(client).erased(),
        None => plain.connect_client(client).erased(),
    })
}

/// Scheme and host: what follows may be a key to the endpoint.
fn without_secrets(url: &str) -> String {
    match Url::parse(url) {
        Ok(url) => format!("{}://{}", url.scheme(), url.host_str().unwrap_or_default()),
        Err(_) => url.chars().take(8).collect(),
    }
}
