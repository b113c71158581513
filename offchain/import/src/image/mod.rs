//! Programs over images: a [`Graph`] of operators on pixels with channels, for networks of any origin.
//!
//! ```text
//! let mut graph = Graph::new(builder);
//! let filter = graph.filter("conv_in", shape, &weights, bias)?;
//! let noise = graph.noise(&table, (64, 64), 4, 0)?;
//! let x = graph.conv(noise, &filter, Window::SAME)?;
//! let bytes = graph.pixels(x, 127.5, 127.5)?;
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
mod graph;
mod memory;
mod tensor;

pub use constants::FilterShape;
pub use elementwise::{Affine, padded};
pub use error::ImageError;
pub use graph::{Graph, Step};
pub use tensor::{Bytes, Filter, Home, Image, QuantizedImage, Row, View, quantized_log2};
