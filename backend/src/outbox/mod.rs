//! The outbox: what has to happen outside, written in the same transaction as its cause, done by a worker.
//!
//! Jobs are done at least once and are idempotent, except text messages, which are sent at most once
//! (see [`Delivery`]). Several workers, of one backend or many, share the queue by leases; there are no advisory locks
//! and no LISTEN/NOTIFY, so the same code runs on both engines.
//!
//! ```text
//! ready ──claim──▶ running ──▶ done                       at least once: an error goes back to ready, later
//!                     └─mark_sending─▶ sending ──▶ done   at most once: an error stays sending and is asked about
//!                                         └──────▶ failed staff decide; nothing is sent again by itself
//! ```

mod handler;
mod job;
pub mod jobs;
mod worker;

pub use handler::{Ended, JobError, JobHandler, Lease};
pub use job::{Delivery, Job};
pub use jobs::{Jobs, code_phone_aad};
pub use worker::{Outbox, Pace};
