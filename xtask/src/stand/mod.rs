//! The programs of a running hall on this machine: the outside world's stand-in and the backend.

mod child;
mod http;

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::page;
use crate::place::Place;
use crate::step;
pub use child::Child;
pub use http::{get, serve};

/// Where the programs listen.
#[derive(Clone, Copy, Debug)]
pub struct Addresses {
    /// The hall.
    pub backend: SocketAddr,
    /// The outside world.
    pub sandbox: SocketAddr,
}

impl Addresses {
    /// Ports that are free now.
    pub fn free() -> Result<Self> {
        let first = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let second = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        Ok(Self { backend: first.local_addr()?, sandbox: second.local_addr()? })
    }
}

/// A folder with everything that the programs keep, and how they are started in it.
#[derive(Debug)]
pub struct Stand {
    place: Place,
    folder: PathBuf,
    addresses: Addresses,
    profile: &'static str,
}

impl Stand {
    /// A stand in a folder, which is made when it is not there.
    pub fn in_folder(place: &Place, folder: PathBuf, addresses: Addresses) -> Result<Self> {
        fs::create_dir_all(folder.join("log")).with_context(|| format!("cannot create {}", folder.display()))?;
        Ok(Self { place: place.clone(), folder, addresses, profile: "debug" })
    }

    /// With the programs as they are shipped.
    pub fn released(self) -> Self {
        Self { profile: "release", ..self }
    }

    /// Where the hall listens.
    pub fn backend_address(&self) -> SocketAddr {
        self.addresses.backend
    }

    /// A file or folder of the stand.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The log of a program.
    pub fn log(&self, program: &str) -> PathBuf {
        self.folder.join("log").join(format!("{program}.log"))
    }

    /// One of our own programs as cargo built it, without our variables: the backend would take them for settings.
    pub fn program(&self, name: &str) -> Result<Command> {
        let file = self.place.target.join(self.profile).join(name);
        ensure!(file.is_file(), "{} is not built", file.display());
        let mut command = self.place.command(file);
        for (name, _) in std::env::vars_os() {
            if name.to_str().is_some_and(|name| name.starts_with("CERTHALL_")) {
                command.env_remove(name);
            }
        }
        Ok(command)
    }

    /// The backend with its configuration.
    pub fn backend(&self, words: &[&str]) -> Result<Command> {
        let mut command = self.program("certhall")?;
        command.args(words).arg("--config").arg(self.path("certhall.toml"));
        Ok(command)
    }

    /// Starts the outside world; it writes the keys and addresses that the backend's configuration needs.
    pub fn start_sandbox(&self) -> Result<Child> {
        let state = self.path("sandbox");
        let mut command = self.program("certhall-sandbox")?;
        command.arg("--listen").arg(self.addresses.sandbox.to_string()).arg("--state").arg(&state);
        command.args(["--notify-url", &format!("http://{}/api/notify/alipay", self.addresses.backend)]);
        let mut child = Child::start("sandbox", &command, &self.log("sandbox"))?;
        // It listens before its papers are drawn and its keys are made: only this line says that it is ready.
        let configuration = child.says("configuration for the hall:")?;
        self.write_configuration(Path::new(&configuration))?;
        Ok(child)
    }

    fn write_configuration(&self, gateways: &Path) -> Result<()> {
        let gateways =
            fs::read_to_string(gateways).with_context(|| format!("the sandbox writes {}", gateways.display()))?;
        let text = format!(
            "listen = \"{address}\"\npublic_url = \"http://{address}\"\ndatabase_url = \"sqlite:{data}/hall.db\"\n\
             data_dir = \"{data}\"\nchannels_dir = \"{channels}\"\npage_dir = \"{page}\"\n\n{gateways}",
            address = self.addresses.backend,
            data = self.path("data").display(),
            channels = self.place.root.join("backend/channels").display(),
            page = page::Build::Release.folder(&self.place).display(),
        );
        let file = self.path("certhall.toml");
        fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))
    }

    /// Starts the backend; the sandbox must have been started in this folder.
    pub fn start_backend(&self) -> Result<Child> {
        Child::start("backend", &self.backend(&["serve"])?, &self.log("backend"))?.listens(self.addresses.backend)
    }
}

/// Builds the programs that [`Stand`] and the demo start.
pub fn build_programs(place: &Place, log: &Path) -> Result<()> {
    let mut cargo = place.command("cargo");
    cargo.args(["build", "--locked", "--bins"]);
    for package in ["backend", "bridge", "sandbox", "testcard", "e2e"] {
        cargo.args(["--package", &format!("certhall-{package}")]);
    }
    step::run(&mut cargo, log)
}
