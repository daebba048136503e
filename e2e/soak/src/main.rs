//! `certhall-soak`: many orders of the main line through a real backend that is killed again and again, and a checker
//! that holds it to every promise (docs/RELIABILITY.md).

mod applicant;
mod backend;
mod chance;
mod chaos;
mod checker;
mod clock;
mod disk;
mod hall;
mod journal;
mod key;
mod ledger;
mod papers;
mod plants;
mod points;
mod postgres;
mod report;
mod round;
mod sandbox;
mod staff;
mod stage;
mod tally;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, anyhow};
use clap::{Parser, ValueEnum};
use futures_util::future::try_join_all;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::LocalSet;

use crate::journal::Journal;
use crate::round::Plan;
use crate::stage::{Engine, House};
use crate::tally::Tally;

/// Kills the hall while it works, and checks that nothing is lost.
#[derive(Parser, Debug)]
#[command(version)]
struct Arguments {
    /// On which database.
    #[arg(long, value_enum, default_value = "both")]
    database: Databases,
    /// Kills on each database.
    #[arg(long, default_value_t = 40)]
    kills: u64,
    /// Kills a round; each round has a fresh database.
    #[arg(long, default_value_t = 40)]
    per_round: u64,
    /// Seed of the plan.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// No round begins after so many minutes.
    #[arg(long)]
    minutes: Option<u64>,
    /// Where rounds are played. Default: a temporary folder.
    #[arg(long)]
    folder: Option<PathBuf>,
    /// Rounds are written down here; those of the same seed that are there already are not played again.
    #[arg(long)]
    journal: Option<PathBuf>,
    /// Plants each bug instead, and fails unless the checker names it.
    #[arg(long)]
    plants: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Databases {
    Sqlite,
    Postgres,
    Both,
}

impl Databases {
    fn engines(self) -> &'static [Engine] {
        match self {
            Self::Sqlite => &[Engine::Sqlite],
            Self::Postgres => &[Engine::Postgres],
            Self::Both => &[Engine::Sqlite, Engine::Postgres],
        }
    }
}

// One thread: programs that are tied to the thread that started them live as long as the run.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    // Broken off, it still unmounts its disks and ends its programs.
    let ended = async {
        tokio::select! {
            ended = run(&arguments) => ended,
            stopped = stop_signal() => stopped.and_then(|()| Err(anyhow!("broken off"))),
        }
    };
    match LocalSet::new().run_until(ended).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:?}");
            ExitCode::FAILURE
        }
    }
}

/// Ready at the first SIGTERM or Ctrl-C.
async fn stop_signal() -> Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => Ok(interrupted?),
        _ = terminate.recv() => Ok(()),
    }
}

/// `true`: nothing was found, or with planted bugs: each was.
async fn run(arguments: &Arguments) -> Result<bool> {
    let temporary = tempfile::Builder::new().prefix("certhall-soak-").tempdir()?;
    // The user `postgres` must get through.
    std::fs::set_permissions(temporary.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
    let folder = arguments.folder.clone().unwrap_or_else(|| temporary.path().to_owned());
    if arguments.plants {
        return plants::found(&folder, arguments.seed).await;
    }
    let engines = arguments.database.engines();
    let runs = engines.iter().map(|engine| soak(arguments, folder.join(engine.name()), *engine));
    let tallies: Vec<_> = engines.iter().copied().zip(try_join_all(runs).await?).collect();
    print!("{}", report::table(&tallies));
    let sum = |count: fn(&Tally) -> u64| tallies.iter().map(|(_, tally)| count(tally)).sum::<u64>();
    let (rounds, failed) = (sum(|tally| tally.rounds), sum(|tally| tally.failed_rounds));
    println!("{} passed, {failed} failed", rounds - failed);
    Ok(failed == 0)
}

async fn soak(arguments: &Arguments, folder: PathBuf, engine: Engine) -> Result<Tally> {
    let began = clock::machine();
    let mut journal = Journal::open(arguments.journal.as_deref())?;
    let house = House::open(&folder, engine).await?;
    let mut sum = Tally::default();
    for number in 1.. {
        let late = arguments.minutes.is_some_and(|minutes| {
            clock::machine() - began > i64::try_from(minutes).unwrap_or(i64::MAX).saturating_mul(clock::MINUTE)
        });
        if sum.kills() >= arguments.kills || late {
            break;
        }
        if let Some(played) = journal.find(engine, arguments.seed, number) {
            sum.add(&played);
            continue;
        }
        let kills = arguments.per_round.min(arguments.kills - sum.kills());
        let seed = arguments.seed.wrapping_mul(1_000_003).wrapping_add(number);
        let plan = Plan { number, seed, kills, plant: None, weather: None };
        let (tally, findings) = round::play(&house, &plan, sum.kills_at.clone()).await?;
        println!("{}", report::line(engine, number, &tally));
        for violation in &findings.violations {
            println!("    VIOLATION {}: {}", violation.rule, violation.what);
        }
        journal.write(engine, arguments.seed, number, &tally)?;
        sum.add(&tally);
    }
    Ok(sum)
}
