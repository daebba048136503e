//! The database: SQLite embedded, PostgreSQL when several backends share the load; one SQL text for both.
//!
//! A use case begins a [`Tx`], calls the methods that the files of this folder add to it, and commits once:
//! order, event and outbox rows are written together or not at all. Reads without a write go through [`Reader`].
//! Methods that only read are on [`Conn`], which both of them lend; methods that write are on [`Tx`].
//!
//! | file | tables |
//! | --- | --- |
//! | `sessions` | `applicant_sessions` |
//! | `data_keys` | `data_keys` |
//! | `drafts` | `drafts` |
//! | `verifications` | `verifications` |
//! | `orders`, `moves`, `order_lists` | `orders`, `order_numbers`, `order_access`, `active_holders` |
//! | `documents` | `documents` |
//! | `codes`, `code_tries` | `codes` |
//! | `signatures` | `signatures` |
//! | `payments`, `refunds` | `payments`, `payment_notices`, `refunds_owed` |
//! | `events` | `events`, `chain_heads` |
//! | `jobs` | `outbox` |
//! | `staff` | `staff`, `staff_roles`, `staff_sessions` |
//! | `makings`, `keys`, `certificates` | the same |

mod sql;
mod words;

mod certificates;
mod code_tries;
mod codes;
mod conn;
mod data_keys;
mod db;
mod documents;
mod drafts;
mod error;
mod events;
mod jobs;
mod keys;
mod lock;
mod makings;
mod moves;
mod order_lists;
mod orders;
mod payments;
mod refunds;
mod schema;
mod sessions;
mod signatures;
mod staff;
mod verifications;

pub use certificates::{Certificate, CertificateState, NewCertificate};
pub use code_tries::{MAX_TRIES, RightCode, Tried, Typed};
pub use codes::{CodeLimits, CodePurpose, CodeRow, CodeState, NewCode};
pub use conn::{Conn, Link, Reader, Tx};
pub use data_keys::DataKeyRow;
pub use db::{AsStoreError, Store};
pub use documents::{DocumentRow, NewDocument};
pub use drafts::DraftRow;
pub use error::StoreError;
pub use events::{By, Event};
pub use jobs::{JobRow, JobState};
pub use keys::Key;
pub use makings::{Making, MakingState, NewMaking};
pub use orders::{NewOrder, Order, order_number};
pub use payments::{PaymentRow, PaymentState};
pub use refunds::{RefundOwed, RefundReason, RefundRow};
pub use sessions::ApplicantSession;
pub use signatures::SignatureRow;
pub(crate) use sql::{all, one, run};
pub use staff::{Staff, StaffRole, StaffSession};
pub use verifications::{DailyLimits, NewVerification, VerificationKind, VerificationOutcome, VerificationRow};
pub use words::Word;
pub(crate) use words::words;

/// What every method of the store answers.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;
