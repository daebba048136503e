//! A card reader with a PIV card in it, for one test or one demo, beside any others on the machine.
//!
//! pcscd's socket lies at one fixed path and vpcd listens on every network interface, so pcscd and
//! the card run in a mount and network namespace of their own. Only two Unix sockets in a folder
//! lead inside: PC/SC clients find theirs by the environment variable that pcsc-lite honours, the
//! hand that pulls the key out uses the other. The program under test runs outside, as always.

use std::{
    env,
    ffi::OsStr,
    fs,
    io::{BufRead as _, BufReader, Write as _},
    os::unix::{fs::MetadataExt as _, net::UnixStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use anyhow::{Context as _, Result, bail, ensure};
use tempfile::TempDir;

/// Tells pcsc-lite's client library where pcscd's socket is.
pub const SOCKET_VARIABLE: &str = "PCSCLITE_CSOCK_NAME";

/// What Debian's vsmartcard-vpcd installs for pcscd.
const VPCD: &str = "/etc/reader.conf.d/vpcd";

/// $1 the folder, $2 the card program. Ends, and ends both programs, when standard input closes:
/// also when the test is killed. `exec 2>&1` first, so that every complaint is in the logs.
const SCRIPT: &str = r#"
exec >"$1/reader.log" 2>&1
mount -t tmpfs tmpfs /run && mkdir /run/pcscd && mount --bind "$1/run" /run/pcscd || exit 1
ip link set lo up || exit 1
pcscd --foreground --config "$1/conf" >"$1/pcscd.log" 2>&1 &
pcscd=$!
"$2" --state "$1/keys" --control "$1/control" >"$1/card.log" 2>&1 &
card=$!
trap 'kill $pcscd $card; wait' EXIT
trap exit TERM INT
cat
"#;

const PAUSE: Duration = Duration::from_millis(50);
/// Pauses before a wait is given up: 20 s, because a cold build may be running beside the tests.
const PATIENCE: u32 = 400;
/// Pauses that a hand takes from pulling a key out to putting it in: 1.5 s, some of pcscd's looks.
const HAND: u32 = 30;

/// A running reader; dropping it ends pcscd and the card.
///
/// Its calls block for up to some seconds: from async code, call them in `spawn_blocking`.
pub struct VirtualReader {
    folder: PathBuf,
    processes: Child,
    _temporary: Option<TempDir>,
}

/// What the hand sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    pub inserted: bool,
    /// The name of the key at hand, in the slot or beside it.
    pub key: String,
    /// The number that the key answers to `00 F8 00 00`.
    pub serial: u32,
}

impl VirtualReader {
    /// Starts a reader with a blank key; both are gone when it is dropped. Returns when PC/SC
    /// shows the key.
    pub fn start() -> Result<Self> {
        let temporary = tempfile::Builder::new().prefix("pcsc-").tempdir()?;
        let folder = temporary.path().to_owned();
        Self::spawn(folder, Some(temporary))
    }

    /// Starts a reader whose keys stay in `folder/keys`, so that a later start finds them again.
    /// The folder's path must be short (a Unix socket's path has at most 107 bytes).
    pub fn start_in(folder: &Path) -> Result<Self> {
        fs::create_dir_all(folder)?;
        Self::spawn(folder.canonicalize()?, None)
    }

    fn spawn(folder: PathBuf, temporary: Option<TempDir>) -> Result<Self> {
        for part in ["run", "conf", "keys"] {
            fs::create_dir_all(folder.join(part))?;
        }
        fs::copy(VPCD, folder.join("conf/vpcd")).with_context(|| format!("{VPCD}: is vsmartcard-vpcd installed?"))?;
        // Left over when the last reader in this folder was killed.
        for stale in ["run/pcscd.comm", "run/pcscd.pid", "control"] {
            let _ = fs::remove_file(folder.join(stale));
        }

        let mut unshare = Command::new("unshare");
        unshare.args(["--net", "--mount"]);
        if fs::metadata("/proc/self")?.uid() != 0 {
            unshare.arg("--map-root-user");
        }
        let processes = unshare
            .args(["sh", "-c", SCRIPT, "sh"])
            .arg(&folder)
            .arg(test_card()?)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("start unshare")?;
        let mut reader = Self { folder, processes, _temporary: temporary };
        let ready = reader.wait_for_sockets().and_then(|()| reader.wait_for(true));
        ready.with_context(|| reader.logs())?;
        Ok(reader)
    }

    fn wait_for_sockets(&mut self) -> Result<()> {
        for _ in 0..PATIENCE {
            if let Some(status) = self.processes.try_wait()? {
                bail!("the reader ended at once: {status}");
            }
            if self.socket().exists() && self.control().exists() {
                return Ok(());
            }
            pause();
        }
        bail!("the reader does not start")
    }

    /// The environment variable that leads a PC/SC client to this reader.
    pub fn env(&self) -> (&'static str, PathBuf) {
        (SOCKET_VARIABLE, self.socket())
    }

    /// A command whose PC/SC is this reader.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        let (name, value) = self.env();
        command.env(name, value);
        command
    }

    /// Pulls the key out at once, in the middle of whatever it does. PC/SC notices a little later:
    /// see [`Self::wait_for`].
    pub fn remove(&self) -> Result<Slot> {
        self.order("remove")
    }

    /// Puts the key at hand back in.
    pub fn insert(&self) -> Result<Slot> {
        self.order("insert")
    }

    /// Puts the key that was pulled out back in, as slowly as a hand does it: pcscd must have seen the empty slot. (A key
    /// that comes back between two of its looks, after a command has failed, is never shown again.) Returns when PC/SC
    /// shows the key.
    pub fn put_back(&self) -> Result<()> {
        self.wait_for(false)?;
        for _ in 0..HAND {
            pause();
        }
        self.insert()?;
        self.wait_for(true)
    }

    /// Puts the key called `name` into the empty slot; a new name is a new blank key.
    pub fn insert_key(&self, name: &str) -> Result<Slot> {
        self.order(&format!("insert {name}"))
    }

    /// Pulls the key out, long enough to be noticed, and puts a new blank one in.
    pub fn swap(&self) -> Result<Slot> {
        self.order("swap")
    }

    pub fn slot(&self) -> Result<Slot> {
        self.order("status")
    }

    /// Whether PC/SC shows a key, asked of OpenSC, which shares no code with ours.
    pub fn shows_key(&self) -> Result<bool> {
        let list =
            self.command("opensc-tool").arg("--list-readers").output().context("opensc-tool: is opensc installed?")?;
        Ok(String::from_utf8_lossy(&list.stdout)
            .lines()
            .any(|line| line.starts_with(|c: char| c.is_ascii_digit()) && line.contains(" Yes ")))
    }

    /// Waits until PC/SC shows a key, or until it shows none.
    pub fn wait_for(&self, key: bool) -> Result<()> {
        for _ in 0..PATIENCE {
            if self.shows_key()? == key {
                return Ok(());
            }
            pause();
        }
        bail!("PC/SC still shows {}", if key { "no key" } else { "a key" })
    }

    /// The Unix socket of the hand, for a page with buttons: the same orders, one a line.
    pub fn control(&self) -> PathBuf {
        self.folder.join("control")
    }

    fn socket(&self) -> PathBuf {
        self.folder.join("run/pcscd.comm")
    }

    fn order(&self, order: &str) -> Result<Slot> {
        let mut hand = UnixStream::connect(self.control()).with_context(|| self.logs())?;
        writeln!(hand, "{order}")?;
        let mut answer = String::new();
        BufReader::new(hand).read_line(&mut answer)?;
        Slot::parse(&answer).with_context(|| format!("{order}: {answer}"))
    }

    fn logs(&self) -> String {
        ["reader.log", "pcscd.log", "card.log"]
            .map(|log| fs::read_to_string(self.folder.join(log)).unwrap_or_default())
            .join("")
    }
}

impl Drop for VirtualReader {
    fn drop(&mut self) {
        // Closing standard input ends the script, and the script ends what it started.
        drop(self.processes.stdin.take());
        let _ = self.processes.wait();
    }
}

impl Slot {
    fn parse(answer: &str) -> Result<Self> {
        let words: Vec<_> = answer.split_whitespace().collect();
        let [place @ ("inserted" | "removed"), key, serial, _] = words[..] else {
            bail!("the card refused the order");
        };
        Ok(Self { inserted: place == "inserted", key: key.to_owned(), serial: serial.parse()? })
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "no runtime here: the reader is plain processes, and waits in the caller's thread"
)]
fn pause() {
    thread::sleep(PAUSE);
}

/// The card program, built beside the running one.
fn test_card() -> Result<PathBuf> {
    let mut folder = env::current_exe()?;
    folder.pop();
    if folder.ends_with("deps") {
        folder.pop();
    }
    let card = folder.join("certhall-testcard");
    ensure!(card.exists(), "{} is missing: run `cargo build -p certhall-testcard`", card.display());
    Ok(card)
}
