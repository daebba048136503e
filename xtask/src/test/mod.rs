//! `cargo xtask test`: everything that must hold, in one run. Goes on after a failure, to find them all.

pub mod browser;
mod count;
mod postgres;
mod words;

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::malformed;
use crate::package;
use crate::page;
use crate::place::Place;
use crate::setup;
use crate::soak;
use crate::step::{self, Stopwatch};
use count::{Count, Runner};
pub use postgres::Postgres;

/// What became of a step.
struct Outcome {
    name: &'static str,
    seconds: f64,
    count: Option<Count>,
    failed: bool,
}

/// A run of all steps.
struct Run<'a> {
    place: &'a Place,
    outcomes: Vec<Outcome>,
}

/// Runs everything; `true` when nothing failed. The last line is `N passed, N failed`.
pub fn run(place: &Place) -> bool {
    let watch = Stopwatch::start();
    let mut run = Run { place, outcomes: Vec::new() };
    run.check("set-up", |_| setup::run(place, setup::For::Tests));
    run.cargo("format", &["fmt", "--all", "--check"]);
    run.cargo("clippy", &["clippy", "--workspace", "--all-targets", "--keep-going", "--", "-D", "warnings"]);
    run.cargo(
        "clippy of the page",
        &[
            "clippy",
            "-p",
            "certhall-frontend",
            "--lib",
            "--bins",
            "--target",
            "wasm32-unknown-unknown",
            "--",
            "-D",
            "warnings",
        ],
    );
    run.cargo("bans, licences, sources", &["deny", "--locked", "check", "bans", "licenses", "sources"]);
    run.cargo("unused dependencies", &["machete"]);
    run.check("no channel in code", |_| words::no_channel_in_code(place));
    run.cargo("build", &["build", "--workspace", "--all-targets", "--locked"]);
    run.check("page", |_| page::build(place, page::Build::Release));
    run.check("page weight", |_| page::weigh(place, page::Table::Compare));
    run.check("page by trunk", |log| page::trunk::check(place, log));
    run.check("Debian package", |log| package::test(place, log));

    let postgres = run.check("start PostgreSQL", |log| Postgres::start(place, log));
    let mut nextest = place.command("cargo");
    nextest.args(["nextest", "run", "--workspace", "--locked", "--no-fail-fast"]);
    nextest.args(["--config-file", ".ci/nextest.toml", "--filterset", "not binary(browser)"]);
    if let Some(postgres) = &postgres {
        nextest.env("CERTHALL_TEST_POSTGRES", postgres.url());
    }
    run.tests("tests", Runner::Nextest, &mut nextest);
    drop(postgres);
    run.tests(
        "examples in the documentation",
        Runner::Libtest,
        place.command("cargo").args(["test", "--workspace", "--doc"]),
    );
    let (vectors, aliyun) = (place.target.join("alipay-vectors.json"), place.target.join("aliyun-vectors.json"));
    run.check("what the oracles judge", |_| {
        let example = place.target.join("debug/examples/alipay_vectors");
        fs::write(&vectors, step::output(&mut place.command(example))?)?;
        let example = place.target.join("debug/examples/aliyun_vectors");
        Ok(fs::write(&aliyun, step::output(&mut place.command(example))?)?)
    });
    let mut oracles = place.command(place.venv().join("bin/python"));
    oracles.arg("e2e/oracles/run.py").arg("--sandbox").arg(place.target.join("debug/certhall-sandbox"));
    run.tests("oracles", Runner::Oracles, oracles.arg("--vectors").arg(&vectors).arg("--aliyun-vectors").arg(&aliyun));
    if run.check("build for kills", |log| soak::build(place, log)).is_some() {
        run.tests("kills and faults", Runner::Oracles, &mut soak::short(place));
        run.tests("planted bugs are found", Runner::Oracles, &mut soak::plants(place));
    }
    run.tests("malformed requests", Runner::Oracles, &mut malformed::command(place, malformed::SOME));
    for (name, engine, features) in [
        ("browser Chromium", "chromium", browser::ALL),
        ("browser Firefox", "firefox", browser::MAIN_LINE),
        ("browser WebKitGTK", "webkit", browser::MAIN_LINE),
    ] {
        run.tests(name, Runner::Cucumber, &mut browser::command(place, engine, features));
    }
    run.sum_up(watch)
}

impl Run<'_> {
    /// A step that is done here.
    fn check<T>(&mut self, name: &'static str, work: impl FnOnce(&PathBuf) -> Result<T>) -> Option<T> {
        let watch = Stopwatch::start();
        println!("\n==> {name}");
        let log = self.place.log(&format!("test/{}", name.replace([' ', ','], "-")));
        let result = log.and_then(|log| {
            fs::write(&log, "")?;
            work(&log)
        });
        self.note(name, watch, None, result)
    }

    /// A step that cargo does.
    fn cargo(&mut self, name: &'static str, words: &[&str]) {
        let mut cargo = self.place.command("cargo");
        cargo.args(words);
        self.command(name, &mut cargo);
    }

    /// A step that a program does.
    fn command(&mut self, name: &'static str, command: &mut Command) {
        self.check(name, |log| step::run(command, log));
    }

    /// A step that is a test runner. One that ends well without a single test has failed.
    fn tests(&mut self, name: &'static str, runner: Runner, command: &mut Command) {
        let watch = Stopwatch::start();
        println!("\n==> {name}");
        let mut count = None;
        let result = self.place.log(&format!("test/{}", name.replace(' ', "-"))).and_then(|log| {
            fs::write(&log, "")?;
            let result = step::run(command.env("NO_COLOR", "1").env("CARGO_TERM_COLOR", "never"), &log);
            count = runner.count(&String::from_utf8_lossy(&fs::read(&log)?));
            result?;
            count.with_context(|| format!("the end of {} does not say how many tests ran", log.display()))?;
            Ok(())
        });
        self.note(name, watch, count, result);
    }

    fn note<T>(&mut self, name: &'static str, watch: Stopwatch, count: Option<Count>, result: Result<T>) -> Option<T> {
        let seconds = watch.elapsed().as_secs_f64();
        match &result {
            Ok(_) => println!("    ok, {seconds:.1} s"),
            Err(error) => println!("    FAILED after {seconds:.1} s: {error:#}"),
        }
        self.outcomes.push(Outcome { name, seconds, count, failed: result.is_err() });
        result.ok()
    }

    /// Prints every step and the sum of all tests; a step that failed without a failed test counts as one.
    fn sum_up(&self, watch: Stopwatch) -> bool {
        let mut sum = Count::default();
        println!("\n==> summary ({:.0} s)", watch.elapsed().as_secs_f64());
        for Outcome { name, seconds, count, failed } in &self.outcomes {
            let tests =
                count.map_or(String::new(), |count| format!("  {} passed, {} failed", count.passed, count.failed));
            println!("    {:6} {seconds:7.1} s  {name}{tests}", if *failed { "FAILED" } else { "ok" });
            let count = count.unwrap_or_default();
            sum += count;
            if *failed && count.failed == 0 {
                sum.failed += 1;
            }
        }
        println!("{} passed, {} failed", sum.passed, sum.failed);
        sum.failed == 0
    }
}
