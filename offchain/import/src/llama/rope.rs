//! The table of the rotary position embedding.

use super::config::Config;

/// A row a position: cosines, then sines, filled up to a power of two. `factors` divide the frequencies.
#[allow(clippy::cast_possible_truncation, reason = "computed in f64, stored as f32")]
pub fn table(config: &Config, factors: Option<&[f32]>) -> Vec<f32> {
    let (head, half) = (config.attention.head as usize, config.attention.head as usize / 2);
    let (base, scale) = config.rope;
    let frequency = |pair: usize| {
        let exponent = f64::from(2 * pair as u32) / f64::from(config.attention.head);
        let factor = factors.and_then(|factors| factors.get(pair)).map_or(1.0, |f| f64::from(*f));
        base.powf(-exponent) / (factor * scale)
    };
    let frequencies: Vec<f64> = (0..half).map(frequency).collect();
    let row = head.next_power_of_two();
    let mut table = Vec::with_capacity(row * config.attention.capacity as usize);
    for position in 0..config.attention.capacity {
        let angles = frequencies.iter().map(|frequency| f64::from(position) * frequency);
        table.extend(angles.clone().map(|angle| angle.cos() as f32));
        table.extend(angles.map(|angle| angle.sin() as f32));
        table.resize(table.len() + row - head, 0.0);
    }
    table
}
