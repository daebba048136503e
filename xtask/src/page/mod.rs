//! Building the page: WebAssembly programs, shrunk, named by their content and compressed beforehand.
//!
//! The result is one folder a program with a `manifest.json`; the backend reads it, puts the style sheet into the
//! HTML that it renders and names the two other files there. `trunk build` makes the same hall for development.

mod manifest;
mod slim;
pub mod trunk;
mod weight;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

use crate::place::Place;
use crate::step::{self, say};
use manifest::{Asset, Manifest};
pub use weight::{Table, weigh};

/// A program of the page. The staff's pages, what follows an order, and what terminals and frames need never weigh on an
/// applicant's first load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// The applicants' hall: home and texts.
    Hall,
    /// The applicants' form, up to an order.
    Application,
    /// The applicants' orders.
    Orders,
    /// The staff desk.
    Staff,
    /// Every screen of the applicants, on a terminal in a service hall.
    Kiosk,
    /// Every screen of the applicants, in a partner's frame.
    Embed,
}

impl Program {
    /// Every program.
    pub const ALL: [Self; 6] = [Self::Hall, Self::Application, Self::Orders, Self::Staff, Self::Kiosk, Self::Embed];

    /// The name of the binary, of the folder and of the files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hall => "hall",
            Self::Application => "application",
            Self::Orders => "orders",
            Self::Staff => "staff",
            Self::Kiosk => "kiosk",
            Self::Embed => "embed",
        }
    }

    /// The page that `trunk` builds; its `<link data-trunk rel="css">` lines are the list of style sheets.
    fn html(self) -> &'static str {
        match self {
            Self::Hall => "frontend/hall.html",
            Self::Application => "frontend/application.html",
            Self::Orders => "frontend/orders.html",
            Self::Staff => "frontend/staff.html",
            Self::Kiosk => "frontend/kiosk.html",
            Self::Embed => "frontend/embed.html",
        }
    }
}

/// How much work goes into a small file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Build {
    /// What applicants load.
    Release,
    /// For writing the page: builds in seconds, is several times as large.
    Dev,
}

impl Build {
    fn profile(self) -> &'static str {
        match self {
            Self::Release => "wasm",
            Self::Dev => "wasm-dev",
        }
    }

    /// Where the programs' folders are put.
    pub fn folder(self, place: &Place) -> PathBuf {
        match self {
            Self::Release => place.target.join("page"),
            Self::Dev => place.target.join("page-dev"),
        }
    }
}

/// The file that names a program's files; see [`Manifest`].
const MANIFEST: &str = "manifest.json";

/// Features that Chromium, Firefox and Safari of the last years have. `--all-features` makes files that do not start.
/// More rounds than one: what the first leaves, the next makes smaller by some hundred bytes.
const WASM_OPT: [&str; 11] = [
    "-Oz",
    // Taken apart and put together anew, it comes out half a per cent smaller.
    "--flatten",
    "--rereloop",
    "-Oz",
    "-Oz",
    "--enable-bulk-memory",
    "--enable-reference-types",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-multivalue",
];

/// Builds every program into [`Build::folder`]. A second build waits until the first is done.
pub fn build(place: &Place, build: Build) -> Result<()> {
    fs::create_dir_all(build.folder(place))?;
    let lock = fs::File::create(build.folder(place).join(".lock"))?;
    lock.lock().context("cannot lock the page's folder")?;
    let log = place.log("build-page")?;
    fs::write(&log, "")?;
    say(&format!("compiling the page (profile {})", build.profile()), || step::run(&mut compiler(place, build), &log))?;
    for program in Program::ALL {
        say(&format!("packing {}", program.name()), || pack(place, build, program, &log))?;
    }
    println!("    the page is in {}", build.folder(place).display());
    Ok(())
}

/// The compiler's call. A release compiles the standard library anew for size and without panic messages, which takes
/// some 20 KB off the page (docs/decisions/0002-page-weight.md); both are unstable options of the pinned compiler.
fn compiler(place: &Place, build: Build) -> Command {
    let mut cargo = place.command("cargo");
    cargo.args(["build", "--package", "certhall-frontend", "--target", "wasm32-unknown-unknown"]);
    cargo.args(Program::ALL.into_iter().flat_map(|program| ["--bin", program.name()]));
    cargo.args(["--profile", build.profile()]);
    if build == Build::Release {
        cargo.args(["-Zbuild-std=std,panic_abort", "-Zbuild-std-features=optimize_for_size"]);
        cargo.env("RUSTC_BOOTSTRAP", "1");
        // Replaces the flags of .cargo/config.toml, hence repeats the first.
        cargo.env(
            "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS",
            "--cfg erase_components -Zunstable-options -Cpanic=immediate-abort",
        );
    }
    cargo
}

/// Turns one compiled program into the files that a browser loads.
fn pack(place: &Place, build: Build, program: Program, log: &Path) -> Result<()> {
    let name = program.name();
    let work = build.folder(place).join(format!(".{name}.work"));
    let fresh = build.folder(place).join(format!(".{name}.new"));
    for folder in [&work, &fresh] {
        remove(folder)?;
        fs::create_dir_all(folder)?;
    }
    let compiled = place.target.join("wasm32-unknown-unknown").join(build.profile()).join(name).with_extension("wasm");
    let mut bindgen = place.command("wasm-bindgen");
    bindgen.args(["--target", "web", "--no-typescript", "--out-name", name, "--out-dir"]).arg(&work).arg(&compiled);
    if build == Build::Release {
        bindgen.args(["--remove-name-section", "--remove-producers-section"]);
    }
    step::run(&mut bindgen, log)?;

    let (bound, glue) = (work.join(format!("{name}_bg.wasm")), work.join(format!("{name}.js")));
    let wasm = match build {
        Build::Dev => fs::read(bound)?,
        Build::Release => shrunk(place, name, &bound, &glue, log)?,
    };
    let wasm = Asset::store(place, build, &fresh, name, "wasm", &wasm)?;
    let js = Asset::store(place, build, &fresh, name, "js", &script(place, name, &wasm, &work, log)?)?;
    let css = Asset::store(place, build, &fresh, name, "css", &style(place, program, &work, log)?)?;
    let manifest = Manifest { js, wasm, css };
    fs::write(fresh.join(MANIFEST), serde_json::to_vec_pretty(&manifest)?)?;

    publish(&fresh, &build.folder(place).join(name))?;
    remove(&fresh)?;
    remove(&work)
}

/// The program without what nobody needs; its script is rewritten to match.
fn shrunk(place: &Place, name: &str, bound: &Path, glue: &Path, log: &Path) -> Result<Vec<u8>> {
    let script = slim::without_classes(&fs::read_to_string(glue)?);
    fs::write(bound, slim::without_unused_exports(&fs::read(bound)?, &script)?)?;
    let small = bound.with_extension("small.wasm");
    step::run(place.command("wasm-opt").args(WASM_OPT).arg(bound).arg("-o").arg(&small), log)?;
    let (wasm, script) = slim::shortened(&fs::read(small)?, &script, &format!("./{name}_bg.js"))?;
    fs::write(glue, script)?;
    Ok(wasm)
}

/// Puts the new files beside the old ones, the manifest last: a backend that is running, and pages that are open, go on
/// finding the files that they know. Files of no use for a day are removed.
fn publish(fresh: &Path, folder: &Path) -> Result<()> {
    fs::create_dir_all(folder)?;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.metadata()?.modified()?.elapsed().is_ok_and(|age| age > Duration::from_hours(24)) {
            fs::remove_file(entry.path())?;
        }
    }
    for entry in fs::read_dir(fresh)? {
        let name = entry?.file_name();
        if name != MANIFEST {
            fs::rename(fresh.join(&name), folder.join(&name))?;
        }
    }
    fs::rename(fresh.join(MANIFEST), folder.join(MANIFEST)).context("cannot write the manifest")
}

/// The one script of a program: it loads its WebAssembly file, which lies beside it, and starts it.
///
/// When that fails, `<html>` gets the class `page-failed`, so that the page can say so without any script. After it the browser
/// fetches what the shell names as probably opened next (`data-next`), so that it waits in the cache.
fn script(place: &Place, name: &str, wasm: &Asset, work: &Path, log: &Path) -> Result<Vec<u8>> {
    let start = format!(
        "import start from './{name}.js';\n\
         start({{ module_or_path: new URL('./{wasm}', import.meta.url) }}).then(() => setTimeout(() => {{\n\
           for (const next of document.querySelectorAll('[data-next]'))\n\
             fetch(next.href, {{ priority: 'low' }}).then((file) => file.blob()).catch(() => {{}});\n\
         }}, 1000)).catch((error) => {{\n\
           console.error(error);\n\
           document.documentElement.classList.add('page-failed');\n\
         }});\n",
        wasm = wasm.file
    );
    let (entry, bundle) = (work.join("start.js"), work.join("bundle.js"));
    fs::write(&entry, start)?;
    let mut esbuild = place.command("esbuild");
    esbuild.args(["--bundle", "--minify", "--format=esm", "--target=es2022", "--log-level=warning"]);
    step::run(esbuild.arg(format!("--outfile={}", bundle.display())).arg(&entry), log)?;
    Ok(fs::read(bundle)?)
}

/// All style sheets of a program as one, made small.
fn style(place: &Place, program: Program, work: &Path, log: &Path) -> Result<Vec<u8>> {
    let html = place.root.join(program.html());
    let text = fs::read_to_string(&html).with_context(|| format!("cannot read {}", html.display()))?;
    let folder = html.parent().context("a page lies in a folder")?;
    let mut imports = String::new();
    for sheet in style_sheets(&text) {
        let path = folder.join(sheet);
        ensure!(path.is_file(), "{} names the style sheet {sheet}, which is not there", program.html());
        imports.push_str(&format!("@import \"{}\";\n", path.display()));
    }
    let (entry, bundle) = (work.join("start.css"), work.join("bundle.css"));
    fs::write(&entry, imports)?;
    let mut esbuild = place.command("esbuild");
    esbuild.args(["--bundle", "--minify", "--target=chrome109,firefox115,safari16", "--log-level=warning"]);
    step::run(esbuild.arg(format!("--outfile={}", bundle.display())).arg(&entry), log)?;
    Ok(fs::read(bundle)?)
}

/// The `href` of every `<link data-trunk rel="css" …>`, in order.
fn style_sheets(html: &str) -> Vec<&str> {
    html.split("<link")
        .skip(1)
        .filter_map(|rest| rest.split('>').next())
        .filter(|tag| tag.contains("data-trunk") && tag.contains("rel=\"css\""))
        .filter_map(|tag| tag.split("href=\"").nth(1)?.split('"').next())
        .collect()
}

fn remove(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => bail!("cannot remove {}: {error}", folder.display()),
    }
}

#[cfg(test)]
mod tests {
    use super::style_sheets;

    #[test]
    fn style_sheets_are_the_links_that_trunk_takes() {
        let html = r#"<link data-trunk rel="rust" href="Cargo.toml" /><link data-trunk rel="css" href="styles/a.css" />
            <link rel="icon" href="i.svg"><link rel="css" data-trunk href="styles/b.css">"#;
        assert_eq!(style_sheets(html), ["styles/a.css", "styles/b.css"]);
    }
}
