//! The order: its status, its events, and the one table of legal steps.
//!
//! An order is moved only by [`apply`]: it looks the event up in [`EventKind::rule`] and answers the new status or why
//! the step is illegal. The backend writes the event, the new status and the outbox rows in one transaction; the page
//! draws its buttons from the same table ([`offered`]).

mod event;
mod rule;
mod status;

pub use event::{Actor, Business, EventKind};
pub use rule::{Refusal, Rule, apply, offered};
pub use status::{InvoiceStatus, MailingStatus, Status};
