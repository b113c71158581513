//! One certificate instead of all.
//!
//! Forge builds a client for every `vm.rpc` and reads the machine's certificates for it, hundreds of
//! them: most of the time that the Solidity tests took. They talk to a chain on this machine without
//! encryption, and the client asks for no more than one certificate.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::workspace::Workspace;

/// Where systems keep all certificates in one file.
const BUNDLES: [&str; 4] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

/// Lets `command` see the first of the machine's certificates only, if one is found and can be put
/// aside; it runs without that too.
pub fn only_one(workspace: &Workspace, command: &mut Command) {
    let folder = workspace.target.join("forge/certificates");
    let file = folder.join("first.pem");
    let written = first().is_some_and(|certificate| {
        fs::create_dir_all(folder.join("none")).is_ok() && fs::write(&file, certificate).is_ok()
    });
    if written {
        command.env("SSL_CERT_FILE", file).env("SSL_CERT_DIR", folder.join("none"));
    }
}

fn first() -> Option<String> {
    let named = env::var_os("SSL_CERT_FILE").map(PathBuf::from);
    let bundles = named.into_iter().chain(BUNDLES.map(PathBuf::from));
    bundles.filter_map(|path| fs::read_to_string(path).ok()).find_map(|text| {
        let (_, behind) = text.split_once(BEGIN)?;
        let (body, _) = behind.split_once(END)?;
        Some(format!("{BEGIN}{body}{END}\n"))
    })
}
