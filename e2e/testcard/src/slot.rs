//! The slot of the reader as a hand sees it: which key is in it, and what the hand does to it.

use std::{
    net::{Shutdown, TcpStream},
    path::PathBuf,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use anyhow::{Result, ensure};

use crate::card::Card;

/// How long a hand needs to change keys: longer than pcscd's polling, so that it sees the slot empty.
const CHANGE: Duration = Duration::from_millis(1500);

pub struct Slot {
    folder: PathBuf,
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    /// The key at hand, in the slot or beside it.
    card: Card,
    inserted: bool,
    wire: Option<TcpStream>,
}

impl Slot {
    /// A slot whose keys live in `folder`, one folder a key, with key `name` at hand.
    pub fn new(folder: PathBuf, name: &str, inserted: bool) -> Result<Self> {
        let card = open(&folder, name)?;
        Ok(Self { folder, state: Mutex::new(State { card, inserted, wire: None }), changed: Condvar::new() })
    }

    /// Puts the key at hand, or the one called `name`, into the slot.
    pub fn insert(&self, name: Option<&str>) -> Result<()> {
        let mut state = self.state();
        if let Some(name) = name.filter(|name| *name != state.card.name()) {
            ensure!(!state.inserted, "another key is in the slot: remove it first");
            state.card = open(&self.folder, name)?;
        }
        state.inserted = true;
        self.changed.notify_all();
        Ok(())
    }

    /// Pulls the key out, at once, whatever it is doing.
    pub fn remove(&self) {
        let mut state = self.state();
        state.inserted = false;
        if let Some(wire) = state.wire.take() {
            // An error means that the reader hung up first.
            let _ = wire.shutdown(Shutdown::Both);
        }
        self.changed.notify_all();
    }

    /// Pulls the key out and puts a new blank one in.
    pub fn swap(&self) -> Result<()> {
        self.remove();
        pause(CHANGE);
        let mut number = 1;
        while self.folder.join(format!("key-{number}")).exists() {
            number += 1;
        }
        self.insert(Some(&format!("key-{number}")))
    }

    /// `inserted|removed NAME SERIAL connected|waiting`
    pub fn status(&self) -> String {
        let state = self.state();
        format!(
            "{} {} {} {}",
            if state.inserted { "inserted" } else { "removed" },
            state.card.name(),
            state.card.serial(),
            if state.wire.is_some() { "connected" } else { "waiting" },
        )
    }

    /// Waits until a key is in the slot.
    pub fn wait_inserted(&self) -> Card {
        let state =
            self.changed.wait_while(self.state(), |state| !state.inserted).unwrap_or_else(PoisonError::into_inner);
        state.card.clone()
    }

    /// Notes the connection that a removal has to cut; false when the key was pulled out meanwhile.
    pub fn connected(&self, wire: &TcpStream) -> Result<bool> {
        let mut state = self.state();
        if state.inserted {
            state.wire = Some(wire.try_clone()?);
        }
        Ok(state.inserted)
    }

    pub fn disconnected(&self) {
        self.state().wire = None;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Waits, in a thread of the card's own.
#[expect(clippy::disallowed_methods, reason = "this program has no runtime whose threads could be blocked")]
pub fn pause(time: Duration) {
    thread::sleep(time);
}

fn open(folder: &std::path::Path, name: &str) -> Result<Card> {
    ensure!(
        !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'),
        "a key's name holds letters, digits and dashes only"
    );
    Card::open(folder.join(name))
}
