//! Packages of the operating system: looked for by what they bring, installed only on Debian and only as root.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::place::Place;
use crate::step::{self, say};

/// How to tell that a package is there.
#[derive(Clone, Copy, Debug)]
enum Mark {
    /// A program on the path.
    Program(&'static str),
    /// A program that ends well with these words.
    Answers(&'static str, &'static [&'static str]),
    /// A file in a folder whose name may hold one `*`, as a whole or a part of a component.
    File(&'static str),
}

/// Something the project needs from the operating system.
#[derive(Clone, Copy, Debug)]
struct Need {
    /// Debian's name for it.
    package: &'static str,
    mark: Mark,
    why: &'static str,
}

const fn program(package: &'static str, name: &'static str, why: &'static str) -> Need {
    Need { package, mark: Mark::Program(name), why }
}

const fn file(package: &'static str, path: &'static str, why: &'static str) -> Need {
    Need { package, mark: Mark::File(path), why }
}

const NEEDS: &[Need] = &[
    program("build-essential", "cc", "compiles the C parts of aws-lc-rs and SQLite"),
    program("pkg-config", "pkg-config", "finds the PC/SC library"),
    file("libpcsclite-dev", "/usr/include/PCSC/winscard.h", "the bridge talks to smart-card readers through PC/SC"),
    file("libclang1-14", "/usr/lib/*/libclang*.so*", "the test card's file system is bound by bindgen"),
    file("libclang-common-14-dev", "/usr/lib/clang/*/include/stddef.h", "headers that bindgen reads"),
    file("libclang-dev", "/usr/lib/llvm-*/lib/libclang.so", "lets bindgen find libclang"),
    program("pcscd", "pcscd", "the PC/SC service"),
    file("vsmartcard-vpcd", "/usr/lib/pcsc/drivers/serial/libifdvpcd.so*", "a virtual reader for the test card"),
    program("opensc", "pkcs15-tool", "reads the made certificate back with somebody else's program"),
    program("pcsc-tools", "pcsc_scan", "shows what is in a reader"),
    program("openssl", "openssl", "verifies the made certificate with somebody else's program"),
    program("chromium", "chromium", "the browser of the tests"),
    program("chromium-driver", "chromedriver", "drives the browser"),
    program("firefox-esr", "firefox-esr", "the second browser of the tests"),
    program("webkit2gtk-driver", "WebKitWebDriver", "the third browser of the tests, and its driver"),
    program("xvfb", "Xvfb", "a screen for the third browser, which needs one"),
    file("fonts-noto-cjk", "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc", "Chinese in screenshots"),
    file("postgresql", "/usr/lib/postgresql/*/bin/initdb", "the store is tested on PostgreSQL too"),
    program("util-linux", "runuser", "PostgreSQL refuses to run as root"),
    Need {
        package: "python3-venv",
        mark: Mark::Answers("python3", &["-c", "import ensurepip, venv"]),
        why: "the oracles are the providers' Python SDKs",
    },
    program("brotli", "brotli", "compresses the page"),
    program("systemd", "systemd-analyze", "checks the unit of the Debian package"),
    program("curl", "curl", "asks the installed package whether it lives"),
    program("nodejs", "node", "runs the page's tools"),
    program("npm", "npm", "installs the page's tools"),
];

/// Installs the packages that are missing, or says which ones are and how to get them.
pub fn packages(place: &Place) -> Result<()> {
    let missing: Vec<Need> = NEEDS.iter().copied().filter(|need| !is_there(place, need.mark)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = missing.iter().map(|need| need.package).collect();
    for need in &missing {
        println!("    missing: {} ({})", need.package, need.why);
    }
    let root = step::output(place.command("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    if place.which("apt-get").is_none() || !root {
        bail!(
            "these are missing and can only be installed by you; on Debian and Ubuntu:\n\n    \
             sudo apt-get install --no-install-recommends {}\n",
            names.join(" ")
        );
    }
    let log = place.log("apt")?;
    say(&format!("installing {}", names.join(" ")), || {
        step::run(place.command("apt-get").arg("update"), &log)?;
        let mut apt = place.command("apt-get");
        apt.env("DEBIAN_FRONTEND", "noninteractive").args(["install", "--yes", "--no-install-recommends"]);
        step::run(apt.args(&names), &log)
    })?;
    match missing.into_iter().find(|need| !is_there(place, need.mark)) {
        Some(need) => bail!("{} was installed and still {:?} is not there", need.package, need.mark),
        None => Ok(()),
    }
}

fn is_there(place: &Place, mark: Mark) -> bool {
    match mark {
        Mark::Program(name) => place.which(name).is_some(),
        Mark::Answers(name, words) => step::output(place.command(name).args(words)).is_ok(),
        Mark::File(pattern) => !matching(pattern).is_empty(),
    }
}

/// The files that fit an absolute path in which `*` stands for any part of a name.
pub fn matching(pattern: &str) -> Vec<PathBuf> {
    let mut found = vec![PathBuf::from("/")];
    for part in pattern.split('/').filter(|part| !part.is_empty()) {
        found = found.iter().flat_map(|folder| children(folder, part)).collect();
    }
    found.sort();
    found
}

fn children(folder: &Path, part: &str) -> Vec<PathBuf> {
    if !part.contains('*') {
        return Some(folder.join(part)).into_iter().filter(|path| path.exists()).collect();
    }
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter(|entry| fits(&entry.file_name().to_string_lossy(), part)).map(|entry| entry.path()).collect()
}

fn fits(name: &str, pattern: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return name == pattern };
    let Some(name) = name.strip_prefix(first) else { return false };
    (0..=name.len()).filter_map(|at| name.get(at..)).any(|name| fits(name, rest))
}

#[cfg(test)]
mod tests {
    use super::{fits, matching};

    #[test]
    fn a_star_stands_for_any_part_of_a_name() {
        for (name, pattern, expected) in [
            ("libclang.so", "libclang*.so*", true),
            ("libclang-14.so.1", "libclang*.so*", true),
            ("libclang.a", "libclang*.so*", false),
            ("15", "*", true),
            ("include", "include", true),
            ("included", "include", false),
        ] {
            assert_eq!(fits(name, pattern), expected, "{name} {pattern}");
        }
    }

    #[test]
    fn a_path_without_a_star_is_itself() {
        assert_eq!(matching("/usr"), [std::path::PathBuf::from("/usr")]);
        assert!(matching("/no such folder/*").is_empty());
    }
}
