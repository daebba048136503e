//! `cargo xtask package`: the backend, the page and the halls as a Debian package, assembled here and packed by `dpkg-deb`.

mod trial;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::page;
use crate::place::Place;
use crate::step;
use trial::try_out;

/// Which programs go into the package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Build {
    /// For a server: optimised, packed small.
    Release,
    /// What the tests have built already: same contents, quicker to make.
    Debug,
}

/// Files of the checkout and where they are installed.
const FILES: [(&str, &str, u32); 8] = [
    ("backend/packaging/certhall.example.toml", "etc/certhall/certhall.toml", 0o644),
    ("backend/packaging/certhall.example.toml", "usr/share/doc/certhall/certhall.example.toml", 0o644),
    ("backend/packaging/nginx.conf", "usr/share/doc/certhall/nginx.conf", 0o644),
    ("backend/packaging/certhall.service", "lib/systemd/system/certhall.service", 0o644),
    ("backend/packaging/debian/copyright", "usr/share/doc/certhall/copyright", 0o644),
    ("LICENSE-MIT", "usr/share/doc/certhall/LICENSE-MIT", 0o644),
    ("README.md", "usr/share/doc/certhall/README.md", 0o644),
    ("docs/OPERATIONS.md", "usr/share/doc/certhall/OPERATIONS.md", 0o644),
];

/// Builds everything for a server, makes the package and tries it out.
pub fn run(place: &Place) -> Result<()> {
    let log = place.log("package")?;
    step::say("building the backend for a server (minutes)", || {
        let mut cargo = place.command("cargo");
        step::run(
            cargo.args(["build", "--release", "--locked", "--package", "certhall-backend", "--bin", "certhall"]),
            &log,
        )
    })?;
    page::build(place, page::Build::Release)?;
    let package = step::say("packing", || make(place, Build::Release, &log))?;
    step::say("trying it out", || try_out(place, &package, &log))?;
    println!("    the package is {}", package.display());
    Ok(())
}

/// Makes the package and says where it is. The programs and the page must have been built.
fn make(place: &Place, build: Build, log: &Path) -> Result<PathBuf> {
    let folder = place.target.join("package");
    let tree = folder.join("tree");
    if tree.exists() {
        fs::remove_dir_all(&tree)?;
    }
    for (from, to, mode) in FILES {
        install(&place.root.join(from), &tree.join(to), mode)?;
    }
    let programs = place.target.join(match build {
        Build::Release => "release",
        Build::Debug => "debug",
    });
    let program = tree.join("usr/bin/certhall");
    install(&programs.join("certhall"), &program, 0o755)?;
    step::run(place.command("strip").arg("--strip-unneeded").arg(&program), log)?;
    copy_all(&page::Build::Release.folder(place), &tree.join("usr/share/certhall/page"))?;
    copy_all(&place.root.join("backend/channels"), &tree.join("usr/share/certhall/channels"))?;

    let version = env!("CARGO_PKG_VERSION");
    let architecture = step::output(place.command("dpkg").arg("--print-architecture"))?.trim().to_owned();
    control(place, &tree, version, &architecture)?;
    let file = folder.join(format!("certhall_{version}_{architecture}.deb"));
    let mut pack = place.command("dpkg-deb");
    pack.args(["--root-owner-group", "--build"]).arg(match build {
        Build::Release => "-Zxz",
        Build::Debug => "-Zgzip",
    });
    // The same commit gives the same package.
    let committed = step::output(place.command("git").args(["log", "-1", "--format=%ct"]))?;
    pack.env("SOURCE_DATE_EPOCH", committed.trim());
    if build == Build::Debug {
        pack.arg("-z1");
    }
    step::run(pack.arg(&tree).arg(&file), log)?;
    Ok(file)
}

/// The package of what the tests have built, tried out.
pub fn test(place: &Place, log: &Path) -> Result<()> {
    let package = make(place, Build::Debug, log)?;
    try_out(place, &package, log)
}

/// The package's own description and its scripts.
fn control(place: &Place, tree: &Path, version: &str, architecture: &str) -> Result<()> {
    let sources = place.root.join("backend/packaging/debian");
    let folder = tree.join("DEBIAN");
    for (name, mode) in [("conffiles", 0o644), ("postinst", 0o755), ("prerm", 0o755), ("postrm", 0o755)] {
        install(&sources.join(name), &folder.join(name), mode)?;
    }
    let text = fs::read_to_string(sources.join("control.in"))?
        .replace("@VERSION@", version)
        .replace("@ARCHITECTURE@", architecture)
        .replace("@SIZE@", &kibibytes(tree)?.to_string())
        .replace("@LIBC@", &libc_version(place)?);
    ensure!(!text.contains('@') || text.matches('@').count() == 1, "control.in has a place that nobody fills:\n{text}");
    fs::write(folder.join("control"), text)?;
    let mut sums = place.command("sh");
    sums.current_dir(tree).args(["-c", "find usr lib -type f -print0 | sort -z | xargs -0 md5sum"]);
    fs::write(folder.join("md5sums"), step::output(&mut sums)?)?;
    Ok(())
}

/// The program runs on this machine's C library and newer ones.
fn libc_version(place: &Place) -> Result<String> {
    let said = step::output(place.command("getconf").arg("GNU_LIBC_VERSION"))?;
    Ok(said.split_whitespace().last().context("getconf names no version")?.to_owned())
}

fn install(from: &Path, to: &Path, mode: u32) -> Result<()> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::copy(from, to).with_context(|| format!("{} is needed for the package", from.display()))?;
    fs::set_permissions(to, fs::Permissions::from_mode(mode))?;
    Ok(())
}

fn copy_all(from: &Path, to: &Path) -> Result<()> {
    for entry in fs::read_dir(from).with_context(|| format!("{} is needed for the package", from.display()))? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        // Locks and work folders of a build.
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        if entry.file_type()?.is_dir() {
            copy_all(&entry.path(), &target)?;
        } else {
            install(&entry.path(), &target, 0o644)?;
        }
    }
    Ok(())
}

fn kibibytes(folder: &Path) -> Result<u64> {
    let mut sum = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        sum += if entry.file_type()?.is_dir() {
            kibibytes(&entry.path())?
        } else {
            entry.metadata()?.len().div_ceil(1024)
        };
    }
    Ok(sum)
}
