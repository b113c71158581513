//! The released kernel image computes what the scalar reference computes, well within its static cost.
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation)]

use opml_cases::{Case, Flavor, generate, generate_of, machine};
use opml_operator::{Kernel, cost};

/// Cases a kernel with flavours of numbers mixed, and as many with one in all tensors.
const CASES: u64 = 300;

fn check(kernel: Kernel) {
    for seed in 0..CASES {
        check_case(kernel, seed, &generate(kernel, seed));
        let flavor = Flavor::ALL[(seed % 7) as usize];
        check_case(kernel, seed, &generate_of(kernel, flavor, seed));
    }
}

fn check_case(kernel: Kernel, seed: u64, case: &Case) {
    let tile = case.tile().unwrap_or_else(|error| panic!("{kernel:?} {seed}: {error}"));
    let run = machine::run(case).unwrap_or_else(|error| panic!("{kernel:?} {seed}: {error}"));
    let expected = case.reference().unwrap();
    if let Some(at) = (0..expected.len()).find(|at| run.output[*at] != expected[*at]) {
        let (actual, expected) = (run.output[at], expected[at]);
        panic!("{kernel:?} {seed}, word {at}: {actual:#010x}, not {expected:#010x}\n{tile:?}");
    }
    // A fifth is kept, for data that no random case has.
    let most = cost(&tile.operator) / 5 * 4;
    assert!(run.steps <= most, "{kernel:?} {seed}: {} steps, at most {most}\n{tile:?}", run.steps);
}

macro_rules! kernels {
    ($($name:ident: $kernel:ident,)*) => {
        $(
            #[test]
            fn $name() {
                check(Kernel::$kernel);
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
