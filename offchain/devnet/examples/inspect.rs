//! Packs a compiled contract, checks it and says what it costs: `inspect CONTRACT.wasm [CALLDATA]`.
//! With calldata (hex) it is also called repeatedly on an empty chain, to measure calls a second.

use std::error::Error;
use std::time::{Duration, Instant};

use opml_devnet::stylus::activate::{BASE_ACTIVATION_GAS, DEFAULT_PAGE_LIMIT, activate};
use opml_devnet::stylus::code::{MAX_CODE_LEN, compress};
use opml_devnet::stylus::engine::{Engine, PureRunner, on_deep_stack};
use opml_devnet::stylus::entry::{Cached, Pages, StylusParams};
use opml_devnet::stylus::pack::pack;

const GAS: u64 = 1_000_000_000;
const MEASURE: Duration = Duration::from_secs(2);

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let path = args.next().ok_or("usage: inspect CONTRACT.wasm [CALLDATA]")?;
    let raw = std::fs::read(path)?;
    let packed = pack(&raw)?;
    let code = compress(&packed)?;
    println!(
        "raw {} B, packed {} B, deployed {} of {MAX_CODE_LEN} B",
        raw.len(),
        packed.len(),
        code.len()
    );

    let activation = activate(&packed, DEFAULT_PAGE_LIMIT)?;
    let params = StylusParams::default();
    println!("{:?}", activation.facts);
    println!("activation {BASE_ACTIVATION_GAS} + {} gas", activation.gas);
    for cached in [Cached::No, Cached::Yes] {
        let gas = params.entry_gas(&activation.facts, Pages::default(), cached);
        println!("entry {gas} gas, cached: {cached:?}");
    }
    let start = Instant::now();
    let program = Engine::new()?.compile(&activation)?;
    println!("compiled in {:?}", start.elapsed());

    let Some(calldata) = args.next() else {
        return Ok(());
    };
    let input = alloy_primitives::hex::decode(calldata)?;
    let mut runner = PureRunner::new(program, params)?;
    let first = runner.call(&input, GAS);
    println!("{:?}, {} ink, {} gas", first.outcome, first.ink_used, GAS - first.gas_left);
    let (start, mut calls) = (Instant::now(), 0u32);
    on_deep_stack(|| {
        while start.elapsed() < MEASURE {
            runner.call(&input, GAS);
            calls += 1;
        }
    });
    println!("{:.0} calls a second", f64::from(calls) / start.elapsed().as_secs_f64());
    Ok(())
}
