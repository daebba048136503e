//! A program that runs beside this one and never outlives it.

use std::fs::File;
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child as Process, ChildStdin, Command, ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::step;

/// Runs `"$@"` and ends it when standard input closes, which happens however the parent ends, Ctrl-C included.
const LEASH: &str = r#"
exec 3<&0 </dev/null
"$@" 3<&- & program=$!
{ cat <&3 >/dev/null; kill "$program"; } 2>/dev/null & leash=$!
exec 3<&-
trap 'kill "$program" 2>/dev/null' TERM
wait "$program"; status=$?
kill "$leash" 2>/dev/null
exit "$status"
"#;

const PAUSE: Duration = Duration::from_millis(100);
/// Pauses before a program that does not answer is given up: a minute.
const PATIENCE: u32 = 600;
/// Pauses before one that was told to end is killed: five seconds, longer than the hall needs for its last requests.
const GRACE: u32 = 50;

/// A running program; ended when dropped.
#[derive(Debug)]
pub struct Child {
    /// What it is called in messages.
    pub name: &'static str,
    process: Process,
    log: PathBuf,
}

impl Child {
    /// Starts it; what it prints goes to `log`.
    pub fn start(name: &'static str, command: &Command, log: &Path) -> Result<Self> {
        let file = File::create(log).with_context(|| format!("cannot write the log {}", log.display()))?;
        let mut leash = Command::new("sh");
        leash.args(["-c", LEASH, name]).arg(command.get_program()).args(command.get_args());
        for (key, value) in command.get_envs() {
            match value {
                Some(value) => leash.env(key, value),
                None => leash.env_remove(key),
            };
        }
        if let Some(folder) = command.get_current_dir() {
            leash.current_dir(folder);
        }
        leash.stdin(Stdio::piped()).stdout(file.try_clone()?).stderr(file);
        let process = leash.spawn().with_context(|| format!("cannot start {name}"))?;
        Ok(Self { name, process, log: log.to_path_buf() })
    }

    /// Starts a program that ends by itself when its standard input closes, and takes orders from there.
    pub fn start_obedient(name: &'static str, mut command: Command, log: &Path) -> Result<Self> {
        let file = File::create(log).with_context(|| format!("cannot write the log {}", log.display()))?;
        command.stdin(Stdio::piped()).stdout(file.try_clone()?).stderr(file);
        let process = command.spawn().with_context(|| format!("cannot start {name}"))?;
        Ok(Self { name, process, log: log.to_path_buf() })
    }

    /// The pipe to its standard input; it ends when that is dropped.
    pub fn stdin(&mut self) -> Option<ChildStdin> {
        self.process.stdin.take()
    }

    /// Waits until it listens.
    pub fn listens(mut self, address: SocketAddr) -> Result<Self> {
        for _ in 0..PATIENCE {
            if let Some(status) = self.ended()? {
                bail!("{}", self.obituary(status));
            }
            if TcpStream::connect_timeout(&address, PAUSE).is_ok() {
                return Ok(self);
            }
            step::pause(PAUSE);
        }
        bail!("{} does not listen at {address}; the end of its log:\n{}", self.name, step::tail(&self.log))
    }

    /// Waits until a line of its log begins with these words, and gives the rest of that line.
    pub fn says(&mut self, words: &str) -> Result<String> {
        for _ in 0..PATIENCE {
            let log = std::fs::read_to_string(&self.log)?;
            // A line without its end may still be growing.
            let whole = log.rfind('\n').map_or("", |end| log.get(..end).unwrap_or_default());
            if let Some(rest) = whole.lines().find_map(|line| line.strip_prefix(words)) {
                return Ok(rest.trim().to_owned());
            }
            if let Some(status) = self.ended()? {
                bail!("{}", self.obituary(status));
            }
            step::pause(PAUSE);
        }
        bail!("{} never says `{words}`; the end of its log:\n{}", self.name, step::tail(&self.log))
    }

    /// How it ended, if it has.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.process.try_wait()?)
    }

    /// What to tell of one that ended by itself.
    pub fn obituary(&self, status: ExitStatus) -> String {
        format!(
            "{} ended with {status}; the end of its log {}:\n{}",
            self.name,
            self.log.display(),
            step::tail(&self.log)
        )
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        // The leash was just let go. Somebody else may hold the pipe of an obedient one: that one is ended.
        for _ in 0..GRACE {
            if !matches!(self.process.try_wait(), Ok(None)) {
                return;
            }
            step::pause(PAUSE);
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
