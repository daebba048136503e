//! The features in `features/`, told in the manual's words and done in a real browser.
//!
//! `cargo test -p certhall-e2e --test browser` runs them in Chromium, with `CERTHALL_BROWSER=firefox` or `webkit` in these;
//! with `-- screenshots` it takes the pictures of docs/ instead, with `-- screenshots desk` those of the desk's lists only.
//! What an engine can't do is left out by tags, and said.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod screenshots;
mod steps;

use cucumber::{World as _, event::ScenarioFinished};
use e2e::engine::Engine;
use e2e::program;
use futures_util::FutureExt as _;
use steps::World;

/// Scenarios that run at the same time: each waits more than it works.
const AT_ONCE: usize = 3;

/// Tags of scenarios that some engines can't do, those engines, and why.
const LIMITS: [(&str, &[Engine], &str); 5] = [
    (
        "ukey",
        &[Engine::WebKit],
        "the desk reaches the key by a socket to this computer, which WebKit refuses to a page of an https site",
    ),
    ("not-webkit", &[Engine::WebKit], "WebKit keeps no cookies in frames anyway, and has no setting to refuse them"),
    ("slow", &[Engine::Firefox, Engine::WebKit], "only Chromium can be told to be slow"),
    (
        "asks",
        &[Engine::Firefox, Engine::WebKit],
        "only Chromium can be told to ask before a page reaches this computer",
    ),
    ("kiosk", &[Engine::Firefox, Engine::WebKit], "a terminal runs Chromium"),
];

/// Whether a scenario is for this engine; says why if not.
fn is_for(engine: Engine, tags: &[&String], name: &str) -> bool {
    let limit = LIMITS.iter().find(|(tag, without, _)| without.contains(&engine) && tags.iter().any(|own| own == tag));
    if let Some((tag, _, why)) = limit {
        println!("Left out in {}: {name} (@{tag}: {why})", engine.name());
    }
    limit.is_none()
}

#[tokio::main]
async fn main() {
    // A runner of ordinary tests asks every binary for its list: there are none of those here.
    if std::env::args().any(|word| word == "--list") {
        return;
    }
    if std::env::args().any(|word| word == "screenshots") {
        screenshots::take(std::env::args().any(|word| word == "desk")).await.unwrap();
        return;
    }
    let engine = Engine::wanted().unwrap();
    let pictures = program::target_folder().unwrap().join("../browser-failures").join(engine.name());
    println!("Pictures of failures go to {}", pictures.display());
    let features = program::root().join("e2e/features");
    World::cucumber()
        .max_concurrent_scenarios(AT_ONCE)
        .fail_on_skipped()
        .after(move |_, _, scenario, ended, world| {
            let file = pictures.join(format!("{}.png", scenario.name));
            async move {
                let Some(world) = world else { return };
                let failed = !matches!(ended, ScenarioFinished::StepPassed | ScenarioFinished::StepSkipped);
                world.end(failed.then_some(file)).await;
            }
            .boxed_local()
        })
        .filter_run_and_exit(features, move |feature, _, scenario| {
            let tags: Vec<_> = feature.tags.iter().chain(&scenario.tags).collect();
            is_for(engine, &tags, &scenario.name)
        })
        .await;
}
