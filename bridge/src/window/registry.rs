//! Windows by their one-time tokens: prepared → served → connected, never back.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use shared::bridge::{ErrorCode, Prepared};
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::link::{Seat, WindowLink, pair};
use crate::clock;
use crate::random::{Random, token};

/// Most windows that wait to be opened, over all sessions.
const MOST: usize = 64;
/// Most of one session: the oldest makes room.
const MOST_OF_ONE: usize = 4;

/// All windows of this bridge.
pub struct Windows {
    origin: String,
    random: Arc<dyn Random>,
    entries: Mutex<HashMap<String, Entry>>,
}

struct Entry {
    session: u64,
    prepared: Instant,
    expires: Instant,
    step: Step,
    /// For the operation that will use the window.
    link: Option<oneshot::Receiver<WindowLink>>,
}

enum Step {
    Prepared(oneshot::Sender<WindowLink>),
    Served(oneshot::Sender<WindowLink>),
    Connected,
}

impl Windows {
    /// None yet; they live at `origin`.
    pub fn new(random: Arc<dyn Random>, origin: String) -> Self {
        Self { origin, random, entries: Mutex::default() }
    }

    /// The origin of the window's document and socket.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// A window that may be opened once, within `good_for`.
    pub fn prepare(&self, session: u64, good_for: Duration) -> Result<Prepared, ErrorCode> {
        let now = clock::now();
        let mut entries = self.entries();
        entries.retain(|_, entry| entry.expires > now);
        let of_session = || entries.iter().filter(|(_, entry)| entry.session == session);
        if of_session().count() >= MOST_OF_ONE {
            let oldest = of_session().min_by_key(|(_, entry)| entry.prepared);
            if let Some(oldest) = oldest.map(|(name, _)| name.clone()) {
                entries.remove(&oldest);
            }
        }
        if entries.len() >= MOST {
            return Err(ErrorCode::RateLimited);
        }
        let window = token(&*self.random);
        let (send, receive) = oneshot::channel();
        entries.insert(
            window.clone(),
            Entry { session, prepared: now, expires: now + good_for, step: Step::Prepared(send), link: Some(receive) },
        );
        let url = format!("{}/window/{window}", self.origin);
        Ok(Prepared { window, url })
    }

    /// The document is asked for: true once.
    pub fn serve(&self, window: &str) -> bool {
        self.advance(window, |step| match step {
            Step::Prepared(link) => (Step::Served(link), Some(())),
            Step::Served(_) | Step::Connected => (step, None),
        })
        .is_some()
    }

    /// The document's socket connects: a seat once.
    pub fn connect(&self, window: &str) -> Option<Seat> {
        let link = self.advance(window, |step| match step {
            Step::Served(link) => (Step::Connected, Some(link)),
            Step::Prepared(_) | Step::Connected => (step, None),
        })?;
        let (link_end, seat) = pair();
        link.send(link_end).ok()?;
        Some(seat)
    }

    /// The session's operation wants this window: what it waits on, once.
    pub fn claim(&self, window: &str, session: u64) -> Option<oneshot::Receiver<WindowLink>> {
        self.entries().get_mut(window).filter(|entry| entry.session == session)?.link.take()
    }

    /// The session is over: so are its windows.
    pub fn forget(&self, session: u64) {
        self.entries().retain(|_, entry| entry.session != session);
    }

    fn advance<T>(&self, window: &str, next: impl FnOnce(Step) -> (Step, Option<T>)) -> Option<T> {
        let mut entries = self.entries();
        let entry = entries.get_mut(window).filter(|entry| entry.expires > clock::now())?;
        let (step, given) = next(std::mem::replace(&mut entry.step, Step::Connected));
        entry.step = step;
        given
    }

    fn entries(&self) -> MutexGuard<'_, HashMap<String, Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const LONG: Duration = Duration::from_mins(5);

    fn windows() -> Windows {
        Windows::new(crate::random::system(), "http://127.0.0.1:21451".to_owned())
    }

    #[tokio::test]
    async fn a_window_opens_once() {
        let windows = windows();
        let prepared = windows.prepare(1, LONG).unwrap();
        assert!(prepared.url.ends_with(&prepared.window));
        assert!(windows.connect(&prepared.window).is_none(), "no socket without a document");
        assert!(windows.serve(&prepared.window));
        assert!(!windows.serve(&prepared.window));
        assert!(windows.connect(&prepared.window).is_some());
        assert!(windows.connect(&prepared.window).is_none());
    }

    #[tokio::test]
    async fn another_session_cannot_claim_it() {
        let windows = windows();
        let prepared = windows.prepare(1, LONG).unwrap();
        assert!(windows.claim(&prepared.window, 2).is_none());
        assert!(windows.claim(&prepared.window, 1).is_some());
        assert!(windows.claim(&prepared.window, 1).is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn an_unopened_window_expires_and_a_session_takes_its_own_along() {
        let windows = windows();
        let first = windows.prepare(1, LONG).unwrap();
        tokio::time::advance(LONG).await;
        assert!(!windows.serve(&first.window));
        let second = windows.prepare(1, LONG).unwrap();
        windows.forget(1);
        assert!(!windows.serve(&second.window));
    }

    #[tokio::test]
    async fn one_session_cannot_fill_the_house() {
        let windows = windows();
        let first = windows.prepare(1, LONG).unwrap();
        for _ in 0..100 {
            windows.prepare(1, LONG).unwrap();
        }
        assert!(!windows.serve(&first.window));
        assert!(windows.prepare(2, LONG).is_ok());
    }
}
