//! What staff do (受理点): log in, review, make keys, post them. One use case a function, one transaction and one save.
//!
//! Rules that hold here:
//! - Every role is scoped to a channel. An order of a channel in which somebody has no role does not exist for them
//!   (404); one in which they have another role is forbidden (403).
//! - One person may not both review and make the same order ([`shared::api::ErrorCode::FourEyes`]).
//! - Every look at personal data is a link of the staff member's own audit chain, every act one of the order's.
//! - Nobody here ever sees a PIN, a PUK or a management key.

mod account;
mod bridge;
mod certificate;
mod desk;
mod detail;
mod dispatch;
mod login;
mod made;
mod making;
mod notice;
mod queues;
mod review;
mod secrets;
pub mod totp;

pub use account::{AddError, add};
pub use bridge::bridge_session;
pub use certificate::issue;
pub use desk::StaffMember;
pub use detail::{document, order};
pub use dispatch::{delivered, dispatch};
pub use login::{log_in, log_out, me, member_of_token};
pub use made::made;
pub use making::start_making;
pub use queues::{Queue, queue};
pub use review::{approve, refuse};
