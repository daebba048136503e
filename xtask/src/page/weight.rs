//! What the page weighs: bytes that a browser fetches before the first screen works, with brotli.

use std::fmt::Write as _;
use std::fs;

use anyhow::{Context, Result, bail};

use super::manifest::Manifest;
use super::{Build, Program};
use crate::place::Place;

/// The most that a first screen may weigh, in bytes.
const LIMIT: u64 = 140_000;
/// How far the table in the documentation may be off, in bytes, before it must be written anew.
const SLACK: u64 = 3_000;

const DOCUMENT: &str = "docs/PERFORMANCE.md";
const BEGIN: &str = "<!-- begin: cargo xtask weigh --write -->\n";
const END: &str = "<!-- end -->";

/// What to do with the table in the documentation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    /// Fail when it is off.
    Compare,
    /// Write it anew.
    Write,
}

struct Screen {
    program: Program,
    js: u64,
    wasm: u64,
    css: u64,
}

impl Screen {
    fn sum(&self) -> u64 {
        self.js + self.wasm + self.css
    }
}

/// Prints the weight of each program; fails when one is too heavy or the documentation says something else.
pub fn weigh(place: &Place, table: Table) -> Result<()> {
    let screens = Program::ALL.map(|program| measure(place, program)).into_iter().collect::<Result<Vec<_>>>()?;
    let text = render(&screens);
    print!("{text}");
    if let Some(heavy) = screens.iter().find(|screen| screen.sum() > LIMIT) {
        bail!("{} weighs {} bytes, more than {LIMIT}", heavy.program.name(), heavy.sum());
    }
    let path = place.root.join(DOCUMENT);
    let document = fs::read_to_string(&path).with_context(|| format!("cannot read {DOCUMENT}"))?;
    let (head, rest) = document.split_once(BEGIN).with_context(|| format!("{DOCUMENT} has no `{}`", BEGIN.trim()))?;
    let (old, foot) = rest.split_once(END).with_context(|| format!("{DOCUMENT} has no `{END}`"))?;
    match table {
        Table::Write => fs::write(&path, format!("{head}{BEGIN}{text}{END}{foot}")).context("cannot write the table"),
        Table::Compare => {
            for screen in &screens {
                let said = said_sum(old, screen.program)
                    .with_context(|| format!("{DOCUMENT} has no line for {}", screen.program.name()))?;
                if said.abs_diff(screen.sum()) > SLACK {
                    bail!(
                        "{DOCUMENT} says {said} bytes for {}, it is {}: run `cargo xtask weigh --write`",
                        screen.program.name(),
                        screen.sum()
                    );
                }
            }
            Ok(())
        }
    }
}

fn measure(place: &Place, program: Program) -> Result<Screen> {
    let file = Build::Release.folder(place).join(program.name()).join("manifest.json");
    let text =
        fs::read(&file).with_context(|| format!("{} is not there: run `cargo xtask build-page`", file.display()))?;
    let manifest: Manifest = serde_json::from_slice(&text)?;
    let brotli = |size: Option<u64>| size.context("the manifest of a release names the brotli sizes");
    Ok(Screen {
        program,
        js: brotli(manifest.js.brotli)?,
        wasm: brotli(manifest.wasm.brotli)?,
        css: brotli(manifest.css.brotli)?,
    })
}

fn render(screens: &[Screen]) -> String {
    let mut text =
        "| program | script | WebAssembly | style | first load, bytes with brotli |\n|---|---|---|---|---|\n"
            .to_owned();
    for screen in screens {
        let Screen { program, js, wasm, css } = screen;
        // Writing to a String cannot fail.
        let _ = writeln!(text, "| {} | {js} | {wasm} | {css} | {} |", program.name(), screen.sum());
    }
    text
}

/// The last number of a program's line in the table.
fn said_sum(table: &str, program: Program) -> Option<u64> {
    let line = table.lines().find(|line| line.starts_with(&format!("| {} |", program.name())))?;
    line.trim_end_matches(['|', ' ']).rsplit('|').next()?.trim().parse().ok()
}
