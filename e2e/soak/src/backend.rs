//! The program under test: started, killed, started again.

use std::fs::File;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

/// A look at the address every so often until it listens.
const LOOK: Duration = Duration::from_millis(8);
/// Looks before a start is given up: a minute.
const PATIENCE: u32 = 7_500;

/// One backend with its configuration.
#[derive(Debug)]
pub struct Backend {
    program: PathBuf,
    config: PathBuf,
    address: SocketAddr,
    log: PathBuf,
    environment: Vec<(String, String)>,
    process: Option<Child>,
    /// Starts so far, and how long they took until it listened.
    pub starts: Vec<Duration>,
}

impl Backend {
    /// Not running yet.
    pub fn new(
        program: PathBuf,
        config: PathBuf,
        address: SocketAddr,
        log: &Path,
        environment: Vec<(String, String)>,
    ) -> Self {
        Self { program, config, address, log: log.to_owned(), environment, process: None, starts: Vec::new() }
    }

    /// From the next start on it trusts this certificate only.
    pub fn trust_only(&mut self, certificate: &Path) {
        self.environment.push(("SSL_CERT_FILE".to_owned(), certificate.display().to_string()));
    }

    /// A command of it: `serve`, `staff add …`. It ends with this program, however that ends.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL", "--"]).arg(&self.program).args(words).arg("--config").arg(&self.config);
        for (name, _) in std::env::vars_os() {
            if name.to_str().is_some_and(|name| name.starts_with("CERTHALL_")) {
                command.env_remove(name);
            }
        }
        command.envs(self.environment.iter().cloned()).kill_on_drop(true);
        command
    }

    /// Starts it, without waiting.
    pub fn start(&mut self) -> Result<()> {
        let log = File::options().create(true).append(true).open(&self.log)?;
        let mut command = self.command(&["serve"]);
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        self.process = Some(command.spawn().context("start the backend")?);
        Ok(())
    }

    /// Waits until it listens. `false`: it ended before.
    pub async fn listens(&mut self) -> Result<bool> {
        let began = crate::clock::machine();
        for _ in 0..PATIENCE {
            if TcpStream::connect(self.address).await.is_ok() {
                let took = crate::clock::machine() - began;
                self.starts.push(Duration::from_micros(u64::try_from(took).unwrap_or_default()));
                return Ok(true);
            }
            if self.has_ended()? {
                return Ok(false);
            }
            tokio::time::sleep(LOOK).await;
        }
        bail!("the backend does not listen after a minute:\n{}", self.tail())
    }

    /// Whether it is gone.
    pub fn has_ended(&mut self) -> Result<bool> {
        match &mut self.process {
            Some(process) => Ok(process.try_wait()?.is_some()),
            None => Ok(true),
        }
    }

    /// Waits until it is gone by itself, so long at most. `true`: it is.
    pub async fn ends_within(&mut self, time: Duration) -> Result<bool> {
        let Some(process) = &mut self.process else { return Ok(true) };
        match tokio::time::timeout(time, process.wait()).await {
            Ok(status) => {
                status?;
                Ok(true)
            }
            Err(_) => Ok(false),
        }
    }

    /// kill -9.
    pub async fn kill(&mut self) -> Result<()> {
        if let Some(mut process) = self.process.take() {
            process.kill().await?;
        }
        Ok(())
    }

    /// The end of its log.
    pub fn tail(&self) -> String {
        let text =
            std::fs::read(&self.log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines.get(lines.len().saturating_sub(30)..).unwrap_or_default().join("\n")
    }

    /// Lines of its log that tell of a fault of its own.
    pub fn errors(&self) -> Vec<String> {
        let text =
            std::fs::read(&self.log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
        text.lines().filter(|line| line.contains("panicked at")).map(str::to_owned).collect()
    }
}
