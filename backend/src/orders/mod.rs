//! What applicants do with their orders: one use case a file, one transaction and one save each.

pub mod access;
pub mod cancel;
pub mod check;
pub mod codes;
pub mod confirm;
pub mod correct_mailing;
pub mod correct_phone;
mod corrections;
pub mod documents;
pub mod drafts;
mod elements;
pub mod erase;
pub mod handover;
pub mod indexes;
pub mod pay;
pub mod query;
mod repeated;
mod sealed;
pub mod sign;
mod view;

pub use sealed::{Summary, form_aad, open_json, refusal_aad, summary_aad};
pub use view::{desk_view, order_view};
