//! Pictures of verified bytes: pixels as they are, heights as a relief in colours.

use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use opml_runtime::bundle::manifest::ResultKind;
use png::{BitDepth, ColorType, Compression, Encoder};

/// Pixels of a relief for each height, in both directions.
const RELIEF: u32 = 3;
/// How steep slopes are drawn, and how much of the light they catch or lose.
const STEEPNESS: f32 = 90.0;
const SHADE: f32 = 0.42;
/// Colours from the lowest point to the highest: water, shore, meadows, woods, rock, snow.
const COLOURS: [(f32, [f32; 3]); 7] = [
    (0.0, [28.0, 64.0, 110.0]),
    (0.18, [62.0, 128.0, 160.0]),
    (0.22, [222.0, 206.0, 150.0]),
    (0.35, [112.0, 160.0, 84.0]),
    (0.6, [60.0, 112.0, 60.0]),
    (0.8, [134.0, 116.0, 96.0]),
    (1.0, [250.0, 250.0, 250.0]),
];

/// Bytes of an image, row by row.
struct Raster {
    width: u32,
    height: u32,
    colour: ColorType,
    bytes: Vec<u8>,
}

/// Writes a result that is a picture as PNG.
pub fn write(path: &Path, kind: &ResultKind, output: &[u8]) -> Result<()> {
    let raster = raster(kind, output)?;
    let file = std::fs::File::create(path).with_context(|| path.display().to_string())?;
    let mut encoder = Encoder::new(std::io::BufWriter::new(file), raster.width, raster.height);
    encoder.set_color(raster.colour);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_compression(Compression::High);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&raster.bytes)?;
    writer.finish().with_context(|| path.display().to_string())
}

fn raster(kind: &ResultKind, output: &[u8]) -> Result<Raster> {
    let (width, height, channels) = match *kind {
        ResultKind::Picture { width, height, channels } => (width, height, channels),
        ResultKind::Heights { width, height } => (width, height, 1),
        ResultKind::Bytes | ResultKind::Text | ResultKind::Class { .. } => {
            bail!("the model makes no pictures")
        }
    };
    let expected = u64::from(width) * u64::from(height) * u64::from(channels);
    ensure!(
        expected > 0 && output.len() as u64 == expected,
        "{} bytes are no picture",
        output.len()
    );
    if matches!(kind, ResultKind::Heights { .. }) {
        return Ok(relief([width, height], output));
    }
    let colour = match channels {
        1 => ColorType::Grayscale,
        3 => ColorType::Rgb,
        _ => bail!("pixels of {channels} bytes"),
    };
    Ok(Raster { width, height, colour, bytes: output.to_vec() })
}

/// Heights in colours between the lowest and the highest, lit from the upper left.
fn relief([width, height]: [u32; 2], output: &[u8]) -> Raster {
    let low = output.iter().copied().min().unwrap_or(0);
    let high = output.iter().copied().max().unwrap_or(0);
    let range = f32::from(high - low).max(1.0);
    let field = Field {
        size: [width, height].map(|side| side as usize),
        heights: output.iter().map(|byte| f32::from(byte - low) / range).collect(),
    };
    let [width, height] = [width, height].map(|side| side * RELIEF);
    let mut bytes = Vec::with_capacity((width * height * 3) as usize);
    for y in 0..height {
        for x in 0..width {
            bytes.extend(field.pixel(x, y));
        }
    }
    Raster { width, height, colour: ColorType::Rgb, bytes }
}

/// Heights from 0 to 1.
struct Field {
    size: [usize; 2],
    heights: Vec<f32>,
}

impl Field {
    fn pixel(&self, x: u32, y: u32) -> [u8; 3] {
        let at = |dx: f32, dy: f32| self.height(centre(x, dx), centre(y, dy));
        let height = at(0.0, 0.0);
        let slope = |low: f32, high: f32| (high - low) * 0.5 * STEEPNESS;
        let [across, down] =
            [slope(at(-1.0, 0.0), at(1.0, 0.0)), slope(at(0.0, -1.0), at(0.0, 1.0))];
        let light = -(across + down) / (1.0 + across * across + down * down).sqrt();
        let light = (1.0 + SHADE * light).clamp(0.45, 1.5);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
        colour(height).map(|part| (part * light).clamp(0.0, 255.0) as u8)
    }

    /// The height at a place between four points, or at the edge.
    fn height(&self, x: f32, y: f32) -> f32 {
        let [x, y] = [Between::of(x, self.size[0]), Between::of(y, self.size[1])];
        let row = |row: usize| {
            let row = &self.heights[row * self.size[0]..];
            x.mix(row[x.first], row[x.second])
        };
        y.mix(row(y.first), row(y.second))
    }
}

/// A place between two points of an axis.
#[derive(Clone, Copy)]
struct Between {
    first: usize,
    second: usize,
    share: f32,
}

impl Between {
    fn of(place: f32, points: usize) -> Self {
        let last = points.saturating_sub(1);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not negative")]
        let first = (place.max(0.0) as usize).min(last);
        #[allow(clippy::cast_precision_loss, reason = "small")]
        let share = (place - first as f32).clamp(0.0, 1.0);
        Self { first, second: (first + 1).min(last), share }
    }

    fn mix(self, first: f32, second: f32) -> f32 {
        first + (second - first) * self.share
    }
}

/// Where the middle of a relief's pixel, or of one beside it, lies among the heights.
#[allow(clippy::cast_precision_loss, reason = "small")]
fn centre(pixel: u32, beside: f32) -> f32 {
    (pixel as f32 + beside + 0.5) / RELIEF as f32 - 0.5
}

fn colour(height: f32) -> [f32; 3] {
    let upper = COLOURS.iter().position(|(at, _)| *at >= height).unwrap_or(COLOURS.len() - 1);
    let ((from, low), (to, high)) = (COLOURS[upper.saturating_sub(1)], COLOURS[upper]);
    let share = if to > from { (height - from) / (to - from) } else { 0.0 };
    [0, 1, 2].map(|part| low[part] + (high[part] - low[part]) * share)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relief_is_blue_below_and_white_above() {
        let bytes: Vec<u8> = (0..64u8).map(|at| at % 8 * 36).collect();
        let kind = ResultKind::Heights { width: 8, height: 8 };
        let raster = raster(&kind, &bytes).expect("a relief");
        assert_eq!(raster.bytes.len(), (raster.width * raster.height * 3) as usize);
        let [first, .., last] = raster.bytes.as_slice() else { panic!("no pixels") };
        let row = &raster.bytes[..raster.width as usize * 3];
        assert!(row[2] > row[0] && *last > *first);
        assert!(row[row.len() - 3..].iter().all(|part| *part > 130), "{row:?}");
    }

    #[test]
    fn a_picture_has_as_many_bytes_as_its_size() {
        let kind = ResultKind::Picture { width: 2, height: 1, channels: 3 };
        assert!(raster(&kind, &[0; 5]).is_err());
        assert_eq!(raster(&kind, &[9; 6]).expect("a picture").bytes, [9; 6]);
        assert!(raster(&ResultKind::Bytes, &[0; 6]).is_err());
    }
}
