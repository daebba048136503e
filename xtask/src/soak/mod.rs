//! `cargo xtask soak`: the hall killed again and again while it works (docs/RELIABILITY.md).

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::fuzz;
use crate::malformed;
use crate::page;
use crate::place::Place;
use crate::step;
use crate::test::browser;

/// Kills on each database in `cargo xtask test`: more than forty together.
const KILLS: &str = "22";

/// The run without words: more than five thousand kills over both databases.
const WHOLE: [&str; 6] = ["--kills", "2600", "--per-round", "50", "--seed", "2027"];
/// Seconds that it fuzzes, all parsers together.
const FUZZED: u64 = 3600;

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
    page::build(place, page::Build::Dev)?;
    let whole = words.is_empty();
    let status = program(place, if whole { &WHOLE } else { words }).status().context("start certhall-soak")?;
    if !whole {
        return Ok(status.success());
    }
    // The whole run is every kind of trouble: a hall that is killed, one that is asked nonsense, parsers that read noise,
    // and each browser's own ways.
    let sound = malformed::run(place, malformed::MANY)?;
    fuzz::run(place, FUZZED)?;
    Ok(browser::everywhere(place)? && sound && status.success())
}
