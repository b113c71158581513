//! Mutants of `onchain/core`: its code with one thing wrong, against its own tests.
//!
//! They are made in a clone of the last commit with a target folder of its own, so nobody who works in the tree is disturbed.
//! Two passes: most mutants fail the quick tests beside their module; what survives those meets all tests of the crate.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process;
use crate::workspace::Workspace;

/// Arithmetic wraps as in the contracts, so that a mutant is caught by what it computes and not by a check that they do not have.
/// What is not mutated is optimised. With the variable, the stable compiler's tests stop at the first that fails.
const PROFILE: &str = r#"
[profile.dev]
opt-level = 0
debug = 0
overflow-checks = false
debug-assertions = false
incremental = true
[profile.dev.package."*"]
opt-level = 3
[profile.dev.package.opml-operator]
opt-level = 2
[target.'cfg(all())']
runner = ["env", "RUSTC_BOOTSTRAP=1"]
"#;

/// Modules of the crate that have tests of their own.
struct Part {
    name: &'static str,
    /// From `onchain/core/src`.
    files: &'static [&'static str],
    /// Test programs beside them.
    tests: &'static [&'static str],
    /// Tests of those that take long: for the second pass.
    slow: &'static [&'static str],
}

/// Slow tests of the graph machine.
const GRAPH: [&str; 3] =
    ["the_second_verifier_gives", "witness_ends_where_the_step_ends", "every_bit_of_the_witness"];

const PARTS: [Part; 4] = [
    Part { name: "game", files: &["game/**"], tests: &["game"], slow: &[] },
    Part {
        name: "merkle",
        files: &["merkle/**", "keccak.rs"],
        tests: &["graph", "merkle"],
        slow: &GRAPH,
    },
    Part { name: "graph", files: &["graph/**"], tests: &["graph"], slow: &GRAPH },
    Part {
        name: "mips",
        files: &["mips/**"],
        tests: &["mips", "state", "witness"],
        slow: &[
            "every_opcode_and_function_with",
            "immediates::every_immediate",
            "every_flipped_bit",
        ],
    },
];

/// Which tests a mutant meets.
#[derive(Clone, Copy)]
enum Pass {
    Quick,
    All,
}

impl Pass {
    /// Seconds of the tests after which a mutant counts as one without end.
    const fn seconds(self) -> &'static str {
        match self {
            Self::Quick => "30",
            Self::All => "120",
        }
    }

    fn selected(self, part: &Part) -> Vec<String> {
        match self {
            Self::Quick => part.tests.iter().map(|test| format!("--test={test}")).collect(),
            Self::All => vec!["--tests".into()],
        }
    }

    /// Arguments of the test programs.
    fn passed_on(self, part: &Part) -> Vec<&'static str> {
        let mut arguments = vec!["-Zunstable-options", "--fail-fast"];
        if matches!(self, Self::Quick) {
            arguments.extend(part.slow.iter().flat_map(|name| ["--skip", name]));
        }
        arguments
    }
}

/// Mutants of one part, or of all. What was found of this state of the crate is kept in `target/mutants`, and a run that was cut
/// goes on there.
pub fn run(workspace: &Workspace, name: Option<&str>) -> Result<()> {
    let parts = || PARTS.iter().filter(|part| name.is_none_or(|name| name == part.name));
    if parts().count() == 0 {
        bail!("no part is called {}", name.unwrap_or_default());
    }
    let bench = Bench::new(workspace)?;
    for part in parts() {
        for pass in [Pass::Quick, Pass::All] {
            bench.unchanged(part, pass)?;
            bench.mutated(part, pass)?;
        }
        bench.print(part)?;
    }
    Ok(())
}

/// Where mutants are made.
struct Bench {
    tree: PathBuf,
    config: PathBuf,
    /// Results of this state of the crate.
    found: PathBuf,
}

impl Bench {
    fn new(workspace: &Workspace) -> Result<Self> {
        let folder = workspace.target.join("mutants");
        let tree = folder.join("tree");
        fs::create_dir_all(&folder)?;
        if !tree.exists() {
            let mut clone = Command::new("git");
            clone.args(["clone", "--quiet"]).arg(&workspace.root).arg(&tree);
            process::quiet("cloning", &mut clone)?;
        }
        let git = |arguments: &[&str]| {
            process::output(Command::new("git").current_dir(&tree).args(arguments))
        };
        // What a cut run left behind goes too.
        git(&["fetch", "--quiet", "origin", "HEAD"])?;
        git(&["checkout", "--quiet", "--force", "FETCH_HEAD"])?;
        let state = git(&["rev-parse", "--short", "HEAD:onchain/core"])?;
        let config = folder.join("config.toml");
        let target = folder.join("build");
        fs::write(&config, format!("[build]\ntarget-dir = '{}'\n{PROFILE}", target.display()))?;
        Ok(Self { found: folder.join(state), tree, config })
    }

    fn config(&self) -> String {
        format!("--config={}", self.config.display())
    }

    /// The tests as the mutants meet them pass on the crate as it is: or else all would count as caught.
    fn unchanged(&self, part: &Part, pass: Pass) -> Result<()> {
        let mut command = Command::new("cargo");
        command.current_dir(&self.tree).args(["test", "--package", "opml-core"]).arg(self.config());
        command.args(pass.selected(part)).arg("--").args(pass.passed_on(part));
        process::quiet("without a mutant", &mut command)
    }

    fn mutated(&self, part: &Part, pass: Pass) -> Result<()> {
        let mut command = Command::new("cargo");
        command.current_dir(&self.tree).args([
            "mutants",
            "--in-place",
            "--iterate",
            "--no-shuffle",
        ]);
        command.args(["--package", "opml-core", "--test-package", "opml-core"]);
        command.args(part.files.iter().map(|file| format!("--file=onchain/core/src/{file}")));
        command.args(["--baseline", "skip", "--build-timeout", "300", "--timeout", pass.seconds()]);
        command.args(["--caught", "--unviable"]).arg("--output").arg(self.found(part)?);
        let cargo = [self.config()].into_iter().chain(pass.selected(part));
        command.args(cargo.map(|argument| format!("--cargo-arg={argument}")));
        command.args(["--", "--"]).args(pass.passed_on(part));
        // Mutants that survive are its result, not its failure.
        let status = command.status().context("`cargo install cargo-mutants`")?;
        if matches!(status.code(), Some(0 | 2 | 3)) {
            return Ok(());
        }
        bail!("cargo mutants failed ({status})")
    }

    /// Folder of a part's results.
    fn found(&self, part: &Part) -> Result<PathBuf> {
        let folder = self.found.join(part.name);
        fs::create_dir_all(&folder)?;
        Ok(folder)
    }

    fn print(&self, part: &Part) -> Result<()> {
        let results = self.found(part)?.join("mutants.out");
        let survivors = [lines(&results, "missed.txt")?, lines(&results, "timeout.txt")?];
        let [missed, endless] = survivors.each_ref().map(Vec::len);
        println!("{}: {missed} survive, {endless} have no end:", part.name);
        for mutant in survivors.iter().flatten() {
            println!("  {mutant}");
        }
        Ok(())
    }
}

/// Lines of one of cargo-mutants' lists.
fn lines(folder: &Path, name: &str) -> Result<Vec<String>> {
    let path = folder.join(name);
    let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    Ok(text.lines().map(str::to_owned).collect())
}
