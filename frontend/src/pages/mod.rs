//! One screen a file; the steps of a flow are in `steps`.

pub mod halls;
pub mod home;
pub mod mailing;
pub mod nowhere;
pub mod order;
pub mod orders;
pub mod phone;
pub mod photos;
pub mod text;
