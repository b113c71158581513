//! Processes that end with the test.

use std::io::{BufRead as _, BufReader, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

pub const OPML: &str = env!("CARGO_BIN_EXE_opml");

/// How long anything may take, on a machine that does much else.
pub const PATIENCE: Duration = Duration::from_mins(5);

/// A process; killed when this is dropped.
pub struct Process(Child);

impl Process {
    /// Starts it with pipes for what it prints.
    pub fn start(mut command: Command) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Self(command.spawn().unwrap())
    }

    pub fn id(&self) -> u32 {
        self.0.id()
    }

    /// Lines of standard output, from now on.
    pub fn stdout(&mut self) -> Lines {
        Lines::of(self.0.stdout.take().unwrap())
    }

    /// Lines of standard error, from now on.
    pub fn stderr(&mut self) -> Lines {
        Lines::of(self.0.stderr.take().unwrap())
    }

    /// SIGKILL: it gets no chance to write anything down.
    pub fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }

    pub fn terminate(&self) {
        let status = Command::new("kill").arg(self.id().to_string()).status();
        assert!(status.unwrap().success());
    }

    pub fn wait(mut self) -> ExitStatus {
        self.0.wait().unwrap()
    }

    /// Bytes of memory that it has for itself: resident, and no part of a file.
    pub fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).unwrap();
        line.split_whitespace().next().unwrap().parse::<u64>().unwrap() * 1024
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What a process prints, read all the time so that it never waits for us.
pub struct Lines {
    lines: Receiver<String>,
    seen: Vec<String>,
}

impl Lines {
    fn of(pipe: impl Read + Send + 'static) -> Self {
        let (send, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(pipe).lines().map_while(Result::ok) {
                let _ = send.send(line);
            }
        });
        Self { lines, seen: Vec::new() }
    }

    /// The first line, from now on, of which `look` makes something; none if the process ends before it.
    pub fn find<T>(&mut self, look: impl Fn(&str) -> Option<T>) -> Option<T> {
        while let Ok(line) = self.lines.recv_timeout(PATIENCE) {
            let found = look(&line);
            self.seen.push(line);
            if found.is_some() {
                return found;
            }
        }
        None
    }

    /// All lines until now.
    pub fn all(&mut self) -> String {
        self.seen.extend(self.lines.try_iter());
        self.seen.join("\n")
    }

    /// All lines there will ever be: waits for the process's end.
    pub fn rest(&mut self) -> String {
        while let Ok(line) = self.lines.recv_timeout(PATIENCE) {
            self.seen.push(line);
        }
        self.seen.join("\n")
    }
}

impl Drop for Lines {
    /// Where a test fails, what its processes said helps.
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("---- a process has said\n{}", self.all());
        }
    }
}
