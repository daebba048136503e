//! Operations: what changes a key, once a ticket allows it and a person has consented.

mod operation;
mod request;
mod steps;

pub use operation::{Operation, Site, Step};
