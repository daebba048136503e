//! The real program: what it does with connections that dawdle, when it is told to stop, and what it shows of itself.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod program;

mod dawdling;
mod shown;
mod stopping;
