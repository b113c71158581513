//! Writes inputs to begin with: `cargo run --release --features models --example seeds`, in this folder. Each network of the
//! target `onnx` as a file, after it has been imported.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;

#[path = "../../offchain/import/tests/onnx/file.rs"]
#[allow(dead_code, clippy::needless_for_each)]
mod file;
#[path = "../fuzz_targets/support/networks.rs"]
mod networks;

fn main() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds/onnx");
    fs::create_dir_all(&folder).unwrap();
    for (number, bytes) in networks::all().iter().enumerate() {
        let path = folder.join(format!("network-{number}"));
        fs::write(&path, bytes).unwrap();
        let parts = networks::imported(&path).unwrap_or_else(|error| panic!("{number}: {error}"));
        parts.bundle().unwrap().verify(|_| {}).unwrap();
        // The target takes what follows a first byte of 0 as a file.
        fs::write(&path, [&[0], &bytes[..]].concat()).unwrap();
        println!("{}: {} bytes", path.display(), bytes.len() + 1);
    }
}
