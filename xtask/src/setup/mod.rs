//! Installing what building and testing need: each part says what it does, and does nothing when it is there.

mod system;
mod tools;

use anyhow::Result;

use crate::place::Place;
use crate::step::Stopwatch;
pub use system::matching;

/// What is to be set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum For {
    /// Running the product.
    Demo,
    /// Testing it: checkers and oracles too.
    Tests,
}

/// Installs whatever is missing; fast when nothing is.
pub fn run(place: &Place, purpose: For) -> Result<()> {
    let watch = Stopwatch::start();
    system::packages(place)?;
    tools::rust(place)?;
    tools::cargo(place, purpose)?;
    tools::npm(place)?;
    if purpose == For::Tests {
        tools::python(place)?;
        tools::nginx(place)?;
    }
    println!("==> everything that is needed is there ({:.1} s)", watch.elapsed().as_secs_f64());
    Ok(())
}
