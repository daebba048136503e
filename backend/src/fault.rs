//! Fault points: named places where a crash would hurt most, so that the soak run (`e2e/soak`) can kill the process
//! exactly there.
//!
//! Without the cargo feature `fault-points` every function here is empty and says no: nothing of it is in a released
//! program, and a build without debug assertions refuses the feature. With it, the folder that `CERTHALL_FAULT_DIR` names
//! steers the program while it runs:
//!
//! | file | written by | holds |
//! | --- | --- | --- |
//! | `kill` | the run | first line `<any new word> <n>`, then one site a line: killed at passage n + 1 of any of them |
//! | `killed` | the program | the site at which it killed itself |
//! | `sites` | the program | every site that was ever passed, one a line |
//! | `clock` | the run | how far the clock is put forward, microseconds |
//!
//! `CERTHALL_PLANT` plants a bug ([`Bug`]) that the run's checker must find.

/// A bug that can be planted, to try the checker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// `lost_job`: a job that was begun once is never begun again, though its worker died or failed.
    LostJob,
    /// `double_charge`: each look at the cashier opens another trade.
    DoubleCharge,
    /// `double_code`: an SMS code whose sending was not answered is sent again.
    DoubleCode,
}

pub use imp::{Site, clock_offset, pass, planted, point};

#[cfg(not(feature = "fault-points"))]
mod imp {
    use super::Bug;

    /// A place in the code; here it is nothing.
    #[derive(Clone, Copy, Debug)]
    pub struct Site;

    impl Site {
        /// The caller's place.
        #[inline]
        pub const fn here() -> Self {
            Self
        }
    }

    /// Passes a named place.
    #[inline]
    pub const fn point(_of: &str, _when: &str) {}

    /// Passes a place in the code.
    #[inline]
    pub const fn pass(_when: &str, _site: Site) {}

    /// Whether a bug is planted: never.
    #[inline]
    pub const fn planted(_bug: Bug) -> bool {
        false
    }

    /// How far the clock is put forward: not at all.
    #[inline]
    pub const fn clock_offset() -> i64 {
        0
    }
}

#[cfg(feature = "fault-points")]
mod imp {
    use super::Bug;
    use std::collections::BTreeSet;
    use std::fs;
    use std::io::Write;
    use std::panic::Location;
    use std::path::PathBuf;
    use std::sync::{LazyLock, Mutex, PoisonError};

    #[cfg(not(debug_assertions))]
    compile_error!("fault points belong in test builds only");

    static FOLDER: LazyLock<Option<PathBuf>> =
        LazyLock::new(|| std::env::var_os("CERTHALL_FAULT_DIR").map(PathBuf::from));
    static PLANT: LazyLock<Option<String>> = LazyLock::new(|| std::env::var("CERTHALL_PLANT").ok());
    static PASSED: Mutex<Passed> = Mutex::new(Passed { sites: BTreeSet::new(), order: String::new(), left: 0 });

    struct Passed {
        sites: BTreeSet<String>,
        /// First line of the last `kill` file.
        order: String,
        /// Passages that are still let go.
        left: u64,
    }

    /// A place in the code.
    #[derive(Clone, Copy, Debug)]
    pub struct Site(&'static Location<'static>);

    impl Site {
        /// The caller's place.
        #[track_caller]
        pub fn here() -> Self {
            Self(Location::caller())
        }
    }

    /// Passes a named place: `point("SendSms", "before")`.
    pub fn point(of: &str, when: &str) {
        passed(format!("{of} {when}"));
    }

    /// Passes a place in the code: `pass("commit.before", site)`.
    pub fn pass(when: &str, Site(at): Site) {
        let file = at.file().rsplit_once("src/").map_or(at.file(), |(_, file)| file);
        passed(format!("{when} {file}:{}", at.line()));
    }

    fn passed(site: String) {
        let Some(folder) = &*FOLDER else { return };
        let mut passed = PASSED.lock().unwrap_or_else(PoisonError::into_inner);
        if !passed.sites.contains(&site) {
            if let Ok(mut file) = fs::File::options().create(true).append(true).open(folder.join("sites")) {
                let _ = writeln!(file, "{site}");
            }
            passed.sites.insert(site.clone());
        }
        let Ok(order) = fs::read_to_string(folder.join("kill")) else { return };
        let mut lines = order.lines();
        let first = lines.next().unwrap_or_default();
        if first != passed.order {
            first.clone_into(&mut passed.order);
            passed.left = first.rsplit(' ').next().and_then(|count| count.parse().ok()).unwrap_or(0);
        }
        if !lines.any(|line| line == site) {
            return;
        }
        if passed.left > 0 {
            passed.left -= 1;
            return;
        }
        let _ = fs::write(folder.join("killed"), &site);
        let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
        // Not reached: the signal can't be caught.
        std::process::abort();
    }

    /// Whether a bug is planted.
    pub fn planted(bug: Bug) -> bool {
        let name = match bug {
            Bug::LostJob => "lost_job",
            Bug::DoubleCharge => "double_charge",
            Bug::DoubleCode => "double_code",
        };
        PLANT.as_deref() == Some(name)
    }

    /// How far the clock is put forward, in microseconds.
    pub fn clock_offset() -> i64 {
        let Some(folder) = &*FOLDER else { return 0 };
        let text = fs::read_to_string(folder.join("clock"));
        text.ok().and_then(|text| text.trim().parse().ok()).unwrap_or(0)
    }
}
