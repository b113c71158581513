//! Rows, rectangles and pixels of pictures that registries know by their roots.

use alloy_primitives::{B256, Bytes, U256};
use alloy_sol_types::{SolCall, SolError};
use opml_core::merkle::{Region, Space};
use opml_operator::WeightType;
use opml_operator::geometry::Matrix;
use opml_runtime::Bundle;
use opml_runtime::build::Builder;
use opml_runtime::bundle::manifest::{About, Input, ResultKind};
use opml_runtime::executor::Settings;
use opml_runtime::part::{OutputTree, Part, Runs, Size, Tile};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use crate::common::{INPUT, numbers};
use crate::court::{STRANGER, Sent, refused};
use crate::model::{Answer, Model};
use crate::scenes::{DESCRIPTION, Kind, Registry, SEED, SceneRegistry, Status};

/// Landscapes, and pictures in colours.
pub const HEIGHTS: Size = Size { width: 128, height: 128, channels: 1 };
pub const COLOURS: Size = Size { width: 64, height: 64, channels: 3 };

/// A picture of some pixels, and who proves parts of it.
pub struct Drawing {
    pub size: Size,
    pub registry: Registry,
    tree: OutputTree,
}

impl Drawing {
    /// Made by a machine of which nothing else is known, attached to a world.
    pub fn of_noise(size: Size) -> Self {
        let bytes = size.width * size.height * size.channels;
        let log2 = u8::try_from((bytes + 32).next_power_of_two().ilog2()).unwrap();
        let mut random = StdRng::seed_from_u64(bytes.into());
        let output: Vec<u8> = (0..bytes).map(|_| random.random()).collect();
        let mut registry = Registry::of(in_solidity(size), |desk| desk.register(log2));
        registry.attach((Kind::World, 0), &Answer::holding(&output, log2));
        Self { size, registry, tree: OutputTree::new(&output, log2).unwrap() }
    }

    pub fn part(&self, tile: Tile) -> Part {
        self.tree.part(self.size.runs(tile).unwrap()).unwrap()
    }

    /// A transaction that has a row proven, which tells its gas.
    pub fn row(&mut self, y: u32, part: &Part) -> Sent {
        self.send(SceneRegistry::rowOfCall { id: 1, y, proof: proof(part) })
    }

    pub fn tile(&mut self, tile: Tile, part: &Part) -> Sent {
        let tile = tile_in_solidity(tile);
        self.send(SceneRegistry::tileOfCall { id: 1, tile, proof: proof(part) })
    }

    pub fn pixel(&mut self, [x, y]: [u32; 2], part: &Part) -> Sent {
        self.send(SceneRegistry::pixelOfCall { id: 1, x, y, proof: proof(part) })
    }

    pub fn bytes(&mut self, [offset, length]: [u64; 2], part: &Part) -> Sent {
        let [offset, length] = [offset, length].map(U256::from);
        self.send(SceneRegistry::bytesOfCall { id: 1, offset, length, proof: proof(part) })
    }

    fn send<C: SolCall>(&mut self, call: C) -> Sent {
        self.registry.desk.send(STRANGER, self.registry.address, call)
    }
}

fn in_solidity(size: Size) -> SceneRegistry::Size {
    let Size { width, height, channels } = size;
    SceneRegistry::Size { width, height, channels: channels.try_into().unwrap() }
}

const fn tile_in_solidity(Tile { x, y, width, height }: Tile) -> SceneRegistry::Tile {
    SceneRegistry::Tile { x, y, width, height }
}

fn proof(part: &Part) -> SceneRegistry::Proof {
    let Part { leaves, siblings, .. } = part.clone();
    SceneRegistry::Proof { leaves: leaves.into(), siblings }
}

/// The bytes that a view has returned.
fn shown(sent: Sent) -> Vec<u8> {
    SceneRegistry::rowOfCall::abi_decode_returns(&sent.unwrap().output).unwrap().to_vec()
}

fn refused_as<E: SolError>(sent: Sent) {
    let data = sent.expect_err("it was not refused");
    assert!(E::abi_decode_validate(&data).is_ok(), "{data}");
}

pub fn tile(x: u32, y: u32, width: u32, height: u32) -> Tile {
    Tile { x, y, width, height }
}

#[test]
fn rows_tiles_and_pixels_are_those_of_the_picture() {
    for size in [HEIGHTS, COLOURS, Size { width: 7, height: 5, channels: 3 }] {
        let mut drawing = Drawing::of_noise(size);
        let Size { width, height, .. } = size;
        for y in [0, 1, height / 2, height - 1] {
            let row = drawing.part(size.row(y));
            assert_eq!(shown(drawing.row(y, &row)), row.bytes);
        }
        let whole = tile(0, 0, width, height);
        for tile in [whole, tile(width / 3, height / 2, width / 2, height / 3), tile(1, 1, 3, 2)] {
            let part = drawing.part(tile);
            assert_eq!(shown(drawing.tile(tile, &part)), part.bytes);
        }
        for [x, y] in [[0, 0], [width - 1, 0], [0, height - 1], [width - 1, height - 1]] {
            let pixel = drawing.part(tile(x, y, 1, 1));
            assert_eq!(shown(drawing.pixel([x, y], &pixel)), pixel.bytes);
        }
        let part = drawing.tree.part(Runs::range(&(3..70))).unwrap();
        assert_eq!(shown(drawing.bytes([3, 67], &part)), part.bytes);
    }
}

#[test]
fn no_word_of_a_proof_can_be_another() {
    let mut drawing = Drawing::of_noise(HEIGHTS);
    let row = drawing.part(HEIGHTS.row(77));
    for word in 0..row.leaves.len() / 32 {
        let mut wrong = row.clone();
        wrong.leaves[word * 33 % row.leaves.len()] ^= 1 << (word % 8);
        refused_as::<SceneRegistry::WrongRoot>(drawing.row(77, &wrong));
    }
    for word in 0..row.siblings.len() {
        let mut wrong = row.clone();
        wrong.siblings[word].0[word] ^= 0x10;
        refused_as::<SceneRegistry::WrongRoot>(drawing.row(77, &wrong));
        wrong.siblings.remove(word);
        let count = U256::from(wrong.siblings.len());
        refused(drawing.row(77, &wrong), SceneRegistry::WrongSiblings { count });
    }
    let mut wrong = row.clone();
    wrong.siblings.push(B256::ZERO);
    let count = U256::from(wrong.siblings.len());
    refused(drawing.row(77, &wrong), SceneRegistry::WrongSiblings { count });
    let mut wrong = row.clone();
    wrong.leaves.extend([0; 32]);
    let length = U256::from(wrong.leaves.len());
    refused(drawing.row(77, &wrong), SceneRegistry::WrongLeaves { length });
    // As many leaves and siblings, of another row.
    refused_as::<SceneRegistry::WrongRoot>(drawing.row(73, &row));
    assert_eq!(row.siblings.len(), drawing.part(HEIGHTS.row(73)).siblings.len());
}

#[test]
fn what_no_picture_has_is_refused() {
    let mut drawing = Drawing::of_noise(COLOURS);
    let row = drawing.part(COLOURS.row(63));
    let outside = |tile| {
        let (tile, size) = (tile_in_solidity(tile), in_solidity(COLOURS));
        SceneRegistry::OutsidePicture { tile, size }
    };
    refused(drawing.row(64, &row), outside(tile(0, 64, 64, 1)));
    refused(drawing.pixel([64, 0], &row), outside(tile(64, 0, 1, 1)));
    for tile in [tile(1, 63, 64, 1), tile(0, 63, 0, 1), tile(0, 63, 64, 2)] {
        refused(drawing.tile(tile, &row), outside(tile));
    }
    let one = U256::from(1);
    let empty = SceneRegistry::NoPart { length: U256::ZERO, stride: U256::ZERO, count: one };
    refused(drawing.bytes([0, 0], &row), empty);
    let [end, length] = [U256::from(12_289), U256::from(12_288)];
    refused(drawing.bytes([12_288, 1], &row), SceneRegistry::OutsideOutput { end, length });
}

#[test]
fn only_pictures_that_are_attached_have_rows() {
    let mut drawing = Drawing::of_noise(COLOURS);
    let row = drawing.part(COLOURS.row(0));
    let call = |id| SceneRegistry::rowOfCall { id, y: 0, proof: proof(&row) };
    let registry = &mut drawing.registry;
    let address = registry.address;
    let unknown = registry.desk.send(STRANGER, address, call(2));
    refused(unknown, SceneRegistry::UnknownEntry { id: 2 });
    let request = registry.create(Kind::Scene, 1);
    let waiting = registry.desk.send(STRANGER, address, call(2));
    refused(waiting, SceneRegistry::NoArtefact { id: 2, status: Status::Waiting });
    // A model's answer of another size than its pictures'.
    registry.desk.answer(request, &Answer::holding(&[1; 12_287], 14));
    registry.desk.deliver_with(request, true);
    let want = U256::from(12_288);
    let other = registry.desk.send(STRANGER, address, call(2));
    refused(other, SceneRegistry::NotAPicture { id: 2, length: 12_287, want });
}

/// A model that multiplies the description by a matrix, and whose result is 16 x 16 pixels of four bytes.
fn computed() -> Model {
    let size = ResultKind::Picture { width: 16, height: 16, channels: 4 };
    let mut build = Builder::new(About::default(), Input::Bytes { max: INPUT }, size);
    let matrix = Matrix { k: 64, rows: 256, kind: WeightType::Q8_0 };
    let matrix = build.matrix("matrix", matrix, &numbers(9, 256 * 64)).unwrap();
    let x = build.from_bytes(INPUT, 1.0 / 255.0).unwrap();
    let x = build.quantize(x).unwrap();
    let x = build.matmul(matrix, x).unwrap();
    build.emit(x, 1_024).unwrap();
    let bundle: Bundle = build.finish().unwrap().bundle().unwrap();
    Model { bundle, input: DESCRIPTION.into(), seed: SEED, steps_log2: 4 }
}

#[test]
fn parts_of_what_a_machine_has_computed_are_proven_by_its_memory() {
    let model = computed();
    let manifest = model.bundle.manifest();
    let size = Size::of(&manifest.result).unwrap();
    let mut registry = Registry::of(in_solidity(size), |desk| desk.court.register(&model));
    let truth = model.truth();
    registry.attach((Kind::World, 0), &truth);
    let place = manifest.output;
    let tree = OutputTree::new(&truth.output, place.log2_size).unwrap();
    let mut machine = model.start(Settings::default());
    machine.run(16).unwrap();
    let memory = machine.hashed_memory();
    let region = Region::new(Space::GRAPH, place.base, place.log2_size).unwrap();
    assert_eq!(tree.root(), memory.region_root(region));
    for y in 0..16 {
        let row = tree.part(size.runs(size.row(y)).unwrap()).unwrap();
        let first = place.base + 32 + u64::from(y) * 64;
        // The leaves beside the row's two, unless they are behind the output.
        let beside = [first - 32, first + 64]
            .map(|base| memory.region_root(Region::new(Space::GRAPH, base, 5).unwrap()));
        let beside: Vec<B256> = beside.into_iter().filter(|leaf| !leaf.is_zero()).collect();
        assert!(row.siblings.starts_with(&beside), "row {y}");
        let proof = proof(&row);
        let call = SceneRegistry::rowOfCall { id: 1, y, proof };
        let pixels = registry.desk.view(registry.address, call);
        assert_eq!(pixels, Bytes::copy_from_slice(&truth.output[y as usize * 64..][..64]));
    }
}
