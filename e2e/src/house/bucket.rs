//! A bucket of an S3 server (moto, from the Python package registry) in memory, on loopback.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use anyhow::{Result, ensure};

use crate::client::plain;
use crate::ports::take_address;
use crate::program::{Program, cache};

const NAME: &str = "certhall-papers";

/// The server with its one bucket.
#[derive(Debug)]
pub struct Bucket {
    address: SocketAddr,
    _server: Program,
}

impl Bucket {
    /// Starts it, empty.
    pub async fn start(folder: &Path) -> Result<Self> {
        let program = cache()?.join("venv/bin/moto_server");
        ensure!(program.is_file(), "{} is missing: run `cargo xtask setup`", program.display());
        let address = take_address()?;
        let mut command = Command::new(program);
        command.args(["--host", "127.0.0.1", "--port", &address.port().to_string()]);
        let mut server = Program::start("moto", &command, &folder.join("moto.log"))?;
        server.listens(address).await?;
        let bucket = Self { address, _server: server };
        let made = plain()?.put(format!("http://{address}/{NAME}")).send().await?;
        ensure!(made.status().is_success(), "the bucket can't be made: {}", made.status());
        Ok(bucket)
    }

    /// The table of the hall's configuration.
    pub fn configuration(&self) -> String {
        format!(
            "[documents.s3]\nendpoint = \"http://{}\"\nregion = \"us-east-1\"\nbucket = \"{NAME}\"\nkey_id = \"hall\"\n\
             secret = \"hall-secret\"\n",
            self.address
        )
    }

    /// The names of everything in it.
    pub async fn keys(&self) -> Result<Vec<String>> {
        let list = plain()?.get(format!("http://{}/{NAME}?list-type=2", self.address)).send().await?.text().await?;
        let keys = list.split("<Key>").skip(1).filter_map(|rest| rest.split("</Key>").next());
        Ok(keys.map(str::to_owned).collect())
    }
}
