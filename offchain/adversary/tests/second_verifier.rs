//! Games of random schedules, as the compiled contracts have played them, replayed by an implementation in Python that shares
//! no code with them or with the specification here.
#![allow(clippy::unwrap_used)]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use opml_adversary::actions;
use opml_adversary::run::Run;
use opml_adversary::world::World;

const SCHEDULES: u64 = 12;
const ACTIONS: usize = 120;

#[test]
fn a_second_verifier_plays_every_game_alike() {
    if Command::new("python3").arg("--version").output().is_err() {
        println!("there is no python3: nothing is compared");
        return;
    }
    let test = std::env::current_exe().unwrap();
    let target: PathBuf = test.ancestors().nth(3).unwrap().into();
    let mut world = World::new(&target.join("contracts")).unwrap();
    let mut lines = Vec::new();
    for seed in 0..SCHEDULES {
        let (_, games) = Run::new(&mut world).recorded(&actions(seed, ACTIONS)).unwrap();
        lines.extend(games);
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../test/second_verifier");
    let mut python = Command::new("python3")
        .arg(folder.join("check_game.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let script = lines.join("\n") + "\n";
    // It ends at the first difference, and does not read the rest.
    let _ = python.stdin.take().unwrap().write_all(script.as_bytes());
    let answer = python.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&answer.stdout);
    assert!(answer.status.success(), "{}", String::from_utf8_lossy(&answer.stderr));
    println!("{} calls: {said}", lines.len());
    for kind in ["open taken", "move taken", "move won", "move refused", "timeout taken"] {
        assert!(said.contains(kind), "no {kind}: {said}");
    }
}
