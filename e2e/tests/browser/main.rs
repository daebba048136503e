//! The features in `features/`, told in the manual's words and done in a real browser.
//!
//! `cargo test -p certhall-e2e --test browser` runs them; with `-- screenshots` it takes the pictures of docs/ instead.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod screenshots;
mod steps;

use std::path::Path;

use cucumber::{World as _, event::ScenarioFinished};
use e2e::program;
use futures_util::FutureExt as _;
use steps::World;

#[tokio::main]
async fn main() {
    // A runner of ordinary tests asks every binary for its list: there are none of those here.
    if std::env::args().any(|word| word == "--list") {
        return;
    }
    if std::env::args().any(|word| word == "screenshots") {
        screenshots::take().await.unwrap();
        return;
    }
    let pictures = program::target_folder().unwrap().join("../browser-failures");
    println!("Pictures of failures go to {}", pictures.display());
    let features = Path::new(env!("CARGO_MANIFEST_DIR")).join("features");
    World::cucumber()
        .max_concurrent_scenarios(1)
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
        .run_and_exit(features)
        .await;
}
