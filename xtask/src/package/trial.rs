//! Tries a package out: contents, unit, and its whole life from installing to purging, on a copy of this system that is
//! thrown away.

use std::fs;
use std::net::TcpListener;
use std::path::Path;

use anyhow::{Result, ensure};

use crate::place::Place;
use crate::step;

/// Installs, starts, asks, stops, removes and purges; runs as root in a mount namespace of its own.
const LIFE: &str = include_str!("life.sh");

/// What must be in the package, as `dpkg-deb --contents` shows it.
const CONTENTS: [&str; 9] = [
    "-rwxr-xr-x root/root ./usr/bin/certhall",
    "-rw-r--r-- root/root ./etc/certhall/certhall.toml",
    "-rw-r--r-- root/root ./lib/systemd/system/certhall.service",
    "-rw-r--r-- root/root ./usr/share/certhall/page/hall/manifest.json",
    "-rw-r--r-- root/root ./usr/share/certhall/page/application/manifest.json",
    "-rw-r--r-- root/root ./usr/share/certhall/page/staff/manifest.json",
    "-rw-r--r-- root/root ./usr/share/certhall/channels/nanning/profile.toml",
    "-rw-r--r-- root/root ./usr/share/doc/certhall/copyright",
    "-rw-r--r-- root/root ./usr/share/doc/certhall/OPERATIONS.md",
];

/// Tries it out; an error says what is wrong with the package.
pub fn try_out(place: &Place, package: &Path, log: &Path) -> Result<()> {
    let info = step::output(place.command("dpkg-deb").arg("--info").arg(package))?;
    for words in ["Package: certhall", "Depends: adduser", "conffiles", "postinst", "prerm", "postrm"] {
        ensure!(info.contains(words), "the package does not say `{words}`:\n{info}");
    }
    let contents = step::output(place.command("dpkg-deb").arg("--contents").arg(package))?;
    let contents: Vec<_> = contents.lines().map(without_size_and_time).collect();
    for line in CONTENTS {
        ensure!(contents.iter().any(|there| there == line), "the package does not hold `{line}`");
    }
    let unit = place.root.join("backend/packaging/certhall.service");
    verify_unit(place, &unit, package, log)?;
    if step::output(place.command("id").arg("-u"))?.trim() != "0" {
        println!("    the package was not installed for a trial: that needs root");
        return Ok(());
    }
    let script = package.with_file_name("life.sh");
    fs::write(&script, LIFE)?;
    let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
    let work = std::env::temp_dir().join(format!("certhall-package-{}", std::process::id()));
    fs::create_dir_all(&work)?;
    let mut life = place.command("unshare");
    life.args(["--mount", "--propagation", "private", "sh"]).arg(&script).arg(package).arg(&work).arg(port.to_string());
    let lived = step::run(&mut life, log);
    fs::remove_dir(&work)?;
    lived
}

/// `-rw-r--r-- root/root 123 2026-11-20 09:00 ./x` without its size and time.
fn without_size_and_time(line: &str) -> String {
    let words: Vec<_> = line.split_whitespace().collect();
    match words.as_slice() {
        [mode, owner, _, _, _, path @ ..] => format!("{mode} {owner} {}", path.join(" ")),
        _ => String::new(),
    }
}

/// `systemd-analyze verify` on the unit, with the program at the place that it names.
fn verify_unit(place: &Place, unit: &Path, package: &Path, log: &Path) -> Result<()> {
    let program = package.with_file_name("tree").join("usr/bin/certhall");
    let folder = package.with_file_name("unit");
    fs::create_dir_all(&folder)?;
    let text = fs::read_to_string(unit)?.replace("/usr/bin/certhall", &program.to_string_lossy());
    let copy = folder.join("certhall.service");
    fs::write(&copy, text)?;
    // The manual page and other units that this one names are not on every machine.
    let mut verify = place.command("systemd-analyze");
    step::run(verify.args(["verify", "--man=no", "--recursive-errors=no"]).arg(&copy), log)?;
    // At most 2 of 10 on systemd's scale of exposure: what is left is the network.
    let mut exposure = place.command("systemd-analyze");
    step::run(exposure.args(["security", "--offline=yes", "--threshold=20", "--no-pager"]).arg(&copy), log)
}

#[cfg(test)]
mod tests {
    use super::without_size_and_time;

    #[test]
    fn a_line_of_contents_is_told_without_what_changes() {
        assert_eq!(
            without_size_and_time("-rwxr-xr-x root/root  65157648 2026-11-20 10:35 ./usr/bin/certhall"),
            "-rwxr-xr-x root/root ./usr/bin/certhall"
        );
        assert_eq!(without_size_and_time("odd"), "");
    }
}
