//! The time of a run: the machine's, put forward or back for the backend, the outside world and the clients together.

use std::cell::Cell;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::sandbox::Control;

/// One second in microseconds.
pub const SECOND: i64 = 1_000_000;
/// One minute in microseconds.
pub const MINUTE: i64 = 60 * SECOND;
/// Providers refuse requests whose time is 15 minutes off, so nobody's clock moves by more at once.
const STRIDE: i64 = 10 * MINUTE;

/// The moved clock.
#[derive(Debug)]
pub struct Clock {
    /// What the backend reads (`backend/src/fault.rs`).
    file: PathBuf,
    control: Control,
    offset: Cell<i64>,
}

impl Clock {
    /// A clock that goes right.
    pub fn new(fault_folder: &Path, control: Control) -> Self {
        Self { file: fault_folder.join("clock"), control, offset: Cell::new(0) }
    }

    /// Microseconds since 1970, as everybody in the run sees them.
    pub fn now(&self) -> i64 {
        machine() + self.offset.get()
    }

    /// Moves it by whole seconds, forward or back.
    pub async fn step(&self, by: i64) -> Result<()> {
        let offset = self.offset.get() + by / SECOND * SECOND;
        self.offset.set(offset);
        // Whole or not at all: the backend may be reading.
        let fresh = self.file.with_extension("new");
        std::fs::write(&fresh, offset.to_string())?;
        std::fs::rename(&fresh, &self.file).with_context(|| self.file.display().to_string())?;
        self.control.set_clock(offset / SECOND).await
    }

    /// Puts it forward until it shows at least `at`.
    pub async fn reach(&self, at: i64) -> Result<()> {
        while self.now() < at {
            self.step((at - self.now() + SECOND).min(STRIDE)).await?;
        }
        Ok(())
    }
}

/// The machine's clock.
#[expect(clippy::disallowed_methods, reason = "the run's clock stands on the machine's")]
pub fn machine() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}
