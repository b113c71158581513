//! What has no counterpart is an error that names the node.

use opml_import::onnx::{OnnxError, Options, import};
use opml_operator::WeightType;
use opml_runtime::build::Builder;
use opml_runtime::bundle::manifest::{About, Input, ResultKind};

use crate::file::{Attribute, File};
use crate::imported;
use crate::network::network;

/// The error of the small network with a node behind it.
fn error(change: impl FnOnce(&mut File)) -> String {
    let (mut file, _) = network();
    change(&mut file);
    imported(&file).err().map(|error| error.to_string()).unwrap_or_default()
}

#[test]
fn an_operator_without_a_counterpart_is_refused_by_name() {
    let found = error(|file| file.node(("Tanh", &["h0"], &["bent"]), &[]));
    assert_eq!(found, "node bent: Tanh is not supported here: no such operator");
}

#[test]
fn an_attribute_without_a_counterpart_is_refused_by_name() {
    let group = [("group", Attribute::Integer(2))];
    let found = error(|file| file.node(("Conv", &["h0", "body.w", "body.b"], &["two"]), &group));
    assert_eq!(found, "node two: attribute group has a value that is not supported");
    let cubic = [("mode", Attribute::Text("cubic"))];
    let found = error(|file| file.node(("Resize", &["h0", "", "twice"], &["soft"]), &cubic));
    assert_eq!(found, "node soft: attribute mode has a value that is not supported");
}

#[test]
fn shapes_that_do_not_fit_are_refused_by_name() {
    let found = error(|file| file.node(("Add", &["h0", "h2"], &["sum2"]), &[]));
    assert_eq!(found, "node sum2: shapes [[1, 32, 16, 16], [1, 64, 8, 8]] do not fit Add");
    let found = error(|file| file.node(("Conv", &["h2", "body.w", "body.b"], &["thin"]), &[]));
    assert_eq!(found, "node thin: shapes [[32, 32, 3, 3]] do not fit Conv");
}

#[test]
fn a_value_that_nobody_makes_is_refused_by_name() {
    let found = error(|file| file.node(("Add", &["h0", "nothing"], &["sum2"]), &[]));
    assert_eq!(found, "node sum2 reads \"nothing\", which nothing before it makes");
}

#[test]
fn operators_of_another_version_are_refused() {
    let found = error(|file| file.version = 7);
    assert!(found.starts_with("operator set \"\" version 7 is not supported"), "{found}");
}

#[test]
fn a_damaged_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cut.onnx");
    let bytes = network().0.bytes("denoised");
    for length in [1, 10, bytes.len() / 2, bytes.len() - 1] {
        std::fs::write(&path, &bytes[..length]).unwrap();
        let options = Options { inputs: Vec::new(), weights: WeightType::Q8_0 };
        let (input, result) = (Input::Bytes { max: 1 }, ResultKind::Bytes);
        let builder = Builder::new(About::default(), input, result);
        let made = import(&path, builder, &options, &mut |_, _| {});
        assert!(matches!(made, Err(OnnxError::Decode(_) | OnnxError::NoGraph)), "{length}");
    }
}
