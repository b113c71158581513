//! One tile with its data.

use opml_operator::{Descriptor, Illegal, Tile, legal};

/// A tile of a legal operator, with the words of its input regions.
#[derive(Clone, Debug)]
pub struct Case {
    /// The operator.
    pub descriptor: Descriptor,
    /// Iteration of the loop.
    pub iteration: u32,
    /// Number of the tile.
    pub tile: u32,
    /// Each as long as its region.
    pub inputs: Vec<Vec<u32>>,
}

impl Case {
    /// The typed tile, as everybody parses it.
    pub fn tile(&self) -> Result<Tile, Illegal> {
        legal(&self.descriptor, self.iteration, self.tile)
    }

    /// Words of the output region.
    pub fn output_words(&self) -> usize {
        1 << self.descriptor.output.log2_size >> 2
    }

    /// What the scalar reference computes.
    pub fn reference(&self) -> Result<Vec<u32>, Illegal> {
        let tile = self.tile()?;
        let inputs: Vec<&[u32]> = self.inputs.iter().map(Vec::as_slice).collect();
        // Anything but zeros: kernels overwrite all of the output.
        let mut output = vec![0xdead_beef; self.output_words()];
        opml_kernels::run(&tile.operator, tile.place, &inputs, &mut output);
        Ok(output)
    }
}
