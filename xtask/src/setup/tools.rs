//! Pinned tools in the cache: the Rust target, cargo's, npm's and Python's programs.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use sha2::{Digest, Sha256};

use crate::place::Place;
use crate::setup::{For, matching};
use crate::step::{self, say};

/// A program from the crate registry.
#[derive(Clone, Copy, Debug)]
struct Tool {
    package: &'static str,
    program: &'static str,
    version: &'static str,
    /// What the program prints is asked with these words.
    ask: &'static [&'static str],
    features: &'static [&'static str],
    /// Another version than the pinned one will do when it is already on the machine: nothing is built with it.
    any_version: bool,
    /// Only checking needs it.
    checks_only: bool,
}

/// wasm-bindgen must be the version that the page is compiled with; trunk 0.22 wants a newer compiler.
const TOOLS: [Tool; 7] = [
    Tool {
        package: "wasm-bindgen-cli",
        program: "wasm-bindgen",
        version: "0.2.129",
        ask: &["--version"],
        features: &["--no-default-features"],
        any_version: false,
        checks_only: false,
    },
    Tool {
        package: "trunk",
        program: "trunk",
        version: "0.21.14",
        ask: &["--version"],
        features: &["--no-default-features", "--features", "rustls"],
        any_version: false,
        checks_only: true,
    },
    Tool {
        package: "cargo-nextest",
        program: "cargo-nextest",
        version: "0.9.143",
        ask: &["nextest", "--version"],
        features: &["--no-default-features", "--features", "default-no-update"],
        any_version: true,
        checks_only: true,
    },
    Tool {
        package: "cargo-deny",
        program: "cargo-deny",
        version: "0.20.2",
        ask: &["--version"],
        features: &["--no-default-features"],
        any_version: true,
        checks_only: true,
    },
    Tool {
        package: "cargo-fuzz",
        program: "cargo-fuzz",
        version: "0.13.2",
        ask: &["--version"],
        features: &[],
        any_version: true,
        checks_only: true,
    },
    Tool {
        package: "cargo-machete",
        program: "cargo-machete",
        version: "0.9.2",
        ask: &["--version"],
        features: &[],
        any_version: true,
        checks_only: true,
    },
    Tool {
        package: "geckodriver",
        program: "geckodriver",
        version: "0.37.1",
        ask: &["--version"],
        features: &[],
        any_version: true,
        checks_only: true,
    },
];

/// The WebAssembly target and the standard library's source: `rust-toolchain.toml` names both, but not every rustup
/// installs them by itself.
pub fn rust(place: &Place) -> Result<()> {
    let sysroot = step::output(place.command("rustc").args(["--print", "sysroot"]))?;
    let library = Path::new(sysroot.trim()).join("lib/rustlib");
    let log = place.log("rustup")?;
    for (folder, words) in [
        ("wasm32-unknown-unknown/lib", ["target", "add", "wasm32-unknown-unknown"]),
        ("src/rust/library/std", ["component", "add", "rust-src"]),
    ] {
        if !library.join(folder).is_dir() {
            say(&format!("rustup {}", words.join(" ")), || step::run(place.command("rustup").args(words), &log))?;
        }
    }
    Ok(())
}

/// The pinned programs from the crate registry, built once into the cache.
pub fn cargo(place: &Place, purpose: For) -> Result<()> {
    for tool in TOOLS {
        if (tool.checks_only && purpose == For::Demo) || is_there(place, tool) {
            continue;
        }
        let log = place.log(tool.package)?;
        let what = format!("building {} {} (minutes, once; log {})", tool.package, tool.version, log.display());
        say(&what, || {
            let mut cargo = place.command("cargo");
            cargo.args(["install", "--locked", "--force", "--root"]).arg(place.tools());
            cargo.args(["--version", tool.version]).args(tool.features).arg(tool.package);
            // Quick to build matters more here than quick to run. The folder of its own keeps the tools' crates
            // out of ours and is removed afterwards.
            let scratch = place.cache.join("build").join(tool.package);
            cargo.env("CARGO_TARGET_DIR", &scratch).env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1");
            cargo.env("CARGO_PROFILE_RELEASE_LTO", "off").env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16");
            step::run(cargo.env("CARGO_PROFILE_RELEASE_DEBUG", "0"), &log)?;
            fs::remove_dir_all(&scratch).with_context(|| format!("cannot remove {}", scratch.display()))
        })?;
    }
    Ok(())
}

fn is_there(place: &Place, tool: Tool) -> bool {
    let Some(found) = place.which(tool.program) else { return false };
    let answer = step::output(place.command(found).args(tool.ask)).unwrap_or_default();
    !answer.is_empty() && (tool.any_version || answer.split_whitespace().any(|word| word == tool.version))
}

/// The npm tools of `e2e/package.json`, exactly as its lock file says.
pub fn npm(place: &Place) -> Result<()> {
    let files = ["package.json", "package-lock.json"];
    let mut hash = Sha256::new();
    for file in files {
        hash.update(fs::read(place.root.join("e2e").join(file))?);
    }
    install_once(&place.npm(), &hex::encode(hash.finalize()), "installing binaryen, esbuild and axe-core", || {
        for file in files {
            fs::copy(place.root.join("e2e").join(file), place.npm().join(file))?;
        }
        let log = place.log("npm")?;
        let mut npm = place.command("npm");
        npm.current_dir(place.npm()).args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"]);
        step::run(&mut npm, &log)
    })
}

/// nginx, unpacked into the cache: installed as a package it would start and listen on port 80.
pub fn nginx(place: &Place) -> Result<()> {
    let folder = place.cache.join("nginx");
    if folder.join("usr/sbin/nginx").is_file() || place.which("nginx").is_some() {
        return Ok(());
    }
    ensure!(
        place.which("apt-get").is_some() && place.which("dpkg-deb").is_some(),
        "nginx is missing: install it; the test of several backends puts it in front of them"
    );
    say("unpacking nginx", || {
        fs::create_dir_all(&folder)?;
        let log = place.log("nginx")?;
        step::run(place.command("apt-get").current_dir(&folder).args(["download", "nginx"]), &log)?;
        let package = matching(&folder.join("nginx_*.deb").display().to_string()).pop();
        let package = package.context("apt-get has left no package")?;
        step::run(place.command("dpkg-deb").arg("-x").arg(&package).arg(&folder), &log)?;
        fs::remove_file(&package).with_context(|| format!("cannot remove {}", package.display()))
    })
}

/// The Python environment with the providers' own SDKs and the maker of malformed requests.
pub fn python(place: &Place) -> Result<()> {
    let lists = ["oracles", "schemathesis"].map(|user| place.root.join("e2e").join(user).join("requirements.txt"));
    let mut hash = Sha256::new();
    for list in &lists {
        hash.update(fs::read(list).with_context(|| format!("cannot read {}", list.display()))?);
    }
    let stamp = hex::encode(hash.finalize());
    install_once(&place.venv(), &stamp, "installing the Python packages of the tests", || {
        let log = place.log("python")?;
        step::run(place.command("python3").args(["-m", "venv", "--clear"]).arg(place.venv()), &log)?;
        let mut pip = place.command(place.venv().join("bin/pip"));
        pip.arg("install");
        for list in &lists {
            pip.arg("--requirement").arg(list);
        }
        step::run(&mut pip, &log)
    })
}

/// Does the work unless the folder bears the stamp of the same work done before.
fn install_once(folder: &Path, stamp: &str, what: &str, work: impl FnOnce() -> Result<()>) -> Result<()> {
    let mark = folder.join("certhall-stamp");
    if fs::read_to_string(&mark).is_ok_and(|old| old == stamp) {
        return Ok(());
    }
    say(what, || {
        fs::create_dir_all(folder)?;
        work()?;
        fs::write(&mark, stamp).with_context(|| format!("cannot write {}", mark.display()))
    })
}
