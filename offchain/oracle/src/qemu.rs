//! Programs in `qemu-mipsel`.

use std::fs::{self, OpenOptions};
use std::io::{self, PipeReader, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use tempfile::TempDir;
use thiserror::Error;

use crate::layout::{ARENA_BYTES, HANDLER_MAGIC, HANDLER_RECORD_BYTES, Linked};
use crate::observe::{Observation, Registers, StateAtTrap, Stop};
use crate::trap::QemuStop;

/// A plain integer core of MIPS32 release 2: no FPU, no MIPS16, no DSP.
const CPU: &str = "4KEc";
/// No generated program needs a hundredth of this.
const PATIENCE: Duration = Duration::from_secs(20);

/// Why QEMU gave no answer.
#[derive(Debug, Error)]
pub enum QemuError {
    /// It is not installed.
    #[error("qemu-mipsel is not installed (Debian: apt-get install qemu-user)")]
    Missing,
    /// The operating system refused something.
    #[error("running qemu-mipsel")]
    Io(#[from] io::Error),
    /// It had to be stopped.
    #[error("a program ran longer than {} s in qemu-mipsel", PATIENCE.as_secs())]
    Endless,
    /// It died otherwise than its programs can make it.
    #[error("qemu-mipsel ended with {status}: {}", String::from_utf8_lossy(.output))]
    Failed {
        /// How it ended.
        status: ExitStatus,
        /// What it wrote.
        output: Vec<u8>,
    },
}

/// An installed `qemu-mipsel` and a folder for the programs.
#[derive(Debug)]
pub struct Qemu {
    version: String,
    folder: TempDir,
    runs: AtomicU64,
}

impl Qemu {
    /// Finds it in PATH.
    pub fn find() -> Result<Self, QemuError> {
        let output = Command::new("qemu-mipsel").arg("--version").output().map_err(missing)?;
        let text = String::from_utf8_lossy(&output.stdout);
        let version = text.lines().next().unwrap_or_default().to_owned();
        Ok(Self { version, folder: tempfile::tempdir()?, runs: AtomicU64::new(0) })
    }

    /// What it says of itself.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Runs a program that should exit.
    pub fn run(&self, program: &Linked) -> Result<Observation, QemuError> {
        self.run_elf(&program.elf())
    }

    /// Runs an executable that should exit.
    pub fn run_elf(&self, elf: &[u8]) -> Result<Observation, QemuError> {
        let raw = self.execute(elf)?;
        let stop = match (raw.status.code(), raw.status.signal()) {
            (Some(code), _) => Stop::Exit(code.to_le_bytes()[0]),
            // Linux numbers signals differently on MIPS; those that occur are the same but this.
            (None, Some(7)) => Stop::Trap(QemuStop::Signal(10)),
            (None, signal) => Stop::Trap(QemuStop::Signal(signal.unwrap_or(0).cast_unsigned())),
        };
        Ok(Observation { stop, output: raw.output, trap: None })
    }

    /// Runs a program that should trap, and reads the state it trapped in.
    pub fn run_to_trap(&self, program: &Linked) -> Result<Observation, QemuError> {
        let raw = self.execute(&program.elf_with_handlers())?;
        if let Some(observation) = from_handler(&raw.output) {
            return Ok(observation);
        }
        if let Some(observation) = from_register_dump(&raw.output) {
            return Ok(observation);
        }
        match raw.status.code() {
            Some(code) if !raw.output.starts_with(b"qemu: unhandled CPU exception") => {
                Ok(Observation {
                    stop: Stop::Exit(code.to_le_bytes()[0]),
                    output: raw.output,
                    trap: None,
                })
            }
            _ => Err(QemuError::Failed { status: raw.status, output: raw.output }),
        }
    }

    /// The address of every instruction that a program executes, in order; annulled slots may or
    /// may not be among them.
    pub fn path(&self, program: &Linked) -> Result<Vec<u32>, QemuError> {
        let log = self.fresh_path();
        let mut command = self.command();
        // The same switch before and after release 8.1.
        command.envs([("QEMU_SINGLESTEP", "1"), ("QEMU_ONE_INSN_PER_TB", "1")]);
        command.args(["-d", "exec,nochain", "-D"]).arg(&log);
        self.execute_by(command, &program.elf())?;
        let text = fs::read_to_string(&log)?;
        fs::remove_file(log)?;
        let mut path: Vec<u32> = text.lines().filter_map(traced_address).collect();
        // A store into a page that holds translated code is begun twice. No program jumps to itself.
        path.dedup();
        Ok(path)
    }

    fn command(&self) -> Command {
        let mut command = Command::new("qemu-mipsel");
        command.args(["-cpu", CPU]).current_dir(self.folder.path());
        command
    }

    fn fresh_path(&self) -> PathBuf {
        self.folder.path().join(self.runs.fetch_add(1, Ordering::Relaxed).to_string())
    }

    fn execute(&self, elf: &[u8]) -> Result<Raw, QemuError> {
        self.execute_by(self.command(), elf)
    }

    fn execute_by(&self, mut command: Command, elf: &[u8]) -> Result<Raw, QemuError> {
        let path = self.fresh_path();
        write_executable(&path, elf)?;
        let (reader, writer) = io::pipe()?;
        let child = command
            .arg(&path)
            .stdin(Stdio::null())
            .stdout(writer.try_clone()?)
            .stderr(writer)
            .spawn()
            .map_err(missing)?;
        // It holds the writing end of the pipe.
        drop(command);
        let raw = collect(child, reader);
        fs::remove_file(path)?;
        raw
    }
}

struct Raw {
    status: ExitStatus,
    output: Vec<u8>,
}

fn missing(error: io::Error) -> QemuError {
    if error.kind() == io::ErrorKind::NotFound { QemuError::Missing } else { QemuError::Io(error) }
}

fn write_executable(path: &Path, elf: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o755).open(path)?;
    file.write_all(elf)
}

/// `Trace 0: HOST [CS_BASE/PC/FLAGS/CFLAGS]`.
fn traced_address(line: &str) -> Option<u32> {
    let (_, block) = line.split_once('[')?;
    u32::from_str_radix(block.split('/').nth(1)?, 16).ok()
}

/// Reads until the program has ended, but no longer than [`PATIENCE`].
fn collect(mut child: Child, mut reader: PipeReader) -> Result<Raw, QemuError> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut output = Vec::new();
        let read = reader.read_to_end(&mut output).map(|_| output);
        // The receiver is gone only after a timeout.
        let _ = sender.send(read);
    });
    match receiver.recv_timeout(PATIENCE) {
        Ok(output) => Ok(Raw { output: output?, status: child.wait()? }),
        Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
            child.kill()?;
            child.wait()?;
            Err(QemuError::Endless)
        }
    }
}

/// Parses the record that the guest's signal handler wrote last.
fn from_handler(output: &[u8]) -> Option<Observation> {
    let start = output.len().checked_sub(HANDLER_RECORD_BYTES)?;
    let (before, record) = output.split_at(start);
    let (numbers, arena) = record.split_at(HANDLER_RECORD_BYTES - ARENA_BYTES as usize);
    let words: Vec<u32> =
        numbers.as_chunks::<4>().0.iter().map(|word| u32::from_le_bytes(*word)).collect();
    let [magic, signal, wide @ ..] = words.as_slice() else { return None };
    if *magic != HANDLER_MAGIC {
        return None;
    }
    // The context holds 64-bit numbers: pc, 32 registers, HI, LO.
    let low = |index: usize| wide[2 * index];
    let regs = std::array::from_fn(|number| low(1 + number));
    Some(Observation {
        stop: Stop::Trap(QemuStop::Signal(*signal)),
        output: before.to_vec(),
        trap: Some(StateAtTrap {
            pc: low(0),
            registers: Registers { regs, hi: low(33), lo: low(34) },
            arena: Some(arena.to_vec()),
        }),
    })
}

/// Parses what QEMU prints at an address error of a fetch, which it cannot deliver to the guest.
fn from_register_dump(output: &[u8]) -> Option<Observation> {
    const MESSAGE: &[u8] = b"qemu: unhandled CPU exception 0xc - aborting";
    let start = output.windows(MESSAGE.len()).position(|window| window == MESSAGE)?;
    let (before, dump) = output.split_at(start);
    let dump = String::from_utf8_lossy(dump);
    let field = |name: &str| {
        let (_, rest) = dump.split_once(name)?;
        u32::from_str_radix(rest.get(..8)?, 16).ok()
    };
    let mut regs = [0; 32];
    let rows = dump.lines().filter(|line| line.starts_with("GPR"));
    let values = rows.flat_map(|line| line.split_whitespace().skip(1).skip(1).step_by(2));
    for (reg, value) in regs.iter_mut().zip(values) {
        *reg = u32::from_str_radix(value, 16).ok()?;
    }
    Some(Observation {
        stop: Stop::Trap(QemuStop::AddressError),
        output: before.to_vec(),
        trap: Some(StateAtTrap {
            pc: field("pc=0x")?,
            registers: Registers { regs, hi: field("HI=0x")?, lo: field("LO=0x")? },
            arena: None,
        }),
    })
}
