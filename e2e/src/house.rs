//! Several backends of one hall: one PostgreSQL schema, one bucket, the same keys, nginx in front.

mod bucket;
mod nginx;
mod schema;

use std::fs;
use std::net::SocketAddr;
use std::path::Path;

use anyhow::{Context as _, Result};
use tempfile::TempDir;

use crate::cast::{Cast, Unit};
use crate::outside::Outside;
use crate::ports::take_address;
use crate::program::{Program, ours, root};
use crate::stack::{add_account, copy, page_folder};
use crate::staff::Account;
use bucket::Bucket;
use nginx::Nginx;
use schema::Schema;

/// One backend.
#[derive(Debug)]
struct Node {
    address: SocketAddr,
    running: Option<Program>,
}

/// The hall. Fields are dropped in this order: who asks ends before who answers.
#[derive(Debug)]
pub struct House {
    nginx: Nginx,
    nodes: Vec<Node>,
    bucket: Bucket,
    _sandbox: Program,
    schema: Schema,
    folder: TempDir,
    /// The hall's address: nginx.
    pub portal: String,
    /// The outside world.
    pub outside: Outside,
    /// Who is known there.
    pub cast: Cast,
    /// Reviews.
    pub reviewer: Account,
}

impl House {
    /// Starts it with so many backends.
    pub async fn start(count: usize) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("certhall-house-").tempdir()?;
        let schema = Schema::create().await?;
        let bucket = Bucket::start(folder.path()).await?;
        let mut nodes = Vec::new();
        for _ in 0..count {
            let address = take_address()?;
            nodes.push(Node { address, running: None });
        }
        let front = take_address()?;
        let portal = format!("http://{front}");

        let state = folder.path().join("sandbox");
        let mut sandbox = ours("certhall-sandbox", "certhall-sandbox")?;
        sandbox.args(["--listen", "127.0.0.1:0", "--state"]).arg(&state);
        sandbox.args(["--notify-url", &format!("{portal}/api/notify/alipay")]);
        let mut sandbox = Program::start("sandbox", &sandbox, &folder.path().join("sandbox.log"))?;
        let outside = Outside::at(&sandbox.says("sandbox on ").await?)?;
        sandbox.says("configuration for the hall: ").await?;
        let gateways = fs::read_to_string(state.join("backend.toml"))?;

        copy(&page_folder()?, &folder.path().join("page"))?;
        for (number, node) in nodes.iter().enumerate() {
            let home = folder.path().join(format!("node-{number}"));
            fs::create_dir_all(&home)?;
            let text = configuration(folder.path(), &home, node.address, &portal, &schema, &bucket, &gateways);
            fs::write(home.join("certhall.toml"), text)?;
        }
        // The first command makes the keys; every other backend gets them by hand, as the operator's guide says.
        let first = folder.path().join("node-0");
        let reviewer = add_account(&first, "anna", &["reviewer"]).await?;
        let mut house = Self {
            nginx: Nginx::start(folder.path(), front, nodes.iter().map(|node| node.address)).await?,
            nodes,
            bucket,
            _sandbox: sandbox,
            schema,
            portal,
            cast: outside.cast().await?,
            outside,
            reviewer,
            folder,
        };
        house.start_node(0).await?;
        for number in 1..count {
            copy(&first.join("data"), &house.folder.path().join(format!("node-{number}/data")))?;
            house.start_node(number).await?;
        }
        Ok(house)
    }

    /// Starts a backend, again after [`House::kill_node`].
    pub async fn start_node(&mut self, number: usize) -> Result<()> {
        let home = self.folder.path().join(format!("node-{number}"));
        let node = self.nodes.get_mut(number).context("no such node")?;
        let mut serve = ours("certhall", "certhall-backend")?;
        serve.arg("serve").arg("--config").arg(home.join("certhall.toml"));
        let mut running = Program::start("backend", &serve, &home.join("backend.log"))?;
        running.listens(node.address).await?;
        node.running = Some(running);
        Ok(())
    }

    /// Kills a backend without warning.
    pub fn kill_node(&mut self, number: usize) -> Result<()> {
        let node = self.nodes.get_mut(number).context("no such node")?;
        if let Some(running) = node.running.take() {
            running.kill()?;
        }
        Ok(())
    }

    /// The address of one backend.
    pub fn node(&self, number: usize) -> Result<String> {
        Ok(format!("http://{}", self.nodes.get(number).context("no such node")?.address))
    }

    /// A company and its people.
    pub fn unit(&self, number: usize) -> Result<Unit> {
        self.cast.unit(number)
    }

    /// How many requests nginx has sent to each backend.
    pub fn shares(&self) -> Result<Vec<usize>> {
        let log = self.nginx.log()?;
        let to = |node: &Node| {
            let address = node.address.to_string();
            log.lines().filter(|line| line.split_whitespace().any(|word| word.trim_end_matches(',') == address)).count()
        };
        Ok(self.nodes.iter().map(to).collect())
    }

    /// Everything in the bucket.
    pub async fn papers(&self) -> Result<Vec<String>> {
        self.bucket.keys().await
    }

    /// Ends everything and drops the schema.
    pub async fn end(self) -> Result<()> {
        drop(self.nginx);
        drop(self.nodes);
        self.schema.drop().await
    }
}

fn configuration(
    folder: &Path,
    home: &Path,
    address: SocketAddr,
    portal: &str,
    schema: &Schema,
    bucket: &Bucket,
    gateways: &str,
) -> String {
    format!(
        "listen = \"{address}\"\npublic_url = \"{portal}\"\ndatabase_url = \"{}\"\ndata_dir = \"{}\"\n\
         channels_dir = \"{}\"\npage_dir = \"{}\"\nbehind_proxy = true\n\n[gate]\nrequests_a_second = 1000\n\n{}\n{gateways}",
        schema.url(),
        home.join("data").display(),
        root().join("backend/channels").display(),
        folder.join("page").display(),
        bucket.configuration(),
    )
}
