//! Programs of the product, run beside a test and never longer than it.

use std::env;
use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use tokio::net::TcpStream;

/// Runs `"$@"` and ends it when standard input closes, which happens however the test ends: also when it is killed.
/// One that does not heed SIGTERM within five seconds gets SIGKILL.
const LEASH: &str = r#"
exec 3<&0 </dev/null
"$@" 3<&- & program=$!
{
  cat <&3 >/dev/null
  kill "$program"
  for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25; do
    kill -0 "$program" || exit
    sleep 0.2
  done
  kill -9 "$program"
} 2>/dev/null & leash=$!
exec 3<&-
wait "$program"; status=$?
kill "$leash" 2>/dev/null
exit "$status"
"#;

const PAUSE: Duration = Duration::from_millis(50);
/// Pauses before a program that says nothing is given up: a minute, because a cold build may run beside the tests.
const PATIENCE: u32 = 1200;

/// A running program; dropping it ends it.
#[derive(Debug)]
pub struct Program {
    name: &'static str,
    process: Child,
    log: PathBuf,
}

impl Program {
    /// Starts it; what it prints goes to `log`.
    pub fn start(name: &'static str, command: &Command, log: &Path) -> Result<Self> {
        let file = File::create(log).with_context(|| format!("write {}", log.display()))?;
        let mut leash = Command::new("sh");
        leash.args(["-c", LEASH, name]).arg(command.get_program()).args(command.get_args());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => leash.env(name, value),
                None => leash.env_remove(name),
            };
        }
        if let Some(folder) = command.get_current_dir() {
            leash.current_dir(folder);
        }
        leash.stdin(Stdio::piped()).stdout(file.try_clone()?).stderr(file);
        let process = leash.spawn().with_context(|| format!("start {name}"))?;
        Ok(Self { name, process, log: log.to_owned() })
    }

    /// Waits until a line of its log holds these words; gives the rest of that line.
    pub async fn says(&mut self, words: &str) -> Result<String> {
        let rest = |line: &str| line.split_once(words).map(|(_, rest)| rest.trim().to_owned());
        self.says_line(rest).await.with_context(|| format!("waiting for {words:?}"))
    }

    /// Waits until its log has a line that means something; gives what it means.
    pub async fn says_line(&mut self, meaning: impl Fn(&str) -> Option<String>) -> Result<String> {
        for _ in 0..PATIENCE {
            let log = self.log();
            // A line without its end may still be growing.
            let whole = log.rfind('\n').and_then(|end| log.get(..end)).unwrap_or_default();
            if let Some(found) = whole.lines().find_map(&meaning) {
                return Ok(found);
            }
            self.must_live()?;
            tokio::time::sleep(PAUSE).await;
        }
        bail!("{} never says what is waited for:\n{}", self.name, self.log())
    }

    /// Waits until it listens.
    pub async fn listens(&mut self, address: SocketAddr) -> Result<()> {
        for _ in 0..PATIENCE {
            if TcpStream::connect(address).await.is_ok() {
                return Ok(());
            }
            self.must_live()?;
            tokio::time::sleep(PAUSE).await;
        }
        bail!("{} does not listen at {address}:\n{}", self.name, self.log())
    }

    /// Kills the program itself at once, without a chance to end cleanly.
    pub fn kill(self) -> Result<()> {
        let leash = self.process.id();
        let children = fs::read_to_string(format!("/proc/{leash}/task/{leash}/children"))?;
        let program = children.split_whitespace().next().context("the program is gone already")?;
        let killed = Command::new("kill").args(["-9", program]).status()?;
        ensure!(killed.success(), "kill -9 {program}: {killed}");
        Ok(())
    }

    fn must_live(&mut self) -> Result<()> {
        match self.process.try_wait()? {
            None => Ok(()),
            Some(status) => bail!("{} ended with {status}:\n{}", self.name, self.log()),
        }
    }

    /// What it has printed.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

/// One of our programs, built beside the running test, without the variables that the backend would take for settings.
pub fn ours(name: &str, package: &str) -> Result<Command> {
    let file = target_folder()?.join(name);
    ensure!(file.is_file(), "{} is missing: run `cargo build -p {package}`", file.display());
    let mut command = Command::new(file);
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("CERTHALL_")) {
            command.env_remove(name);
        }
    }
    Ok(command)
}

/// The folder of the programs: `target/debug`.
pub fn target_folder() -> Result<PathBuf> {
    let mut folder = env::current_exe()?;
    folder.pop();
    if folder.ends_with("deps") {
        folder.pop();
    }
    Ok(folder)
}

/// Where `cargo xtask setup` puts tools: `$CERTHALL_CACHE`, else `~/.cache/certhall`.
pub fn cache() -> Result<PathBuf> {
    match env::var_os("CERTHALL_CACHE") {
        Some(cache) => Ok(PathBuf::from(cache)),
        None => Ok(PathBuf::from(env::var_os("HOME").context("HOME is not set")?).join(".cache/certhall")),
    }
}

/// The workspace's folder. Cargo names the running package's folder, which lies in it; a compiled program may come from
/// another checkout that shares the target folder, so what the compiler saw counts only without Cargo.
pub fn root() -> PathBuf {
    let package =
        env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    let root = package.ancestors().find(|folder| folder.join("Cargo.lock").is_file());
    root.unwrap_or(&package).to_path_buf()
}
