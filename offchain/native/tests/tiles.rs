//! Every backend computes the reference's bits: one tile of each kernel, over unkind data.
#![allow(clippy::unwrap_used)]

use opml_cases::{Case, Flavor, generate, generate_of};
use opml_native::{Backend, Columns, Engine};
use opml_operator::Kernel;

/// Cases a kernel with mixed data.
const CASES: u64 = 3_000;
/// Cases a kernel and flavour of data.
const CASES_OF_FLAVOR: u64 = 300;

fn engines() -> Vec<Engine> {
    Backend::available().map(|backend| Engine::new(backend, 1).unwrap()).collect()
}

fn check(engines: &[Engine], case: &Case, name: &str) {
    let tile = case.tile().unwrap();
    let expected = case.reference().unwrap();
    let inputs: Vec<&[u32]> = case.inputs.iter().map(Vec::as_slice).collect();
    for engine in engines {
        let mut actual = vec![0xdead_beef; case.output_words()];
        engine.run_columns(&Columns::one(tile.operator, tile.place), &inputs, &mut actual);
        let backend = engine.backend();
        if let Some(at) = (0..expected.len()).find(|at| actual[*at] != expected[*at]) {
            let (actual, expected) = (actual[at], expected[at]);
            panic!("{name}, {backend}, word {at}: {actual:#x}, not {expected:#x}\n{tile:?}");
        }
    }
    let mut actual = vec![0xdead_beef; case.output_words()];
    opml_native::run(&tile.operator, tile.place, &inputs, &mut actual);
    assert_eq!(actual, expected, "{name}, best backend");
}

fn check_kernel(kernel: Kernel) {
    let engines = engines();
    for seed in 0..CASES {
        check(&engines, &generate(kernel, seed), &format!("{kernel:?} {seed}"));
    }
    for flavor in Flavor::ALL {
        for seed in 0..CASES_OF_FLAVOR {
            let name = format!("{kernel:?} {flavor:?} {seed}");
            check(&engines, &generate_of(kernel, flavor, seed), &name);
        }
    }
}

macro_rules! kernels {
    ($($name:ident: $kernel:ident,)*) => {
        $(
            #[test]
            fn $name() {
                check_kernel(Kernel::$kernel);
            }
        )*

        #[test]
        fn every_kernel_is_tested() {
            assert_eq!([$(Kernel::$kernel),*], Kernel::ALL);
        }
    };
}

kernels! {
    quantize: Quantize,
    matmul: Matmul,
    add: Add,
    mul: Mul,
    relu: Relu,
    silu: Silu,
    gelu: Gelu,
    gelu_tanh: GeluTanh,
    rms_norm: RmsNorm,
    layer_norm: LayerNorm,
    softmax: Softmax,
    rope: Rope,
    scores: Scores,
    mix: Mix,
    embed: Embed,
    argmax: ArgMax,
    sample: Sample,
    from_bytes: FromBytes,
    emit: Emit,
    encode: Encode,
    next: Next,
    decode: Decode,
    conv: Conv,
    conv_add: ConvAdd,
    attend: Attend,
    moments: Moments,
    group_affine: GroupAffine,
    affine: Affine,
    pack: Pack,
    affine_pack: AffinePack,
    norm_rows: NormRows,
    resample: Resample,
    concat: Concat,
    blend: Blend,
    noise: Noise,
    to_bytes: ToBytes,
}
