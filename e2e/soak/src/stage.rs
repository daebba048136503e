//! Where one round is played: a fresh database, a fresh outside world, the backend and its staff, on this machine.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use e2e::ports::take_address;
use e2e::program::{ours, root};
use e2e::stack::page_folder;
use e2e::totp::Authenticator;
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};

use crate::backend::Backend;
use crate::clock::Clock;
use crate::disk::Disk;
use crate::hall::Hall;
use crate::postgres::Postgres;
use crate::sandbox::Control;
use crate::staff::Account;

/// Which database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Engine {
    /// Embedded.
    Sqlite,
    /// A server.
    Postgres,
}

impl Engine {
    /// As the command line and the tables say it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}

/// What rounds of one engine share: keys and papers of the outside world, the database server.
pub struct House {
    folder: PathBuf,
    /// Which database.
    pub engine: Engine,
    /// The server, where there is one.
    pub postgres: Option<Postgres>,
}

impl House {
    /// Opens a house in a folder.
    pub async fn open(folder: &Path, engine: Engine) -> Result<Self> {
        // What a change of the checkout beside the run would take away under it.
        copy(&root().join("backend/channels"), &folder.join("channels"))?;
        bare_page(&folder.join("page"))?;
        let postgres = match engine {
            Engine::Sqlite => None,
            Engine::Postgres => Some(Postgres::start(&folder.join("postgres")).await?),
        };
        Ok(Self { folder: folder.to_owned(), engine, postgres })
    }
}

/// A round's stage. Fields are dropped in this order: who asks ends before who answers.
#[derive(Debug)]
pub struct Stage {
    /// The backend.
    pub backend: Backend,
    /// The outside world's process, to be stopped and continued.
    sandbox: Child,
    /// Data and, for SQLite, the database.
    pub disk: Disk,
    /// The hall's address.
    pub portal: String,
    /// The outside world.
    pub control: Control,
    /// The outside world as the end-to-end tests see it.
    pub outside: e2e::outside::Outside,
    /// Where the backend is steered.
    pub faults: PathBuf,
    /// The database's address.
    pub database: String,
    accounts: Option<(Account, Account)>,
    name: String,
}

impl Stage {
    /// Sets it up; the backend does not run yet.
    pub async fn set(house: &House, round: u64, plant: Option<&str>) -> Result<Self> {
        let name = format!("round{round}");
        let folder = house.folder.join(&name);
        fs::create_dir_all(&folder)?;
        let address = take_address()?;
        let portal = format!("http://{address}");
        let state = house.folder.join("sandbox");
        let (sandbox, base) = start_sandbox(&state, &portal, &folder.join("sandbox.log")).await?;
        let control = Control::at(&base)?;

        let disk = Disk::at(&folder.join("disk"), 96)?;
        let database = match &house.postgres {
            None => format!("sqlite:{}", disk.folder().join("hall.db").display()),
            Some(server) => {
                server.create(&name).await?;
                server.url(&name)
            }
        };
        let faults = folder.join("faults");
        fs::create_dir_all(&faults)?;
        let config = folder.join("certhall.toml");
        let text = format!(
            "listen = \"{address}\"\npublic_url = \"{portal}\"\ndatabase_url = \"{database}\"\ndata_dir = \"{}\"\n\
             channels_dir = \"{}\"\npage_dir = \"{}\"\n\n[gate]\nwork_bits = 8\n\n{}",
            disk.folder().join("data").display(),
            house.folder.join("channels").display(),
            house.folder.join("page").display(),
            fs::read_to_string(state.join("backend.toml"))?,
        );
        fs::write(&config, text)?;
        // Providers that hang are given up sooner than in service, so that a run sees many of them.
        let mut environment: Vec<(String, String)> = ["SMS", "ELEMENTS", "ALIPAY"]
            .into_iter()
            .map(|service| (format!("CERTHALL_GATEWAYS__{service}__TIMEOUTS__TOTAL_MS"), "1200".to_owned()))
            .chain(
                ["SMS", "ELEMENTS", "ALIPAY"]
                    .into_iter()
                    .map(|service| (format!("CERTHALL_GATEWAYS__{service}__TIMEOUTS__CONNECT_MS"), "500".to_owned())),
            )
            .collect();
        environment.push(("CERTHALL_FAULT_DIR".to_owned(), faults.display().to_string()));
        environment.push(("RUST_LOG".to_owned(), "info,sqlx=off".to_owned()));
        if let Some(plant) = plant {
            environment.push(("CERTHALL_PLANT".to_owned(), plant.to_owned()));
        }
        let program = program("certhall-faults")?;
        let mut backend = Backend::new(program, config, address, &folder.join("backend.log"), environment);
        let reviewer = add_account(&backend, "anna", "reviewer").await?;
        let maker = add_account(&backend, "mark", "maker").await?;
        // The providers are reached without TLS; reading a hundred roots at each start is time that no kill needs.
        backend.trust_only(&disk.folder().join("data/ca/root.crt"));
        Ok(Self {
            backend,
            sandbox,
            disk,
            portal,
            outside: e2e::outside::Outside::at(&base)?,
            control,
            faults,
            database,
            accounts: Some((reviewer, maker)),
            name,
        })
    }

    /// The hall as its clients see it; asked for once.
    pub fn open(&mut self, clock: Rc<Clock>) -> Result<Hall> {
        let (reviewer, maker) = self.accounts.take().context("the hall is open already")?;
        Ok(Hall::new(&self.portal, self.control.clone(), self.outside.clone(), clock, reviewer, maker))
    }

    /// Freezes the outside world (`true`) or lets it go on: every provider is silent at once.
    pub fn freeze(&self, still: bool) -> Result<()> {
        let pid = self.sandbox.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        let signal = if still { Signal::STOP } else { Signal::CONT };
        Ok(kill_process(pid.context("the outside world has ended")?, signal)?)
    }

    /// Takes it down; the round's logs stay if `keep`.
    pub async fn strike(mut self, house: &House, keep: bool) -> Result<()> {
        self.backend.kill().await?;
        if let Some(server) = &house.postgres {
            server.up().await?;
            server.discard(&self.name).await?;
        }
        let folder = house.folder.join(&self.name);
        drop(self);
        if !keep {
            fs::remove_dir_all(folder)?;
        }
        Ok(())
    }
}

/// Starts the outside world and gives its address. It ends with this program, however that ends.
async fn start_sandbox(state: &Path, portal: &str, log: &Path) -> Result<(Child, String)> {
    let file = File::create(log)?;
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL", "--"]).arg(ours("certhall-sandbox", "certhall-sandbox")?.get_program());
    command.args(["--fleeting", "--listen", "127.0.0.1:0", "--state"]).arg(state);
    command.args(["--notify-url", &format!("{portal}/api/notify/alipay")]).env("RUST_LOG", "warn");
    command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file).kill_on_drop(true);
    let child = command.spawn().context("start the outside world")?;
    for _ in 0..1_200 {
        let said = fs::read_to_string(log)?;
        // It is ready when it has said where its configuration is.
        if let (Some((_, rest)), true) = (said.split_once("sandbox on "), said.contains("configuration for the hall: "))
        {
            return Ok((child, rest.lines().next().unwrap_or_default().trim().to_owned()));
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    bail!("the outside world does not start:\n{}", fs::read_to_string(log)?)
}

/// The built page's manifests with empty style sheets: nobody looks at it here, and starts are many.
fn bare_page(folder: &Path) -> Result<()> {
    for program in fs::read_dir(page_folder()?)? {
        let program = program?;
        let Ok(manifest) = fs::read_to_string(program.path().join("manifest.json")) else { continue };
        let bare = folder.join(program.file_name());
        fs::create_dir_all(&bare)?;
        let parts: serde_json::Value = serde_json::from_str(&manifest)?;
        if let Some(style) = parts.pointer("/css/file").and_then(serde_json::Value::as_str) {
            fs::write(bare.join(style), "a{}")?;
        }
        fs::write(bare.join("manifest.json"), manifest)?;
    }
    Ok(())
}

/// A folder with everything below it.
fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| from.display().to_string())? {
        let (entry, target) = entry.map(|entry| (entry.path(), to.join(entry.file_name())))?;
        if entry.is_dir() {
            copy(&entry, &target)?;
        } else {
            fs::copy(&entry, &target)?;
        }
    }
    Ok(())
}

fn program(name: &str) -> Result<PathBuf> {
    Ok(PathBuf::from(ours(name, "certhall-backend --features fault-points")?.get_program()))
}

async fn add_account(backend: &Backend, name: &str, role: &str) -> Result<Account> {
    let password = format!("{name}-password-2026");
    let mut command = backend.command(&["staff", "add", "--name", name, "--channel", "nanning", "--role", role]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        tokio::io::AsyncWriteExt::write_all(&mut stdin, format!("{password}\n").as_bytes()).await?;
    }
    let output = child.wait_with_output().await?;
    let said = String::from_utf8_lossy(&output.stdout);
    ensure!(output.status.success(), "staff add: {said}{}", String::from_utf8_lossy(&output.stderr));
    let address = said.split_whitespace().find(|word| word.starts_with("otpauth://"));
    let app = Authenticator::scan(address.context("staff add prints no otpauth address")?)?;
    Ok(Account::new(name, &password, app))
}
