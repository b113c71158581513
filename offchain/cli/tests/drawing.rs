//! The demonstration on a small Stable Diffusion with random weights: a lie in a pixel, in a tile of a convolution and in
//! a coefficient of the sampler.
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, clippy::cast_precision_loss)]
#![allow(dead_code, reason = "other tests use the rest of the network's module")]

#[path = "../../import/tests/diffusion/network.rs"]
mod network;

use std::process::Command;

use network::random;
use opml_operator::WeightType;
use serde_json::Value;

const OPML: &str = env!("CARGO_BIN_EXE_opml");

/// The demonstration's report.
fn demo(model: &str, lie: &str) -> Value {
    let output = Command::new(OPML)
        .args(["demo", "--json", "--model", model, "--lie", lie, "--draw", "1"])
        .args(["--prompt", "a cat, sitting", "--other-prompt", "two cats on a map"])
        .output()
        .unwrap();
    let story = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{lie}: {story}");
    // Once by the honest server, once after the lie.
    assert_eq!(story.matches("finalizes the claim").count(), 2, "{story}");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn lies_about_a_picture_are_caught_down_to_one_instruction() {
    let folder = tempfile::tempdir().unwrap();
    random(folder.path(), WeightType::Q8_0);
    let bundle = folder.path().join("bundle");
    for (lie, operators) in
        [("pixel", &["ToBytes"][..]), ("tile", &["Conv", "ConvAdd"]), ("coefficient", &["Blend"])]
    {
        let report = demo(bundle.to_str().unwrap(), lie);
        let disputed = report["disputed"].as_str().unwrap();
        let operator = disputed.rsplit(' ').next().unwrap();
        assert!(operators.contains(&operator), "{lie}: {disputed}");
        let last = report["moves"].as_array().unwrap().last().unwrap();
        assert_eq!((&last["kind"], &last["side"]), (&"prove".into(), &"verifier".into()), "{lie}");
        assert!(report["instruction"]["text"].is_string(), "{lie}: {report}");
    }
}
