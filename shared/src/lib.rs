//! Types used on both sides of CertHall: by the page, the backend and the bridge. A rule is written here or nowhere.

pub mod api;
pub mod bridge;
pub mod channel;
pub mod field;
pub mod flow;
pub mod form;
pub mod order;

#[cfg(feature = "openapi")]
mod openapi;
