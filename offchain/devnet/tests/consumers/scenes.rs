//! Worlds, scenes and characters, each with the artefact that a model has made of its description.

use alloy_primitives::{Address, B256, Bytes};
use alloy_sol_types::sol;

use crate::abi::IHub;
use crate::court::{PATIENCE, STRANGER, refused};
use crate::desk::{Desk, USER};
use crate::model::Answer;

sol! {
    #![sol(all_derives)]
    interface SceneRegistry {
        struct Settings { uint64 seed; uint32 temperature; uint32 topK; uint32 iterations; uint32 topP; }
        enum Kind { World, Scene, Character }
        enum Status { None, Waiting, Attached, Missing }
        struct Size { uint32 width; uint32 height; uint8 channels; }
        struct Tile { uint32 x; uint32 y; uint32 width; uint32 height; }
        struct Proof { bytes leaves; bytes32[] siblings; }
        struct Entry { Kind kind; Status status; address creator; uint64 parent; string name; string description; bytes32 requestId; uint32 length; bytes32 root; }
        function create(Kind kind, uint64 parent, string name, string description, Settings settings) external payable returns (uint64 id);
        function retry(uint64 id, Settings settings) external payable;
        function estimate(Kind kind, uint32 iterations) external view returns (uint256);
        function entryOf(uint64 id) external view returns (Entry memory);
        function isArtefact(uint64 id, bytes artefact) external view returns (bool);
        function sizeOf(Kind kind) external view returns (Size memory size);
        function rowOf(uint64 id, uint32 y, Proof proof) external view returns (bytes memory pixels);
        function tileOf(uint64 id, Tile tile, Proof proof) external view returns (bytes memory pixels);
        function pixelOf(uint64 id, uint32 x, uint32 y, Proof proof) external view returns (bytes memory pixels);
        function bytesOf(uint64 id, uint256 offset, uint256 length, Proof proof) external view returns (bytes memory part);
        error UnknownEntry(uint64 id);
        error WrongParent(uint64 parent, Kind kind);
        error CannotRetry(uint64 id, address creator, Status status);
        error NoArtefact(uint64 id, Status status);
        error NotAPicture(uint64 id, uint32 length, uint256 want);
        error OutsidePicture(Tile tile, Size size);
        error NoPart(uint256 length, uint256 stride, uint256 count);
        error OutsideOutput(uint256 end, uint256 length);
        error WrongLeaves(uint256 length);
        error WrongSiblings(uint256 count);
        error WrongRoot(bytes32 have, bytes32 want);
    }
}

pub use SceneRegistry::{Kind, Status};

pub const LOG2: u8 = 14;
/// What entries are made of.
pub const DESCRIPTION: &str = "a valley in the evening";
pub const SEED: u64 = 5;
/// Of a model that makes no pictures.
pub const NO_PICTURE: SceneRegistry::Size =
    SceneRegistry::Size { width: 0, height: 0, channels: 0 };

pub struct Registry {
    pub desk: Desk,
    pub model: B256,
    pub address: Address,
}

impl Registry {
    pub fn new() -> Self {
        Self::of(NO_PICTURE, |desk| desk.register(LOG2))
    }

    /// A registry whose entries all come from one model.
    pub fn of(size: SceneRegistry::Size, register: impl FnOnce(&mut Desk) -> B256) -> Self {
        let mut desk = Desk::new();
        let model = register(&mut desk);
        let arguments = (desk.courier, [model; 3], [size.clone(), size.clone(), size]);
        let address = desk.deploy("sol/examples/SceneRegistry.sol", arguments);
        Self { desk, model, address }
    }

    /// An entry that has its artefact.
    pub fn attach(&mut self, (kind, parent): (Kind, u64), answer: &Answer) {
        let request = self.create(kind, parent);
        self.desk.answer(request, answer);
        self.desk.deliver_with(request, true);
    }

    fn create_call(kind: Kind, parent: u64) -> SceneRegistry::createCall {
        let (name, description) = ("Vale".into(), DESCRIPTION.into());
        let settings = SceneRegistry::Settings { seed: SEED, ..SceneRegistry::Settings::default() };
        SceneRegistry::createCall { kind, parent, name, description, settings }
    }

    pub fn create(&mut self, kind: Kind, parent: u64) -> B256 {
        let price =
            self.desk.view(self.address, SceneRegistry::estimateCall { kind, iterations: 0 });
        self.desk.ask(self.model, (self.address, price), Self::create_call(kind, parent))
    }

    fn entry(&self, id: u64) -> SceneRegistry::Entry {
        self.desk.view(self.address, SceneRegistry::entryOfCall { id })
    }

    fn is_artefact(&self, id: u64, artefact: &[u8]) -> bool {
        let artefact = Bytes::copy_from_slice(artefact);
        self.desk.view(self.address, SceneRegistry::isArtefactCall { id, artefact })
    }
}

#[test]
fn each_entry_gets_its_artefact_and_no_other() {
    let mut registry = Registry::new();
    let lengths = [5_000_usize, 33, 0];
    for (number, kind) in [Kind::World, Kind::Scene, Kind::Character].into_iter().enumerate() {
        let id = number as u64 + 1;
        let request = registry.create(kind, number as u64);
        let artefact: Vec<u8> = (1..=251).cycle().take(lengths[number]).collect();
        let waiting = registry.entry(id);
        assert_eq!((waiting.status, waiting.requestId), (Status::Waiting, request));
        assert!(!registry.is_artefact(id, &artefact));
        let answer = Answer::holding(&artefact, LOG2);
        registry.desk.answer(request, &answer);
        let done = registry.desk.deliver_with(request, true);
        println!("delivery of an artefact's root: {} gas", done.receipt.gas_used);
        let wanted = SceneRegistry::Entry {
            kind,
            status: Status::Attached,
            creator: USER,
            parent: number as u64,
            name: "Vale".into(),
            description: DESCRIPTION.into(),
            requestId: request,
            length: u32::try_from(artefact.len()).unwrap(),
            root: answer.root(LOG2),
        };
        assert_eq!(registry.entry(id), wanted);
        assert!(registry.is_artefact(id, &artefact));
        let mut wrong = [&artefact[..], &[0]].concat();
        assert!(!registry.is_artefact(id, &wrong));
        wrong.pop();
        if let Some(last) = wrong.last_mut() {
            *last ^= 1;
            assert!(!registry.is_artefact(id, &wrong));
        }
    }
}

#[test]
fn entries_stand_where_they_belong() {
    let mut registry = Registry::new();
    let (address, model) = (registry.address, registry.model);
    let price = registry
        .desk
        .view(address, SceneRegistry::estimateCall { kind: Kind::World, iterations: 0 });
    let (fee, burn) = registry.desk.court.quote(model);
    registry.desk.court.price = fee + burn;
    registry.create(Kind::World, 0);
    let mut refuse = |kind, parent| {
        let call = Registry::create_call(kind, parent);
        registry.desk.pay(USER, (address, price), call)
    };
    let wrong = |parent, kind| SceneRegistry::WrongParent { parent, kind };
    refused(refuse(Kind::World, 1), wrong(1, Kind::World));
    refused(refuse(Kind::Character, 1), wrong(1, Kind::Character));
    refused(refuse(Kind::Scene, 0), SceneRegistry::UnknownEntry { id: 0 });
    refused(refuse(Kind::Scene, 2), SceneRegistry::UnknownEntry { id: 2 });
}

#[test]
fn who_gets_no_artefact_tries_again() {
    let mut registry = Registry::new();
    let address = registry.address;
    let request = registry.create(Kind::World, 0);
    let kind = Kind::World;
    let price = registry.desk.view(address, SceneRegistry::estimateCall { kind, iterations: 0 });
    let settings = SceneRegistry::Settings { seed: 6, ..SceneRegistry::Settings::default() };
    let retry = SceneRegistry::retryCall { id: 1, settings };
    let refusal = |status| SceneRegistry::CannotRetry { id: 1, creator: USER, status };
    refused(registry.desk.pay(USER, (address, price), retry.clone()), refusal(Status::Waiting));
    registry.desk.court.pass(PATIENCE);
    let reclaim = IHub::reclaimCall { requestId: request };
    registry.desk.court.ask(STRANGER, 0, reclaim).unwrap();
    registry.desk.deliver_with(request, true);
    assert_eq!(registry.entry(1).status, Status::Missing);
    refused(registry.desk.pay(STRANGER, (address, price), retry.clone()), refusal(Status::Missing));
    let second = registry.desk.ask(registry.model, (address, price), retry.clone());
    assert_ne!(request, second);
    registry.desk.answer(second, &Answer::holding(b"late", LOG2));
    registry.desk.deliver_with(second, true);
    assert_eq!((registry.entry(1).status, registry.entry(1).requestId), (Status::Attached, second));
    refused(registry.desk.pay(USER, (address, price), retry), refusal(Status::Attached));
}
