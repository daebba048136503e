//! The gate: what stands before everything that costs money, plagues a phone or can be guessed.
//!
//! ```text
//! request → coarse (this process, a flood) → proof (image code or proof of work, once) → limits (database, every backend)
//!         → the use case
//! ```
//! | file | what |
//! | --- | --- |
//! | `challenge` | `POST /api/challenges`: an image and a proof of work, both good for one act |
//! | `image`, `glyphs` | the image, drawn stroke by stroke |
//! | `proof` | whether a request brought a good answer |
//! | `limits` | how often, for whom; the numbers are in `config` |
//! | `coarse` | a flood from one address, stopped before the database |
//! | `decoy` | what is opened when nobody is known, so that it takes as long |
//! | `sweep` | forgets what no limit needs any more |

mod challenge;
mod coarse;
mod config;
mod decoy;
mod glyphs;
mod image;
mod limits;
mod proof;
mod sweep;

pub use challenge::issue;
pub use coarse::{Coarse, guard};
pub use config::GateConfig;
pub use decoy::Decoy;
pub use limits::{Limits, Whence};
pub use proof::{Act, Press, ProofHeader, Proven, prove};
pub use sweep::{sweep, sweep_until};
