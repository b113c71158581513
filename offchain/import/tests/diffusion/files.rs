//! A network's files, and the bundle that is imported from them.

use std::path::Path;

use opml_import::safetensors::{
    Config, Network, Tensors as _, Tokenizer, import, picture, program,
};
use opml_operator::WeightType;
use opml_runtime::Bundle;
use opml_runtime::build::Builder;
use opml_runtime::bundle::manifest::{About, Input};
use safetensors::Dtype;
use safetensors::tensor::TensorView;

use crate::network::{PROMPT_BYTES, Random, configuration, ddim, options, write_configuration};

/// Writes what was asked for to a file of tensors. Filters of linear layers have two dimensions.
fn write(random: &Random, path: &Path) {
    let asked = random.asked();
    let stored = |(name, shape): (&String, &Vec<usize>)| {
        let conv = name.contains("conv") || name.contains(".proj_");
        let numbers = random.numbers(name, shape).expect("random");
        let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        let shape = if conv { &shape[..] } else { shape.strip_suffix(&[1, 1]).unwrap_or(shape) };
        (name.clone(), shape.to_vec(), bytes)
    };
    let all: Vec<_> = asked.iter().map(stored).collect();
    let views = all.iter().map(|(name, shape, bytes)| {
        (name, TensorView::new(Dtype::F32, shape.clone(), bytes).expect("a tensor"))
    });
    safetensors::serialize_to_file(views, None, path).expect("written");
}

/// The folder of a small network, and the bundle of it.
pub fn small(folder: &Path, weights: WeightType) -> Bundle {
    let options = &options(weights);
    write_configuration(folder, &configuration(&ddim()));
    let config = Config::read(folder).expect("a configuration");
    let parts = [Random::default(), Random::default(), Random::default()];
    let network = Network {
        config: &config,
        tokenizer: &Tokenizer::read(&folder.join("tokenizer")).expect("imported"),
        text: &parts[0],
        unet: &parts[1],
        vae: &parts[2],
    };
    // Once with weights out of nothing, to learn their names; then from files.
    let input = Input::Bytes { max: PROMPT_BYTES };
    let builder = Builder::new(About::default(), input, picture(&config));
    let known =
        program(builder, &network, options, &|_| {}).expect("imported").finish().expect("imported");
    for (part, name) in parts.iter().zip(["text_encoder", "unet", "vae"]) {
        write(part, &folder.join(name).join("model.safetensors"));
    }
    let target = folder.join("bundle");
    import(folder, &target, options, &|_| {}).expect("imported");
    let bundle = Bundle::open(&target).expect("imported");
    assert_eq!(
        bundle.manifest().weights_root,
        known.bundle().expect("imported").manifest().weights_root
    );
    bundle
}
