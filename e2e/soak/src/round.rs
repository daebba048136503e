//! One round: clients work, the backend is killed and everything around it fails, then all heals, settles, and is checked.

use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use tokio::task::JoinSet;

use crate::applicant;
use crate::chance::Chance;
use crate::chaos::Chaos;
use crate::checker::{Database, Facts, Findings, check};
use crate::clock::{Clock, MINUTE, SECOND};
use crate::hall::Hall;
use crate::points::Points;
use crate::staff::{self, Desk};
use crate::stage::{House, Stage};
use crate::tally::Tally;

/// Applicants at once.
const APPLICANTS: u32 = 6;
/// Longer than any press of a client.
const GO_HOME: Duration = Duration::from_mins(2);
/// Looks at the outbox before it counts as stuck.
const LOOKS: u32 = 900;

/// What is to be done in a round.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Its number: names its folder and its database.
    pub number: u64,
    /// The seed of its plan.
    pub seed: u64,
    /// Kills.
    pub kills: u64,
    /// A planted bug.
    pub plant: Option<String>,
    /// A fault that comes in every life of the backend.
    pub weather: Option<serde_json::Value>,
}

/// Plays a round. `died_at`: how often the backend died at each fault point in earlier rounds.
pub async fn play(
    house: &House,
    plan: &Plan,
    died_at: std::collections::BTreeMap<String, u64>,
) -> Result<(Tally, Findings)> {
    let began = crate::clock::machine();
    let chance = Chance::of(plan.seed);
    let mut stage = Stage::set(house, plan.number, plan.plant.as_deref()).await?;
    if !stage.disk.is_small() && plan.number == 1 {
        println!("{}: no disk may be mounted here, so a full disk is NOT tried", house.engine.name());
    }
    let clock = Rc::new(Clock::new(&stage.faults, stage.control.clone()));
    let hall = Rc::new(stage.open(clock.clone())?);
    let mut clients = JoinSet::new();
    for number in 0..APPLICANTS {
        clients.spawn_local(applicant::come(hall.clone(), chance.fork(), number, APPLICANTS));
    }
    for desk in [Desk::Review, Desk::Review, Desk::Making, Desk::Making] {
        clients.spawn_local(staff::work(hall.clone(), chance.fork(), desk));
    }
    let points = Points::new(&stage.faults, died_at);
    let mut chaos = Chaos {
        house,
        hall: &hall,
        stage: &mut stage,
        clock: &clock,
        chance: chance.fork(),
        points,
        tally: Tally::default(),
        weather: plan.weather.clone(),
    };
    while chaos.tally.kills() < plan.kills {
        chaos.life().await?;
    }
    chaos.heal().await?;
    let mut tally = chaos.tally;
    // Those under way come to an end in peace, for a while; the others go home where they stand.
    hall.close_orders();
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    hall.close();
    let gone = tokio::time::timeout(GO_HOME, async { while clients.join_next().await.is_some() {} });
    gone.await.context("a client never goes home")?;

    settle(&stage, &clock).await?;
    // Every unpaid order's deadline passes.
    clock.reach(clock.now() + 25 * 60 * MINUTE).await?;
    settle(&stage, &clock).await?;
    let mut findings = Findings::default();
    reads_back(&hall, &mut findings).await?;
    settle(&stage, &clock).await?;
    // Nothing moves while it is looked at.
    stage.backend.kill().await?;
    let papers = stage.disk.folder().join("data/documents");
    let facts = Facts::read(&stage.database, &stage.control, clock.now(), &papers).await?;
    check(&facts, &hall.ledger, &mut findings);
    for line in stage.backend.errors() {
        findings.broken("the backend panicked", line);
    }
    sum_up(&mut tally, &facts, &hall, &findings, &stage);
    tally.seconds = f64::from(u32::try_from((crate::clock::machine() - began) / 1_000).unwrap_or(u32::MAX)) / 1_000.0;
    let keep = !findings.violations.is_empty();
    stage.strike(house, keep).await?;
    Ok((tally, findings))
}

/// Waits until no job is due, and puts the clock forward to whatever only waits for it.
async fn settle(stage: &Stage, clock: &Clock) -> Result<()> {
    let mut quiet = 0;
    for _ in 0..LOOKS {
        let rows = Database::open(&stage.database)
            .await?
            .rows("SELECT state, run_at, lease_until, attempts FROM outbox WHERE state IN ('ready', 'running', 'sending')")
            .await?;
        // One that has not failed and lies ahead is no arrears: a deadline, a look at an open trade.
        let arrears = rows.iter().filter(|job| {
            job.text("state") != "ready" || job.int("attempts") > 0 || job.int("run_at") <= clock.now() + SECOND
        });
        let next = arrears
            .map(|job| if job.text("state") == "ready" { job.int("run_at") } else { job.int("lease_until") })
            .min();
        match next {
            None => {
                quiet += 1;
                if quiet > 2 {
                    return Ok(());
                }
            }
            Some(at) => {
                quiet = 0;
                // A job in a living worker's hands ends before its lease does: only wait for it in real time first.
                let ahead = at - clock.now();
                if ahead > 0 {
                    tokio::time::sleep(Duration::from_millis(150)).await;
                    let stride = ahead.min(20 * SECOND);
                    clock.reach(clock.now() + stride).await?;
                }
            }
        }
        tokio::time::sleep(Duration::from_millis(150)).await;
    }
    bail!("the outbox does not come to rest:\n{}", stage.backend.tail())
}

/// What was sealed still opens: a reviewer reads every order, and finds what was sent.
async fn reads_back(hall: &Hall, findings: &mut Findings) -> Result<()> {
    let mut clerk = None;
    for _ in 0..10 {
        clerk = staff::log_in(hall, &hall.reviewer).await?;
        if clerk.is_some() {
            break;
        }
    }
    let clerk = clerk.context("nobody can log in afterwards")?;
    for (number, sent) in hall.ledger.read(|ledger| ledger.forms.clone()) {
        match clerk.order(&number).await {
            Ok(order) => {
                findings.must(order.form == sent, "an order holds something else than was sent", || number.clone());
            }
            Err(refused) => findings.broken("lost: an order can't be read", format!("{number}: {refused}")),
        }
    }
    Ok(())
}

fn sum_up(tally: &mut Tally, facts: &Facts, hall: &Hall, findings: &Findings, stage: &Stage) {
    let count = |number: usize| u64::try_from(number).unwrap_or_default();
    tally.rounds = 1;
    tally.failed_rounds = u64::from(!findings.violations.is_empty());
    tally.orders = hall.ledger.read(|ledger| count(ledger.forms.len()));
    tally.completed = count(facts.with("orders", "status", "completed").count());
    tally.paid = count(facts.trades.iter().filter(|trade| trade.is_paid()).count());
    tally.refunds = count(facts.trades.iter().map(|trade| trade.refunds.len()).sum());
    tally.messages = count(facts.sms.len());
    tally.mails = count(facts.mail.len());
    tally.links = findings.links;
    tally.promises = findings.promises;
    tally.given_up = findings.given_up;
    tally.ends = hall.ends.borrow().iter().map(|(end, count)| ((*end).to_owned(), *count)).collect();
    tally.refusals = hall.ledger.read(|ledger| ledger.refusals.clone());
    tally.starts(&stage.backend.starts);
    for violation in &findings.violations {
        *tally.violations.entry(violation.rule.to_owned()).or_default() += 1;
    }
}
