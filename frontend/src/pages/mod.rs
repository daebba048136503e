//! One screen a file; the steps of a flow are in `steps`.

pub mod halls;
pub mod home;
pub mod order;
pub mod orders;
pub mod text;
