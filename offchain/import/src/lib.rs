//! Model files of other projects as bundles: weights stay as they are stored, rearranged into the
//! canonical layout; the program and the tokenizer's tables are made from the file's metadata.
//!
//! * [`gguf`]: the file format, mapped and checked.
//! * [`image`]: programs over images, whatever they come from.
//! * [`llama`]: language models of the Llama family.
//! * [`safetensors`]: Stable Diffusion.
//! * [`onnx`]: networks of ONNX files that make a picture.
//! * [`tokenizer`]: tables of the text kernels.

mod error;
pub mod gguf;
pub mod image;
pub mod llama;
pub mod onnx;
pub mod safetensors;
pub mod tokenizer;

pub use error::ImportError;
pub use llama::{Options, WholeWords, import};
