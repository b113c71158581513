//! Embeds what `cargo xtask build` leaves in `target`, if anything: compiled contracts, and the MIPS
//! program that runs a whole model.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// Name of the constant, file in the target folder.
const EMBEDDED: [(&str, &str); 10] = [
    ("STEP", "contracts/step.wasm"),
    ("NETWORK", "guest/network.elf"),
    ("STEP_CODE", "contracts/step.wasm.br"),
    ("GAME_CODE", "contracts/game.wasm.br"),
    ("HUB_CODE", "contracts/hub.wasm.br"),
    ("COURIER_CODE", "contracts/courier.wasm.br"),
    ("BATCH_CODE", "contracts/batch.wasm.br"),
    ("ATTENTION_CODE", "contracts/attention.wasm.br"),
    ("DIGITS_CODE", "contracts/DigitsConsumer.bin"),
    ("PROMPT_CODE", "contracts/PromptConsumer.bin"),
];

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-env-changed=CARGO_TARGET_DIR");
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join("../..");
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let target = root.join(target);
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    for (name, file) in EMBEDDED {
        embed(name, &target.join(file), &out)?;
    }
    Ok(())
}

/// Writes `NAME.rs` with a constant that holds the file's bytes, if there is one.
fn embed(name: &str, file: &Path, out: &Path) -> io::Result<()> {
    println!("cargo:rerun-if-changed={}", file.display());
    let embedded = match fs::read(file) {
        Ok(bytes) => {
            fs::write(out.join(name), bytes)?;
            format!("Some(include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{name}\")))")
        }
        Err(_) => "None".to_owned(),
    };
    fs::write(
        out.join(format!("{name}.rs")),
        format!("const {name}: Option<&[u8]> = {embedded};\n"),
    )
}
