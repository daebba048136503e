//! What goes wrong in life, each with a clear message and nothing lost, over HTTP and PC/SC.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod codes;
mod forms;
mod making;
mod money;
mod orders;
mod payments;
mod services;
mod strangers;
mod uploads;

use e2e::client::Refused;
use shared::api::ErrorCode;
use shared::form::Field;

/// The fields that an answer points at.
fn fields(refused: &Refused) -> Vec<Field> {
    let errors = refused.error.as_ref().and_then(|error| error.fields.as_ref());
    errors.map(|errors| errors.iter().map(|problem| problem.field).collect()).unwrap_or_default()
}

/// The request was refused with this code, in words for people.
#[track_caller]
fn refused<T>(answer: Result<T, Refused>, code: ErrorCode) -> Refused {
    let refused = answer.err().expect("it should have been refused");
    assert_eq!(refused.code(), code, "{refused}");
    assert!(!refused.message().is_ascii(), "words for people: {refused}");
    refused
}
