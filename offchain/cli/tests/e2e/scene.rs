//! A contract asks for a picture, a node draws it, and the contract is shown a row of it by what `opml` proves.

use std::path::Path;

use alloy_consensus::Transaction as _;
use alloy_network::TransactionBuilder as _;
use alloy_primitives::{Address, B256, Bytes};
use alloy_provider::Provider as _;
use alloy_rpc_types_eth::TransactionRequest;
use alloy_sol_types::SolConstructor as _;
use opml_client::send;
use opml_import::image::{Graph, gaussian};
use opml_node::config::Roles;
use opml_runtime::build::Builder;
use opml_runtime::bundle::manifest::{About, Input, ResultKind};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::solidity::init_code;
use crate::world::{World, account, opml};

mod abi {
    #![allow(clippy::too_many_arguments, reason = "the contract's")]

    alloy_sol_types::sol! {
        #![sol(all_derives)]
        #[sol(rpc)]
        contract SceneRegistry {
            struct Settings { uint64 seed; uint32 temperature; uint32 topK; uint32 iterations; uint32 topP; }
            enum Kind { World, Scene, Character }
            enum Status { None, Waiting, Attached, Missing }
            struct Size { uint32 width; uint32 height; uint8 channels; }
            struct Tile { uint32 x; uint32 y; uint32 width; uint32 height; }
            struct Proof { bytes leaves; bytes32[] siblings; }
            struct Entry { Kind kind; Status status; address creator; uint64 parent; string name; string description; bytes32 requestId; uint32 length; bytes32 root; }
            constructor(address courier, bytes32[3] models, Size[3] sizes);
            function create(Kind kind, uint64 parent, string name, string description, Settings settings) external payable returns (uint64 id);
            function estimate(Kind kind, uint32 iterations) external view returns (uint256);
            function entryOf(uint64 id) external view returns (Entry memory);
            function rowOf(uint64 id, uint32 y, Proof proof) external view returns (bytes memory);
            function tileOf(uint64 id, Tile tile, Proof proof) external view returns (bytes memory);
            function bytesOf(uint64 id, uint256 offset, uint256 length, Proof proof) external view returns (bytes memory);
        }
    }
}
use abi::SceneRegistry::{self, Kind, Proof, SceneRegistryInstance, Settings, Size, Status, Tile};

/// More bytes than a node puts into a claim.
const WIDTH: u32 = 40;
const HEIGHT: u32 = 36;
const CHANNELS: u32 = 3;
const SEED: u64 = 7;

/// What `opml model prove-part` says.
#[derive(Debug, Deserialize)]
struct Part {
    root: B256,
    bytes: Bytes,
    proof: Shown,
}

#[derive(Debug, Deserialize)]
struct Shown {
    leaves: Bytes,
    siblings: Vec<B256>,
}

impl From<Shown> for Proof {
    fn from(Shown { leaves, siblings }: Shown) -> Self {
        Self { leaves, siblings }
    }
}

/// A model that draws noise in colours.
fn write_bundle(folder: &Path) {
    let size = ResultKind::Picture { width: WIDTH, height: HEIGHT, channels: CHANNELS };
    let builder = Builder::new(About::default(), Input::Bytes { max: 1 }, size);
    let mut graph = Graph::new(builder);
    let table = graph.row("gaussian", &gaussian()).unwrap();
    let noise = graph.noise((WIDTH, HEIGHT), CHANNELS, (table, 0)).unwrap();
    let pixels = graph.pixels(noise, [40.0, 127.5]).unwrap();
    graph.finish(pixels).unwrap().finish().unwrap().write(folder).unwrap();
}

/// What a command says about the picture.
fn said<T: DeserializeOwned>(world: &World, command: &[&str], part: &[&str]) -> T {
    let bundle = world.bundle.to_str().unwrap();
    let seed = SEED.to_string();
    let all = [command, &["--model", bundle, "--seed", &seed, "--json"], part].concat();
    serde_json::from_str(&opml(world.folder.path(), &world.url, &all)).unwrap()
}

fn proven(world: &World, part: &[&str]) -> Part {
    said(world, &["model", "prove-part"], part)
}

/// A world with a model of pictures instead of the digits.
async fn drawing() -> World {
    let mut world = World::new().await;
    world.bundle = world.folder.path().join("noise");
    write_bundle(&world.bundle);
    let bundle = world.bundle.to_str().unwrap();
    let register = ["model", "register", bundle, "--max-input", "1", "--json"];
    let registered = opml(world.folder.path(), &world.url, &register);
    let registered: serde_json::Value = serde_json::from_str(&registered).unwrap();
    world.model = registered["model"].as_str().unwrap().parse().unwrap();
    world
}

async fn deploy(world: &World) -> Address {
    let courier = world.deployment.courier.unwrap().address;
    let size = || Size { width: WIDTH, height: HEIGHT, channels: CHANNELS.try_into().unwrap() };
    let sizes = [size(), size(), size()];
    let call = SceneRegistry::constructorCall { courier, models: [world.model; 3], sizes };
    let code = [init_code("sol/examples/SceneRegistry.sol"), call.abi_encode()].concat();
    let request = TransactionRequest::default().with_deploy_code(code);
    send(&world.connection, request).await.unwrap().contract_address.unwrap()
}

/// Bytes of the longest calldata that the node has sent.
async fn longest_input(world: &World) -> usize {
    let mut longest = 0;
    for receipt in world.receipts().await.iter().filter(|receipt| receipt.from == account(1)) {
        let sent = world.connection.get_transaction_by_hash(receipt.transaction_hash).await;
        longest = longest.max(sent.unwrap().unwrap().input().len());
    }
    longest
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_of_a_picture_that_a_contract_has_asked_for_is_proven_to_it() {
    let world = drawing().await;
    let registry = SceneRegistryInstance::new(deploy(&world).await, &world.connection);
    let node = world.start(1, Roles::ALL);
    let price = registry.estimate(Kind::World, 0).call().await.unwrap();
    let settings = Settings { seed: SEED, ..Settings::default() };
    let create = registry.create(Kind::World, 0, "Noise".into(), String::new(), settings);
    send(&world.connection, create.value(price).into_transaction_request()).await.unwrap();
    let entry = world
        .meanwhile("the artefact", &[&node], async |_| {
            let entry = registry.entryOf(1).call().await.unwrap();
            (entry.status == Status::Attached).then_some(entry)
        })
        .await;
    node.stop();

    // The picture is computed and written only if it is the one that the contract knows.
    let file = world.folder.path().join("noise.png");
    let root = entry.root.to_string();
    let run: serde_json::Value =
        said(&world, &["run"], &["--root", &root, "-o", file.to_str().unwrap()]);
    assert!(std::fs::read(&file).unwrap().starts_with(b"\x89PNG"));
    let picture: Bytes = run["output"].as_str().unwrap().parse().unwrap();
    assert_eq!(entry.length as usize, picture.len());
    assert!(longest_input(&world).await < picture.len(), "it was claimed by its root");
    let row = (WIDTH * CHANNELS) as usize;
    for y in [0, 3, HEIGHT - 1] {
        let part = proven(&world, &["--row", &y.to_string()]);
        let start = y as usize * row;
        assert_eq!((part.root, &part.bytes[..]), (entry.root, &picture[start..start + row]));
        let proof: Proof = part.proof.into();
        assert_eq!(registry.rowOf(1, y, proof.clone()).call().await.unwrap(), part.bytes);
        assert!(registry.rowOf(1, (y + 1) % HEIGHT, proof).call().await.is_err());
    }
    let part = proven(&world, &["--tile", "5,6,7,8"]);
    let tile = Tile { x: 5, y: 6, width: 7, height: 8 };
    assert_eq!(registry.tileOf(1, tile, part.proof.into()).call().await.unwrap(), part.bytes);
    let part = proven(&world, &["--bytes", "100,50"]);
    assert_eq!(part.bytes, picture.slice(100..150));
    let [offset, length] = [100, 50].map(alloy_primitives::U256::from);
    let shown = registry.bytesOf(1, offset, length, part.proof.into()).call().await.unwrap();
    assert_eq!(shown, part.bytes);
}
