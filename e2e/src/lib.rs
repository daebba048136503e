//! End-to-end tests.

pub mod pcsc;
