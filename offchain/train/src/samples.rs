//! Some held-out pictures as PNG files, for demonstrations and tests.

use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::Path;

use crate::digits::{CLASSES, Digit, SIDE};

/// Pictures of each class.
const EACH: usize = 2;

/// Writes the first two held-out pictures of each class as `CLASS-NUMBER.png`.
pub fn write(folder: &Path, held_out: &[Digit]) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    for class in 0..CLASSES {
        let digits = held_out.iter().filter(|digit| usize::from(digit.class) == class);
        for (number, digit) in (1..).zip(digits.take(EACH)) {
            write_png(&folder.join(format!("{class}-{number}.png")), digit)?;
        }
    }
    Ok(())
}

fn write_png(path: &Path, digit: &Digit) -> io::Result<()> {
    let file = BufWriter::new(File::create(path)?);
    let mut encoder = png::Encoder::new(file, SIDE as u32, SIDE as u32);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::High);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&digit.pixels)?;
    writer.finish()?;
    Ok(())
}
