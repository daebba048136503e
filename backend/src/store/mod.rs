//! The database: SQLite embedded, PostgreSQL when several backends share the load; one SQL text for both.
//!
//! A use case begins a [`Tx`], calls the methods that the files of this folder add to it, and commits once:
//! order, event and outbox rows are written together or not at all. Reads without a write go through [`Reader`].
//! Methods that only read are on [`Conn`], which both of them lend; methods that write are on [`Tx`].
//!
//! | file | tables |
//! | --- | --- |
//! | `sessions` | `applicant_sessions`, `session_tokens` |
//! | `data_keys`, `root_sealed` | `data_keys`, `root_keys` |
//! | `drafts`, `found_drafts` | `drafts`, `draft_access` |
//! | `verifications` | `verifications` |
//! | `orders`, `moves`, `corrections`, `order_lists`, `search` | `orders`, `order_numbers`, `order_access`, `active_holders` |
//! | `documents`, `staged` | `documents` |
//! | `handovers` | `handovers` |
//! | `challenges` | `challenges` |
//! | `tallies` | `tallies`, `tally_subjects` |
//! | `codes`, `code_tries` | `codes` |
//! | `signatures` | `signatures` |
//! | `payments`, `refunds` | `payments`, `payment_notices`, `refunds_owed` |
//! | `events`, `chain_pages` | `events`, `chain_heads` |
//! | `seals` | `audit_leaves`, `audit_checkpoints`, `audit_keys` |
//! | `leases`, `lock` | `leases`, `locks` |
//! | `jobs`, `messages` | `outbox` |
//! | `reconciliations` | `reconciliations`, `difference_notes` |
//! | `staff`, `login_tries` | `staff`, `staff_roles`, `staff_sessions`, `login_tries` |
//! | `makings`, `keys`, `certificates` | the same |

mod sql;
mod words;

mod certificates;
mod chain_pages;
mod challenges;
mod code_tries;
mod codes;
mod conn;
mod corrections;
mod data_keys;
mod db;
mod documents;
mod drafts;
mod dump;
mod erasure;
mod error;
mod events;
mod found_drafts;
mod handovers;
mod jobs;
mod keys;
mod leases;
mod levels;
mod lock;
mod login_tries;
mod makings;
mod messages;
mod moves;
mod order_lists;
mod orders;
mod payments;
mod pruning;
mod reconciliations;
mod refunds;
mod root_sealed;
mod schema;
mod seals;
mod search;
mod sessions;
mod signatures;
mod staff;
mod staged;
mod tallies;
mod verifications;

pub use certificates::{Certificate, CertificateState, NewCertificate, RevokedWhy};
pub use chain_pages::HeadRow;
pub use challenges::{ChallengeRow, NewChallenge};
pub use code_tries::{MAX_TRIES, RightCode, Tried, Typed};
pub use codes::{CodeLimits, CodePurpose, CodeRow, CodeState, NewCode};
pub(crate) use conn::watching_commits;
pub use conn::{Conn, Held, Link, Reader, Tx};
pub use corrections::Corrected;
pub use data_keys::DataKeyRow;
pub use db::{AsStoreError, Store};
pub use documents::{DocumentRow, NewDocument};
pub use drafts::{CheckedDraft, DraftRow};
pub use dump::{Cell, ColumnKind, Table, knows_migrations};
pub use erasure::Due;
pub use error::StoreError;
pub use events::{By, Event};
pub use handovers::HandoverRow;
pub use jobs::{JobRow, JobState};
pub use keys::Key;
pub use levels::{Connections, Level};
pub use makings::{Making, MakingState, NewMaking};
pub use messages::FailedRow;
pub use order_lists::{Listed, OrderLineRow};
pub use orders::{NewOrder, Order, order_number};
pub use payments::{PaymentRow, PaymentState, Standing};
pub use reconciliations::{BookedSum, DifferenceNoteRow, NewDifferenceNote, ReconciliationRow};
pub use refunds::{NewRefund, RefundReason, RefundRow, RefundState};
pub use root_sealed::RootSealed;
pub use schema::newest_migration;
pub use seals::{AuditKeyRow, CheckpointRow, LeafRow, UnsealedHead};
pub use search::{FoundRow, Sought};
pub use sessions::{ApplicantSession, GRACE};
pub use signatures::SignatureRow;
pub(crate) use sql::{all, one, run};
pub use staff::{Staff, StaffRole, StaffSession};
pub use tallies::Limit;
pub use verifications::{DailyLimits, NewVerification, VerificationKind, VerificationOutcome, VerificationRow};
pub use words::Word;
pub(crate) use words::words;

/// What every method of the store answers.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;
