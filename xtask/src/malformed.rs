//! Malformed requests to a hall with orders in it (e2e/schemathesis; docs/OPERATIONS.md).

use std::process::Command;

use anyhow::{Context, Result};

use crate::place::Place;
use crate::step;

/// How many `cargo xtask soak` and `cargo xtask malformed` send.
pub const MANY: u32 = 10_000;
/// How many `cargo xtask test` sends.
pub const SOME: u32 = 1_200;

/// The run, the same one each time; programs, page and Python packages must be there.
pub fn command(place: &Place, requests: u32) -> Command {
    let mut command = place.command(place.target.join("debug/malformed"));
    command.arg("--python").arg(place.venv().join("bin/python"));
    command.args(["--requests", &requests.to_string(), "--seed", "1"]);
    command
}

/// Builds what it needs but the page, and runs it. `false`: something was found.
pub fn run(place: &Place, requests: u32) -> Result<bool> {
    let log = place.log("malformed")?;
    step::say("build", || {
        let mut cargo = place.command("cargo");
        // The whole workspace is named so that nothing is compiled again with fewer features.
        cargo.args(["build", "--locked", "--workspace"]);
        step::run(cargo.args(["--bin", "certhall", "--bin", "certhall-sandbox", "--bin", "malformed"]), &log)
    })?;
    Ok(command(place, requests).status().context("start malformed")?.success())
}
