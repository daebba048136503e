//! Running one named step: its output goes to a log, its time is said, a failure shows the end of the log.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, Result, bail};

/// Lines of a log that are shown when its step fails.
const TAIL: usize = 60;

/// Measures how long something takes.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts now.
    #[expect(clippy::disallowed_methods, reason = "build steps are timed by the real clock; nothing is decided by it")]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Time since the start.
    pub fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}

/// Waits; for polling a process that has no other way to say that it is ready.
#[expect(clippy::disallowed_methods, reason = "this program has no async code to block")]
pub fn pause(time: Duration) {
    std::thread::sleep(time);
}

/// The time as one-time codes count it.
#[expect(clippy::disallowed_methods, reason = "the codes that the demo prints are compared with the real time")]
pub fn seconds_since_1970() -> Result<u64> {
    Ok(SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?.as_secs())
}

/// Runs a command, everything it prints goes to `log`; a failure prints the end of it.
pub fn run(command: &mut Command, log: &Path) -> Result<()> {
    let mut file = File::options()
        .create(true)
        .append(true)
        .open(log)
        .with_context(|| format!("cannot write the log {}", log.display()))?;
    writeln!(file, "$ {}", shown(command))?;
    let status = command
        .stdin(Stdio::null())
        .stdout(file.try_clone()?)
        .stderr(file)
        .status()
        .with_context(|| format!("cannot start {}", command.get_program().display()))?;
    if !status.success() {
        bail!("{} ended with {status}; the log is {}\n{}", shown(command), log.display(), tail(log));
    }
    Ok(())
}

/// Runs a command and gives what it wrote to its standard output.
pub fn output(command: &mut Command) -> Result<String> {
    let answer = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot start {}", command.get_program().display()))?;
    if !answer.status.success() {
        bail!("{} ended with {}: {}", shown(command), answer.status, String::from_utf8_lossy(&answer.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&answer.stdout).into_owned())
}

/// The last lines of a log.
pub fn tail(log: &Path) -> String {
    let bytes = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<&str> = text.lines().collect();
    let first = lines.len().saturating_sub(TAIL);
    lines.iter().skip(first).map(|line| format!("    {line}\n")).collect()
}

/// Prints what is being done, does it, prints how long it took.
pub fn say<T>(what: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let watch = Stopwatch::start();
    println!("==> {what}");
    let result = work().with_context(|| what.to_owned())?;
    println!("    done in {:.1} s", watch.elapsed().as_secs_f64());
    Ok(result)
}

fn shown(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy().into_owned()];
    words.extend(command.get_args().map(|word| word.to_string_lossy().into_owned()));
    words.join(" ")
}
