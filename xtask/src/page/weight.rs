//! What the page weighs: the bytes that a browser fetches from the backend before a screen works.

use std::fmt::Write as _;
use std::fs;
use std::net::SocketAddr;

use anyhow::{Context, Result, bail};

use super::manifest::Manifest;
use super::{Build, Program};
use crate::place::Place;
use crate::stand::{self, Addresses, Stand};

/// The most that the first screen of a program may weigh, in bytes.
const fn limit(program: Program) -> usize {
    match program {
        Program::Hall => 90_000,
        Program::Application | Program::Staff => 140_000,
        Program::Orders => 125_000,
        // Every screen in one, and loaded once a day or by who is at a partner's site.
        Program::Kiosk | Program::Embed => 170_000,
    }
}
/// How far the table in the documentation may be off, in bytes, before it must be written anew.
const SLACK: usize = 3_000;

const DOCUMENT: &str = "docs/PERFORMANCE.md";
const BEGIN: &str = "<!-- begin: cargo xtask weigh --write -->\n";
const END: &str = "<!-- end -->";

/// The screens at which a visit may begin. What each loads is the whole program: nothing is loaded later.
const SCREENS: [(&str, Program); 5] = [
    ("/", Program::Hall),
    ("/nanning/", Program::Hall),
    ("/nanning/new", Program::Application),
    ("/nanning/orders", Program::Orders),
    ("/staff/", Program::Staff),
];

/// What to do with the table in the documentation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    /// Fail when it is off.
    Compare,
    /// Write it anew.
    Write,
}

struct Weight {
    path: &'static str,
    limit: usize,
    html: usize,
    js: usize,
    wasm: usize,
}

impl Weight {
    fn sum(&self) -> usize {
        self.html + self.js + self.wasm
    }
}

/// Starts the built backend on the built page, fetches each first screen, prints the table; fails when a screen is too heavy
/// or the documentation says something else.
pub fn weigh(place: &Place, table: Table) -> Result<()> {
    let folder = tempfile::Builder::new().prefix("certhall-weigh-").tempdir()?;
    let addresses = Addresses::free()?;
    let stand = Stand::in_folder(place, folder.path().to_path_buf(), addresses)?;
    let running = [stand.start_sandbox()?, stand.start_backend()?];
    let weights = SCREENS.into_iter().map(|(path, program)| measure(place, addresses.backend, path, program));
    let weights = weights.collect::<Result<Vec<_>>>()?;
    drop(running);

    let text = render(&weights);
    print!("{text}");
    compare_or_write(place, table, &weights, &text)?;
    match weights.iter().find(|weight| weight.sum() > weight.limit) {
        Some(heavy) => bail!("{} weighs {} bytes, more than {}", heavy.path, heavy.sum(), heavy.limit),
        None => Ok(()),
    }
}

fn measure(place: &Place, backend: SocketAddr, path: &'static str, program: Program) -> Result<Weight> {
    let folder = Build::Release.folder(place).join(program.name());
    let text = fs::read(folder.join("manifest.json")).context("the page is not built: run `cargo xtask build-page`")?;
    let manifest: Manifest = serde_json::from_slice(&text)?;
    // As it comes over the wire: what the backend does not compress counts in full.
    let fetch = |path: &str| stand::get(backend, path).map(|body| body.len());
    let file = |name: &str| fetch(&format!("/page/{}/{name}", program.name()));
    let limit = limit(program);
    Ok(Weight { path, limit, html: fetch(path)?, js: file(&manifest.js.file)?, wasm: file(&manifest.wasm.file)? })
}

fn render(weights: &[Weight]) -> String {
    let mut text =
        "| first screen | limit | HTML with style | script | WebAssembly | bytes in all |\n|---|---|---|---|---|---|\n"
            .to_owned();
    for weight in weights {
        let Weight { path, limit, html, js, wasm } = weight;
        // Writing to a String cannot fail.
        let _ = writeln!(text, "| `{path}` | {limit} | {html} | {js} | {wasm} | {} |", weight.sum());
    }
    text
}

fn compare_or_write(place: &Place, table: Table, weights: &[Weight], text: &str) -> Result<()> {
    let path = place.root.join(DOCUMENT);
    let document = fs::read_to_string(&path).with_context(|| format!("cannot read {DOCUMENT}"))?;
    let (head, rest) = document.split_once(BEGIN).with_context(|| format!("{DOCUMENT} has no `{}`", BEGIN.trim()))?;
    let (old, foot) = rest.split_once(END).with_context(|| format!("{DOCUMENT} has no `{END}`"))?;
    if table == Table::Write {
        return fs::write(&path, format!("{head}{BEGIN}{text}{END}{foot}")).context("cannot write the table");
    }
    for weight in weights {
        let (path, sum) = (weight.path, weight.sum());
        let said = said_sum(old, path).with_context(|| format!("{DOCUMENT} has no line for {path}"))?;
        if said.abs_diff(sum) > SLACK {
            bail!("{DOCUMENT} says {said} bytes for {path}, it is {sum}: run `cargo xtask weigh --write`");
        }
    }
    Ok(())
}

/// The last number of a screen's line in the table.
fn said_sum(table: &str, path: &str) -> Option<usize> {
    let line = table.lines().find(|line| line.starts_with(&format!("| `{path}` |")))?;
    line.trim_end_matches(['|', ' ']).rsplit('|').next()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{Weight, render, said_sum};

    #[test]
    fn a_written_table_is_read_back() {
        let table = render(&[
            Weight { path: "/", limit: 9, html: 1, js: 2, wasm: 3 },
            Weight { path: "/nanning/", limit: 9, html: 4000, js: 10_000, wasm: 80_000 },
        ]);
        assert_eq!(said_sum(&table, "/"), Some(6));
        assert_eq!(said_sum(&table, "/nanning/"), Some(94_000));
        assert_eq!(said_sum(&table, "/staff/"), None);
    }
}
