//! The outbox: what has to happen outside, written in the same transaction as its cause, done by a worker.
//!
//! Jobs are done at least once and are idempotent, except text messages, which are sent at most once
//! (see [`Delivery`]). Several workers, of one backend or many, share the queue by leases; there are no advisory locks
//! and no LISTEN/NOTIFY, so the same code runs on both engines.

mod job;

pub use job::{Delivery, Job};
