//! Programs over images: a [`Graph`] of operators on pixels with channels, for networks of any origin.
//!
//! ```text
//! let mut graph = Graph::new(builder);
//! let filter = graph.filter("conv_in", shape, &weights, bias)?;
//! let noise = graph.noise((64, 64), 4, (table, 0))?;
//! let x = graph.conv(noise, &filter, Window::AROUND)?;
//! let bytes = graph.pixels(x, [127.5, 127.5])?;
//! let parts = graph.finish(bytes)?.finish()?;
//! ```
//!
//! Constants go to the bundle as they come. Images in working memory have no address until the program
//! is complete: then each lives from the first operator that touches it to the last, and images that
//! never live together share addresses ([`memory`]). Tiles are the largest that stay inside the usual
//! bound of a tile's steps.

mod constants;
mod elementwise;
mod error;
mod gaussian;
mod graph;
mod memory;
mod product;
mod resample;
mod rows;
mod sample;
mod tensor;

pub use constants::FilterShape;
pub use error::ImageError;
pub use gaussian::gaussian;
pub use graph::{Graph, Step};
pub use product::{Channels, Heads, Window};
pub use rows::{Affine, GroupNorm};
pub use tensor::{
    Activation, Bytes, Filter, Home, Image, Mapped, QuantizedImage, Row, Source, View,
    quantized_log2,
};
