//! Distorted copies of pictures, of which a network learns what does not matter.

use crate::digits::{Digit, PIXELS, SIDE};
use crate::random::Random;

/// How far an entry of the linear map may be from the identity's.
const SLANT: f32 = 0.15;
/// How far a picture may be moved, in pixels.
const SHIFT: f32 = 2.0;

/// An affine map from pixels of the copy to places in the original.
struct Affine {
    rows: [[f32; 3]; 2],
}

impl Affine {
    /// Turned, sheared, scaled and moved a little. No sine is taken: the copies are the same with
    /// every mathematical library.
    fn draw(random: &mut Random) -> Self {
        let mut near = |centre: f32, limit| centre + random.symmetric(limit);
        Self {
            rows: [
                [near(1.0, SLANT), near(0.0, SLANT), near(0.0, SHIFT)],
                [near(0.0, SLANT), near(1.0, SLANT), near(0.0, SHIFT)],
            ],
        }
    }

    /// Where the pixel in row `y`, column `x` comes from: row, column.
    fn apply(&self, [y, x]: [f32; 2]) -> [f32; 2] {
        let centre = (SIDE as f32 - 1.0) / 2.0;
        let place = [y - centre, x - centre];
        self.rows.map(|[by_y, by_x, shift]| by_y * place[0] + by_x * place[1] + shift + centre)
    }
}

/// A distorted copy, grey levels from 0 to 255.
pub fn distort(digit: &Digit, random: &mut Random) -> [f32; PIXELS] {
    let map = Affine::draw(random);
    std::array::from_fn(|index| sample(&digit.pixels, map.apply(place_of(index))))
}

/// Row and column of a pixel.
const fn place_of(index: usize) -> [f32; 2] {
    [(index / SIDE) as f32, (index % SIDE) as f32]
}

/// Bilinear interpolation; outside is background.
fn sample(pixels: &[u8; PIXELS], [y, x]: [f32; 2]) -> f32 {
    let (top, left) = (y.floor(), x.floor());
    let (down, right) = (y - top, x - left);
    let at = |y, x| pixel(pixels, y, x);
    let upper = at(top, left) * (1.0 - right) + at(top, left + 1.0) * right;
    let lower = at(top + 1.0, left) * (1.0 - right) + at(top + 1.0, left + 1.0) * right;
    upper * (1.0 - down) + lower * down
}

/// The pixel at whole coordinates.
fn pixel(pixels: &[u8; PIXELS], y: f32, x: f32) -> f32 {
    let inside = 0.0..SIDE as f32;
    if !inside.contains(&y) || !inside.contains(&x) {
        return 0.0;
    }
    pixels.get(y as usize * SIDE + x as usize).copied().map_or(0.0, f32::from)
}

#[cfg(test)]
mod tests {
    use super::{Affine, place_of, sample};
    use crate::digits::{PIXELS, SIDE};

    #[test]
    fn the_identity_keeps_every_pixel() {
        let pixels: [u8; PIXELS] = std::array::from_fn(|index| (index * 7 % 256) as u8);
        let identity = Affine { rows: [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]] };
        for (index, pixel) in pixels.iter().enumerate() {
            let value = sample(&pixels, identity.apply(place_of(index)));
            assert_eq!(value.to_bits(), f32::from(*pixel).to_bits());
        }
    }

    #[test]
    fn a_place_between_pixels_is_their_mean() {
        let mut pixels = [0; PIXELS];
        pixels[3 * SIDE + 4] = 100;
        pixels[3 * SIDE + 5] = 50;
        assert!((sample(&pixels, [3.0, 4.5]) - 75.0).abs() < 1e-4);
        assert!((sample(&pixels, [3.5, 4.5]) - 37.5).abs() < 1e-4);
        assert!(sample(&pixels, [-5.0, 4.0]).abs() < 1e-9);
    }
}
