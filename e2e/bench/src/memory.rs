//! What a process holds in memory.

use anyhow::{Context, Result};

/// Resident memory of a process, now and at its highest, in megabytes (proc(5), `VmRSS` and `VmHWM`).
#[derive(Clone, Copy, Debug)]
pub struct Resident {
    /// Now.
    pub now: f64,
    /// At its highest.
    pub peak: f64,
}

/// Asks the kernel.
pub fn of(process: u32) -> Result<Resident> {
    let text = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let kilobytes = |name: &str| {
        let line = text.lines().find(|line| line.starts_with(name)).context("no such line")?;
        let number: f64 = line.split_whitespace().nth(1).context("no number")?.parse()?;
        anyhow::Ok(number / 1024.0)
    };
    Ok(Resident { now: kilobytes("VmRSS:")?, peak: kilobytes("VmHWM:")? })
}
