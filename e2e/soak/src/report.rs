//! What a run says of itself.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::stage::Engine;
use crate::tally::Tally;

/// One line a round.
pub fn line(engine: Engine, number: u64, tally: &Tally) -> String {
    let at_points: u64 = tally.kills_at.values().sum();
    format!(
        "{} round {number}: {} kills ({at_points} at fault points), {} other faults, {} orders ({} completed), \
         {} promises, {} violations, {:.0} s",
        engine.name(),
        tally.kills(),
        tally.other_faults(),
        tally.orders,
        tally.completed,
        tally.promises,
        tally.violations.values().sum::<u64>(),
        tally.seconds
    )
}

/// The run's sum as a table, engines side by side.
pub fn table(tallies: &[(Engine, Tally)]) -> String {
    let mut text = String::from("\n| |");
    for (engine, _) in tallies {
        let _ = write!(text, " {} |", engine.name());
    }
    text.push_str("\n|---|");
    text.push_str(&"---:|".repeat(tallies.len()));
    text.push('\n');
    let mut row = |name: &str, value: &dyn Fn(&Tally) -> String| {
        let _ = write!(text, "| {name} |");
        for (_, tally) in tallies {
            let _ = write!(text, " {} |", value(tally));
        }
        text.push('\n');
    };
    let sum = |counts: &BTreeMap<String, u64>| counts.values().sum::<u64>();
    row("kills", &|tally| tally.kills().to_string());
    row("– at fault points", &|tally| sum(&tally.kills_at).to_string());
    row("– different fault points", &|tally| tally.kills_at.len().to_string());
    row("other faults", &|tally| tally.other_faults().to_string());
    row("orders confirmed", &|tally| tally.orders.to_string());
    row("orders completed", &|tally| tally.completed.to_string());
    row("trades paid", &|tally| tally.paid.to_string());
    row("sums given back", &|tally| tally.refunds.to_string());
    row("messages", &|tally| tally.messages.to_string());
    row("mails", &|tally| tally.mails.to_string());
    row("promises looked up", &|tally| tally.promises.to_string());
    row("chain links hashed again", &|tally| tally.links.to_string());
    row("messages given up, shown to staff", &|tally| tally.given_up.to_string());
    row("start, mean / longest (ms)", &|tally| {
        let (all, longest, count) = tally.start_ms;
        format!("{} / {longest}", all / count.max(1))
    });
    row("rounds", &|tally| tally.rounds.to_string());
    row("minutes", &|tally| format!("{:.1}", tally.seconds / 60.0));
    row("violations", &|tally| sum(&tally.violations).to_string());
    for (title, of) in [
        ("Faults", (|tally: &Tally| tally.faults.clone()) as fn(&Tally) -> BTreeMap<String, u64>),
        ("Kills at fault points", |tally| tally.kills_at.clone()),
        ("How visits ended", |tally| tally.ends.clone()),
        ("Answers that were no success", |tally| tally.refusals.clone()),
        ("Violations", |tally| tally.violations.clone()),
    ] {
        let mut all: BTreeMap<String, Vec<u64>> = BTreeMap::new();
        for (place, (_, tally)) in tallies.iter().enumerate() {
            for (name, count) in of(tally) {
                let counts = all.entry(name).or_insert_with(|| vec![0; tallies.len()]);
                if let Some(slot) = counts.get_mut(place) {
                    *slot = count;
                }
            }
        }
        if all.is_empty() {
            continue;
        }
        let _ = writeln!(text, "\n{title}:");
        for (name, counts) in all {
            let counts: Vec<String> = counts.iter().map(u64::to_string).collect();
            let _ = writeln!(text, "    {:>12}  {name}", counts.join(" / "));
        }
    }
    text
}
