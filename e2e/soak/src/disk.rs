//! A disk so small that it can be filled: a file system in memory, mounted for the run.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

/// A folder; on a disk of its own where this program may mount one.
#[derive(Debug)]
pub struct Disk {
    folder: PathBuf,
    mounted: bool,
}

impl Disk {
    /// A disk of so many megabytes at a folder, which is made. Without the right to mount, an ordinary folder that never
    /// gets full.
    pub fn at(folder: &Path, megabytes: u32) -> Result<Self> {
        fs::create_dir_all(folder)?;
        let size = format!("size={megabytes}m");
        let mount = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(folder).output();
        let mounted = mount.is_ok_and(|output| output.status.success());
        Ok(Self { folder: folder.to_owned(), mounted })
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether it can be filled.
    pub fn is_small(&self) -> bool {
        self.mounted
    }

    fn ballast(&self) -> PathBuf {
        self.folder.join("ballast")
    }

    /// Fills it to the last byte.
    pub fn fill(&self) -> Result<()> {
        if !self.mounted {
            bail!("{} is no disk of its own", self.folder.display());
        }
        let block = vec![0_u8; 1 << 16];
        let mut file = fs::File::create(self.ballast())?;
        while std::io::Write::write_all(&mut file, &block).is_ok() {}
        // What is left after the last whole block.
        while std::io::Write::write_all(&mut file, &block[..512]).is_ok() {}
        Ok(())
    }

    /// Gives the room back.
    pub fn clear(&self) {
        let _ = fs::remove_file(self.ballast());
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if self.mounted {
            let done = Command::new("umount").arg("--lazy").arg(&self.folder).status().context("umount");
            if !done.is_ok_and(|status| status.success()) {
                eprintln!("{} stays mounted", self.folder.display());
            }
        }
    }
}
