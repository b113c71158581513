//! Which node, which deployment, which account: from flags, else the environment, else the configuration file.

use std::env;
use std::path::{Path, PathBuf};

use alloy_primitives::Address;
use anyhow::{Context as _, Result, bail};
use opml_client::{ConnectSettings, Connection, Deployment, KeySource, connect};
use serde::Deserialize;

/// Read if it is there and none is named.
const CONFIG: &str = "opml.toml";

/// Which node and which deployment.
#[derive(Clone, Debug, clap::Args)]
pub struct Access {
    /// URL of a node: http, https, ws or wss. Else `OPML_RPC`, else `rpc` of the configuration.
    #[arg(long, value_name = "URL")]
    pub rpc: Option<String>,
    /// Deployment file, as `opml deploy` writes it. Else `OPML_DEPLOYMENT`, else `deployment` of the configuration.
    #[arg(long, value_name = "FILE")]
    pub deployment: Option<PathBuf>,
    /// Configuration file, the same as the daemon's; opml.toml is read if it is there.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// Which account.
#[derive(Clone, Debug, clap::Args)]
#[allow(clippy::struct_field_names, reason = "named as the flags are")]
pub struct Key {
    /// Environment variable with the key. Without any of these options it is `OPML_KEY` if there is one, else `key` of
    /// the configuration.
    #[arg(long, value_name = "NAME", group = "key_source")]
    key_env: Option<String>,
    /// File with the key.
    #[arg(long, value_name = "FILE", group = "key_source")]
    key_file: Option<PathBuf>,
    /// Encrypted keystore; its password is asked for at the terminal if no file with it is named.
    #[arg(long, value_name = "FILE", group = "key_source")]
    keystore: Option<PathBuf>,
    /// File with the keystore's password.
    #[arg(long, value_name = "FILE", requires = "keystore")]
    password_file: Option<PathBuf>,
}

/// What a configuration has that concerns these commands; the rest is the daemon's.
#[derive(Debug, Default, Deserialize)]
struct Shared {
    rpc: Option<String>,
    deployment: Option<PathBuf>,
    key: Option<KeySource>,
    #[serde(default)]
    models: Vec<Here>,
}

/// A bundle on this machine.
#[derive(Debug, Deserialize)]
struct Here {
    path: PathBuf,
}

/// A connection to the contracts, for reading.
pub struct Reader {
    pub connection: Connection,
    pub deployment: Deployment,
}

/// A connection to the contracts that signs for an account.
pub struct Session {
    pub connection: Connection,
    pub deployment: Deployment,
    pub account: Address,
}

impl Access {
    fn shared(&self) -> Result<Shared> {
        let path = match &self.config {
            Some(path) => path.as_path(),
            None if Path::new(CONFIG).exists() => Path::new(CONFIG),
            None => return Ok(Shared::default()),
        };
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        toml::from_str(&text).with_context(|| format!("{}", path.display()))
    }

    /// The node's URL.
    pub fn url(&self) -> Result<String> {
        if let Some(url) = self.rpc.clone().or_else(|| env::var("OPML_RPC").ok()) {
            return Ok(url);
        }
        self.shared()?.rpc.context("name a node by --rpc URL, OPML_RPC or `rpc` in opml.toml")
    }

    /// Folders of the bundles that the configuration names.
    pub fn bundles(&self) -> Result<Vec<PathBuf>> {
        Ok(self.shared()?.models.into_iter().map(|model| model.path).collect())
    }

    fn file(&self) -> Result<Deployment> {
        let named =
            self.deployment.clone().or_else(|| env::var_os("OPML_DEPLOYMENT").map(Into::into));
        let path = match named {
            Some(path) => path,
            None => self.shared()?.deployment.context(
                "name a deployment by --deployment FILE, OPML_DEPLOYMENT or `deployment` in opml.toml",
            )?,
        };
        Ok(Deployment::read(&path)?)
    }

    /// Connects for reading, and checks that the deployment is there.
    pub async fn read(&self) -> Result<Reader> {
        let connection = connect(&self.url()?, None, ConnectSettings::default()).await?;
        let deployment = self.file()?;
        deployment.check(&connection).await?;
        Ok(Reader { connection, deployment })
    }

    /// Connects with a key, and checks that the deployment is there.
    pub async fn sign(&self, key: &Key) -> Result<Session> {
        let (connection, account) = self.signer(key).await?;
        let deployment = self.file()?;
        deployment.check(&connection).await?;
        Ok(Session { connection, deployment, account })
    }

    /// Connects with a key, whatever is there.
    pub async fn signer(&self, key: &Key) -> Result<(Connection, Address)> {
        let signer = self.key(key)?.signer()?;
        let account = signer.address();
        let connection = connect(&self.url()?, Some(signer), ConnectSettings::default()).await?;
        Ok((connection, account))
    }

    /// The account's address, without connecting.
    pub fn account(&self, key: &Key) -> Result<Address> {
        Ok(self.key(key)?.signer()?.address())
    }

    fn key(&self, key: &Key) -> Result<KeySource> {
        if let Some(source) = key.source() {
            return Ok(source);
        }
        if env::var_os("OPML_KEY").is_some() {
            return Ok(KeySource::Env("OPML_KEY".into()));
        }
        match self.shared()?.key {
            Some(source) => Ok(source),
            None => bail!(
                "name a key by --key-env, --key-file, --keystore, OPML_KEY or `key` in opml.toml"
            ),
        }
    }
}

impl Key {
    fn source(&self) -> Option<KeySource> {
        if let Some(file) = self.keystore.clone() {
            return Some(KeySource::Keystore { file, password_file: self.password_file.clone() });
        }
        let file = self.key_file.clone().map(KeySource::File);
        file.or_else(|| self.key_env.clone().map(KeySource::Env))
    }
}
