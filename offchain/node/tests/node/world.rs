//! A chain behind an endpoint, and nodes that use it. Time moves only when a test moves it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use alloy_eips::BlockId;
use alloy_primitives::{Address, B256, Bytes, U256, address};
use alloy_rpc_types_eth::TransactionReceipt;
use alloy_signer_local::PrivateKeySigner;
use alloy_sol_types::{SolCall, SolEvent};
use opml_client::contracts::courier::ICourier;
use opml_client::contracts::game::IGame;
use opml_client::contracts::hub::IHub;
use opml_client::{Deployment, KeySource};
use opml_devnet::chain::{Chain, DEV_KEYS, Overrides};
use opml_node::config::{self, Amount, ClockSource, Config, Roles};
use opml_node::jobs::Provers;
use opml_node::{Node, NodeHandle};
use opml_rpc::Handle;
use tempfile::TempDir;

use crate::liar::Liars;
use crate::lies::SERVER;
use crate::setup::{self, FEE, call, contracts, digits, record, register, send};

pub const REQUESTER: Address = address!("00000000000000000000000000000000000a0002");

/// How long anything may take, on a machine that does much else.
const PATIENCE: Duration = Duration::from_mins(5);

/// Between looks at the chain.
const LOOK: Duration = Duration::from_millis(5);

pub struct World {
    pub rpc: Handle,
    pub deployment: Deployment,
    pub model: B256,
    pub folder: TempDir,
}

/// Wei that somebody has, in the hub and outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wealth {
    pub balance: U256,
    pub credit: U256,
}

impl World {
    pub async fn new() -> Self {
        // What the nodes say is shown where a test fails, with RUST_LOG set. One process may have many tests.
        let _ = tracing_subscriber::fmt()
            .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
            .with_test_writer()
            .try_init();
        let (chain, deployment) = contracts();
        Self::with(chain, deployment).await
    }

    pub async fn with(mut chain: Chain, deployment: Deployment) -> Self {
        let model = register(&mut chain, deployment.hub.address, record());
        chain.set_balance(REQUESTER, U256::from(1000 * setup::ETHER)).unwrap();
        let config = opml_rpc::Config { port: 0, ..opml_rpc::Config::default() };
        let rpc = opml_rpc::serve(config, chain).await.unwrap();
        let folder = TempDir::new().unwrap();
        let world = Self { rpc, deployment, model, folder };
        let file = serde_json::to_vec(&world.deployment).unwrap();
        std::fs::write(world.deployment_file(), file).unwrap();
        world
    }

    pub fn url(&self) -> String {
        self.rpc.url()
    }

    pub fn websocket(&self) -> String {
        format!("ws://{}", self.rpc.address())
    }

    pub fn deployment_file(&self) -> PathBuf {
        self.folder.path().join("deployment.json")
    }

    /// The configuration of account `number`.
    pub fn config(&self, number: usize, roles: Roles) -> Config {
        let key = self.folder.path().join(format!("key-{number}"));
        std::fs::write(&key, DEV_KEYS[number].to_string()).unwrap();
        Config {
            rpc: self.rpc.url(),
            deployment: self.deployment_file(),
            key: KeySource::File(key),
            chain: config::Chain { poll_ms: 5, clock: ClockSource::Chain, ..Default::default() },
            roles,
            models: vec![config::Model { path: digits(), id: None }],
            policy: config::Policy { max_gas_per_day: Amount::ether(100), ..Default::default() },
            gas: config::Gas::default(),
            jobs: config::Jobs::default(),
            store: config::Store { path: self.folder.path().join(format!("node-{number}.redb")) },
            api: None,
        }
    }

    pub async fn start(&self, number: usize, roles: Roles) -> NodeHandle {
        Node::start(self.config(number, roles)).await.unwrap()
    }

    pub async fn start_with(
        &self,
        number: usize,
        roles: Roles,
        provers: Arc<dyn Provers>,
    ) -> NodeHandle {
        Node::start_with(self.config(number, roles), provers).await.unwrap()
    }

    /// A server that lies, and claims once: whoever has lost a claim may make another before it is stopped.
    pub async fn start_liar(&self, number: usize, lie: Liars) -> NodeHandle {
        let mut config = self.config(number, SERVER);
        // Behind the first there is no gas for another. Moves are made whatever they cost.
        config.policy.max_gas_per_day = "1 wei".parse().unwrap();
        Node::start_with(config, Arc::new(lie)).await.unwrap()
    }

    pub fn chain<T>(&self, work: impl FnOnce(&mut Chain) -> T) -> T {
        self.rpc.with_chain(work)
    }

    // ---- acts ------------------------------------------------------------------------------------

    /// Asks the model for the class of a picture that only `seed` determines.
    pub fn request(&self, seed: u8) -> B256 {
        self.ask(request(&picture(seed)))
    }

    /// Asks with header and input.
    pub fn ask(&self, request: Bytes) -> B256 {
        let data = IHub::inferCall { modelId: self.model, request }.abi_encode();
        let asking = call(REQUESTER, self.deployment.hub.address, price(), data);
        self.chain(|chain| send(chain, asking)).logs()[0].topics()[1]
    }

    /// Time goes on, and a block tells of it.
    pub fn pass(&self, seconds: u64) {
        self.chain(|chain| {
            chain.increase_time(seconds).unwrap();
            chain.mine().unwrap();
        });
    }

    // ---- views -----------------------------------------------------------------------------------

    #[allow(clippy::needless_pass_by_value, reason = "calls are written where they are made")]
    pub fn hub<C: SolCall>(&self, view: C) -> C::Return {
        self.view(self.deployment.hub.address, &view)
    }

    pub fn view<C: SolCall>(&self, target: Address, view: &C) -> C::Return {
        let request = call(REQUESTER, target, 0, view.abi_encode());
        let answer =
            self.chain(|chain| chain.call(&request, BlockId::latest(), &Overrides::default()));
        C::abi_decode_returns(&answer.unwrap()).unwrap()
    }

    pub fn wealth(&self, account: Address) -> Wealth {
        let balance = self.chain(|chain| chain.balance(account, BlockId::latest()).unwrap());
        Wealth { balance, credit: self.hub(IHub::creditOfCall { account }) }
    }

    pub fn request_of(&self, request_id: B256) -> IHub::Request {
        self.hub(IHub::getRequestCall { requestId: request_id })
    }

    /// All events of a kind, in order.
    pub fn events<E: SolEvent>(&self) -> Vec<E> {
        let receipts = self.receipts();
        let logs = receipts.iter().flat_map(TransactionReceipt::logs);
        logs.filter_map(|log| E::decode_log_data_validate(log.data()).ok()).collect()
    }

    /// Deliveries of a courier.
    pub fn events_of_courier(&self, courier: Address) -> Vec<ICourier::Delivered> {
        let receipts = self.receipts_of(&[courier]);
        let logs = receipts.iter().flat_map(TransactionReceipt::logs);
        let decoded = logs.map(|log| ICourier::Delivered::decode_log_data_validate(log.data()));
        decoded.filter_map(Result::ok).collect()
    }

    /// Receipts of all transactions to the contracts.
    pub fn receipts(&self) -> Vec<TransactionReceipt> {
        self.receipts_of(&[self.deployment.hub.address, self.deployment.game.address])
    }

    fn receipts_of(&self, contracts: &[Address]) -> Vec<TransactionReceipt> {
        let receipts = self.chain(|chain| {
            let blocks = 0..=chain.block_number();
            let receipts = blocks.filter_map(|number| chain.receipts(number.into()));
            receipts.flatten().collect::<Vec<_>>()
        });
        let ours =
            |receipt: &TransactionReceipt| receipt.to.is_some_and(|to| contracts.contains(&to));
        receipts.into_iter().filter(ours).collect()
    }

    /// Wei of gas that an account has paid.
    pub fn gas_paid(&self, account: Address) -> U256 {
        let receipts = self.receipts();
        let paid = receipts.iter().filter(|receipt| receipt.from == account);
        paid.map(|receipt| U256::from(receipt.gas_used) * U256::from(receipt.effective_gas_price))
            .sum()
    }

    /// No transaction of a node has failed in its block, and no act was done twice.
    pub fn assert_no_waste(&self) {
        self.assert_no_waste_but_of(&[]);
    }

    /// The same, whatever becomes of the transactions of some accounts: a liar that answers again as the
    /// request becomes final has only itself to blame.
    pub fn assert_no_waste_but_of(&self, others: &[Address]) {
        let receipts = self.receipts();
        for receipt in receipts.iter().filter(|receipt| !others.contains(&receipt.from)) {
            let output = || {
                self.chain(|chain| {
                    chain.trace_transaction(receipt.transaction_hash).unwrap().output
                })
            };
            let reason = || opml_client::reason(&output());
            assert!(
                receipt.status(),
                "{} of {}: {:?}",
                receipt.transaction_hash,
                receipt.from,
                reason()
            );
        }
        let moves = self.events::<IGame::Moved>();
        let positions: std::collections::HashSet<_> =
            moves.iter().map(|moved| (moved.gameId, moved.header)).collect();
        assert_eq!(positions.len(), moves.len());
    }

    // ---- waiting ---------------------------------------------------------------------------------

    /// Looks until there is something to see.
    pub async fn until<T>(&self, what: &str, mut look: impl FnMut(&Self) -> Option<T>) -> T {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            if let Some(seen) = look(self) {
                return seen;
            }
            assert!(
                tokio::time::Instant::now() < deadline,
                "{what} does not come: {}",
                self.tell()
            );
            tokio::time::sleep(LOOK).await;
        }
    }

    pub async fn until_is(&self, what: &str, mut is: impl FnMut(&Self) -> bool) {
        self.until(what, |world| is(world).then_some(())).await;
    }

    /// The first live claim on a request.
    pub async fn claim(&self, request: B256) -> B256 {
        self.until("a claim", |world| {
            let head = world.request_of(request).head;
            (!head.is_zero()).then_some(head)
        })
        .await
    }

    /// Waits until a request is final.
    pub async fn finality(&self, request: B256) {
        self.until_is("finality", |world| {
            world.request_of(request).status == IHub::RequestStatus::Final
        })
        .await;
    }

    /// Waits for the verdict of `games` games. Time passes whenever all `nodes` have nothing more to do: a
    /// liar that is refused everywhere loses by its clock.
    pub async fn verdicts(&self, games: usize, nodes: &[&NodeHandle]) {
        self.until_is("the verdict", |world| {
            let over = world.events::<IGame::Over>().len() >= games;
            if !over && nodes.iter().all(|node| world.is_idle(node)) {
                world.pass(60);
            }
            over
        })
        .await;
    }

    /// Whether a node has seen the last block and does nothing about it.
    pub fn is_idle(&self, node: &NodeHandle) -> bool {
        let status = *node.status().borrow();
        let head = self.chain(|chain| (chain.block_number(), chain.next_timestamp()));
        status.ready
            && (status.block, status.now) == head
            && status.computing == 0
            && status.sending == 0
    }

    /// Waits until a node has seen the last block and does nothing about it.
    pub async fn idle(&self, node: &NodeHandle) {
        self.until_is("idleness", |world| world.is_idle(node)).await;
    }

    /// What has happened, for messages.
    fn tell(&self) -> String {
        let game: Vec<IGame::Over> = self.events();
        format!(
            "{} transactions, {} claims, {} games over, {} moves",
            self.receipts().len(),
            self.events::<IHub::Claimed>().len(),
            game.len(),
            self.events::<IGame::Moved>().len(),
        )
    }
}

/// Fee and work burn of a request.
pub fn price() -> u128 {
    FEE + work_burn()
}

pub fn work_burn() -> u128 {
    u128::from(setup::BURN_PER_STEP) << record().stepsLog2
}

pub fn picture(seed: u8) -> Vec<u8> {
    (0..784_u32).map(|at| u8::try_from(at % 251).unwrap().wrapping_mul(seed | 1)).collect()
}

/// Header and input.
pub fn request(input: &[u8]) -> Bytes {
    let mut bytes = vec![0; 128];
    bytes[..4].copy_from_slice(&u32::try_from(input.len()).unwrap().to_le_bytes());
    bytes.extend(input);
    bytes.into()
}

pub fn account(number: usize) -> Address {
    PrivateKeySigner::from_bytes(&DEV_KEYS[number]).unwrap().address()
}
