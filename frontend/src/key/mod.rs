//! The page's side of the bridge (`shared::bridge`): the only part that talks to the program beside the key.
//!
//! [`Bridge`] keeps a session open and says how things stand; [`Operation`] is one batch on one key under one consent.
//! No PIN or PUK ever passes here: sealed secrets go from the backend to the bridge as they came.

mod bridge;
mod error;
mod operation;
mod permission;
mod socket;

pub use bridge::{Bridge, Keys, State};
pub use error::{KeyError, Layer};
pub use operation::Operation;
