//! A random legal tile of a kernel.

mod attention;
mod elementwise;
mod image;
mod matrix;
mod rows;
mod text;
mod token;

pub use matrix::Matrix;
use opml_operator::{Descriptor, Kernel, RegionSpec, WORKING_BASE};

use crate::case::Case;
use crate::numbers::Flavor;
use crate::rng::Rng;

/// Case number `seed` of `kernel`.
pub fn generate(kernel: Kernel, seed: u64) -> Case {
    draw(kernel, &mut Rng::new(seed ^ (u64::from(kernel.id()) << 56)))
}

/// [`generate`] with numbers of one flavour in every tensor.
pub fn generate_of(kernel: Kernel, flavor: Flavor, seed: u64) -> Case {
    let mut rng = Rng::new(seed ^ (u64::from(kernel.id()) << 56));
    rng.flavor = Some(flavor);
    draw(kernel, &mut rng)
}

/// A product of all rows of a matrix, their number a power of two from 16 on, with numbers of one
/// flavour.
pub fn matmul_of(matrix: Matrix, flavor: Flavor, seed: u64) -> Case {
    let mut rng = Rng::new(seed);
    rng.flavor = Some(flavor);
    matrix::whole_product(matrix, &mut rng)
}

fn draw(kernel: Kernel, rng: &mut Rng) -> Case {
    match kernel {
        Kernel::Quantize => rows::quantize(rng),
        Kernel::Matmul => matrix::matmul(rng),
        Kernel::Add
        | Kernel::Mul
        | Kernel::Relu
        | Kernel::Silu
        | Kernel::Gelu
        | Kernel::GeluTanh => elementwise::map(kernel, rng),
        Kernel::RmsNorm | Kernel::LayerNorm => rows::norm(kernel, rng),
        Kernel::Softmax => rows::softmax(rng),
        Kernel::Rope => rows::rope(rng),
        Kernel::Scores => attention::scores(rng),
        Kernel::Mix => attention::mix(rng),
        Kernel::Embed => matrix::embed(rng),
        Kernel::ArgMax => text::argmax(rng),
        Kernel::Sample => text::sample(rng),
        Kernel::FromBytes => elementwise::from_bytes(rng),
        Kernel::Emit => text::emit(rng),
        Kernel::Encode => token::encode(rng),
        Kernel::Next => token::next(rng),
        Kernel::Decode => token::decode(rng),
        Kernel::Conv | Kernel::ConvAdd => image::conv(kernel, rng),
        Kernel::Attend => image::attend(rng),
        Kernel::Moments => image::moments(rng),
        Kernel::GroupAffine => image::group_affine(rng),
        Kernel::Affine | Kernel::Pack | Kernel::AffinePack | Kernel::NormRows => {
            image::rows_of(kernel, rng)
        }
        Kernel::Resample => image::resample(rng),
        Kernel::Concat => image::concat(rng),
        Kernel::Blend => image::blend(rng),
        Kernel::Noise => image::noise(rng),
        Kernel::ToBytes => image::to_bytes(rng),
    }
}

/// The parts of a case that differ by kernel.
struct Parts<'a> {
    kernel: Kernel,
    params: &'a [u32],
    /// Tiles in a row of the grid, and rows.
    grid: (u32, u32),
    /// Words that the output must hold at least.
    output: u32,
    /// The tensors, filled up to regions.
    inputs: Vec<Vec<u32>>,
}

impl Parts<'_> {
    /// The case of one of the grid's tiles.
    fn case(self, rng: &mut Rng) -> Case {
        let mut descriptor = Descriptor {
            kernel: self.kernel.id(),
            input_count: self.kernel.inputs(),
            tiles: self.grid.0 * self.grid.1,
            columns: self.grid.0,
            bound: 30,
            output: RegionSpec { base: WORKING_BASE, ..region(self.output) },
            ..Descriptor::default()
        };
        for (place, param) in descriptor.params.iter_mut().zip(self.params) {
            *place = *param;
        }
        let mut inputs = self.inputs;
        let specs = descriptor.input_specs.iter_mut().zip(&mut inputs);
        for (number, (spec, words)) in (0_u64..).zip(specs) {
            *spec = RegionSpec { base: number << 28, ..region(words.len() as u32) };
            words.resize(1 << spec.log2_size >> 2, 0);
        }
        let tile = rng.below(descriptor.tiles);
        Case { descriptor, iteration: 0, tile, inputs }
    }
}

/// The smallest region of at least `words` words.
fn region(words: u32) -> RegionSpec {
    let log2_size = (words.next_power_of_two().trailing_zeros() + 2).max(5);
    RegionSpec { log2_size, ..RegionSpec::default() }
}

/// A size below 2^`most`, small ones as likely as large ones.
fn size(rng: &mut Rng, most: u32) -> u32 {
    let log2 = rng.within(0, most - 1);
    rng.within(1, (1 << (log2 + 1)) - 1)
}

/// Words of a power of two from 8 to 2^`most`.
fn width(rng: &mut Rng, most: u32) -> u32 {
    1 << rng.within(3, most)
}

/// Columns of `width` elements that cover `n`, and sometimes one more.
fn columns(rng: &mut Rng, n: u32, width: u32) -> u32 {
    n.div_ceil(width) + u32::from(rng.one_in(8))
}
