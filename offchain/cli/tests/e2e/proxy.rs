//! Between a process and its endpoint: passes on, hangs up, or talks nonsense.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// What becomes of connections.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mood {
    /// They are passed on.
    Open,
    /// They are cut, the old ones too.
    Cut,
    /// They are answered with this status and body.
    Answers(&'static str, String),
}

#[derive(Default)]
struct State {
    mood: Option<Mood>,
    /// Connections that are passed on.
    open: Vec<TcpStream>,
    spoiled: usize,
}

pub struct Proxy {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

impl Proxy {
    /// In front of the HTTP endpoint at `url`.
    pub fn start(url: &str) -> Self {
        let target: SocketAddr = url.trim_start_matches("http://").parse().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let state: Arc<Mutex<State>> = Arc::default();
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let shared = Arc::clone(&shared);
                thread::spawn(move || serve(client, target, &shared));
            }
        });
        Self { address, state }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn set(&self, mood: Mood) {
        let mut state = self.state.lock().unwrap();
        // Whatever comes next, old connections do not outlive it.
        for connection in state.open.drain(..) {
            let _ = connection.shutdown(Shutdown::Both);
        }
        state.mood = Some(mood);
    }

    /// Connections that were cut or answered with nonsense.
    pub fn spoiled(&self) -> usize {
        self.state.lock().unwrap().spoiled
    }
}

fn serve(mut client: TcpStream, target: SocketAddr, state: &Mutex<State>) {
    let mood = {
        let mut state = state.lock().unwrap();
        let mood = state.mood.clone().unwrap_or(Mood::Open);
        state.spoiled += usize::from(mood != Mood::Open);
        mood
    };
    match mood {
        Mood::Cut => {}
        Mood::Answers(status, body) => {
            let _ = client.read(&mut vec![0; 1 << 16]);
            let head = format!(
                "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
                 connection: close\r\n\r\n{body}",
                body.len()
            );
            let _ = client.write_all(head.as_bytes());
        }
        Mood::Open => pass_on(client, target, state),
    }
}

fn pass_on(client: TcpStream, target: SocketAddr, state: &Mutex<State>) {
    let Ok(server) = TcpStream::connect(target) else { return };
    {
        let mut state = state.lock().unwrap();
        if !matches!(state.mood, None | Some(Mood::Open)) {
            return;
        }
        state.open.extend([client.try_clone().unwrap(), server.try_clone().unwrap()]);
    }
    let (mut from_client, mut to_server) =
        (client.try_clone().unwrap(), server.try_clone().unwrap());
    let asking = thread::spawn(move || std::io::copy(&mut from_client, &mut to_server));
    let (mut from_server, mut to_client) = (server, client);
    let _ = std::io::copy(&mut from_server, &mut to_client);
    let _ = to_client.shutdown(Shutdown::Both);
    let _ = from_server.shutdown(Shutdown::Both);
    let _ = asking.join();
}
