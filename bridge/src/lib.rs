//! `certhall-bridge`: gives a portal's page the key (UKey) on this computer.
//!
//! The wire protocol is told in `shared::bridge`. In here: `server` takes sockets in and keeps
//! strangers out, `session` speaks with one page, `ops` does one operation under a ticket and a
//! person's consent, `window` is where that person reads and clicks, `pcsc` holds the keys and
//! `token` knows their languages.

mod clock;
pub mod config;
mod fault;
mod ops;
pub mod pcsc;
pub mod phrase;
pub mod random;
pub mod seal;
pub mod server;
mod session;
pub mod text;
pub mod ticket;
pub mod token;
mod window;
