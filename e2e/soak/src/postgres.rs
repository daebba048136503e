//! A PostgreSQL of the run's own: on a small disk, broken off and started again at will.

use std::cell::Cell;
use std::fs::File;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use rustix::process::{Pid, Signal, kill_process};
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _};
use tokio::process::{Child, Command};

use crate::disk::Disk;

/// A server. Its crash safety is not on trial: what it has answered survives its processes, not the machine.
const OPTIONS: [&str; 7] = [
    "fsync=off",
    "full_page_writes=off",
    "max_connections=60",
    "max_wal_size=96MB",
    "shared_buffers=32MB",
    "autovacuum=off",
    "log_min_messages=fatal",
];

/// A running server; stopped when dropped.
pub struct Postgres {
    programs: PathBuf,
    /// Where its files are.
    pub disk: Disk,
    port: u16,
    process: Cell<Option<Child>>,
}

impl Postgres {
    /// Makes a fresh cluster on a disk of its own and starts it.
    pub async fn start(folder: &Path) -> Result<Self> {
        let programs = std::fs::read_dir("/usr/lib/postgresql")
            .context("PostgreSQL is not installed")?
            .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
            .filter(|folder| folder.join("pg_ctl").is_file())
            .max()
            .context("PostgreSQL's programs are not there")?;
        let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let server = Self { programs, disk: Disk::at(folder, 512)?, port, process: Cell::new(None) };
        if is_root() {
            run(Command::new("chown").arg("postgres").arg(folder)).await?;
        }
        let mut init = server.program("initdb");
        init.arg("--pgdata").arg(server.cluster()).args(["--username=postgres", "--auth=trust", "--encoding=UTF8"]);
        run(init.args(["--locale=C.UTF-8", "--no-sync"])).await?;
        server.up().await?;
        Ok(server)
    }

    fn cluster(&self) -> PathBuf {
        self.disk.folder().join("cluster")
    }

    fn program(&self, name: &str) -> Command {
        let program = self.programs.join(name);
        let mut command = if is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.current_dir("/");
        command
    }

    /// Starts it, if it does not run, and waits until it takes connections.
    pub async fn up(&self) -> Result<()> {
        for _ in 0..1_200 {
            let mut process = self.process.take();
            let runs = match &mut process {
                Some(process) => process.try_wait()?.is_none(),
                None => false,
            };
            self.process.set(match process.filter(|_| runs) {
                Some(process) => Some(process),
                None => Some(self.spawn()?),
            });
            if PgConnection::connect(&self.url("postgres")).await.is_ok() {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        bail!("PostgreSQL takes no connections:\n{}", std::fs::read_to_string(self.disk.folder().join("server.log"))?)
    }

    /// The server itself, as its own user; it ends with this program, however that ends.
    fn spawn(&self) -> Result<Child> {
        let log = File::options().create(true).append(true).open(self.disk.folder().join("server.log"))?;
        let mut server = Command::new("setpriv");
        if is_root() {
            server.args(["--reuid=postgres", "--regid=postgres", "--init-groups"]);
        }
        server.args(["--pdeathsig", "QUIT", "--"]).arg(self.programs.join("postgres")).arg("-D").arg(self.cluster());
        server.args(["-c", "listen_addresses=127.0.0.1", "-c", &format!("port={}", self.port)]);
        server.args(["-c", &format!("unix_socket_directories={}", self.disk.folder().display())]);
        for option in OPTIONS {
            server.args(["-c", option]);
        }
        server.current_dir("/").stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        server.spawn().context("start PostgreSQL")
    }

    /// Breaks it off as a power cut would.
    pub async fn down(&self) -> Result<()> {
        let Some(mut process) = self.process.take() else { return Ok(()) };
        if let Some(pid) = process.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw) {
            kill_process(pid, Signal::QUIT)?;
        }
        process.wait().await?;
        Ok(())
    }

    /// The address of a database.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    /// Makes a database.
    pub async fn create(&self, database: &str) -> Result<()> {
        self.tell(&format!("CREATE DATABASE {database}")).await
    }

    /// Drops a database with whoever is connected.
    pub async fn discard(&self, database: &str) -> Result<()> {
        self.tell(&format!("DROP DATABASE IF EXISTS {database} WITH (FORCE)")).await?;
        self.tell("CHECKPOINT").await
    }

    async fn tell(&self, what: &str) -> Result<()> {
        let mut connection = PgConnection::connect(&self.url("postgres")).await?;
        connection.execute(AssertSqlSafe(what.to_owned())).await?;
        connection.close().await?;
        Ok(())
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let Some(process) = self.process.take() else { return };
        let Some(pid) = process.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw) else { return };
        // Its processes hold files of the disk, which is unmounted next.
        let _ = kill_process(pid, Signal::QUIT);
        let _ = rustix::process::waitpid(Some(pid), rustix::process::WaitOptions::empty());
    }
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

async fn run(command: &mut Command) -> Result<()> {
    let output = command.stdin(std::process::Stdio::null()).output().await?;
    ensure!(
        output.status.success(),
        "{:?} ended with {}: {}{}",
        command.as_std().get_args().collect::<Vec<_>>(),
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(())
}
