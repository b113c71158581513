//! `opml model`, `run`, `trace` and `selftest`, by the program itself.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::Value;

fn opml(arguments: &[&str]) -> Command {
    let mut command = Command::cargo_bin("opml").unwrap();
    command.args(arguments);
    command
}

/// Standard output of a command that succeeds, as JSON.
fn json(arguments: &[&str]) -> Value {
    let output = opml(arguments).arg("--json").assert().success().get_output().stdout.clone();
    serde_json::from_slice(&output).unwrap()
}

/// Standard error of a command that fails with code 2.
fn error(arguments: &[&str]) -> String {
    let output = opml(arguments).assert().code(2).get_output().stderr.clone();
    String::from_utf8(output).unwrap()
}

fn digits() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/digits")
}

fn sample(name: &str) -> String {
    digits().join("samples").join(name).to_str().unwrap().to_owned()
}

#[test]
fn every_sample_is_told_apart() {
    let mut seen = 0;
    for entry in fs::read_dir(digits().join("samples")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let report = json(&["run", "--image", path.to_str().unwrap()]);
        assert_eq!(report["label"].as_str().unwrap(), &name[..1], "{name}");
        assert_eq!(report["status"], "halted");
        seen += 1;
    }
    assert_eq!(seen, 20);
}

#[test]
fn an_output_with_another_root_is_refused() {
    let image = sample("4-2.png");
    let root = json(&["run", "--image", &image])["output_root"].as_str().unwrap().to_owned();
    let again = json(&["run", "--image", &image, "--root", &root]);
    assert_eq!(again["output_root"], *root);
    let other = sample("7-1.png");
    let refused = error(&["run", "--image", &other, "--root", &root]);
    assert!(refused.contains(&format!(", not {root}")), "{refused}");
    let part = json(&["model", "prove-part", "--image", &image, "--bytes", "0,1"]);
    assert_eq!(part["root"], *root);
}

#[test]
fn a_folder_runs_like_the_built_in_model() {
    let folder = digits();
    let image = sample("4-2.png");
    let built_in = json(&["run", "--image", &image]);
    let opened = json(&["run", "--model", folder.to_str().unwrap(), "--image", &image]);
    for field in ["output", "state_hash", "memory_root", "steps"] {
        assert_eq!(built_in[field], opened[field], "{field}");
    }
}

#[test]
fn pictures_and_bytes_are_the_same_input() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("input");
    fs::write(&path, [7; 784]).unwrap();
    let picture = folder.path().join("input.png");
    let mut encoder = png::Encoder::new(fs::File::create(&picture).unwrap(), 28, 28);
    encoder.set_color(png::ColorType::Rgb);
    encoder.write_header().unwrap().write_image_data(&[7; 784 * 3]).unwrap();
    let bytes = json(&["run", "--input", path.to_str().unwrap()]);
    let picture = json(&["run", "--image", picture.to_str().unwrap()]);
    assert_eq!(bytes["state_hash"], picture["state_hash"]);
    let seeded = json(&["run", "--input", path.to_str().unwrap(), "--seed", "1"]);
    assert_ne!(bytes["state_hash"], seeded["state_hash"]);
    assert_eq!(bytes["output"], seeded["output"]);
}

#[test]
fn every_tile_is_the_same_in_the_machine() {
    let report = json(&["selftest", "--image", &sample("0-1.png")]);
    assert_eq!(report["checked"], report["steps"]);
    assert_eq!(report["differences"].as_array().unwrap().len(), 0);
    assert!(report["instructions"].as_u64().unwrap() > 1_000_000);
}

#[test]
fn a_trace_ends_in_the_state_that_run_commits_to() {
    let image = sample("9-1.png");
    let run = json(&["run", "--image", &image]);
    let steps = run["steps"].as_u64().unwrap().to_string();
    let end = json(&["trace", "--image", &image, "--step", &steps]);
    assert_eq!(end["state_hash"], run["state_hash"]);
    assert_eq!(end["status"], "halted");
    let start = json(&["trace", "--image", &image, "--step", "0", "--mips", "1000"]);
    assert_eq!((&start["pc"], &start["tile"]), (&0.into(), &0.into()));
    assert_eq!(start["mips"]["status"], "Running");
    let exited = json(&["trace", "--image", &image, "--step", "0", "--mips", "33554432"]);
    assert_eq!(exited["mips"]["status"], "Exited(0)");
}

#[test]
fn the_built_in_model_is_described_and_whole() {
    let info = json(&["model", "info"]);
    assert_eq!(info["model"]["name"], "digits");
    assert_eq!(info["kernels"]["Matmul"], 2);
    let verified = json(&["model", "verify", digits().to_str().unwrap()]);
    assert_eq!(verified["weights_root"], info["weights_root"]);
}

#[test]
fn bad_input_is_named() {
    let missing = error(&["run"]);
    assert!(missing.contains("--input FILE or --image PNG"), "{missing}");
    let absent = error(&["run", "--image", "no/such.png"]);
    assert!(absent.contains("picture no/such.png: No such file"), "{absent}");

    let folder = tempfile::tempdir().unwrap();
    let short = folder.path().join("short");
    fs::write(&short, [1; 783]).unwrap();
    let length = error(&["run", "--input", short.to_str().unwrap()]);
    assert!(length.contains("an input of 783 bytes is not the model's"), "{length}");
    let no_picture = error(&["run", "--image", short.to_str().unwrap()]);
    assert!(no_picture.contains("picture "), "{no_picture}");

    let small = folder.path().join("small.png");
    let encoder = png::Encoder::new(fs::File::create(&small).unwrap(), 2, 2);
    encoder.write_header().unwrap().write_image_data(&[0; 4]).unwrap();
    let size = error(&["run", "--image", small.to_str().unwrap()]);
    assert!(size.contains("2 x 2 pixels, the model takes 28 x 28"), "{size}");

    let past = error(&["trace", "--image", &sample("1-1.png"), "--step", "99999"]);
    assert!(past.contains("step 99999 of a trace of 2^4"), "{past}");
    let model = error(&["model", "info", "no-such-model"]);
    assert!(model.contains("cannot open model no-such-model"), "{model}");
}

#[test]
fn an_altered_bundle_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["manifest.json", "program.bin", "weights.bin", "weights.tree"] {
        fs::copy(digits().join(name), folder.path().join(name)).unwrap();
    }
    let weights = folder.path().join("weights.bin");
    let mut bytes = fs::read(&weights).unwrap();
    bytes[5000] ^= 4;
    fs::write(&weights, bytes).unwrap();
    let altered = error(&["model", "verify", folder.path().to_str().unwrap()]);
    assert!(altered.contains("page 1 (byte 0x1000) was altered"), "{altered}");
}
