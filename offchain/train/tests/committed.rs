//! The committed model, and the held-out pictures beside it.
#![allow(clippy::unwrap_used)]

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use opml_runtime::Bundle;
use opml_train::digits::{Digit, PIXELS};
use opml_train::measure::classify;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/digits")
}

/// The pictures, by file name; a name begins with the digit shown.
fn samples() -> Vec<(String, Digit)> {
    let names = (0..10).flat_map(|class| [1, 2].map(|number| format!("{class}-{number}.png")));
    names.map(|name| (name.clone(), read(&name))).collect()
}

fn read(name: &str) -> Digit {
    let file = BufReader::new(File::open(folder().join("samples").join(name)).unwrap());
    let mut reader = png::Decoder::new(file).read_info().unwrap();
    let mut pixels = [0; PIXELS];
    let frame = reader.next_frame(&mut pixels).unwrap();
    assert_eq!((frame.width, frame.height), (28, 28), "{name}");
    assert_eq!(frame.color_type, png::ColorType::Grayscale, "{name}");
    Digit { pixels, class: name[..1].parse().unwrap() }
}

#[test]
fn its_files_are_what_the_manifest_says_and_stay_small() {
    let bundle = Bundle::open(&folder()).unwrap();
    bundle.verify(|_| ()).unwrap();
    let files = ["manifest.json", "program.bin", "weights.bin", "weights.tree"];
    let bytes: u64 = files.iter().map(|file| folder().join(file).metadata().unwrap().len()).sum();
    assert!(bytes < 1_000_000, "{bytes} bytes");
}

#[test]
fn it_recognises_the_pictures_beside_it() {
    let bundle = Bundle::open(&folder()).unwrap();
    for (name, digit) in samples() {
        assert_eq!(classify(&bundle, &digit).unwrap(), u32::from(digit.class), "{name}");
    }
}
