//! Where the key of an account comes from. A key is never printed: sources name files and variables, not keys.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

use alloy_signer_local::{LocalSignerError, PrivateKeySigner};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Where a key is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum KeySource {
    /// An encrypted keystore file.
    Keystore {
        /// The keystore.
        file: PathBuf,
        /// File whose first line is the password; without it, whoever sits at the terminal is asked.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        password_file: Option<PathBuf>,
    },
    /// A file whose first line is the key in hexadecimal.
    File(PathBuf),
    /// An environment variable that holds the key in hexadecimal.
    Env(String),
}

/// Why there is no key.
#[derive(Debug, Error)]
pub enum KeyError {
    /// A file cannot be read.
    #[error("{}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        error: io::Error,
    },
    /// There is no such variable.
    #[error("the environment has no {0}")]
    NoVariable(String),
    /// What was found is no key. It is not shown, for it may be one but for a letter.
    #[error("what {0} holds is no key of 32 bytes in hexadecimal")]
    NoKey(String),
    /// Nobody can be asked for a keystore's password.
    #[error("keystore {} needs a password: name a password file, or start this in a terminal", path.display())]
    NoTerminal {
        /// The keystore.
        path: PathBuf,
        /// Why.
        #[source]
        error: io::Error,
    },
    /// The keystore is damaged or its password is another one.
    #[error("cannot open keystore {}", path.display())]
    Keystore {
        /// The keystore.
        path: PathBuf,
        /// Why.
        #[source]
        error: LocalSignerError,
    },
}

impl KeySource {
    /// Reads the key; a keystore without a password file asks at the terminal.
    pub fn signer(&self) -> Result<PrivateKeySigner, KeyError> {
        match self {
            Self::Keystore { file, password_file } => {
                let password = match password_file {
                    Some(file) => first_line(file)?,
                    None => ask(file)?,
                };
                PrivateKeySigner::decrypt_keystore(file, password)
                    .map_err(|error| KeyError::Keystore { path: file.clone(), error })
            }
            Self::File(path) => parse(&first_line(path)?, || path.display().to_string()),
            Self::Env(name) => {
                let text = env::var(name).map_err(|_| KeyError::NoVariable(name.clone()))?;
                parse(&text, || name.clone())
            }
        }
    }
}

fn ask(keystore: &Path) -> Result<String, KeyError> {
    rpassword::prompt_password(format!("Password of {}: ", keystore.display()))
        .map_err(|error| KeyError::NoTerminal { path: keystore.to_owned(), error })
}

fn first_line(path: &PathBuf) -> Result<String, KeyError> {
    let text = fs::read_to_string(path)
        .map_err(|error| KeyError::Unreadable { path: path.clone(), error })?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

fn parse(text: &str, source: impl FnOnce() -> String) -> Result<PrivateKeySigner, KeyError> {
    text.trim().parse().map_err(|_| KeyError::NoKey(source()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_key_is_not_shown() {
        let almost = "b6b15c8cb491557369f3c7d2c287b053eb229daa9c22138887752191c95206";
        let error = parse(almost, || "KEY".into()).expect_err("it is too short");
        assert!(!format!("{error:?} {error}").contains(&almost[..8]));
    }
}
