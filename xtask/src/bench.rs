//! `cargo xtask bench`: figures beside peers, measured in one run on this machine.

use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::place::Place;
use crate::setup;
use crate::stand::{Addresses, Stand};
use crate::step::{self, say};
use crate::test::Postgres;
use crate::{page, stand};

/// The service on both databases (`e2e/bench`): `service` beside bare axum and sqlx, `million` among very many orders.
/// `words` go to the measuring program.
pub fn service(place: &Place, what: &str, words: &[&str]) -> Result<()> {
    prepare(place)?;
    let log = place.log("bench")?;
    let postgres = say("starting PostgreSQL", || Postgres::start_durable(place, &log))?;
    let release = place.target.join("release");
    let mut bench = place.command(release.join("certhall-bench"));
    bench.arg(what).arg("--backend").arg(release.join("certhall"));
    bench.arg("--sandbox").arg(release.join("certhall-sandbox"));
    bench
        .arg("--page")
        .arg(page::Build::Release.folder(place))
        .arg("--channels")
        .arg(place.root.join("backend/channels"));
    bench.args(["--postgres", &postgres.url()]).args(words);
    shown(&mut bench)
}

/// The form page beside Vue 3 + Element Plus, React + antd and static HTML (`e2e/bench/page`).
pub fn page(place: &Place) -> Result<()> {
    prepare(place)?;
    let folder = place.cache.join("bench");
    let stand = Stand::in_folder(place, folder.join("stand"), Addresses::free()?)?.released();
    let _outside = say("starting the outside world", || stand.start_sandbox())?;
    let _hall = say("starting the hall", || stand.start_backend())?;
    let mut run = place.command("bash");
    run.arg("e2e/bench/page/run.sh").arg(folder.join("page"));
    run.arg(format!("http://{}/nanning/new", stand.backend_address()));
    run.args(["#unitName", "#creditCode", ".wrong:not(:empty)"]);
    shown(&mut run)
}

/// Everything that is measured, built as it is shipped.
fn prepare(place: &Place) -> Result<()> {
    setup::run(place, setup::For::Tests)?;
    let log = place.log("bench-build")?;
    say("compiling the programs for release", || {
        let mut cargo = place.command("cargo");
        cargo.args(["build", "--locked", "--release", "--bins"]);
        for package in ["backend", "sandbox", "bench"] {
            cargo.args(["--package", &format!("certhall-{package}")]);
        }
        step::run(&mut cargo, &log)
    })?;
    say("compiling the programs that the page build needs", || stand::build_programs(place, &log))?;
    page::build(place, page::Build::Release)
}

/// Runs a program that talks to the terminal.
fn shown(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot start {}", command.get_program().display()))?;
    ensure!(status.success(), "{} ended with {status}", command.get_program().display());
    Ok(())
}
