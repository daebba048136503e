//! The checker on trial: bugs are planted in the backend, and it must name each of them.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;
use serde_json::json;

use crate::round::{Plan, play};
use crate::stage::{Engine, House};

/// Each bug, how the rule begins that names it, and the service whose answers get lost meanwhile.
const BUGS: [(&str, &str, Option<&str>); 3] = [
    ("lost_job", "lost job", None),
    ("double_charge", "double charge", None),
    ("double_code", "double code", Some("sms.send")),
];
/// Rounds in which a bug must show itself.
const ROUNDS: u64 = 4;
/// Kills in each.
const KILLS: u64 = 8;

/// Plants one bug after the other. `true`: the checker named each.
pub async fn found(folder: &Path, seed: u64) -> Result<bool> {
    let house = House::open(&folder.join("plants"), Engine::Sqlite).await?;
    let mut found = 0;
    for (place, (bug, rule, silent)) in BUGS.into_iter().enumerate() {
        let mut named = None;
        for turn in 1..=ROUNDS {
            let number = u64::try_from(place).unwrap_or_default() * 100 + turn;
            let weather = silent.map(|service| json!({ "service": service, "kind": "lost", "times": 3 }));
            let seed = seed.wrapping_add(number);
            let plan = Plan { number, seed, kills: KILLS, plant: Some(bug.to_owned()), weather };
            let (_, findings) = play(&house, &plan, BTreeMap::new()).await?;
            if let Some(violation) = findings.violations.iter().find(|violation| violation.rule.starts_with(rule)) {
                named = Some((turn, violation.clone()));
                break;
            }
        }
        match named {
            Some((turn, violation)) => {
                found += 1;
                println!("planted {bug}: found in round {turn}: {}: {}", violation.rule, violation.what);
            }
            None => println!("planted {bug}: NOT FOUND in {ROUNDS} rounds"),
        }
    }
    println!("{found} passed, {} failed", BUGS.len() - found);
    Ok(found == BUGS.len())
}
