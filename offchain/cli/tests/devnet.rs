//! `opml devnet` as a process.
#![allow(clippy::unwrap_used)]

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A chain in `file` that is flushed, and where it listens.
fn devnet(file: &Path) -> (Child, String) {
    let mut chain = Command::new(env!("CARGO_BIN_EXE_opml"))
        .args(["devnet", "--port", "0", "--silent", "--flush", "--persist"])
        .arg(file)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(chain.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let url = line.split_whitespace().find_map(|word| word.strip_prefix("http://")).unwrap();
    (chain, url.to_owned())
}

fn interrupt(chain: &Child) {
    let status = Command::new("kill").args(["-INT", &chain.id().to_string()]).status();
    assert!(status.unwrap().success());
}

#[test]
fn a_second_interrupt_does_not_wait_for_work_and_harms_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("chain");
    let (mut chain, address) = devnet(&file);
    let body = r#"{"jsonrpc":"2.0","id":1,"method":"anvil_mine","params":[1000000]}"#;
    let mut stream = TcpStream::connect(&address).unwrap();
    let head = "POST / HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json";
    write!(stream, "{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len()).unwrap();
    // The work begins, and the first signal is taken.
    std::thread::sleep(Duration::from_millis(300));
    interrupt(&chain);
    std::thread::sleep(Duration::from_millis(300));
    assert!(chain.try_wait().unwrap().is_none());
    let start = Instant::now();
    interrupt(&chain);
    assert!(chain.wait().unwrap().success());
    assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
    // The file goes on, and the server ends at once when nothing is done.
    let (mut chain, _) = devnet(&file);
    interrupt(&chain);
    assert!(chain.wait().unwrap().success());
}
