//! Listening on this computer only, and keeping strangers out before anything else happens.

mod guard;
mod listen;
mod routes;

use std::sync::Arc;
use std::time::Duration;

use shared::bridge::{Limits, MAX_FRAME};
use tokio::sync::Semaphore;

use crate::config::Config;
use crate::pcsc::Hub;
use crate::random::Random;
use crate::window::Windows;

pub use listen::Listeners;

/// Most portal sockets at one time.
const MOST_SESSIONS: usize = 32;

/// How long things may take. Tests shorten them.
#[derive(Debug, Clone)]
pub struct Patience {
    /// From the upgrade to `session.hello`.
    pub hello: Duration,
    /// From `operation.challenge` to `operation.begin`.
    pub ticket: Duration,
    /// From `window.prepare` to the window's opening.
    pub window: Duration,
    /// From `operation.begin` to the window's connecting.
    pub popup: Duration,
    /// For the person to consent.
    pub consent: Duration,
    /// From one step to the next.
    pub step: Duration,
    /// For one step's work on the key.
    pub work: Duration,
    /// Without a word from the page (pongs count).
    pub idle: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            hello: Duration::from_secs(20),
            ticket: Duration::from_mins(1),
            window: Duration::from_mins(5),
            popup: Duration::from_secs(15),
            consent: Duration::from_mins(3),
            step: Duration::from_mins(2),
            work: Duration::from_mins(1),
            idle: Duration::from_secs(90),
        }
    }
}

impl Patience {
    /// What a page is told of them.
    pub fn limits(&self) -> Limits {
        let seconds = |d: Duration| u32::try_from(d.as_secs()).unwrap_or(u32::MAX);
        Limits {
            frame_bytes: u32::try_from(MAX_FRAME).unwrap_or(u32::MAX),
            ticket_seconds: seconds(self.ticket),
            window_seconds: seconds(self.window),
            consent_seconds: seconds(self.consent),
            step_seconds: seconds(self.step),
        }
    }
}

/// Everything that sessions share.
pub struct Bridge {
    /// Who is served.
    pub config: Config,
    /// What only this installation's window can show.
    pub phrase: String,
    /// How long things may take.
    pub patience: Patience,
    /// The keys.
    pub hub: Hub,
    /// Randomness.
    pub random: Arc<dyn Random>,
    /// The bridge's own windows.
    pub windows: Windows,
    /// One person, one question at a time: held while a window asks.
    pub asking: Semaphore,
    /// Places for sockets.
    places: Arc<Semaphore>,
    /// The port of all listeners.
    port: u16,
}

impl Bridge {
    /// Puts the parts together for these listeners.
    pub fn new(
        config: Config,
        phrase: String,
        patience: Patience,
        hub: Hub,
        random: Arc<dyn Random>,
        port: u16,
    ) -> Arc<Self> {
        let windows = Windows::new(random.clone(), format!("http://127.0.0.1:{port}"));
        Arc::new(Self {
            config,
            phrase,
            patience,
            hub,
            random,
            windows,
            asking: Semaphore::new(1),
            places: Arc::new(Semaphore::new(MOST_SESSIONS)),
            port,
        })
    }
}
