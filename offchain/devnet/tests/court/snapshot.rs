//! Tables of gas that are kept in files beside the tests.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

/// Percent by which a compiler may change what a call costs; more has to be looked at.
const TOLERANCE: u64 = 3;

/// Compares a table with the one in `tests/FILE`; writes it there instead where `OPML_BLESS` is set.
pub fn check(file: &str, rows: &[(String, u64)]) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(file);
    let text = rows.iter().fold(String::new(), |mut text, (name, gas)| {
        writeln!(text, "{gas:>10}  {name}").unwrap();
        text
    });
    println!("{text}");
    if std::env::var_os("OPML_BLESS").is_some() {
        std::fs::write(&path, text).unwrap();
        return;
    }
    let kept = std::fs::read_to_string(&path).unwrap();
    let kept: BTreeMap<&str, u64> = kept
        .lines()
        .map(|line| {
            let (gas, name) = line.trim().split_once("  ").unwrap();
            (name, gas.parse().unwrap())
        })
        .collect();
    let names: Vec<&str> = rows.iter().map(|(name, _)| name.as_str()).collect();
    let mut wanted: Vec<&str> = kept.keys().copied().collect();
    let mut found = names.clone();
    wanted.sort_unstable();
    found.sort_unstable();
    assert_eq!(found, wanted, "other rows than in {file}; OPML_BLESS=1 writes it anew");
    for (name, gas) in rows {
        let before = kept[name.as_str()];
        assert!(
            gas.abs_diff(before) * 100 <= before * TOLERANCE,
            "{name}: {gas} gas, {before} in {file}; OPML_BLESS=1 writes it anew"
        );
    }
}
