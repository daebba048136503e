//! Installing what building and testing need: each part says what it does, and does nothing when it is there.

mod system;
mod tools;

use anyhow::Result;

use crate::place::Place;
use crate::step::Stopwatch;
pub use system::matching;

/// Installs whatever is missing; fast when nothing is.
pub fn run(place: &Place) -> Result<()> {
    let watch = Stopwatch::start();
    system::packages(place)?;
    tools::rust(place)?;
    tools::cargo(place)?;
    tools::npm(place)?;
    tools::python(place)?;
    println!("==> everything that is needed is there ({:.1} s)", watch.elapsed().as_secs_f64());
    Ok(())
}
