//! A PostgreSQL of the run's own: on a small disk, broken off and started again at will.

use std::net::TcpListener;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _};
use tokio::process::Command;

use crate::disk::Disk;

/// A server. Its crash safety is not on trial: what it has answered survives its processes, not the machine.
const OPTIONS: &str = "-c fsync=off -c full_page_writes=off -c max_connections=60 -c max_wal_size=96MB \
    -c shared_buffers=32MB -c autovacuum=off -c log_min_messages=fatal";

/// A running server; stopped when dropped.
#[derive(Debug)]
pub struct Postgres {
    programs: PathBuf,
    /// Where its files are.
    pub disk: Disk,
    port: u16,
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
        let server = Self { programs, disk: Disk::at(folder, 512)?, port };
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

    /// Starts it, if it does not run.
    pub async fn up(&self) -> Result<()> {
        let running = self.program("pg_ctl").arg("--pgdata").arg(self.cluster()).arg("status").output().await?;
        if running.status.success() {
            return Ok(());
        }
        let options = format!(
            "-c listen_addresses=127.0.0.1 -c port={} -c unix_socket_directories={} {OPTIONS}",
            self.port,
            self.disk.folder().display()
        );
        let mut start = self.program("pg_ctl");
        start.arg("--pgdata").arg(self.cluster()).arg("--log").arg(self.disk.folder().join("server.log"));
        run(start.args(["--wait", "--options", &options, "start"])).await
    }

    /// Breaks it off as a power cut would.
    pub async fn down(&self) -> Result<()> {
        let mut stop = self.program("pg_ctl");
        run(stop.arg("--pgdata").arg(self.cluster()).args(["--wait", "--mode", "immediate", "stop"])).await
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
        let cluster = self.cluster();
        let mut stop = self.program("pg_ctl");
        stop.arg("--pgdata").arg(cluster).args(["--wait", "--mode", "immediate", "stop"]);
        if let Err(error) = stop.as_std_mut().output() {
            eprintln!("PostgreSQL of the run did not stop: {error:#}");
        }
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
