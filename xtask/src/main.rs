//! The project's tasks: `cargo xtask demo`, `cargo xtask test` and the parts that they are made of.

mod bench;
mod demo;
mod fuzz;
mod malformed;
mod package;
mod page;
mod place;
mod setup;
mod soak;
mod stand;
mod step;
mod test;

use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use place::Place;

const USAGE: &str = "\
cargo xtask demo [--fresh]      everything on this machine, until Ctrl-C; --fresh forgets what was there
cargo xtask totp NAME           the demo's staff: a fresh code
cargo xtask setup               install what building and testing need; says what it does, safe to repeat
cargo xtask test                everything that must hold: checks, page, tests, browser
cargo xtask soak [WORDS]        the hall killed 5,200 times while it works, malformed requests, an hour of fuzzing (hours);
                                kills alone with words: --kills N --seed S --minutes M --database D
cargo xtask build-page [--dev]  build the page's programs (hall, orders, staff)
cargo xtask fuzz [SECONDS]      every parser that reads what strangers send, with sanitizer; 10 seconds together
cargo xtask malformed [N]       malformed requests to every route, 10000 of them or N
cargo xtask package [--debug]   the Debian package of backend and page, built and tried out; --debug packs what is built
cargo xtask bench service [WORDS] the service beside bare axum and sqlx; cargo xtask bench page: the form beside Vue and React
cargo xtask weigh [--write]     what the page weighs; --write puts the table into docs/PERFORMANCE.md
";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match run(&words) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            for cause in error.chain().skip(1) {
                eprintln!("  because: {cause}");
            }
            ExitCode::FAILURE
        }
    }
}

/// Does the task; `false` when it ran but found failures.
fn run(words: &[&str]) -> Result<bool> {
    let place = Place::find()?;
    match words {
        ["setup"] => setup::run(&place, setup::For::Tests)?,
        ["demo"] => demo::run(&place, false)?,
        ["demo", "--fresh"] => demo::run(&place, true)?,
        ["totp", name] => demo::print_code(&place, name)?,
        ["test"] => return Ok(test::run(&place)),
        ["soak", words @ ..] => return soak::run(&place, words),
        ["malformed"] => return malformed::run(&place, malformed::MANY),
        ["malformed", requests] => return malformed::run(&place, requests.parse().context("a number of requests")?),
        ["package"] => package::run(&place)?,
        ["package", "--debug"] => package::test(&place, &place.log("package")?)?,
        ["bench", what @ ("service" | "million"), words @ ..] => bench::service(&place, what, words)?,
        ["bench", "page"] => bench::page(&place)?,
        ["weigh"] => weigh(&place, page::Table::Compare)?,
        ["weigh", "--write"] => weigh(&place, page::Table::Write)?,
        ["build-page"] => page::build(&place, page::Build::Release)?,
        ["build-page", "--dev"] => page::build(&place, page::Build::Dev)?,
        ["fuzz"] => fuzz::run(&place, fuzz::SECONDS)?,
        ["fuzz", seconds] => fuzz::run(&place, seconds.parse().context("seconds")?)?,
        [] | ["help" | "--help" | "-h"] => print!("{USAGE}"),
        _ => bail!("unknown task `{}`\n\n{USAGE}", words.join(" ")),
    }
    Ok(true)
}

fn weigh(place: &Place, table: page::Table) -> Result<()> {
    stand::build_programs(place, &place.log("weigh")?)?;
    page::weigh(place, table)
}
