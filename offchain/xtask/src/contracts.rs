//! The Stylus contracts: built in one cargo call, made activatable, compressed, sized, checked.

use std::fs;

use anyhow::{Context, Result};
use opml_devnet::stylus::activate::{BASE_ACTIVATION_GAS, DEFAULT_PAGE_LIMIT, activate};
use opml_devnet::stylus::{code, pack};

use crate::cross::{Build, Cross};
use crate::process;
use crate::workspace::Workspace;

const TARGET: &str = "wasm32-unknown-unknown";
const PROFILE: &str = "contract";

/// A contract package and the name its output gets.
struct Contract {
    package: &'static str,
    name: &'static str,
}

const CONTRACTS: [Contract; 7] = [
    Contract { package: "opml-attention", name: "attention" },
    Contract { package: "opml-batch", name: "batch" },
    Contract { package: "opml-courier", name: "courier" },
    Contract { package: "opml-game", name: "game" },
    Contract { package: "opml-hub", name: "hub" },
    Contract { package: "opml-step", name: "step" },
    // Only for tests of the development chain.
    Contract { package: "opml-test-token", name: "token" },
];

/// Flags that make contracts small: panics trap at once, the shadow stack takes half a page.
const FLAGS: [&str; 3] =
    ["-Zunstable-options", "-Cpanic=immediate-abort", "-Clink-arg=-zstack-size=32768"];

/// What a finished contract costs.
struct Report {
    name: &'static str,
    /// Bytes of the module.
    module: usize,
    /// Bytes deployed: prefix and compressed module.
    deployed: usize,
    /// Gas to activate it.
    activation_gas: u64,
    /// Initial memory in pages of 64 KiB.
    pages: u16,
}

/// Builds all contracts into `target/contracts/NAME.wasm` and `NAME.wasm.br`, prints their sizes,
/// and fails if one could not be deployed or activated.
pub fn build(workspace: &Workspace) -> Result<()> {
    let packages: Vec<&str> = CONTRACTS.iter().map(|contract| contract.package).collect();
    let build = Build {
        target: TARGET,
        profile: PROFILE,
        std_crates: "core,alloc,std,panic_abort",
        packages: &packages,
        flags: &FLAGS,
    };
    let mut command = Cross::required()?.cargo(workspace, &build);
    process::quiet(
        "contracts",
        command.arg("-Zbuild-std-features=optimize_for_size").arg("--lib"),
    )?;
    fs::create_dir_all(workspace.contracts())?;
    for contract in &CONTRACTS {
        print(&finish(workspace, contract)?);
    }
    Ok(())
}

/// Packs, checks and compresses what the compiler made of one contract.
fn finish(workspace: &Workspace, contract: &Contract) -> Result<Report> {
    let name = contract.name;
    let module = packed(workspace, contract).with_context(|| format!("contract {name}"))?;
    let deployed = code::compress(&module).with_context(|| format!("contract {name}"))?;
    let activation = activate(&module, DEFAULT_PAGE_LIMIT)
        .with_context(|| format!("contract {name} does not activate"))?;
    fs::write(workspace.contracts().join(format!("{name}.wasm")), &module)?;
    fs::write(workspace.contracts().join(format!("{name}.wasm.br")), &deployed)?;
    Ok(Report {
        name,
        module: module.len(),
        deployed: deployed.len(),
        activation_gas: BASE_ACTIVATION_GAS + activation.gas,
        pages: activation.facts.footprint,
    })
}

fn packed(workspace: &Workspace, contract: &Contract) -> Result<Vec<u8>> {
    let folder = workspace.cross_target().join(TARGET).join(PROFILE);
    let raw = folder.join(contract.package.replace('-', "_")).with_extension("wasm");
    let raw = fs::read(&raw).with_context(|| format!("cannot read {}", raw.display()))?;
    Ok(pack::pack(&raw)?)
}

fn print(report: &Report) {
    let Report { name, module, deployed, activation_gas, pages } = report;
    let headroom = code::MAX_CODE_LEN - deployed;
    println!(
        "contract {name}: {deployed} bytes deployed, {headroom} below the limit; \
         {module} uncompressed; {pages} page(s); {activation_gas} gas to activate"
    );
}
