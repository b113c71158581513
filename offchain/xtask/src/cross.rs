//! The compiler for WebAssembly and MIPS: a Rust toolchain with the library's source.
//!
//! Debian's packages come first where they are installed: their compiler and linker have one
//! version for everybody, and the version decides the guest's bytes.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use crate::process;
use crate::workspace::Workspace;

/// Source of the standard library, below a toolchain's root.
const LIBRARY_SOURCE: &str = "lib/rustlib/src/rust/library/Cargo.lock";

/// Environment of the calling cargo that must not reach the other one.
const FOREIGN_ENVIRONMENT: [&str; 8] = [
    "CARGO",
    "CARGO_ENCODED_RUSTFLAGS",
    "RUSTC",
    "RUSTC_WORKSPACE_WRAPPER",
    "RUSTC_WRAPPER",
    "RUSTDOC",
    "RUSTFLAGS",
    "RUSTUP_TOOLCHAIN",
];

/// A toolchain that can build the standard library for other targets.
pub struct Cross {
    bin: PathBuf,
    sysroot: PathBuf,
}

/// What is built for a foreign target.
pub struct Build<'a> {
    /// Target triple.
    pub target: &'a str,
    /// Cargo profile.
    pub profile: &'a str,
    /// Crates of the standard library to build.
    pub std_crates: &'a str,
    /// Packages to build, all in one call.
    pub packages: &'a [&'a str],
    /// Flags for the compiler.
    pub flags: &'a [&'a str],
}

impl Cross {
    /// The toolchain to use, if one is installed.
    pub fn find() -> Option<Self> {
        Self::debian().or_else(Self::rustup)
    }

    /// Like [`Self::find`], but its absence is an error that says what to do.
    pub fn required() -> Result<Self> {
        match Self::find() {
            Some(cross) => Ok(cross),
            None => bail!("no Rust toolchain with library source: run `cargo xtask setup`"),
        }
    }

    /// Debian's `rustc-web`, `cargo-web` and `rust-web-src`, with the linker of the same LLVM.
    fn debian() -> Option<Self> {
        let sysroot = PathBuf::from("/usr");
        let bin = sysroot.join("bin");
        let parts = ["bin/cargo", "bin/rustc", "bin/rust-lld", LIBRARY_SOURCE];
        // `exists` follows links: `rust-lld` is one that dangles while the linker is missing.
        parts.iter().all(|part| sysroot.join(part).exists()).then_some(Self { bin, sysroot })
    }

    /// The active rustup toolchain, if it has the `rust-src` component.
    fn rustup() -> Option<Self> {
        let sysroot = process::output(Command::new("rustc").args(["--print", "sysroot"])).ok()?;
        let sysroot = PathBuf::from(sysroot);
        let bin = sysroot.join("bin");
        sysroot.join(LIBRARY_SOURCE).exists().then_some(Self { bin, sysroot })
    }

    /// Version line of the compiler.
    pub fn version(&self) -> Result<String> {
        process::output(Command::new(self.bin.join("rustc")).arg("--version"))
    }

    /// The cargo call for `build`; its output goes below [`Workspace::cross_target`].
    pub fn cargo(&self, workspace: &Workspace, build: &Build<'_>) -> Command {
        let mut command = Command::new(self.bin.join("cargo"));
        for name in FOREIGN_ENVIRONMENT {
            command.env_remove(name);
        }
        command
            .current_dir(&workspace.root)
            .env("PATH", self.search_path())
            .env("RUSTC", self.bin.join("rustc"))
            .env("RUSTC_BOOTSTRAP", "1")
            .env("CARGO_TARGET_DIR", workspace.cross_target())
            .env("CARGO_ENCODED_RUSTFLAGS", self.flags(workspace, build).join("\u{1f}"))
            .args(["build", "--profile", build.profile, "--target", build.target])
            .arg(format!("-Zbuild-std={}", build.std_crates));
        for package in build.packages {
            command.args(["--package", package]);
        }
        command
    }

    /// The build's flags, and those that keep this machine's paths out of the output.
    fn flags(&self, workspace: &Workspace, build: &Build<'_>) -> Vec<String> {
        let remap = |from: &Path, to| format!("--remap-path-prefix={}={to}", from.display());
        let mut flags: Vec<String> = build.flags.iter().map(ToString::to_string).collect();
        flags.push(remap(&self.sysroot.join("lib/rustlib/src/rust"), "/rust"));
        flags.extend(cargo_home().map(|home| remap(&home, "/cargo")));
        flags.push(remap(&workspace.root, "/opml"));
        flags
    }

    /// The caller's search path with this toolchain's programs first.
    fn search_path(&self) -> std::ffi::OsString {
        let old = env::var_os("PATH").unwrap_or_default();
        let paths = std::iter::once(self.bin.clone()).chain(env::split_paths(&old));
        env::join_paths(paths).unwrap_or(old)
    }
}

fn cargo_home() -> Option<PathBuf> {
    let home = || env::home_dir().map(|home| home.join(".cargo"));
    env::var_os("CARGO_HOME").map(PathBuf::from).or_else(home)
}
