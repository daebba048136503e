//! The bridge's own window: where a person reads what is asked and consents. A pop-up at the
//! bridge's origin, reachable by a one-time token, cut off from the page that opened it.

mod link;
pub mod page;
mod registry;

pub use link::{Agreed, Consent, PinProblem, PinQuestion, ToWindow, WindowLink, run};
pub use registry::Windows;
