//! The page: the applicants' hall and the staff desk, compiled to WebAssembly.
//!
//! `routes` names every screen, `programs` says which of the applicants' three programs has it, `pages` and `steps` draw them
//! from `ui`, `staff` is the desk. `api` is the only part that
//! fetches, `key` the only one that talks to the bridge. `place` is what differs in a partner's frame (`embed`) and on a
//! terminal (`kiosk`).

pub mod api;
pub mod app;
pub mod dom;
pub mod embed;
pub mod json;
pub mod kept;
pub mod key;
pub mod kiosk;
pub mod nav;
pub mod pages;
pub mod place;
pub mod programs;
pub mod routes;
pub mod staff;
pub mod steps;
pub mod time;
pub mod ui;
pub mod work;
