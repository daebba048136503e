//! What screens need besides elements.

pub mod timer;
