//! The least HTTP client there can be, so that the server is measured and not the client.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};

use anyhow::{Context, Result, ensure};

/// A connection that is kept open.
pub struct Client {
    address: SocketAddr,
    stream: BufReader<TcpStream>,
}

impl Client {
    /// Connects.
    pub fn connect(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        Ok(Self { address, stream: BufReader::new(stream) })
    }

    /// Sends a request and waits for its answer, which must be no error.
    pub fn request(&mut self, method: &str, params: &str) -> Result<()> {
        let body = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{method}","params":{params}}}"#);
        let length = body.len();
        let head =
            format!("POST / HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json", self.address);
        let request = format!("{head}\r\ncontent-length: {length}\r\n\r\n{body}");
        self.stream.get_mut().write_all(request.as_bytes())?;
        let mut answer = vec![0; self.length()?];
        self.stream.read_exact(&mut answer)?;
        let answer = String::from_utf8(answer)?;
        ensure!(answer.contains("\"result\""), "{method} failed: {answer}");
        Ok(())
    }

    /// Reads the head of an answer; bytes of its body.
    fn length(&mut self) -> Result<usize> {
        let mut length = None;
        loop {
            let mut line = String::new();
            self.stream.read_line(&mut line)?;
            let line = line.trim_end();
            if line.is_empty() {
                return length.context("an answer without a length");
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = Some(value.trim().parse()?);
            }
        }
    }
}
