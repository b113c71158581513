//! The compiled contracts: those built into this program, or those in a folder.

use std::borrow::Cow;
use std::path::Path;

use anyhow::{Context as _, Result};
use opml_client::deploy::Artifacts;

include!(concat!(env!("OUT_DIR"), "/STEP_CODE.rs"));
include!(concat!(env!("OUT_DIR"), "/GAME_CODE.rs"));
include!(concat!(env!("OUT_DIR"), "/HUB_CODE.rs"));
include!(concat!(env!("OUT_DIR"), "/COURIER_CODE.rs"));
include!(concat!(env!("OUT_DIR"), "/BATCH_CODE.rs"));
include!(concat!(env!("OUT_DIR"), "/ATTENTION_CODE.rs"));
include!(concat!(env!("OUT_DIR"), "/DIGITS_CODE.rs"));
include!(concat!(env!("OUT_DIR"), "/PROMPT_CODE.rs"));

/// Init code of the example consumers, without their constructors' arguments.
pub const DIGITS_CONSUMER: Option<&[u8]> = DIGITS_CODE;
/// The same of the one that asks a language model.
pub const PROMPT_CONSUMER: Option<&[u8]> = PROMPT_CODE;

/// The contracts in a folder as `cargo xtask contracts` leaves them, or without one those that were there
/// when this program was built.
pub fn artifacts(folder: Option<&Path>) -> Result<Artifacts> {
    if let Some(folder) = folder {
        return Ok(Artifacts::read(folder)?);
    }
    let built_in = |name: &str| -> Option<Cow<'static, [u8]>> {
        let code: Option<&'static [u8]> = match name {
            "step" => STEP_CODE,
            "game" => GAME_CODE,
            "hub" => HUB_CODE,
            "courier" => COURIER_CODE,
            "batch" => BATCH_CODE,
            "attention" => ATTENTION_CODE,
            _ => None,
        };
        code.map(Cow::Borrowed)
    };
    Artifacts::collect(Path::new("this program"), built_in).context(
        "no contracts are built into this program; build them (cargo xtask build) or name a folder (--contracts)",
    )
}
