//! Writes a bundle with a large product, to try disputes of models that do not fit memory:
//! `cargo run --release -p opml-runtime --example large -- FOLDER MIB`.

use std::error::Error;
use std::path::PathBuf;

use opml_operator::WeightType;
use opml_operator::geometry::Matrix;
use opml_runtime::build::Builder;
use opml_runtime::bundle::manifest::{About, Input, ResultKind};

/// Numbers of a row.
const K: u32 = 1024;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().ok_or("name a folder")?);
    let mebibytes: u32 = arguments.next().ok_or("name a size in MiB")?.parse()?;
    let rows = mebibytes.checked_mul(256).ok_or("too large")?;

    let about = About { name: "large".into(), ..About::default() };
    let mut build = Builder::new(about, Input::Bytes { max: K }, ResultKind::Bytes);
    let matrix = Matrix { k: K, rows, kind: WeightType::F32 };
    // No two pages alike, so that nothing can be shared.
    let mut state = 1u32;
    let values: Vec<f32> = (0..u64::from(rows) * u64::from(K))
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            f32::from_bits(state >> 9 | 0x3f80_0000) - 1.5
        })
        .collect();
    let weights = build.matrix("large", matrix, &values)?;
    let x = build.from_bytes(K, 1.0 / 255.0)?;
    let x = build.matmul_float(weights, x)?;
    let x = build.argmax(x)?;
    build.emit(x, 4)?;
    build.finish()?.write(&folder)?;
    Ok(())
}
