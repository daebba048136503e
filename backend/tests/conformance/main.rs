//! Every method of the store, told as facts, on SQLite and on PostgreSQL.
//!
//! PostgreSQL: set `CERTHALL_TEST_POSTGRES=postgres://user@host:port/database` to a server where schemas may be made;
//! each test works in a schema of its own. Without it the PostgreSQL half fails: a suite that skips proves nothing.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[macro_use]
mod world;

mod access;
mod codes;
mod documents;
mod drafts;
mod events;
mod jobs;
mod keys;
mod orders;
mod payments;
mod sessions;
mod transactions;
mod verifications;
