//! The whole product on this machine, for one test: stand-in outside world, backend, and — where a key is made — a card
//! reader with a blank key and the bridge. Free ports, a folder of its own, nothing left behind.

mod database;

use std::fs;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use tempfile::TempDir;

use crate::applicant::Applicant;
use crate::cast::{Cast, Unit};
use crate::desk::Desk;
use crate::front::Front;
use crate::outside::Outside;
use crate::pcsc::VirtualReader;
use crate::ports::take_address;
use crate::program::{Program, ours, root, target_folder};
use crate::staff::{Account, Clerk};
use crate::totp::Authenticator;
use database::Database;

/// A running hall. Fields are dropped in this order: who asks ends before who answers.
#[derive(Debug)]
pub struct Stack {
    backend: Option<Program>,
    front: Option<Front>,
    _sandbox: Program,
    folder: TempDir,
    address: SocketAddr,
    /// The hall's address.
    pub portal: String,
    /// The outside world.
    pub outside: Outside,
    /// Who is known there.
    pub cast: Cast,
    /// Reviews.
    pub reviewer: Account,
    /// Makes and posts.
    pub maker: Account,
    database: Database,
}

/// A maker's computer: reader, key, bridge. Dropping it ends them.
pub struct Workplace {
    bridge: Program,
    /// The reader; its calls block.
    pub reader: VirtualReader,
    /// Where the bridge listens.
    pub port: u16,
    /// The phrase that only the bridge's own window shows.
    pub phrase: String,
}

/// What a test wishes of its hall.
#[derive(Clone, Debug, Default)]
pub struct Wish {
    /// It is reached over TLS.
    pub tls: bool,
    /// Origins that may show it in a frame.
    pub parents: Vec<String>,
    /// More lines of the backend's configuration, before its first section.
    pub settings: String,
}

/// Where a bridge listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Port {
    /// Anywhere: the test knows the port.
    Any,
    /// On one of the ports that a page tries.
    Known,
}

impl Stack {
    /// Starts it.
    pub async fn start() -> Result<Self> {
        Self::start_as(Wish::default()).await
    }

    /// Starts it as wished.
    pub async fn start_as(wish: Wish) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("certhall-").tempdir()?;
        let address = take_address()?;
        let front = if wish.tls { Some(Front::start(folder.path(), address).await?) } else { None };
        let portal = match &front {
            Some(front) => format!("https://{}", front.address()),
            None => format!("http://{address}"),
        };
        let channels = folder.path().join("channels");
        copy(&root().join("backend/channels"), &channels)?;
        if !wish.parents.is_empty() {
            change_profile(&channels, "parents = []", &format!("parents = {:?}", wish.parents))?;
        }

        let state = folder.path().join("sandbox");
        let mut sandbox = ours("certhall-sandbox", "certhall-sandbox")?;
        sandbox.args(["--listen", "127.0.0.1:0", "--state"]).arg(&state);
        sandbox.args(["--notify-url", &format!("http://{address}/api/notify/alipay")]);
        let mut sandbox = Program::start("sandbox", &sandbox, &folder.path().join("sandbox.log"))?;
        let outside = Outside::at(&sandbox.says("sandbox on ").await?)?;
        sandbox.says("configuration for the hall: ").await?;

        let gateways = fs::read_to_string(state.join("backend.toml"))?;
        let database = folder.path().join("hall.db");
        copy(&page_folder()?, &folder.path().join("page"))?;
        let text = configuration(folder.path(), address, &portal, &database, &format!("{}\n{gateways}", wish.settings));
        fs::write(folder.path().join("certhall.toml"), text)?;
        let reviewer = add_account(folder.path(), "anna", &["reviewer"]).await?;
        let maker = add_account(folder.path(), "mark", &["maker"]).await?;
        let mut stack = Self {
            backend: None,
            front,
            _sandbox: sandbox,
            address,
            portal,
            cast: outside.cast().await?,
            outside,
            reviewer,
            maker,
            database: Database::at(&database),
            folder,
        };
        stack.start_backend().await?;
        Ok(stack)
    }

    /// Starts the backend, again after [`Stack::stop_backend`].
    pub async fn start_backend(&mut self) -> Result<()> {
        let mut serve = certhall(self.folder.path())?;
        let log = self.folder.path().join("backend.log");
        let mut backend = Program::start("backend", serve.arg("serve"), &log)?;
        backend.listens(self.address).await?;
        self.backend = Some(backend);
        Ok(())
    }

    /// Ends the backend.
    pub fn stop_backend(&mut self) {
        self.backend = None;
    }

    /// Cuts the hall off from its visitors, or connects it again; only one behind TLS.
    pub fn set_reachable(&self, reachable: bool) -> Result<()> {
        self.front.as_ref().context("the hall has no front")?.set_open(reachable);
        Ok(())
    }

    /// Changes a text in the channel's profile, and starts the backend with it.
    pub async fn change_profile(&mut self, from: &str, to: &str) -> Result<()> {
        change_profile(&self.folder.path().join("channels"), from, to)?;
        self.stop_backend();
        self.start_backend().await
    }

    /// What the backend has logged since it was started.
    pub fn backend_log(&self) -> String {
        self.backend.as_ref().map(Program::log).unwrap_or_default()
    }

    /// A company and its people.
    pub fn unit(&self, number: usize) -> Result<Unit> {
        self.cast.unit(number)
    }

    /// A fresh browser in the hall.
    pub fn applicant(&self) -> Result<Applicant> {
        Applicant::new(&self.portal, &self.outside)
    }

    /// The reviewer, logged in.
    pub async fn reviewer(&self) -> Result<Clerk> {
        Clerk::logs_in(&self.portal, &self.reviewer).await
    }

    /// The maker, logged in.
    pub async fn maker(&self) -> Result<Clerk> {
        Clerk::logs_in(&self.portal, &self.maker).await
    }

    /// Another account.
    pub async fn account(&self, name: &str, roles: &[&str]) -> Result<Account> {
        add_account(self.folder.path(), name, roles).await
    }

    /// The CA's root and issuing certificate.
    pub fn authority(&self) -> Result<(PathBuf, PathBuf)> {
        let folder = self.folder.path().join("data/ca");
        let (root, issuing) = (folder.join("root.crt"), folder.join("issuing.crt"));
        ensure!(root.is_file() && issuing.is_file(), "no CA certificates in {}", folder.display());
        Ok((root, issuing))
    }

    /// Everything that was written down happens to be that much older: the stand-in for waiting.
    pub async fn let_time_pass(&self, time: Duration) -> Result<()> {
        self.database.age(time).await
    }

    /// Nobody at the desk has done anything for that time.
    pub async fn let_staff_idle(&self, time: Duration) -> Result<()> {
        self.database.idle_staff(time).await
    }

    /// Every session at the desk ends for good after that time.
    pub async fn let_staff_end_in(&self, time: Duration) -> Result<()> {
        self.database.end_staff_in(time).await
    }

    /// How many sessions applicants have begun.
    pub async fn sessions(&self) -> Result<i64> {
        self.database.sessions().await
    }

    /// So many completed orders from long ago beside this one.
    pub async fn add_old_orders(&self, number: &str, count: u32) -> Result<()> {
        self.database.add_old_orders(number, count).await
    }

    /// A maker's computer with a blank key in its reader.
    pub async fn workplace(&self, port: Port) -> Result<Workplace> {
        let reader = tokio::task::spawn_blocking(VirtualReader::start).await??;
        let key = bridge_key(self.folder.path()).await?;
        let config = self.folder.path().join("bridge.toml");
        let text = format!(
            "phrase = \"清风 明月 石桥\"\n[[portals]]\nname = \"证书大厅\"\norigin = \"{}\"\nkeys = [\"{key}\"]\n",
            self.portal
        );
        fs::write(&config, text)?;
        let mut command = ours("certhall-bridge", "certhall-bridge")?;
        let (name, value) = reader.env();
        command.env(name, value).arg("--config").arg(&config);
        command.arg("--state").arg(self.folder.path().join("bridge"));
        match port {
            Port::Any => command.args(["--port", "0"]),
            Port::Known => &mut command,
        };
        let mut bridge = Program::start("bridge", &command, &self.folder.path().join("bridge.log"))?;
        let address = bridge.says("certhall-bridge listens on ").await?;
        let port =
            address.rsplit(':').next().and_then(|port| port.parse().ok()).context("the bridge names its port")?;
        Ok(Workplace { bridge, reader, port, phrase: "清风 明月 石桥".to_owned() })
    }
}

impl Workplace {
    /// The maker's page at this computer, in session with the bridge.
    pub async fn desk(&self, maker: &Clerk) -> Result<Desk> {
        Desk::open(self.port, maker).await.with_context(|| self.bridge.log())
    }

    /// What the bridge has logged.
    pub fn bridge_log(&self) -> String {
        self.bridge.log()
    }
}

fn certhall(folder: &Path) -> Result<Command> {
    let mut command = ours("certhall", "certhall-backend")?;
    command.arg("--config").arg(folder.join("certhall.toml"));
    Ok(command)
}

fn configuration(folder: &Path, address: SocketAddr, portal: &str, database: &Path, gateways: &str) -> String {
    format!(
        "listen = \"{address}\"\npublic_url = \"{portal}\"\ndatabase_url = \"sqlite:{}\"\ndata_dir = \"{}\"\n\
         channels_dir = \"{}\"\npage_dir = \"{}\"\n\n{gateways}",
        database.display(),
        folder.join("data").display(),
        folder.join("channels").display(),
        folder.join("page").display(),
    )
}

/// The page that was built last: by `cargo xtask build-page`, with or without `--dev`.
pub fn page_folder() -> Result<PathBuf> {
    let target = target_folder()?;
    let target = target.parent().context("the target folder has a parent")?;
    let built = |name: &str| {
        let folder = target.join(name);
        let made = |program: &str| fs::metadata(folder.join(program).join("manifest.json")).and_then(|m| m.modified());
        let made: std::io::Result<Vec<_>> =
            ["hall", "application", "orders", "staff", "kiosk", "embed"].into_iter().map(made).collect();
        Some((made.ok()?.into_iter().min()?, folder))
    };
    let newest = ["page", "page-dev"].into_iter().filter_map(built).max();
    let (_, folder) = newest.context("the page is not built: run `cargo xtask build-page`")?;
    Ok(folder)
}

pub(crate) async fn add_account(folder: &Path, name: &str, roles: &[&str]) -> Result<Account> {
    let password = format!("{name}-password-2026");
    let mut command = certhall(folder)?;
    command.args(["staff", "add", "--name", name, "--channel", "nanning"]);
    for role in roles {
        command.args(["--role", role]);
    }
    let typed = password.clone();
    let output = tokio::task::spawn_blocking(move || {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            writeln!(stdin, "{typed}")?;
        }
        child.wait_with_output()
    })
    .await??;
    let said = String::from_utf8_lossy(&output.stdout);
    ensure!(output.status.success(), "staff add: {said}{}", String::from_utf8_lossy(&output.stderr));
    let address = said.split_whitespace().find(|word| word.starts_with("otpauth://"));
    Ok(Account::new(name, &password, Authenticator::scan(address.context("staff add prints no otpauth address")?)?))
}

/// The public key that the backend signs tickets with, as it is handed to those who install bridges.
async fn bridge_key(folder: &Path) -> Result<String> {
    let mut command = certhall(folder)?;
    command.arg("bridge-key");
    let output = tokio::task::spawn_blocking(move || command.output()).await??;
    ensure!(output.status.success(), "bridge-key: {}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

fn change_profile(channels: &Path, from: &str, to: &str) -> Result<()> {
    let file = channels.join("nanning/profile.toml");
    let text = fs::read_to_string(&file)?;
    ensure!(text.contains(from), "{} has no {from:?}", file.display());
    Ok(fs::write(&file, text.replacen(from, to, 1))?)
}

/// A copy of the page, so that a build beside the test takes nothing away from under it.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
