//! Fault points: which there are, and where the backend is to die next (`backend/src/fault.rs`).

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::chance::Chance;

/// The fault points of one backend.
#[derive(Debug)]
pub struct Points {
    folder: PathBuf,
    orders: u64,
    /// Kills at each point in this run.
    pub kills: BTreeMap<String, u64>,
}

impl Points {
    /// Steered through a folder. `kills`: what other rounds did already.
    pub fn new(folder: &Path, kills: BTreeMap<String, u64>) -> Self {
        Self { folder: folder.to_owned(), orders: 0, kills }
    }

    /// Every point that the backend has passed.
    pub fn known(&self) -> Vec<String> {
        let text = fs::read_to_string(self.folder.join("sites")).unwrap_or_default();
        let mut known: Vec<String> = text.lines().map(str::to_owned).collect();
        known.sort();
        known.dedup();
        known
    }

    /// The backend dies at one of the points where it died least, the next time or soon. `false`: no point is known yet.
    pub fn arm(&mut self, chance: &Chance) -> Result<bool> {
        let mut known: Vec<(u64, u64, String)> = self
            .known()
            .into_iter()
            .map(|site| (self.kills.get(&site).copied().unwrap_or_default(), chance.next(), site))
            .collect();
        if known.is_empty() {
            return Ok(false);
        }
        known.sort();
        known.truncate((known.len() / 3).max(4));
        self.orders += 1;
        let mut order = format!("order{} {}\n", self.orders, chance.below(3));
        for (_, _, site) in known {
            order.push_str(&site);
            order.push('\n');
        }
        let fresh = self.folder.join("kill.new");
        fs::write(&fresh, order)?;
        fs::rename(fresh, self.folder.join("kill"))?;
        Ok(true)
    }

    /// It does not die by itself any more. Where it did, if it did.
    pub fn disarm(&mut self) -> Option<String> {
        let _ = fs::remove_file(self.folder.join("kill"));
        let killed = self.folder.join("killed");
        let site = fs::read_to_string(&killed).ok()?;
        let _ = fs::remove_file(killed);
        *self.kills.entry(site.clone()).or_default() += 1;
        Some(site)
    }
}
