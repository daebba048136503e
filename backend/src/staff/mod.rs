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
mod messages;
mod pin_notice;
mod queues;
mod reconciliation;
mod refunds;
mod reject;
mod returned;
mod review;
mod search;
mod secrets;
pub mod totp;
mod troubles;

pub use account::{AddError, add};
pub use bridge::bridge_session;
pub use certificate::issue;
pub use desk::StaffMember;
pub use detail::{document, order};
pub use dispatch::{delivered, dispatch};
pub use login::{Sign, log_in, log_out, log_out_everywhere, me, member_of_token};
pub use made::made;
pub use making::start_making;
pub use messages::{dismiss_message, failed_messages};
pub use pin_notice::resend_pin;
pub use queues::{Queue, queue};
pub use reconciliation::{compare_again, reconciliations, settle_difference};
pub use refunds::{record as record_refund, refunds, retry as retry_refund};
pub use reject::reject;
pub use returned::return_key;
pub use review::{approve, refuse};
pub use search::{Search, search};
