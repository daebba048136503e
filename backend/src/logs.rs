//! How logs are written: one JSON object a line for programs, text for a person at a terminal.
//!
//! No line holds personal data: a request is told by its route's template and an id of its own (`http::observe`), jobs by
//! their kind and id, and types that hold personal values hide them (`vault::Sensitive`, `shared::form::UnitDraft`).

use crate::config::LogFormat;
use std::io::{IsTerminal, stderr};
use tracing::Dispatch;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::util::SubscriberInitExt;

/// What is logged when `RUST_LOG` says nothing.
pub const FILTER: &str = "info,sqlx=warn";

/// Begins to log to standard error.
pub fn begin(format: LogFormat) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| FILTER.into());
    let terminal = stderr().is_terminal();
    let json = match format {
        LogFormat::Json => true,
        LogFormat::Text => false,
        LogFormat::Auto => !terminal,
    };
    if json {
        as_json(filter, stderr).init();
    } else {
        tracing_subscriber::fmt().with_env_filter(filter).with_ansi(terminal).with_writer(stderr).init();
    }
}

/// One JSON object a line: `timestamp`, `level`, `target`, `message`, the line's own fields, and `span` with the request's
/// or job's.
pub fn as_json<W: for<'a> MakeWriter<'a> + Send + Sync + 'static>(filter: EnvFilter, writer: W) -> Dispatch {
    let logs = tracing_subscriber::fmt().json().flatten_event(true).with_current_span(true).with_span_list(false);
    Dispatch::new(logs.with_env_filter(filter).with_writer(writer).finish())
}
