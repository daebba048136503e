//! One step of a flow a file. Every flow that has a step uses the same one.

pub mod cancel;
pub mod confirm;
pub mod done;
pub mod form;
pub mod order;
pub mod pay;
pub mod prepare;
pub mod sign;
pub mod upload;
