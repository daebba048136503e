//! A PostgreSQL of our own for the tests: in a folder of the cache, on a free port of loopback, gone afterwards.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::place::Place;
use crate::setup::matching;
use crate::step;

/// A running server; stopped when dropped.
#[derive(Debug)]
pub struct Postgres {
    place: Place,
    programs: PathBuf,
    data: PathBuf,
    port: u16,
    as_root: bool,
}

impl Postgres {
    /// Makes a fresh cluster and starts it; quick, because a crash of the machine would only lose a test.
    pub fn start(place: &Place, log: &Path) -> Result<Self> {
        Self::start_with(place, log, "-c fsync=off -c full_page_writes=off -c synchronous_commit=off")
    }

    /// One that writes to the disk before it answers, as in production: for measuring.
    pub fn start_durable(place: &Place, log: &Path) -> Result<Self> {
        Self::start_with(place, log, "-c fsync=on -c synchronous_commit=on")
    }

    fn start_with(place: &Place, log: &Path, settings: &str) -> Result<Self> {
        let programs = matching("/usr/lib/postgresql/*/bin").pop().context("PostgreSQL's programs are not there")?;
        let as_root = step::output(place.command("id").arg("-u"))?.trim() == "0";
        // Not in the cache: the user `postgres` can't enter root's home.
        let data = std::env::temp_dir().join(format!("certhall-postgres-{}", std::process::id()));
        let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let server = Self { place: place.clone(), programs, data, port, as_root };
        fs::create_dir_all(&server.data)?;
        if as_root {
            step::run(place.command("chown").arg("postgres").arg(&server.data), log)?;
        }
        let mut init = server.run("initdb");
        init.arg("--pgdata").arg(server.cluster()).args(["--username=postgres", "--auth=trust", "--encoding=UTF8"]);
        step::run(init.args(["--locale=C.UTF-8", "--no-sync"]), log)?;
        let options = format!(
            "-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={} \
             -c max_connections=300 {settings}",
            server.data.display()
        );
        let mut start = server.run("pg_ctl");
        start.arg("--pgdata").arg(server.cluster()).arg("--log").arg(server.data.join("server.log"));
        step::run(start.args(["--wait", "--options", &options, "start"]), log)?;
        Ok(server)
    }

    /// Where tests connect to, as a user who may create databases.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    fn cluster(&self) -> PathBuf {
        self.data.join("cluster")
    }

    fn run(&self, program: &str) -> Command {
        let program = self.programs.join(program);
        let mut command = if self.as_root {
            let mut command = self.place.command("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        } else {
            self.place.command(program)
        };
        command.current_dir("/");
        command
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let mut stop = self.run("pg_ctl");
        stop.arg("--pgdata").arg(self.cluster()).args(["--wait", "--mode", "immediate", "stop"]);
        if let Err(error) = step::output(&mut stop) {
            eprintln!("PostgreSQL of the tests did not stop: {error:#}");
        }
        if let Err(error) = fs::remove_dir_all(&self.data) {
            eprintln!("{} stays behind: {error}", self.data.display());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Postgres;
    use crate::place::Place;

    #[test]
    fn a_server_answers_and_leaves_nothing_behind() {
        let place = Place::find().unwrap();
        let log = std::env::temp_dir().join(format!("certhall-postgres-{}.log", std::process::id()));
        let server = Postgres::start(&place, &log).unwrap();
        let data = server.data.clone();
        let psql = server.run("psql").args([&server.url(), "-Atc", "select 6 * 7"]).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&psql.stdout), "42\n");
        drop(server);
        assert!(!data.exists());
        std::fs::remove_file(log).unwrap();
    }
}
