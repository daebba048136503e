//! CertHall's backend: keeps the data, talks to the outside services, issues the certificates.
//!
//! A request goes `http` → `handlers` (read, call, answer) → `orders` or `staff` (one use case a file) → `store` (order,
//! event and outbox rows in one transaction) → `outbox` → `gateways`.

pub mod audit;
pub mod backup;
pub mod ca;
pub mod channels;
pub mod cli;
pub mod clock;
pub mod config;
pub mod entropy;
pub mod fault;
#[cfg(fuzzing)]
pub mod fuzzing;
pub mod gate;
pub mod gateways;
pub mod hall;
pub mod handlers;
pub mod http;
pub mod logs;
pub mod notices;
pub mod orders;
pub mod outbox;
pub mod papers;
pub mod server;
pub mod staff;
pub mod store;
pub mod supervisor;
pub mod tickets;
pub mod uploads;
pub mod vault;
