//! The hall as `trunk build` makes it: must start in a browser and show a hall's services.

use std::fs;
use std::path::Path;

use anyhow::{Result, ensure};

use crate::place::Place;
use crate::stand::{self, Addresses, Stand};
use crate::step;

/// A service of the hall: the page shows it only once it runs and has the hall's profile from the backend.
const SHOWN: &str = "证书新办";

/// Builds with trunk, puts the result before the built backend, opens it in Chromium.
pub fn check(place: &Place, log: &Path) -> Result<()> {
    let folder = tempfile::Builder::new().prefix("certhall-trunk-").tempdir()?;
    let addresses = Addresses::free()?;
    let stand = Stand::in_folder(place, folder.path().to_path_buf(), addresses)?;
    let dist = stand.path("dist");
    step::run(place.command("trunk").arg("build").arg("--dist").arg(&dist), log)?;
    let running = [stand.start_sandbox()?, stand.start_backend()?];
    let page = stand::serve(&dist, addresses.backend)?;
    let mut chromium = place.command("chromium");
    chromium.args(["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]);
    chromium.args(["--disable-background-networking", "--disable-component-update", "--disable-sync"]);
    chromium.arg(format!("--user-data-dir={}", stand.path("browser").display()));
    chromium.args(["--virtual-time-budget=20000", "--timeout=60000", "--dump-dom", &format!("http://{page}/nanning/")]);
    let dom = step::output(&mut chromium)?;
    drop(running);
    fs::write(log.with_extension("html"), &dom)?;
    ensure!(dom.contains(SHOWN), "the page does not show {SHOWN}; it is in {}", log.with_extension("html").display());
    Ok(())
}
