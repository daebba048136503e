//! The scenarios in a browser.

use std::process::Command;

use anyhow::Result;

use crate::page;
use crate::place::Place;

/// Every scenario.
pub const ALL: &str = "features/*.feature";
/// The flow from the form to the parcel and the partner's frame: what `cargo xtask test` tries in every engine. The others
/// take some minutes an engine; there Chromium alone runs them, and `cargo xtask soak` every engine.
pub const MAIN_LINE: &str = "features/{nanning,embed}.feature";

/// The run of these features in an engine.
pub fn command(place: &Place, engine: &str, features: &str) -> Command {
    let mut browser = place.command("cargo");
    // The whole workspace is named so that nothing is compiled again with fewer features.
    browser.args(["test", "--locked", "--workspace", "--test", "browser", "--", "--input", features]);
    browser.env("CERTHALL_BROWSER", engine);
    browser.env("CERTHALL_NPM", place.npm()).env("CERTHALL_PAGE", page::Build::Release.folder(place));
    browser
}

/// Every scenario in every engine.
pub fn everywhere(place: &Place) -> Result<bool> {
    page::build(place, page::Build::Release)?;
    let mut sound = true;
    for engine in ["chromium", "firefox", "webkit"] {
        println!("\n==> every scenario in {engine}");
        sound &= command(place, engine, ALL).status()?.success();
    }
    Ok(sound)
}
