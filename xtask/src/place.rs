//! Where things are: the checkout, the cache beside it, and commands that find the pinned tools.

use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

/// The folders that every task works in.
#[derive(Clone, Debug)]
pub struct Place {
    /// The top of the checkout.
    pub root: PathBuf,
    /// Tools, logs and compiled files: `$CERTHALL_CACHE`, else `~/.cache/certhall`.
    pub cache: PathBuf,
    /// Compiled files: `$CARGO_TARGET_DIR`, else `target` in the cache.
    pub target: PathBuf,
}

impl Place {
    /// Finds the folders; nothing is created but the cache itself.
    pub fn find() -> Result<Self> {
        // As `cargo run` says now, not as the compiler was told: checkouts that share compiled files also share this program.
        let package = env::var_os("CARGO_MANIFEST_DIR").context("start this with `cargo xtask`")?;
        let root =
            Path::new(&package).parent().context("the xtask package lies in a folder of the checkout")?.to_path_buf();
        let cache = match env::var_os("CERTHALL_CACHE") {
            Some(path) => absolute(&root, Path::new(&path)),
            None => PathBuf::from(env::var_os("HOME").context("HOME or CERTHALL_CACHE must be set")?)
                .join(".cache/certhall"),
        };
        let target = match env::var_os("CARGO_TARGET_DIR") {
            Some(path) => absolute(&root, Path::new(&path)),
            None => cache.join("target"),
        };
        std::fs::create_dir_all(cache.join("log")).with_context(|| format!("cannot create {}", cache.display()))?;
        Ok(Self { root, cache, target })
    }

    /// Where `cargo install --root` puts the pinned tools.
    pub fn tools(&self) -> PathBuf {
        self.cache.join("tools")
    }

    /// Where the npm tools of `e2e/package.json` are installed.
    pub fn npm(&self) -> PathBuf {
        self.cache.join("npm")
    }

    /// The Python environment of the oracles.
    pub fn venv(&self) -> PathBuf {
        self.cache.join("venv")
    }

    /// A log file; its folder is created.
    pub fn log(&self, name: &str) -> Result<PathBuf> {
        let path = self.cache.join("log").join(format!("{name}.log"));
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        Ok(path)
    }

    /// The search path with the pinned tools first.
    pub fn path(&self) -> OsString {
        let mut folders = vec![self.npm().join("node_modules/.bin"), self.tools().join("bin")];
        if let Some(path) = env::var_os("PATH") {
            folders.extend(env::split_paths(&path));
        }
        // Debian keeps daemons such as pcscd out of an ordinary user's path.
        folders.extend(["/usr/local/sbin", "/usr/sbin", "/sbin"].map(PathBuf::from));
        env::join_paths(folders).unwrap_or_default()
    }

    /// The full path of a program on [`Place::path`], if there is one.
    pub fn which(&self, program: &str) -> Option<PathBuf> {
        env::split_paths(&self.path()).map(|folder| folder.join(program)).find(|file| file.is_file())
    }

    /// A command in the checkout with the pinned tools first on its path.
    ///
    /// What `cargo run` adds to the environment for this program is taken away again, so that a build started
    /// from here and one started by hand compile the same things.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let program = program.as_ref();
        let found = program.to_str().filter(|name| !name.contains('/')).and_then(|name| self.which(name));
        let mut command = Command::new(found.unwrap_or_else(|| PathBuf::from(program)));
        command.current_dir(&self.root).env("PATH", self.path()).env("CARGO_TARGET_DIR", &self.target);
        for (name, _) in env::vars_os() {
            let of_cargo_run =
                name.to_str().is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_"));
            if of_cargo_run {
                command.env_remove(name);
            }
        }
        // CARGO makes cargo's own subcommands believe that cargo started them.
        command.env_remove("CARGO");
        // A child's last words are shown to people: the reason, not fifty frames.
        command.env("RUST_LIB_BACKTRACE", "0");
        // Flags of the caller would replace those of .cargo/config.toml.
        command.env_remove("LD_LIBRARY_PATH").env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS");
        command
    }
}

fn absolute(root: &Path, path: &Path) -> PathBuf {
    if path.is_absolute() { path.to_path_buf() } else { root.join(path) }
}
