//! Embeds the compiled contracts that `cargo xtask build` leaves in `target/contracts`, if any.

use std::path::PathBuf;
use std::{env, fs};

fn main() -> std::io::Result<()> {
    println!("cargo:rerun-if-env-changed=CARGO_TARGET_DIR");
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join("../..");
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let contract = root.join(target).join("contracts/step.wasm");
    println!("cargo:rerun-if-changed={}", contract.display());

    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    let embedded = match fs::read(&contract) {
        Ok(module) => {
            fs::write(out.join("step.wasm"), module)?;
            "Some(include_bytes!(concat!(env!(\"OUT_DIR\"), \"/step.wasm\")))"
        }
        Err(_) => "None",
    };
    fs::write(out.join("contracts.rs"), format!("const STEP: Option<&[u8]> = {embedded};\n"))
}
