//! Handwritten digits that the model was not trained on.

use std::io::Cursor;

use anyhow::{Context as _, Result, ensure};

/// A picture, and what it shows.
pub struct Picture {
    /// Its file.
    pub name: &'static str,
    file: &'static [u8],
    /// The digit that a person sees.
    pub digit: u8,
}

pub const SEVEN: Picture = Picture {
    name: "7-1.png",
    file: include_bytes!("../../../../models/digits/samples/7-1.png"),
    digit: 7,
};

pub const THREE: Picture = Picture {
    name: "3-1.png",
    file: include_bytes!("../../../../models/digits/samples/3-1.png"),
    digit: 3,
};

impl Picture {
    /// The model's input: grey levels, row by row.
    pub fn input(&self) -> Result<Vec<u8>> {
        let mut decoder = png::Decoder::new(Cursor::new(self.file));
        decoder.set_transformations(png::Transformations::normalize_to_color8());
        let mut reader = decoder.read_info()?;
        let length = reader.output_buffer_size().context("too large")?;
        let mut pixels = vec![0; length];
        let frame = reader.next_frame(&mut pixels)?;
        ensure!(frame.color_type == png::ColorType::Grayscale, "the picture is not grey");
        pixels.truncate(frame.buffer_size());
        Ok(pixels)
    }
}
