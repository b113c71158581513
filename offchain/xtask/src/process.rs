//! Running other programs: quiet while all is well, everything they said when it is not.

use std::io::{BufRead, BufReader, IsTerminal};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use indicatif::{ProgressBar, ProgressStyle};

/// Longest status line shown beside the spinner, in characters.
const STATUS_LEN: usize = 60;

/// Runs `command` behind a spinner named `label` and shows its output only if it fails.
pub fn quiet(label: &str, command: &mut Command) -> Result<()> {
    let start = Instant::now();
    let spinner = spinner(label);
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {}", shown(command)))?;
    let mut said = String::new();
    if let Some(stderr) = child.stderr.take() {
        let mut stderr = BufReader::new(stderr);
        let mut line = Vec::new();
        while stderr.read_until(b'\n', &mut line)? > 0 {
            let text = String::from_utf8_lossy(&line);
            spinner.set_message(text.trim().chars().take(STATUS_LEN).collect::<String>());
            said.push_str(&text);
            line.clear();
        }
    }
    let status = child.wait()?;
    spinner.finish_and_clear();
    if !status.success() {
        bail!("{} failed ({status}):\n{said}", shown(command));
    }
    done(label, start.elapsed());
    Ok(())
}

/// Runs `command` with its output passed on as it comes.
pub fn loud(label: &str, command: &mut Command) -> Result<()> {
    eprintln!("{label}");
    let status = command.status().with_context(|| format!("cannot start {}", shown(command)))?;
    if !status.success() {
        bail!("{} failed ({status})", shown(command));
    }
    Ok(())
}

/// What `command` prints on standard output; fails if it does.
pub fn output(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("cannot start {}", shown(command)))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("{} failed ({}):\n{said}", shown(command), output.status);
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Whether `command` runs and succeeds.
pub fn succeeds(command: &mut Command) -> bool {
    let command = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// Says that `label` is done, unless it took no time worth a line.
fn done(label: &str, elapsed: Duration) {
    if elapsed > Duration::from_secs(1) || !std::io::stderr().is_terminal() {
        eprintln!("{label}: {:.1} s", elapsed.as_secs_f32());
    }
}

fn spinner(label: &str) -> ProgressBar {
    let spinner = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix} {elapsed} {msg:.dim}") {
        spinner.set_style(style);
    }
    spinner.set_prefix(label.to_owned());
    spinner.enable_steady_tick(Duration::from_millis(100));
    spinner
}

/// Program and arguments, as a person would type them.
fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_a_failing_program_said_is_shown_whatever_its_encoding() {
        let script = r"printf 'one\377\ntwo' >&2; exit 3";
        let error = quiet("test", Command::new("sh").args(["-c", script])).unwrap_err();
        let text = error.to_string();
        assert!(text.contains("failed (exit status: 3)"), "{text}");
        assert!(text.ends_with("one\u{fffd}\ntwo"), "{text}");
        quiet("test", Command::new("sh").args(["-c", r"printf '\377' >&2"])).unwrap();
    }
}
