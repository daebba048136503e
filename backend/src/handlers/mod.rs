//! Handlers read, call and answer; rules live in `orders` and `staff`.

pub mod applicant;
pub mod authority;
pub mod challenges;
pub mod corrections;
pub mod handover;
pub mod leave;
pub mod money;
pub mod notify;
pub mod staff;
