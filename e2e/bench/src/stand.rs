//! The measured backend as a process of its own, and the same hall opened here to fill its database.

use crate::Places;
use anyhow::{Context, Result, ensure};
use backend::config::Config;
use backend::hall::Hall;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tokio::net::TcpStream;

/// A process that ends with this value.
pub struct Process(Child);

impl Process {
    /// Its number.
    pub fn id(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A free address on loopback.
pub fn free() -> Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}

/// Starts a program and waits until it listens.
pub async fn start(command: &mut Command, address: SocketAddr) -> Result<Process> {
    let mut process = Process(command.stdin(Stdio::null()).stdout(Stdio::null()).spawn()?);
    for _ in 0..300 {
        if TcpStream::connect(address).await.is_ok() {
            return Ok(process);
        }
        if let Some(status) = process.0.try_wait()? {
            anyhow::bail!("{} ended with {status}", command.get_program().display());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    anyhow::bail!("{} does not listen", command.get_program().display())
}

/// One hall: its configuration file, and where it will listen.
pub struct Stand {
    /// Where it listens.
    pub address: SocketAddr,
    /// Its database.
    pub database: String,
    file: PathBuf,
    program: PathBuf,
}

impl Stand {
    /// Writes the configuration of a hall over an empty database.
    pub fn new(places: &Places, folder: &Path, database: &str, gateways: &str) -> Result<Self> {
        let address = free()?;
        fs::create_dir_all(folder)?;
        let text = format!(
            "listen = \"{address}\"\npublic_url = \"http://{address}\"\ndatabase_url = \"{database}\"\n\
             data_dir = \"{}\"\nchannels_dir = \"{}\"\npage_dir = \"{}\"\n\n\
             # Everybody measured here comes from one address.\n[gate]\nrequests_a_second = 1000000\n\n{gateways}",
            folder.join("data").display(),
            places.channels.display(),
            places.page.display(),
        );
        let file = folder.join("certhall.toml");
        fs::write(&file, text)?;
        Ok(Self { address, database: database.to_owned(), file, program: places.backend.clone() })
    }

    /// The hall in this process, to fill the database before the measured one starts.
    pub async fn open(&self) -> Result<Hall> {
        backend::server::open(Config::load(&self.file)?).await
    }

    /// Starts the measured one.
    pub async fn serve(&self) -> Result<Process> {
        let mut command = Command::new(&self.program);
        command.args(["serve", "--config"]).arg(&self.file).env("RUST_LOG", "warn");
        start(&mut command, self.address).await
    }
}

/// The `[gateways]` tables that the stand-in outside world writes. It is ended at once: nothing measured here asks it.
pub async fn gateways(places: &Places, folder: &Path) -> Result<String> {
    let address = free()?;
    let mut command = Command::new(&places.sandbox);
    command.args(["--listen", &address.to_string(), "--state"]).arg(folder);
    let sandbox = start(&mut command, address).await?;
    let file = folder.join("backend.toml");
    for _ in 0..300 {
        if file.is_file() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    drop(sandbox);
    let text = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
    ensure!(text.contains("[gateways"), "{} holds no gateways", file.display());
    Ok(text)
}
