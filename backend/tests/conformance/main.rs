//! Every method of the store, told as facts, on SQLite and on PostgreSQL.
//!
//! PostgreSQL: see `databases`; each test works in a schema of its own.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[macro_use]
#[path = "../support/databases.rs"]
mod databases;
mod scripted;
mod world;

mod access;
mod codes;
mod documents;
mod drafts;
mod erasing;
mod events;
mod handovers;
mod jobs;
mod keys;
mod mails;
mod makings;
mod orders;
mod payments;
mod pin;
mod reconciling;
mod refunds;
mod retention;
mod rotation;
mod seals;
mod search;
mod sessions;
mod staff;
mod tallies;
mod trades;
mod transactions;
mod verifications;
mod worker;
