//! `opml devnet`.

use std::io::IsTerminal as _;
use std::net::IpAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use opml_devnet::chain::{Chain, ChainConfig, Durability, Mining};
use opml_rpc::{Config, Handle, Limits};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

/// Longest wait for requests that are being answered when the server ends.
const PATIENCE: Duration = Duration::from_secs(5);

/// Arguments.
#[derive(clap::Args)]
pub struct Args {
    /// Address to listen on.
    #[arg(long, default_value = "127.0.0.1")]
    host: IpAddr,
    /// Port for HTTP and WebSocket; 0 takes a free one.
    #[arg(long, default_value_t = opml_rpc::PORT)]
    port: u16,
    /// Seconds between blocks, instead of a block for each transaction.
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    block_time: Option<Duration>,
    /// Keep the chain in this file; it goes on from there if the file exists.
    #[arg(long, value_name = "FILE", conflicts_with = "load")]
    persist: Option<PathBuf>,
    /// Start from the chain in this file and leave the file as it is.
    #[arg(long, value_name = "FILE")]
    load: Option<PathBuf>,
    /// Chain id.
    #[arg(long, default_value_t = opml_devnet::chain::CHAIN_ID)]
    chain_id: u64,
    /// Let web pages of this origin (scheme and host) connect besides those of this machine; * is
    /// all. May be given several times.
    #[arg(long, value_name = "ORIGIN", value_parser = origin)]
    cors: Vec<String>,
    /// Flush every block to the disk: it survives a power failure.
    #[arg(long, requires = "persist")]
    flush: bool,
    /// Print the URL only.
    #[arg(long)]
    silent: bool,
    #[command(flatten)]
    limits: LimitArgs,
}

/// Limits that scripts may want to move.
#[derive(clap::Args)]
#[allow(clippy::struct_field_names, reason = "each names an option")]
struct LimitArgs {
    /// Most bytes of a request.
    #[arg(long, value_name = "BYTES", default_value_t = Limits::default().request_bytes)]
    max_request_size: u32,
    /// Most requests in a batch.
    #[arg(long, value_name = "COUNT", default_value_t = Limits::default().batch)]
    max_batch: u32,
    /// Most connections at a time.
    #[arg(long, value_name = "COUNT", default_value_t = Limits::default().connections)]
    max_connections: u32,
    /// Most blocks a query for logs may cover.
    #[arg(long, value_name = "COUNT", default_value_t = Limits::default().log_blocks)]
    max_log_blocks: u64,
    /// Most logs a query may give.
    #[arg(long, value_name = "COUNT", default_value_t = Limits::default().logs)]
    max_logs: usize,
}

impl From<&LimitArgs> for Limits {
    fn from(args: &LimitArgs) -> Self {
        Self {
            request_bytes: args.max_request_size,
            batch: args.max_batch,
            connections: args.max_connections,
            log_blocks: args.max_log_blocks,
            logs: args.max_logs,
            ..Self::default()
        }
    }
}

fn seconds(text: &str) -> Result<Duration> {
    let time = Duration::try_from_secs_f64(text.parse()?)?;
    anyhow::ensure!(time > Duration::ZERO, "must be more than 0");
    Ok(time)
}

/// An origin as browsers send it.
fn origin(text: &str) -> Result<String> {
    let is_origin = text.split_once("://").is_some_and(|(_, host)| !host.contains('/'));
    anyhow::ensure!(text == "*" || is_origin, "must be like https://example.org, or *");
    Ok(text.to_owned())
}

/// Serves a chain until it is interrupted.
pub fn run(args: &Args) -> Result<ExitCode> {
    let filter = EnvFilter::try_from_env("OPML_LOG")
        .unwrap_or_else(|_| EnvFilter::new("warn,jsonrpsee_server=error"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let patience = runtime.block_on(serve(args))?;
    // What is still being computed then is given up; otherwise the chain's file is closed here.
    runtime.shutdown_timeout(patience);
    Ok(ExitCode::SUCCESS)
}

/// Serves until interrupted; gives how long to wait for what is being computed.
async fn serve(args: &Args) -> Result<Duration> {
    let config = Config {
        host: args.host,
        port: args.port,
        block_time: args.block_time,
        origins: args.cors.clone(),
        limits: Limits::from(&args.limits),
    };
    // Before anyone is told that the chain is there.
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let chain = open(args)?;
    if !args.silent {
        print_accounts(&chain);
    }
    let handle = opml_rpc::serve(config, chain).await?;
    print_url(&handle);
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    // Who asks twice is in a hurry.
    Ok(tokio::select! {
        () = handle.stop() => PATIENCE,
        _ = interrupt.recv() => Duration::ZERO,
        _ = terminate.recv() => Duration::ZERO,
    })
}

fn open(args: &Args) -> Result<Chain> {
    let durability = if args.flush { Durability::PowerLoss } else { Durability::Process };
    let config = ChainConfig { chain_id: args.chain_id, durability, ..ChainConfig::default() };
    let mut chain = match (&args.persist, &args.load) {
        (Some(file), _) => Chain::open(file, config)?,
        (None, Some(file)) => Chain::load(file, config)?,
        (None, None) => Chain::new(config)?,
    };
    // A file remembers how it was mined last; here the arguments say.
    let mining = if args.block_time.is_some() { Mining::OnDemand } else { Mining::Instant };
    chain.set_mining(mining)?;
    Ok(chain)
}

fn print_accounts(chain: &Chain) {
    println!("Chain id {}\n\nAccounts and their public, worthless keys:", chain.chain_id());
    for account in chain.accounts() {
        let Some(signer) = chain.signer(account) else { continue };
        println!("{account}  {}", signer.to_bytes());
    }
    println!();
}

fn print_url(handle: &Handle) {
    println!("Listening on {} and {}", handle.url(), handle.ws_url());
}
