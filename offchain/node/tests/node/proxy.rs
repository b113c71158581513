//! Between a node and its endpoint: passes on, hangs up, or talks nonsense.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// What becomes of connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// They are passed on.
    Open,
    /// They are cut, the old ones too.
    Cut,
    /// They are answered with this body.
    Answers(&'static str),
}

pub struct Proxy {
    address: SocketAddr,
    mood: watch::Sender<Mood>,
    /// Connections that were cut or answered with nonsense.
    spoiled: Arc<AtomicUsize>,
}

impl Proxy {
    pub async fn start(target: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (mood, watch) = watch::channel(Mood::Open);
        let spoiled = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&spoiled);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(serve(client, target, watch.clone(), Arc::clone(&count)));
            }
        });
        Self { address, mood, spoiled }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn set(&self, mood: Mood) {
        self.mood.send_replace(mood);
    }

    pub fn spoiled(&self) -> usize {
        self.spoiled.load(Ordering::SeqCst)
    }
}

async fn serve(
    mut client: TcpStream,
    target: SocketAddr,
    mut mood: watch::Receiver<Mood>,
    spoiled: Arc<AtomicUsize>,
) {
    let now = *mood.borrow_and_update();
    match now {
        Mood::Cut => {
            spoiled.fetch_add(1, Ordering::SeqCst);
        }
        Mood::Answers(body) => {
            let mut buffer = vec![0; 1 << 16];
            let _ = client.read(&mut buffer).await;
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
                 connection: close\r\n\r\n",
                body.len()
            );
            let _ = client.write_all(head.as_bytes()).await;
            let _ = client.write_all(body.as_bytes()).await;
            spoiled.fetch_add(1, Ordering::SeqCst);
        }
        Mood::Open => {
            let Ok(mut server) = TcpStream::connect(target).await else { return };
            tokio::select! {
                _ = tokio::io::copy_bidirectional(&mut client, &mut server) => {}
                // Whatever comes next, old connections do not outlive it.
                _ = mood.changed() => {}
            }
        }
    }
}
