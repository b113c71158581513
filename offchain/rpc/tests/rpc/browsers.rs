//! What web pages may do, and connections that need watching.

use std::io::ErrorKind;
use std::time::Duration;

use opml_rpc::{Config, Limits};
use serde_json::json;
use tungstenite::Error;
use tungstenite::client::IntoClientRequest;

use crate::support::{DEV, Server, Socket, limited, server, with};

const CHAIN_ID: &str = r#"{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}"#;

fn named(origin: &str) -> Server {
    with(Config { origins: vec![origin.to_owned()], ..Config::default() })
}

/// Whether a browser shows a page of this origin the answer to its question about HTTP requests.
fn may_post(server: &Server, origin: &str) -> bool {
    let head = server.head(&format!(
        "OPTIONS / HTTP/1.1\r\nhost: localhost\r\norigin: {origin}\r\nconnection: close\r\n\
         access-control-request-method: POST\r\n\
         access-control-request-headers: content-type\r\n\r\n"
    ));
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    let allowed = head.contains(&format!("access-control-allow-origin: {origin}"));
    assert_eq!(allowed, head.contains("access-control-allow-origin"));
    allowed
}

/// Whether a page of this origin gets a WebSocket.
fn may_connect(server: &Server, origin: &str) -> bool {
    let mut request = server.handle.ws_url().into_client_request().unwrap();
    request.headers_mut().insert("origin", origin.parse().unwrap());
    match tungstenite::connect(request) {
        Ok((socket, _)) => {
            let mut socket = Socket(socket);
            assert_eq!(socket.ask("eth_chainId", json!([]))["result"], "0x64aba");
            true
        }
        Err(Error::Http(response)) => {
            assert_eq!(response.status(), 403);
            false
        }
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn only_pages_of_this_machine_and_named_ones_may_connect() {
    let server = named("https://dapp.example");
    for (origin, allowed) in [
        ("http://localhost:3000", true),
        ("http://127.0.0.1", true),
        ("http://[::1]:3000", true),
        ("https://dapp.example", true),
        ("https://dapp.example:444", false),
        ("http://localhost.evil.example", false),
        ("http://evil.example:80", false),
        ("null", false),
    ] {
        assert_eq!(may_post(&server, origin), allowed, "{origin}");
        assert_eq!(may_connect(&server, origin), allowed, "{origin}");
    }
    let server = named("*");
    assert!(may_post(&server, "http://any.example") && may_connect(&server, "http://any.example"));
    // Clients that are no browsers name no origin.
    server.ws();
}

#[test]
fn a_name_that_is_made_to_point_here_is_refused() {
    let status = |server: &Server, host: &str| {
        let request = format!(
            "POST / HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\n\
             connection: close\r\ncontent-length: {}\r\n\r\n{CHAIN_ID}",
            CHAIN_ID.len()
        );
        server.http(&request).0
    };
    let local = server();
    for host in ["localhost", "localhost:8547", "127.0.0.1:1", "[::1]:8547"] {
        assert_eq!(status(&local, host), 200, "{host}");
    }
    for host in ["evil.example", "evil.example:8547", "localhost.evil.example"] {
        assert_eq!(status(&local, host), 403, "{host}");
    }
    // Whoever listens to all the world has a name of his own.
    let open = with(Config { host: [0, 0, 0, 0].into(), ..Config::default() });
    assert_eq!(status(&open, "devnet"), 200);
}

#[test]
fn requests_of_one_connection_wait_for_each_other_beyond_a_limit() {
    for (running, first) in [(1, "waits"), (2, "quick")] {
        let nonce_gap_wait = Duration::from_millis(300);
        let server = limited(Limits { running, nonce_gap_wait, ..Limits::default() });
        let early = json!([{ "from": DEV, "to": DEV, "gas": "0x5208", "nonce": "0x5" }]);
        let raw = server.rpc("eth_signTransaction", early)["raw"].clone();
        let mut socket = server.ws();
        let ask = |id: &str, method: &str, params| {
            json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }).to_string()
        };
        socket.send(&ask("waits", "eth_sendRawTransaction", json!([raw])));
        // Until it surely runs.
        std::thread::sleep(Duration::from_millis(100));
        socket.send(&ask("quick", "eth_chainId", json!([])));
        assert_eq!(socket.next()["id"], first);
    }
}

fn is_hung_up(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::BrokenPipe | ErrorKind::ConnectionReset)
}

#[test]
fn a_socket_whose_client_is_gone_is_closed() {
    let ping_interval = Duration::from_millis(100);
    let server = limited(Limits { ping_interval, ..Limits::default() });
    let mut alive = server.ws();
    let mut gone = server.ws();
    // One answers pings while it reads, the other does not read.
    for _ in 0..10 {
        std::thread::sleep(Duration::from_millis(50));
        assert_eq!(alive.ask("eth_chainId", json!([]))["result"], "0x64aba");
    }
    // It finds the pings that it let pass, then the end; its answers come too late.
    match (0..20).find_map(|_| gone.0.read().err()) {
        // The server has hung up; waiting in vain ends otherwise.
        Some(Error::Io(error)) => assert!(is_hung_up(error.kind()), "{error}"),
        Some(Error::ConnectionClosed | Error::Protocol(_)) => {}
        other => panic!("{other:?}"),
    }
    alive.ask("eth_chainId", json!([]));
}
