//! Operations: what changes a key, once a ticket allows it and a person has consented.

mod holder;
mod operation;
mod public;
mod question;
mod request;
mod step;
mod steps;

pub use operation::{Operation, Site};
pub use step::Step;
