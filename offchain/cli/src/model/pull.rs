//! `opml model pull`: fetches a bundle, goes on where it was cut off, and keeps nothing that is not what it should be.

use std::fs::{self, File, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use alloy_primitives::B256;
use alloy_transport_http::reqwest::{Client, StatusCode, Url, header};
use anyhow::{Context as _, Result, bail, ensure};
use opml_runtime::bundle::{MANIFEST, Manifest, PROGRAM, TREE, WEIGHTS};
use opml_runtime::{Bundle, Program};
use opml_vm::memory::PAGE_BYTES;
use serde::Serialize;

use crate::chain::access::Access;
use crate::chain::{block_on, models};
use crate::output::{Format, progress};

/// Largest of the small files.
const MOST_SMALL: u64 = 1 << 30;
/// Longest silence of a server.
const SILENCE: Duration = Duration::from_mins(1);

/// Arguments.
#[derive(clap::Args)]
pub struct Args {
    /// Where the bundle is (http, https or file), or the id of a registered model, which says where.
    #[arg(value_name = "URI|MODEL")]
    source: String,
    /// Folder for the bundle; files that are there already are kept if they are right.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    #[command(flatten)]
    access: Access,
    #[command(flatten)]
    format: Format,
}

#[derive(Serialize)]
struct Report {
    name: String,
    folder: PathBuf,
    program_root: B256,
    weights_root: B256,
    weight_bytes: u64,
}

/// Roots that a model is registered with.
struct Registered {
    program: B256,
    weights: B256,
}

impl Args {
    /// Fetches and verifies.
    pub fn execute(&self) -> Result<()> {
        let report = block_on(self.pull())?;
        self.format.print(&report, |report| {
            format!("{}: whole and verified, in {}", report.name, report.folder.display())
        })
    }

    async fn pull(&self) -> Result<Report> {
        let (uri, registered) = self.source().await?;
        fs::create_dir_all(&self.out)?;
        let base = Url::parse(&format!("{}/", uri.trim_end_matches('/')))
            .with_context(|| format!("{uri:?} is no address"))?;
        let source = Source::new(base)?;
        let place = |name: &str| self.out.join(name);
        source.fetch(MANIFEST, &place(MANIFEST), None).await?;
        let manifest: Manifest = serde_json::from_slice(&fs::read(place(MANIFEST))?)
            .context("what is there is no manifest of a bundle")?;
        if let Some(registered) = registered {
            let same = (manifest.program_root, manifest.weights_root)
                == (registered.program, registered.weights);
            ensure!(same, "the bundle's roots are not those that the model is registered with");
        }
        source.fetch(PROGRAM, &place(PROGRAM), None).await?;
        check_program(&place(PROGRAM), manifest.program_root)?;
        let pages: u64 = manifest.tensors.iter().map(|tensor| tensor.pages).sum();
        source.fetch(TREE, &place(TREE), Some(32 * pages)).await?;
        let weight_bytes = pages * PAGE_BYTES as u64;
        source.fetch(WEIGHTS, &place(WEIGHTS), Some(weight_bytes)).await?;
        // Both look at everything: manifest and tree against the roots, then every page against the tree.
        let bundle = Bundle::open(&self.out)?;
        let bar = progress(bundle.manifest().tensors.len() as u64, "tensors verified");
        bundle
            .verify(|_| bar.inc(1))
            .context("the weights are damaged; remove the file and pull again")?;
        bar.finish_and_clear();
        Ok(Report {
            name: manifest.model.name.clone(),
            folder: self.out.clone(),
            program_root: manifest.program_root,
            weights_root: manifest.weights_root,
            weight_bytes,
        })
    }

    async fn source(&self) -> Result<(String, Option<Registered>)> {
        let Ok(id) = self.source.parse::<B256>() else { return Ok((self.source.clone(), None)) };
        let reader = self.access.read().await?;
        let listed = models::list(&reader).await?;
        let model = listed.into_iter().find(|model| model.id == id);
        let model = model.with_context(|| format!("no model {id} is registered"))?;
        ensure!(!model.uri.is_empty(), "the model is registered without an address");
        let (program, weights) = (model.record.programRoot, model.record.weightsRoot);
        Ok((model.uri, Some(Registered { program, weights })))
    }
}

fn check_program(path: &Path, root: B256) -> Result<()> {
    let bytes = fs::read(path)?;
    let (descriptors, rest) = bytes.as_chunks::<{ opml_operator::DESCRIPTOR_BYTES }>();
    let whole = rest.is_empty() && Program::new(descriptors.to_vec()).root() == root;
    if !whole {
        fs::remove_file(path)?;
        bail!("the program is damaged and was removed");
    }
    Ok(())
}

/// Where files come from.
enum Source {
    Web(Client, Url),
    Folder(PathBuf),
}

impl Source {
    fn new(base: Url) -> Result<Self> {
        match base.scheme() {
            "http" | "https" => {
                let client =
                    Client::builder().connect_timeout(SILENCE).read_timeout(SILENCE).build()?;
                Ok(Self::Web(client, base))
            }
            "file" => match base.to_file_path() {
                Ok(path) => Ok(Self::Folder(path)),
                Err(()) => bail!("{base} names no folder"),
            },
            scheme => bail!("bundles come by http, https or file, not by {scheme}"),
        }
    }

    /// Puts a file at `to`, which is whole when it has that name. A file of the right `length` is not fetched again.
    async fn fetch(&self, name: &str, to: &Path, length: Option<u64>) -> Result<()> {
        let there = fs::metadata(to).map(|found| found.len()).ok();
        if there.is_some() && length.is_some() && there == length {
            return Ok(());
        }
        let part = to.with_added_extension("part");
        let mut file =
            OpenOptions::new().create(true).truncate(false).read(true).write(true).open(&part)?;
        // Only the large file is worth going on with: the others may have changed meanwhile.
        if length.is_none_or(|length| file.metadata().is_ok_and(|found| found.len() > length)) {
            file.set_len(0)?;
        }
        file.seek(SeekFrom::End(0))?;
        let most = length.unwrap_or(MOST_SMALL);
        match self {
            Self::Web(client, base) => web(client, base.join(name)?, (&mut file, most)).await?,
            Self::Folder(folder) => copy(&folder.join(name), (&mut file, most))?,
        }
        let got = file.metadata()?.len();
        if let Some(length) = length.filter(|length| *length != got) {
            bail!("{name} has {got} bytes, not {length}");
        }
        file.sync_all()?;
        fs::rename(&part, to)?;
        Ok(())
    }
}

/// Appends what `file` lacks, `most` bytes in all.
async fn web(client: &Client, url: Url, (file, most): (&mut File, u64)) -> Result<()> {
    let mut have = file.metadata()?.len();
    if have == most {
        return Ok(());
    }
    let mut request = client.get(url.clone());
    if have > 0 {
        request = request.header(header::RANGE, format!("bytes={have}-"));
    }
    let mut answer = request.send().await?.error_for_status()?;
    if have > 0 && answer.status() != StatusCode::PARTIAL_CONTENT {
        // The server knows no ranges: from the start.
        file.set_len(0)?;
        file.seek(SeekFrom::Start(0))?;
        have = 0;
    }
    let bar = progress(answer.content_length().map_or(0, |rest| rest + have), "bytes");
    bar.set_position(have);
    while let Some(chunk) =
        answer.chunk().await.with_context(|| format!("{url} was cut off; pull again to go on"))?
    {
        have += chunk.len() as u64;
        ensure!(have <= most, "{url} has more than {most} bytes");
        file.write_all(&chunk)?;
        bar.set_position(have);
    }
    bar.finish_and_clear();
    Ok(())
}

fn copy(from: &Path, (file, most): (&mut File, u64)) -> Result<()> {
    let have = file.metadata()?.len();
    let mut source = File::open(from).with_context(|| format!("cannot read {}", from.display()))?;
    source.seek(SeekFrom::Start(have))?;
    let copied =
        std::io::copy(&mut source.take(most.saturating_sub(have).saturating_add(1)), file)?;
    ensure!(have + copied <= most, "{} has more than {most} bytes", from.display());
    Ok(())
}
