//! A chain that is a process, with contracts and a model that `opml` has put there, and all that a test asks it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use alloy_eips::BlockId;
use alloy_network::TransactionBuilder as _;
use alloy_primitives::{Address, B256, Bytes};
use alloy_provider::Provider as _;
use alloy_rpc_types_eth::{Filter, TransactionReceipt, TransactionRequest};
use alloy_signer_local::PrivateKeySigner;
use alloy_sol_types::SolEvent;
use opml_client::contracts::IHub;
use opml_client::deploy::{HubTerms, Terms};
use opml_client::{ConnectSettings, Connection, Deployment, KeySource, connect, send};
use opml_devnet::chain::DEV_KEYS;
use opml_node::config::{self, Amount, ClockSource, Config, Roles};
use tempfile::TempDir;

use crate::daemon::{Daemon, honest, lying, write};
use crate::liar::ONE_TILE;
use crate::process::{OPML, PATIENCE, Process};

pub const SERVER: Roles = Roles { server: true, verifier: false, player: false, settler: false };
pub const VERIFIER: Roles = Roles { server: false, verifier: true, player: false, settler: false };
pub const SETTLER: Roles = Roles { server: false, verifier: false, player: false, settler: true };

/// Between looks at something that is waited for.
const LOOK: Duration = Duration::from_millis(10);

/// Number of the account that deploys, registers and asks.
const REQUESTER: usize = 0;

pub struct World {
    pub folder: TempDir,
    pub url: String,
    /// Signs as the requester.
    pub connection: Connection,
    pub deployment: Deployment,
    pub model: B256,
    /// What nodes hold of the model.
    pub bundle: PathBuf,
    _devnet: Process,
}

pub fn account(number: usize) -> Address {
    signer(number).address()
}

pub fn signer(number: usize) -> PrivateKeySigner {
    PrivateKeySigner::from_bytes(&DEV_KEYS[number]).unwrap()
}

pub fn digits() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/digits").canonicalize().unwrap()
}

/// A development chain, and its URL.
pub fn devnet(arguments: &[&str]) -> (Process, String) {
    let mut command = Command::new(OPML);
    command.args(["devnet", "--port", "0", "--silent"]).args(arguments);
    let mut devnet = Process::start(command);
    let url = devnet.stdout().find(|line| {
        line.split_whitespace().find(|word| word.starts_with("http://")).map(str::to_owned)
    });
    (devnet, url.expect("the chain does not start"))
}

impl World {
    pub async fn new() -> Self {
        Self::with(None).await
    }

    /// With other terms than those of a development chain.
    pub async fn with(terms: Option<&Terms>) -> Self {
        let (devnet, url) = devnet(&[]);
        let folder = TempDir::new().unwrap();
        let deploy = ["deploy", "--terms", "terms.toml"];
        if let Some(terms) = terms {
            let terms = toml::to_string(terms).unwrap();
            std::fs::write(folder.path().join("terms.toml"), terms).unwrap();
        }
        opml(folder.path(), &url, &deploy[..if terms.is_some() { 3 } else { 1 }]);
        let registered = opml(folder.path(), &url, &["model", "register", "digits", "--json"]);
        let registered: serde_json::Value = serde_json::from_str(&registered).unwrap();
        let model = registered["model"].as_str().unwrap().parse().unwrap();
        let deployment = Deployment::read(&folder.path().join("deployment.json")).unwrap();
        let signer = Some(signer(REQUESTER));
        let connection = connect(&url, signer, ConnectSettings::default()).await.unwrap();
        Self { folder, url, connection, deployment, model, bundle: digits(), _devnet: devnet }
    }

    pub fn terms(&self) -> &Terms {
        self.deployment.terms.as_ref().unwrap()
    }

    pub fn hub_terms(&self) -> &HubTerms {
        &self.terms().hub
    }

    // ---- nodes -----------------------------------------------------------------------------------

    /// The configuration of account `number`.
    pub fn config(&self, number: usize, roles: Roles) -> Config {
        let key = self.folder.path().join(format!("key-{number}"));
        std::fs::write(&key, DEV_KEYS[number].to_string()).unwrap();
        let mut config = Config::parse(config::TEMPLATE, []).unwrap();
        config.rpc.clone_from(&self.url);
        config.deployment = self.folder.path().join("deployment.json");
        config.key = KeySource::File(key);
        (config.chain.poll_ms, config.chain.clock) = (10, ClockSource::Chain);
        config.roles = roles;
        config.models = vec![config::Model { path: self.bundle.clone(), id: None }];
        config.policy.max_gas_per_day = Amount::ether(100);
        config.store.path = self.folder.path().join(format!("node-{number}.redb"));
        config.api = Some(config::Api { listen: "127.0.0.1:0".parse().unwrap() });
        config
    }

    pub fn start(&self, number: usize, roles: Roles) -> Daemon {
        Daemon::start(honest(&write(&self.config(number, roles))), number)
    }

    pub fn start_liar(&self, number: usize, roles: Roles, lie: &str) -> Daemon {
        let mut config = self.config(number, roles);
        if lie == ONE_TILE {
            // Behind the first there is no gas for another. Moves are made whatever they cost.
            config.policy.max_gas_per_day = "1 wei".parse().unwrap();
        }
        Daemon::start(lying(&write(&config), lie), number)
    }

    // ---- acts ------------------------------------------------------------------------------------

    /// Registers the digits as another model, which the next requests are to.
    pub async fn register(&mut self, change: impl FnOnce(&mut IHub::Model)) {
        let hub = self.deployment.hub(&self.connection);
        let mut model = hub.getModel(self.model).call().await.unwrap().model;
        change(&mut model);
        let request = hub.registerModel(model, String::new()).into_transaction_request();
        let receipt = send(&self.connection, request).await.unwrap();
        self.model = receipt.decoded_log::<IHub::ModelRegistered>().unwrap().modelId;
    }

    /// Asks the model about a picture that only `seed` determines.
    pub async fn request(&self, seed: u64) -> B256 {
        self.ask(&self.connection, seed).await
    }

    /// The same by the account that a connection signs for.
    pub async fn ask(&self, connection: &Connection, seed: u64) -> B256 {
        let receipt = send(connection, self.infer(connection, seed).await).await.unwrap();
        receipt.decoded_log::<IHub::Requested>().unwrap().requestId
    }

    /// The same without waiting for a block.
    pub async fn order(&self, connection: &Connection, seed: u64) {
        let infer = self.infer(connection, seed).await;
        drop(connection.send_transaction(infer).await.unwrap());
    }

    async fn infer(&self, connection: &Connection, seed: u64) -> TransactionRequest {
        let hub = self.deployment.hub(connection);
        let price = hub.quote(self.model, 0).call().await.unwrap();
        let infer = hub.infer(self.model, question(seed)).into_transaction_request();
        infer.with_value(price.fee + price.workBurn).with_gas_limit(1_000_000)
    }

    /// A method of a development chain.
    pub async fn tell<P, R>(&self, method: &'static str, parameters: P) -> R
    where
        P: alloy_json_rpc::RpcSend,
        R: alloy_json_rpc::RpcRecv,
    {
        self.connection.raw_request(method.into(), parameters).await.unwrap()
    }

    pub async fn mine(&self) {
        self.tell::<_, serde_json::Value>("evm_mine", ()).await;
    }

    /// Time goes on, and a block tells of it.
    pub async fn pass(&self, seconds: u64) {
        self.tell::<_, serde_json::Value>("evm_increaseTime", (seconds,)).await;
        self.mine().await;
    }

    // ---- views -----------------------------------------------------------------------------------

    /// All events of a kind, in order.
    pub async fn events<E: SolEvent>(&self) -> Vec<E> {
        let addresses = vec![self.deployment.hub.address, self.deployment.game.address];
        let filter = Filter::new().from_block(0).address(addresses);
        let filter = filter.event_signature(E::SIGNATURE_HASH);
        let logs = self.connection.get_logs(&filter).await.unwrap();
        logs.iter().filter_map(|log| E::decode_log(&log.inner).ok()).map(|log| log.data).collect()
    }

    pub async fn request_of(&self, request: B256) -> IHub::Request {
        self.deployment.hub(&self.connection).getRequest(request).call().await.unwrap()
    }

    pub async fn is_final(&self, request: B256) -> bool {
        self.request_of(request).await.status == IHub::RequestStatus::Final
    }

    /// Receipts of all blocks.
    pub async fn receipts(&self) -> Vec<TransactionReceipt> {
        let mut receipts = Vec::new();
        for block in 0..=self.connection.get_block_number().await.unwrap() {
            let found = self.connection.get_block_receipts(BlockId::number(block)).await.unwrap();
            receipts.extend(found.unwrap_or_default());
        }
        receipts
    }

    // ---- waiting ---------------------------------------------------------------------------------

    /// Looks until there is something to see.
    pub async fn until<T>(&self, what: &str, mut look: impl AsyncFnMut(&Self) -> Option<T>) -> T {
        let start = Instant::now();
        loop {
            if let Some(seen) = look(self).await {
                return seen;
            }
            assert!(start.elapsed() < PATIENCE, "{what} does not come");
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Waits until there are so many events of a kind.
    pub async fn count<E: SolEvent>(&self, count: usize) -> Vec<E> {
        self.until(E::SIGNATURE, async |world| {
            let events = world.events::<E>().await;
            (events.len() >= count).then_some(events)
        })
        .await
    }

    /// The first live claim on a request.
    pub async fn claim(&self, request: B256) -> B256 {
        self.until("a claim", async |world| {
            let head = world.request_of(request).await.head;
            (!head.is_zero()).then_some(head)
        })
        .await
    }

    /// Waits until a request is final, while time passes whenever `nodes` have nothing to do.
    pub async fn finality(&self, request: B256, nodes: &[&Daemon]) {
        self.meanwhile("finality", nodes, async |world| {
            world.is_final(request).await.then_some(())
        })
        .await;
    }

    /// Waits for the verdict of `games` games; time passes as above: who has nothing to show loses by its clock.
    pub async fn verdicts(&self, games: usize, nodes: &[&Daemon]) {
        use opml_client::contracts::IGame::Over;
        self.meanwhile("the verdict", nodes, async |world| {
            (world.events::<Over>().await.len() >= games).then_some(())
        })
        .await;
    }

    /// Waits until all requests and all claims have come to their end.
    pub async fn settled(&self, nodes: &[&Daemon]) {
        let accounts: Vec<Address> = nodes.iter().map(|node| account(node.number)).collect();
        self.meanwhile("the end of all claims", nodes, async |world| {
            let requests = world.events::<IHub::Requested>().await.len();
            let finals = world.events::<IHub::Finalized>().await.len();
            if finals < requests {
                return None;
            }
            let hub = world.deployment.hub(&world.connection);
            for claimed in world.events::<IHub::Claimed>().await {
                let claim = hub.getClaim(claimed.claimId).call().await.unwrap();
                // Who comes behind a final claim and goes away leaves its own where it is.
                let left = claim.status == IHub::ClaimStatus::Live;
                if left && (accounts.contains(&claim.server) || claim.openGames > 0) {
                    return None;
                }
            }
            Some(())
        })
        .await;
    }

    /// Looks until there is something to see; time passes whenever all `nodes` have nothing to do.
    pub async fn meanwhile<T>(
        &self,
        what: &str,
        nodes: &[&Daemon],
        mut look: impl AsyncFnMut(&Self) -> Option<T>,
    ) -> T {
        self.until(what, async |world| {
            let seen = look(world).await;
            if seen.is_none() && world.are_idle(nodes).await {
                world.pass(300).await;
            }
            seen
        })
        .await
    }

    /// Whether all nodes have seen the last block and do nothing about it.
    pub async fn are_idle(&self, nodes: &[&Daemon]) -> bool {
        let head = self.connection.get_block_number().await.unwrap();
        for node in nodes {
            let status = node.status().await;
            let busy = status.computing + status.sending > 0;
            if !status.ready || busy || status.block != head {
                return false;
            }
        }
        self.connection.get_block_number().await.unwrap() == head
    }

    /// Waits for that.
    pub async fn idle(&self, nodes: &[&Daemon]) {
        self.until("idleness", async |world| world.are_idle(nodes).await.then_some(())).await;
    }
}

/// What `opml` prints in `folder` about the chain at `url`, with the requester's key; it succeeds.
pub fn opml(folder: &Path, url: &str, arguments: &[&str]) -> String {
    let mut command = Command::new(OPML);
    command.current_dir(folder).args(arguments);
    command.env("OPML_RPC", url).env("OPML_DEPLOYMENT", "deployment.json");
    let output = command.env("OPML_KEY", DEV_KEYS[REQUESTER].to_string()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {said}");
    String::from_utf8(output.stdout).unwrap()
}

pub fn picture(seed: u64) -> Vec<u8> {
    let factor = u8::try_from(seed % 128).unwrap() * 2 + 1;
    (0..784_u32).map(|at| u8::try_from(at % 251).unwrap().wrapping_mul(factor)).collect()
}

/// Header, with the seed, and input.
pub fn question(seed: u64) -> Bytes {
    let input = picture(seed);
    let mut bytes = vec![0; 128];
    bytes[..4].copy_from_slice(&u32::try_from(input.len()).unwrap().to_le_bytes());
    bytes[8..16].copy_from_slice(&seed.to_le_bytes());
    bytes.extend(input);
    bytes.into()
}
