//! Limits of sampling that random tiles seldom reach.

use opml_kernels::{argmax, sample};
use opml_operator::geometry::{ArgMax, Sample};

/// A request's header for draws at `temperature` among `top_k` candidates.
fn header(temperature: f32, top_k: u32, top_p: f32) -> [u32; 32] {
    let mut header = [0; 32];
    [header[2], header[3]] = [0x0123_4567, 0x89ab_cdef];
    [header[4], header[5], header[7]] = [temperature.to_bits(), top_k, top_p.to_bits()];
    header
}

fn draw(x: &[f32], header: &[u32], iteration: u32) -> u32 {
    let x: Vec<u32> = x.iter().map(|x| x.to_bits()).collect();
    let n = u32::try_from(x.len()).unwrap_or(0);
    let mut out = [0; 8];
    sample(&Sample { n }, iteration, [&x, header], &mut out);
    assert_eq!(out[1..], [0; 7]);
    out[0]
}

/// Equal logits: the lowest indices are the candidates, each is drawn at some time, none beyond.
#[test]
fn at_most_256_candidates_are_drawn() {
    for (top_k, candidates) in [(1, 1), (7, 7), (255, 255), (256, 256), (257, 256), (u32::MAX, 256)]
    {
        let header = header(1.0, top_k, 0.0);
        let mut drawn = [false; 1000];
        for iteration in 0..5000 {
            drawn[draw(&[0.5; 1000], &header, iteration) as usize] = true;
        }
        assert!(drawn[..candidates].iter().all(|drawn| *drawn), "top-k {top_k}");
        assert!(!drawn[candidates..].contains(&true), "top-k {top_k}");
    }
}

/// Weights 1/2, 1/4, 1/8 ...: the draws follow them.
#[test]
fn draws_follow_the_weights() {
    let logits: Vec<f32> = (0..8_u8).map(|index| -f32::from(index) * 2_f32.ln()).collect();
    let header = header(1.0, 8, 0.0);
    let mut counts = [0_u32; 8];
    for iteration in 0..100_000 {
        counts[draw(&logits, &header, iteration) as usize] += 1;
    }
    for (index, count) in counts.into_iter().enumerate() {
        let expected =
            100_000.0 / (2_f64.powi(i32::try_from(index).unwrap_or(0) + 1)) / (255.0 / 256.0);
        let deviation = 5.0 * expected.sqrt();
        assert!(
            (f64::from(count) - expected).abs() < deviation,
            "{index}: {count}, not {expected}"
        );
    }
}

/// 1/2 reaches half of all weight (255/256) just so; a little more needs the second candidate.
#[test]
fn top_p_keeps_the_first_that_reach_it() {
    let logits: Vec<f32> = (0..8_u8).map(|index| -f32::from(index) * 2_f32.ln()).collect();
    for (top_p, kept) in [(0.5, 1), (0.51, 2), (0.76, 3), (0.99, 7), (1.0, 8), (0.0, 8)] {
        let header = header(1.0, 8, top_p);
        let greatest = (0..20_000).map(|iteration| draw(&logits, &header, iteration)).max();
        assert_eq!(greatest, Some(kept - 1), "top-p {top_p}");
    }
}

#[test]
fn without_temperature_the_greatest_is_taken() {
    let logits = [f32::NAN, -1.0, 3.0, f32::NEG_INFINITY, 3.0];
    for temperature in [0.0, -0.0, -1.0, f32::NAN, f32::NEG_INFINITY] {
        assert_eq!(draw(&logits, &header(temperature, 40, 0.0), 9), 2);
    }
    assert_eq!(draw(&logits, &header(1.0, 0, 0.0), 9), 2);
    assert_eq!(draw(&[1.0, f32::INFINITY], &header(1.0, 40, 0.0), 9), 1);
    assert_eq!(draw(&[f32::NAN; 3], &header(1.0, 40, 0.0), 9), 0);
}

#[test]
fn the_greatest_is_the_first_of_equals() {
    let greatest = |x: &[f32]| {
        let x: Vec<u32> = x.iter().map(|x| x.to_bits()).collect();
        let mut out = [0; 8];
        argmax(&ArgMax { n: u32::try_from(x.len()).unwrap_or(0) }, &x, &mut out);
        (out[0], out[1])
    };
    assert_eq!(greatest(&[-0.0, 0.0]), (0, 0x8000_0000));
    assert_eq!(greatest(&[-1.0, 0.0, -0.0]), (1, 0));
    assert_eq!(greatest(&[f32::NAN, f32::NEG_INFINITY]), (1, 0xff80_0000));
    assert_eq!(greatest(&[-f32::NAN, f32::NAN]), (0, 0x7fc0_0000));
    assert_eq!(greatest(&[-2.0, -1.0, -1.0]), (1, 0xbf80_0000));
}
