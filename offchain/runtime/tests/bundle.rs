//! Bundles on disk: what is written is read, and what was altered is named.
#![allow(clippy::unwrap_used)]

mod common;

use std::fs;
use std::path::Path;

use common::{Plain, classifier, input, root, start};
use opml_runtime::{Bundle, BundleError};
use tempfile::TempDir;

fn written() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    classifier().write(folder.path()).unwrap();
    folder
}

/// Changes a file of a bundle and opens it.
fn changed(name: &str, change: impl FnOnce(&mut Vec<u8>)) -> Result<Bundle, BundleError> {
    let folder = written();
    edit(folder.path(), name, change);
    Bundle::open(folder.path())
}

fn edit(folder: &Path, name: &str, change: impl FnOnce(&mut Vec<u8>)) {
    let path = folder.join(name);
    let mut bytes = fs::read(&path).unwrap();
    change(&mut bytes);
    fs::write(&path, bytes).unwrap();
}

fn message(opened: Result<Bundle, BundleError>) -> String {
    opened.unwrap_err().to_string()
}

#[test]
fn a_bundle_on_disk_runs_like_one_in_memory() {
    let folder = written();
    let opened = Bundle::open(folder.path()).unwrap();
    opened.verify(|_| {}).unwrap();
    let parts = classifier().bundle().unwrap();
    assert_eq!(opened.manifest(), parts.manifest());
    let [mut a, mut b] = [&opened, &parts].map(|bundle| start(bundle, &input(1)));
    a.run(100).unwrap();
    b.run(100).unwrap();
    assert_eq!(a.state(), b.state());
    let output = a.output(opened.manifest().output).unwrap();
    assert_eq!(output.len(), 4);
    assert!(output[0] < 10);
}

#[test]
fn an_altered_page_is_named() {
    let folder = written();
    // The second tensor begins at the second page behind the first one's.
    edit(folder.path(), "weights.bin", |bytes| bytes[4096 + 17] ^= 1);
    let opened = Bundle::open(folder.path()).unwrap();
    let error = opened.verify(|_| {}).unwrap_err();
    assert_eq!(error.to_string(), "weights.bin: tensor first, page 1 (byte 0x1000) was altered");
}

#[test]
fn altered_roots_are_named() {
    let tree = message(changed("weights.tree", |bytes| bytes[40] ^= 1));
    assert!(tree.starts_with("weights.tree: first has root 0x"), "{tree}");
    let program = message(changed("program.bin", |bytes| bytes[513] ^= 1));
    assert!(program.contains("the program has root 0x"), "{program}");
    let text = fs::read_to_string(written().path().join("manifest.json")).unwrap();
    let root = text.split("\"weights_root\": \"0x").nth(1).unwrap()[..8].to_owned();
    let weights = message(changed("manifest.json", |bytes| {
        let text = String::from_utf8(bytes.clone()).unwrap();
        *bytes = text.replacen(&root, "00000000", 1).into_bytes();
    }));
    assert!(weights.contains("the weights has root 0x"), "{weights}");
}

#[test]
fn truncated_files_are_named() {
    for (name, expected) in [
        ("weights.bin", "weights.bin has 16383 bytes, the manifest needs 16384"),
        ("weights.tree", "weights.tree has 127 bytes, the manifest needs 128"),
        ("program.bin", "program.bin has 4607 bytes, the manifest needs 4608"),
    ] {
        let cut = |bytes: &mut Vec<u8>| bytes.truncate(bytes.len() - 1);
        assert_eq!(message(changed(name, cut)), expected);
    }
    let cut = message(changed("manifest.json", |bytes| bytes.truncate(100)));
    assert!(cut.contains("manifest.json: EOF while parsing"), "{cut}");
}

#[test]
fn another_format_is_named() {
    let newer = changed("manifest.json", |bytes| {
        let text = String::from_utf8(bytes.clone()).unwrap();
        *bytes = text.replace("\"format\": 1", "\"format\": 2").into_bytes();
    });
    assert_eq!(message(newer), "the bundle has format 2, this program reads format 1");
}

#[test]
fn missing_files_are_named() {
    let folder = written();
    fs::remove_file(folder.path().join("program.bin")).unwrap();
    let message = message(Bundle::open(folder.path()));
    assert!(message.contains("program.bin: No such file"), "{message}");
}

#[test]
fn tensors_that_cannot_be_are_refused() {
    let edit = |from: &str, to: &str| {
        changed("manifest.json", |bytes| {
            let text = String::from_utf8(bytes.clone()).unwrap();
            assert!(text.contains(from), "{text}");
            *bytes = text.replacen(from, to, 1).into_bytes();
        })
    };
    let outside = message(edit("\"base\": 0,", "\"base\": 549755813888,"));
    assert!(outside.starts_with("tensor first: no region of 2^"), "{outside}");
    let small = message(edit("\"log2_size\": 13", "\"log2_size\": 11"));
    assert!(small.starts_with("tensor first: no region of 2^11"), "{small}");
    let offset = message(edit("\"offset\": 0,", "\"offset\": 18446744073709551615,"));
    assert!(offset.starts_with("tensor first: no region of 2^"), "{offset}");
}

/// The weights of a bundle, word by word.
fn plain(bundle: &Bundle) -> Plain {
    let words = bundle.weights().iter().flat_map(|block| {
        let words = block.words().iter().copied();
        (block.base()..).step_by(4).zip(words)
    });
    words.collect()
}

#[test]
fn the_weights_root_is_that_of_the_definition() {
    let digits = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/digits");
    for bundle in [classifier().bundle().unwrap(), Bundle::open(&digits).unwrap()] {
        let weights = plain(&bundle);
        assert_eq!(bundle.manifest().weights_root, root(&weights, 0, 39));
        for tensor in &bundle.manifest().tensors {
            assert_eq!(tensor.root, root(&weights, tensor.base, tensor.log2_size));
        }
    }
}
