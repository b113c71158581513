//! The model of the package `adaptive-terrain-diffusion`: a consistency network that makes heights of
//! noise in one step.
//!
//! The request's seed gives the noise; the first byte of its input is the difficulty, 1 to 100, 0 (or
//! no input) standing for [`USUAL_DIFFICULTY`]. A byte of the result is a pixel of 128 rows and columns:
//! 0 stands for -1 of the network's range, 255 for 1; [`height`] tells the height.

use std::path::Path;

use opml_operator::WeightType;
use opml_runtime::build::Builder;
use opml_runtime::bundle::manifest::{About, Input, ResultKind};

use super::{Binding, OnnxError, Options, import};

/// Rows and columns of a picture.
pub const SIZE: u32 = 128;
/// Largest noise level of the diffusion, at which the one step begins.
pub const SIGMA: f32 = 80.0;
/// Difficulty of a request that says none.
pub const USUAL_DIFFICULTY: u8 = 60;
/// Difficulties are 1 to this number.
const DIFFICULTIES: u8 = 100;
/// Greatest height, in metres, and the scale of the network's logarithmic heights.
const HEIGHTS: f64 = 22.168_640_136_718_75;
const HEIGHT_SCALE: f64 = 0.1;

/// Writes the model as a bundle to `folder`. `progress` is told nodes done, of how many.
pub fn bundle(
    file: &Path,
    folder: &Path,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<(), OnnxError> {
    let about = About {
        name: "terrain".into(),
        description: "Heights of a landscape of 128 x 128 pixels from a seed and a difficulty"
            .into(),
        licence: "MIT".into(),
        source: "adaptive-terrain-diffusion 0.4.2 by Youwei Yu, a one-step consistency network"
            .into(),
        figures: Vec::new(),
    };
    let kinds = (Input::Bytes { max: 1 }, ResultKind::Heights { width: SIZE, height: SIZE });
    let builder =
        Builder::in_folder(about, kinds, folder).map_err(opml_runtime::build::BuildError::from)?;
    import(file, builder, &options(), progress)?.finish_folder()?;
    Ok(())
}

/// Where the network's inputs come from.
pub fn options() -> Options {
    let noise = Binding::Noise { size: (SIZE, SIZE), factor: SIGMA };
    let inputs = [
        ("noisy", noise),
        ("sigma", Binding::Number(SIGMA)),
        ("difficulty", Binding::Choice(difficulties())),
    ];
    let inputs = inputs.map(|(name, binding)| (name.to_owned(), binding)).to_vec();
    Options { inputs, weights: WeightType::Q8_0 }
}

/// What the network is told for each first byte of the input.
fn difficulties() -> Vec<f32> {
    let label = |byte: u8| f32::from(byte - 1) / f32::from(DIFFICULTIES - 1);
    std::iter::once(USUAL_DIFFICULTY).chain(1..=DIFFICULTIES).map(label).collect()
}

/// The height in metres that a byte of the result stands for.
pub fn height(pixel: u8) -> f64 {
    let unit = f64::from(pixel) / 255.0;
    HEIGHT_SCALE * libm::sinh(unit * libm::asinh(HEIGHTS / HEIGHT_SCALE))
}
