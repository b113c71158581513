//! `opml model pull` from a server that hangs up in the middle.
#![allow(clippy::unwrap_used)]

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};

use tempfile::TempDir;

fn digits() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/digits")
}

/// Serves the digits; the large file is cut off after so many bytes, as long as that is not nothing.
#[derive(Clone)]
struct Server {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

struct State {
    /// Bytes of the large file before the connection is cut.
    cut: Option<usize>,
    /// Whether parts are given.
    ranges: bool,
    /// Paths asked for, with the first byte.
    asked: Vec<(String, usize)>,
}

impl Server {
    fn start(ranges: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(Mutex::new(State { cut: None, ranges, asked: Vec::new() }));
        let server = Self { address, state };
        let serving = server.clone();
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let _ = serving.serve(client);
            }
        });
        server
    }

    fn serve(&self, mut client: TcpStream) -> std::io::Result<()> {
        let (path, from) = read_request(&client)?;
        let bytes = std::fs::read(digits().join(path.trim_start_matches('/')))?;
        let (from, cut) = {
            let mut state = self.state.lock().unwrap();
            state.asked.push((path.clone(), from));
            (
                if state.ranges { from } else { 0 },
                state.cut.filter(|_| path.ends_with("weights.bin")),
            )
        };
        let status = if from > 0 { "206 Partial Content" } else { "200 OK" };
        let length = bytes.len() - from;
        write!(
            client,
            "HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
        )?;
        let end = cut.map_or(bytes.len(), |cut| (from + cut).min(bytes.len()));
        client.write_all(&bytes[from..end])
    }

    fn cut_after(&self, bytes: Option<usize>) {
        self.state.lock().unwrap().cut = bytes;
    }

    /// First bytes of all requests for the large file.
    fn asked(&self) -> Vec<usize> {
        let state = self.state.lock().unwrap();
        let large = state.asked.iter().filter(|(path, _)| path.ends_with("weights.bin"));
        large.map(|(_, from)| *from).collect()
    }

    /// Whether `opml model pull` succeeds, and what it says.
    fn pull(&self, folder: &TempDir) -> (bool, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_opml"))
            .args(["model", "pull", &format!("http://{}", self.address), "--out"])
            .arg(folder.path().join("bundle"))
            .output()
            .unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(said).unwrap())
    }
}

/// Path, and first byte of the range.
fn read_request(client: &TcpStream) -> std::io::Result<(String, usize)> {
    let mut lines = BufReader::new(client).lines();
    let first = lines.next().unwrap_or_else(|| Ok(String::new()))?;
    let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut from = 0;
    for line in lines {
        let line = line?.to_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(range) = line.strip_prefix("range: bytes=") {
            from = range.trim_end_matches('-').parse().unwrap();
        }
    }
    Ok((path, from))
}

fn is_whole(folder: &TempDir) -> bool {
    let pulled = folder.path().join("bundle");
    ["manifest.json", "program.bin", "weights.bin", "weights.tree"].iter().all(|name| {
        std::fs::read(pulled.join(name)).unwrap() == std::fs::read(digits().join(name)).unwrap()
    })
}

#[test]
fn what_was_cut_off_goes_on_where_it_was() {
    let (server, folder) = (Server::start(true), TempDir::new().unwrap());
    server.cut_after(Some(30_000));
    for _ in 0..2 {
        let (success, said) = server.pull(&folder);
        assert!(!success && said.contains("pull again to go on"), "{said}");
        assert!(
            !folder.path().join("bundle/weights.bin").exists(),
            "it has that name when it is whole"
        );
    }
    server.cut_after(None);
    let (success, said) = server.pull(&folder);
    assert!(success && said.contains("whole and verified"), "{said}");
    assert_eq!(server.asked(), [0, 30_000, 60_000]);
    assert!(is_whole(&folder));
    // What is there is not fetched again.
    assert!(server.pull(&folder).0);
    assert_eq!(server.asked().len(), 3);
}

#[test]
fn a_server_without_ranges_is_asked_from_the_start() {
    let (server, folder) = (Server::start(false), TempDir::new().unwrap());
    server.cut_after(Some(30_000));
    assert!(!server.pull(&folder).0);
    server.cut_after(None);
    let (success, said) = server.pull(&folder);
    assert!(success, "{said}");
    assert_eq!(server.asked(), [0, 30_000]);
    assert!(is_whole(&folder));
}

#[test]
fn a_part_of_something_else_is_noticed() {
    let (server, folder) = (Server::start(true), TempDir::new().unwrap());
    let bundle = folder.path().join("bundle");
    std::fs::create_dir(&bundle).unwrap();
    std::fs::write(bundle.join("weights.bin.part"), [7; 8192]).unwrap();
    let (success, said) = server.pull(&folder);
    assert!(!success && said.contains("damaged"), "{said}");
    std::fs::remove_file(bundle.join("weights.bin")).unwrap();
    let (success, said) = server.pull(&folder);
    assert!(success, "{said}");
    assert!(is_whole(&folder));
}
