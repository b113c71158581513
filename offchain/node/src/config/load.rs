//! Where the values come from: file, then environment, then flags.

use std::path::{Path, PathBuf};
use std::{fs, io};

use thiserror::Error;
use toml::{Table, Value};

use super::Config;

/// What a new operator starts from: every value with its meaning.
pub const TEMPLATE: &str = include_str!("template.toml");

/// `OPML_NODE__CHAIN__SPAN` stands for `chain.span`.
pub const ENV_PREFIX: &str = "OPML_NODE__";

/// Why there is no configuration.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        error: io::Error,
    },
    /// The file is not TOML, or a value is missing or not what it should be.
    #[error("the configuration is not right")]
    Content(#[from] toml::de::Error),
    /// A key names nothing that can hold a value.
    #[error("{key} names no value of the configuration")]
    Key {
        /// The key.
        key: String,
    },
}

impl Config {
    /// The configuration in `file`; `overrides` are keys like `chain.span` with their values, the last of a
    /// key counts.
    pub fn load(
        file: &Path,
        overrides: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let text = fs::read_to_string(file)
            .map_err(|error| ConfigError::Unreadable { path: file.to_owned(), error })?;
        Self::parse(&text, overrides)
    }

    /// As [`Self::load`], of a text.
    pub fn parse(
        text: &str,
        overrides: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let mut table: Table = text.parse()?;
        for (key, value) in overrides {
            set(&mut table, &key, &value)?;
        }
        Ok(table.try_into()?)
    }

    /// What the environment says instead of the file.
    pub fn environment() -> impl Iterator<Item = (String, String)> {
        std::env::vars().filter_map(|(name, value)| {
            let key = name.strip_prefix(ENV_PREFIX)?;
            Some((key.to_lowercase().replace("__", "."), value))
        })
    }
}

fn set(table: &mut Table, key: &str, value: &str) -> Result<(), ConfigError> {
    let wrong = || ConfigError::Key { key: key.to_owned() };
    let (path, name) = match key.rsplit_once('.') {
        Some((path, name)) => (path.split('.').collect(), name),
        None => (Vec::new(), key),
    };
    let mut place = table;
    for part in path {
        let inner = place.entry(part).or_insert_with(|| Value::Table(Table::new()));
        place = inner.as_table_mut().ok_or_else(wrong)?;
    }
    if name.is_empty() {
        return Err(wrong());
    }
    place.insert(name.to_owned(), read(value));
    Ok(())
}

/// A value as TOML has it, or else the text itself: nobody quotes twice for a shell.
fn read(value: &str) -> Value {
    let parsed = format!("value = {value}").parse::<Table>();
    let parsed = parsed.ok().and_then(|mut table| table.remove("value"));
    parsed.unwrap_or_else(|| Value::String(value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Amount;

    #[test]
    fn the_template_is_a_configuration_with_the_defaults() {
        let config = Config::parse(TEMPLATE, []).expect("it parses");
        assert_eq!(config.policy, crate::config::Policy::default());
        assert_eq!(config.gas, crate::config::Gas::default());
        assert_eq!(config.jobs, crate::config::Jobs::default());
    }

    #[test]
    fn every_value_can_be_given_otherwise() {
        let overrides = [
            ("rpc", "ws://elsewhere:1"),
            ("roles.settler", "false"),
            ("policy.min_fee", "5 gwei"),
            ("api.listen", "127.0.0.1:1"),
        ];
        let overrides = overrides.map(|(key, value)| (key.to_owned(), value.to_owned()));
        let config = Config::parse(TEMPLATE, overrides).expect("it parses");
        assert_eq!(config.rpc, "ws://elsewhere:1");
        assert!(!config.roles.settler);
        assert_eq!(config.policy.min_fee, Amount::gwei(5));
        assert_eq!(config.api.map(|api| api.listen.port()), Some(1));
        let unknown = [("chain.colour".to_owned(), "blue".to_owned())];
        assert!(Config::parse(TEMPLATE, unknown).is_err());
        let inside = [("rpc.more".to_owned(), "1".to_owned())];
        assert!(matches!(Config::parse(TEMPLATE, inside), Err(ConfigError::Key { .. })));
    }
}
