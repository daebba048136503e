//! Rounds that were played, one line of JSON each: a run that was broken off goes on where it was.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};

use crate::stage::Engine;
use crate::tally::Tally;

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Line {
    engine: String,
    seed: u64,
    round: u64,
    tally: Tally,
}

/// The journal; without a file it remembers nothing.
#[derive(Debug)]
pub struct Journal {
    file: Option<PathBuf>,
    lines: Vec<Line>,
}

impl Journal {
    /// Reads what is there. A last line that was broken off is left out.
    pub fn open(file: Option<&Path>) -> Result<Self> {
        let text = match file {
            Some(file) if file.exists() => std::fs::read_to_string(file).with_context(|| file.display().to_string())?,
            Some(_) | None => String::new(),
        };
        let lines = text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        Ok(Self { file: file.map(Path::to_owned), lines })
    }

    /// A round that was played.
    pub fn find(&self, engine: Engine, seed: u64, round: u64) -> Option<Tally> {
        let mut lines = self.lines.iter();
        let line = lines.find(|line| line.engine == engine.name() && line.seed == seed && line.round == round)?;
        Some(line.tally.clone())
    }

    /// Writes a round down.
    pub fn write(&mut self, engine: Engine, seed: u64, round: u64, tally: &Tally) -> Result<()> {
        let Some(file) = &self.file else { return Ok(()) };
        let line = Line { engine: engine.name().to_owned(), seed, round, tally: tally.clone() };
        let mut file = File::options().create(true).append(true).open(file)?;
        writeln!(file, "{}", serde_json::to_string(&line)?)?;
        Ok(())
    }
}
