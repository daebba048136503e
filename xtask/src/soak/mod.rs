//! `cargo xtask soak`: the hall killed again and again while it works (docs/RELIABILITY.md).

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::malformed;
use crate::place::Place;
use crate::step;

/// Kills on each database in `cargo xtask test`: more than forty together.
const KILLS: &str = "22";

/// Builds everything that the run needs: its own program, the outside world, and the backend with fault points under a
/// name of its own.
pub fn build(place: &Place, log: &Path) -> Result<()> {
    // The whole workspace is named so that nothing is compiled again with fewer features.
    let mut programs = place.command("cargo");
    programs.args(["build", "--locked", "--workspace", "--bin", "certhall-soak", "--bin", "certhall-sandbox"]);
    step::run(&mut programs, log)?;
    let mut backend = place.command("cargo");
    backend.args(["build", "--locked", "--workspace", "--features", "certhall-backend/fault-points"]);
    step::run(backend.args(["--bin", "certhall-faults"]), log)
}

/// A run with these words; the page must be built.
pub fn program(place: &Place, words: &[&str]) -> Command {
    let mut command = place.command(place.target.join("debug/certhall-soak"));
    command.args(words);
    command
}

/// The run of `cargo xtask test`.
pub fn short(place: &Place) -> Command {
    program(place, &["--kills", KILLS, "--per-round", KILLS, "--seed", "1"])
}

/// The checker on trial: three planted bugs.
pub fn plants(place: &Place) -> Command {
    program(place, &["--plants", "--seed", "1"])
}

/// `cargo xtask soak WORDS`. `false`: something was found.
pub fn run(place: &Place, words: &[&str]) -> Result<bool> {
    let log = place.log("soak")?;
    step::say("build", || build(place, &log))?;
    let status = program(place, words).status().context("start certhall-soak")?;
    // The whole run, without words, is both kinds of trouble: a hall that is killed, and one that is asked nonsense.
    let sound = if words.is_empty() { malformed::run(place, malformed::MANY)? } else { true };
    Ok(status.success() && sound)
}
