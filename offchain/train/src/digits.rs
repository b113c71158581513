//! Pictures of digits and their split into training and held-out ones.

use crate::random::Random;

/// Pixels in a row and in a column.
pub const SIDE: usize = 28;
/// Pixels of a picture.
pub const PIXELS: usize = SIDE * SIDE;
/// Digits there are.
pub const CLASSES: usize = 10;
/// Pictures that are never trained on.
pub const HELD_OUT: usize = 2_000;

/// Fixes which pictures are held out.
const SPLIT_SEED: u64 = 0x6f70_6d6c_0001;

/// A handwritten digit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digit {
    /// Grey levels, 0 for the background, row after row.
    pub pixels: [u8; PIXELS],
    /// What it shows, 0 to 9.
    pub class: u8,
}

/// Two sets without a picture in common.
#[derive(Debug)]
pub struct Split {
    /// Seen in training.
    pub training: Vec<Digit>,
    /// Used to measure accuracy, and for nothing else.
    pub held_out: Vec<Digit>,
}

impl Split {
    /// The fixed split: [`HELD_OUT`] pictures drawn from all classes alike.
    pub fn new(mut digits: Vec<Digit>) -> Self {
        Random::new(SPLIT_SEED).shuffle(&mut digits);
        let training = digits.split_off(digits.len().min(HELD_OUT));
        Self { training, held_out: digits }
    }
}
