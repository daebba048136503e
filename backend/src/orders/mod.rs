//! What applicants do with their orders: one use case a file, one transaction and one save each.

pub mod access;
pub mod cancel;
pub mod check;
pub mod codes;
pub mod confirm;
pub mod documents;
pub mod drafts;
pub mod pay;
pub mod query;
mod sealed;
pub mod sign;
mod view;

pub use sealed::{Summary, open_json, refusal_aad, summary_aad};
pub use view::order_view;
