//! Whole rows of tiles are the tiles one by one, in one thread and in several.
#![allow(clippy::unwrap_used)]

use opml_cases::{Case, Flavor, Rng, generate};
use opml_native::{Backend, Columns, Engine};
use opml_operator::geometry::{Map, Matmul, Matrix};
use opml_operator::{Kernel, Operator, Place, WeightType};

const CASES: u64 = 500;

/// The reference, tile by tile. Inputs of element-wise kernels are cut up like the output.
fn tile_by_tile(tiles: &Columns, inputs: &[&[u32]], width: usize) -> Vec<u32> {
    let operator = &tiles.operator;
    let elementwise = matches!(
        operator,
        Operator::Add(_)
            | Operator::Mul(_)
            | Operator::Relu(_)
            | Operator::Silu(_)
            | Operator::Gelu(_)
            | Operator::GeluTanh(_)
    );
    let mut output = Vec::new();
    for (index, column) in tiles.columns.clone().enumerate() {
        let place = Place { iteration: tiles.iteration, row: tiles.row, column };
        let cut = |input: &&'_ [u32]| input[index * width..(index + 1) * width].to_vec();
        let parts: Vec<Vec<u32>> = if elementwise {
            inputs.iter().map(cut).collect()
        } else {
            inputs.iter().map(|input| input.to_vec()).collect()
        };
        let parts: Vec<&[u32]> = parts.iter().map(Vec::as_slice).collect();
        let mut tile = vec![0xdead_beef; width];
        opml_kernels::run(operator, place, &parts, &mut tile);
        output.extend(tile);
    }
    output
}

fn engines() -> Vec<Engine> {
    let each = |backend| [1, 2, 5].map(|threads| Engine::new(backend, threads).unwrap());
    Backend::available().flat_map(each).collect()
}

fn check(engines: &[Engine], tiles: &Columns, inputs: &[&[u32]], width: usize) {
    let expected = tile_by_tile(tiles, inputs, width);
    for engine in engines {
        let mut actual = vec![0xdead_beef; expected.len()];
        engine.run_columns(tiles, inputs, &mut actual);
        let place = (0..expected.len()).find(|at| actual[*at] != expected[*at]);
        let (backend, threads) = (engine.backend(), engine.threads());
        assert_eq!(place, None, "{backend}, {threads} threads: {tiles:?}");
    }
}

/// All columns of the case's row of the grid, and a random part of them.
fn check_case(engines: &[Engine], case: &Case, rng: &mut Rng) {
    let tile = case.tile().unwrap();
    // Where a tile is a whole row there is no other beside it.
    let beside = opml_native::width(&tile.operator).map_or(1, |_| case.descriptor.columns);
    let (width, columns) = (case.output_words(), beside);
    let elementwise = (Kernel::Add.id()..=Kernel::GeluTanh.id()).contains(&case.descriptor.kernel);
    let first = rng.below(columns);
    for columns in [0..columns, first..rng.within(first, columns)] {
        let tiles = Columns {
            operator: tile.operator,
            iteration: case.iteration,
            row: tile.place.row,
            columns,
        };
        let count = tiles.columns.len();
        let repeated =
            |input: &Vec<u32>| if elementwise { input.repeat(count) } else { input.clone() };
        let inputs: Vec<Vec<u32>> = case.inputs.iter().map(repeated).collect();
        let inputs: Vec<&[u32]> = inputs.iter().map(Vec::as_slice).collect();
        check(engines, &tiles, &inputs, width);
    }
}

#[test]
fn rows_of_small_tiles() {
    let engines = engines();
    for kernel in Kernel::ALL {
        for seed in 0..CASES {
            check_case(&engines, &generate(kernel, seed), &mut Rng::new(seed));
        }
    }
}

/// Large enough to be split over threads.
#[test]
fn large_products() {
    let engines = engines();
    let mut rng = Rng::new(1);
    for kind in WeightType::ALL {
        for (rows, k, tile_rows) in [(1_000, 576_u32, 16), (1_531, 96, 64), (300, 1_536, 256)] {
            let k = k.next_multiple_of(kind.unit());
            let matrix = Matrix { k, rows, kind };
            let operator = Operator::Matmul(Matmul { matrix, tile_rows });
            let weights = Flavor::Raw
                .numbers(&mut rng, u32::try_from(kind.matrix_bytes(rows, k) / 4).unwrap());
            // Scales that are numbers: raw ones would make nearly every sum NaN.
            let weights: Vec<u32> = weights.iter().map(|word| word & 0xbbff_bbff).collect();
            let mut x = Flavor::Raw.numbers(&mut rng, k.div_ceil(32) * 8);
            x.extend(Flavor::Usual.numbers(&mut rng, k));
            if !kind.quantized() {
                x.reverse();
            }
            let columns = 0..rows.div_ceil(tile_rows) + 1;
            let tiles = Columns { operator, iteration: 0, row: 0, columns };
            check(&engines, &tiles, &[&weights, &x], tile_rows as usize);
        }
    }
}

#[test]
fn large_elementwise() {
    let engines = engines();
    let mut rng = Rng::new(2);
    let (n, width) = (100_003, 1_024);
    let map = Map { n, width };
    let columns = 0..n.div_ceil(width) + 1;
    let words = columns.end * width;
    let inputs = [Flavor::Raw, Flavor::Special].map(|flavor| flavor.numbers(&mut rng, words));
    let inputs = inputs.each_ref().map(Vec::as_slice);
    let operators =
        [Operator::Add(map), Operator::Mul(map), Operator::Relu(map), Operator::Silu(map)];
    for operator in operators.into_iter().chain([Operator::Gelu(map), Operator::GeluTanh(map)]) {
        let tiles = Columns { operator, iteration: 0, row: 3, columns: columns.clone() };
        check(&engines, &tiles, &inputs, width as usize);
    }
}

/// Tiles far behind the tensor's end are zeros.
#[test]
fn columns_past_every_tensor() {
    let map = Map { n: 1 << 26, width: 1 << 26 >> 8 };
    let (operator, width) = (Operator::Silu(map), map.width as usize);
    let tiles = Columns { operator, iteration: 0, row: 0, columns: u32::MAX - 1..u32::MAX };
    let x = vec![1.0_f32.to_bits(); width];
    check(&engines(), &tiles, &[&x], width);
}
