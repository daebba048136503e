//! What is plugged in, who holds it, and who wants to hear of it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use shared::bridge::{DeviceEvent, DeviceNotice, ErrorCode, KeyDetail, KeyList, KeyTarget};
use tokio::sync::broadcast;

use crate::random::Random;

/// Events kept for a session that is slow to read them; one that falls further behind must ask
/// `key.list` again, which it notices by the sequence number.
const BACKLOG: usize = 64;

/// The readers and keys of this computer. Cheap to clone.
#[derive(Clone)]
pub struct Hub {
    shared: Arc<Shared>,
}

struct Shared {
    board: Mutex<Board>,
    events: broadcast::Sender<DeviceNotice>,
    random: Arc<dyn Random>,
}

#[derive(Default)]
struct Board {
    service_runs: bool,
    sequence: u64,
    readers: BTreeMap<String, Reader>,
}

#[derive(Default)]
struct Reader {
    /// Counts insertions, so that news of a key that is gone again is not taken for the next one's.
    insertion: u64,
    present: bool,
    reserved: bool,
    key: Option<KeyDetail>,
}

/// The sole right to work with the key in one reader; given back on drop.
pub struct Reservation {
    hub: Hub,
    reader: String,
    insertion: u64,
}

impl Reservation {
    /// The reader's name.
    pub fn reader(&self) -> &str {
        &self.reader
    }

    /// The hub that it is of.
    pub fn hub(&self) -> &Hub {
        &self.hub
    }

    /// Whether the key that was reserved is still the one in the reader.
    pub fn holds(&self) -> bool {
        self.hub.is_current(&self.reader, self.insertion)
    }

    /// For waiting until that key is gone.
    pub fn removal(&self) -> Removal {
        Removal { hub: self.hub.clone(), reader: self.reader.clone(), insertion: self.insertion }
    }

    /// Notes what the key looks like now.
    pub fn note(&self, key: KeyDetail) {
        let mut board = self.hub.board();
        if let Some(reader) = board.readers.get_mut(&self.reader)
            && reader.present
            && reader.insertion == self.insertion
        {
            reader.key = Some(key);
        }
    }
}

/// Knows when one key, in one insertion, is pulled out.
pub struct Removal {
    hub: Hub,
    reader: String,
    insertion: u64,
}

impl Removal {
    /// Returns when the key is gone.
    pub async fn wait(&self) {
        let mut events = self.hub.events();
        while self.hub.is_current(&self.reader, self.insertion) {
            if let Err(broadcast::error::RecvError::Closed) = events.recv().await {
                return;
            }
        }
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        if let Some(reader) = self.hub.board().readers.get_mut(&self.reader) {
            reader.reserved = false;
        }
    }
}

impl Hub {
    /// An empty hub; [`super::watch`] fills it.
    pub fn new(random: Arc<dyn Random>) -> Self {
        let (events, _) = broadcast::channel(BACKLOG);
        Self { shared: Arc::new(Shared { board: Mutex::default(), events, random }) }
    }

    /// Starts watching the computer's readers, on threads that live as long as the program.
    pub fn watch(&self) -> std::io::Result<()> {
        super::watch::start(self.clone())
    }

    /// The randomness that was handed in.
    pub fn random(&self) -> Arc<dyn Random> {
        self.shared.random.clone()
    }

    /// Hears every event from now on.
    pub fn events(&self) -> broadcast::Receiver<DeviceNotice> {
        self.shared.events.subscribe()
    }

    /// What is plugged in.
    pub fn list(&self) -> KeyList {
        let board = self.board();
        KeyList {
            readers: u32::try_from(board.readers.len()).unwrap_or(u32::MAX),
            keys: board
                .readers
                .values()
                .filter_map(|reader| {
                    let key = reader.key.clone()?;
                    Some(KeyDetail { busy: reader.reserved, ..key })
                })
                .collect(),
            sequence: board.sequence,
        }
    }

    /// Reserves the key that is meant, for one operation: first come, first served.
    pub fn reserve(&self, target: &KeyTarget) -> Result<(Reservation, KeyDetail), ErrorCode> {
        let mut board = self.board();
        if !board.service_runs || board.readers.is_empty() {
            return Err(ErrorCode::NoReader);
        }
        let keys = || board.readers.iter().filter_map(|(name, r)| Some((name, r, r.key.as_ref()?)));
        let fits = |key: &KeyDetail| match target {
            KeyTarget::Blank => key.blank,
            KeyTarget::Serial(serial) => key.serial.as_ref() == Some(serial),
        };
        let mut fitting = keys().filter(|(_, _, key)| fits(key));
        let Some((name, reader, key)) = fitting.next() else {
            return Err(match target {
                KeyTarget::Blank if keys().next().is_some() => ErrorCode::KeyNotBlank,
                KeyTarget::Blank | KeyTarget::Serial(_) => ErrorCode::NoKey,
            });
        };
        if fitting.next().is_some() {
            return Err(ErrorCode::SeveralKeys);
        }
        if reader.reserved {
            return Err(ErrorCode::Busy);
        }
        let (name, insertion, key) = (name.clone(), reader.insertion, key.clone());
        if let Some(reader) = board.readers.get_mut(&name) {
            reader.reserved = true;
        }
        Ok((Reservation { hub: self.clone(), reader: name, insertion }, key))
    }

    pub(super) fn service(&self, runs: bool) {
        let was = std::mem::replace(&mut self.board().service_runs, runs);
        if was != runs {
            tracing::info!(runs, "smart card service");
        }
    }

    pub(super) fn reader_names(&self) -> Vec<String> {
        self.board().readers.keys().cloned().collect()
    }

    pub(super) fn reader_added(&self, name: &str) {
        let mut board = self.board();
        if !board.readers.contains_key(name) {
            board.readers.insert(name.to_owned(), Reader::default());
            self.tell(&mut board, name, DeviceEvent::ReaderAdded);
        }
    }

    pub(super) fn reader_removed(&self, name: &str) {
        self.key_removed(name);
        let mut board = self.board();
        if board.readers.remove(name).is_some() {
            self.tell(&mut board, name, DeviceEvent::ReaderRemoved);
        }
    }

    /// Something was put into the reader; the number is for [`Hub::key_read`].
    pub(super) fn card_inserted(&self, name: &str) -> u64 {
        let mut board = self.board();
        let reader = board.readers.entry(name.to_owned()).or_default();
        reader.insertion += 1;
        reader.present = true;
        reader.insertion
    }

    /// It has been read and is a key.
    pub(super) fn key_read(&self, name: &str, insertion: u64, key: KeyDetail) {
        let mut board = self.board();
        if let Some(reader) = board.readers.get_mut(name)
            && reader.present
            && reader.insertion == insertion
        {
            reader.key = Some(key);
            self.tell(&mut board, name, DeviceEvent::KeyInserted);
        }
    }

    pub(super) fn key_removed(&self, name: &str) {
        let mut board = self.board();
        if let Some(reader) = board.readers.get_mut(name)
            && reader.present
        {
            reader.present = false;
            if reader.key.take().is_some() {
                self.tell(&mut board, name, DeviceEvent::KeyRemoved);
            }
        }
    }

    pub(super) fn is_current(&self, name: &str, insertion: u64) -> bool {
        self.board().readers.get(name).is_some_and(|reader| reader.present && reader.insertion == insertion)
    }

    fn tell(&self, board: &mut Board, reader: &str, event: DeviceEvent) {
        board.sequence += 1;
        tracing::info!(reader, ?event, sequence = board.sequence, "device");
        // Nobody listening is no fault.
        let _ = self.shared.events.send(DeviceNotice { sequence: board.sequence, event, reader: reader.to_owned() });
    }

    fn board(&self) -> MutexGuard<'_, Board> {
        self.shared.board.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use shared::bridge::PinPolicy;

    use super::*;

    fn key(serial: &str, blank: bool) -> KeyDetail {
        KeyDetail {
            reader: serial.to_owned(),
            serial: Some(serial.to_owned()),
            driver: "piv".to_owned(),
            blank,
            busy: false,
            pin_tries_left: Some(3),
            pin_policy: PinPolicy { min: 6, max: 8, digits_only: true },
            algorithms: vec![],
            certificates: vec![],
        }
    }

    fn plug(hub: &Hub, serial: &str, blank: bool) {
        hub.service(true);
        hub.reader_added(serial);
        let insertion = hub.card_inserted(serial);
        hub.key_read(serial, insertion, key(serial, blank));
    }

    #[test]
    fn a_key_is_lent_once() {
        let hub = Hub::new(crate::random::system());
        assert_eq!(hub.reserve(&KeyTarget::Blank).err(), Some(ErrorCode::NoReader));
        plug(&hub, "A", true);
        let (held, _) = hub.reserve(&KeyTarget::Blank).unwrap();
        assert_eq!(hub.reserve(&KeyTarget::Blank).err(), Some(ErrorCode::Busy));
        assert!(hub.list().keys[0].busy);
        drop(held);
        assert!(hub.reserve(&KeyTarget::Serial("A".into())).is_ok());
    }

    #[test]
    fn the_wrong_key_is_told_apart() {
        let hub = Hub::new(crate::random::system());
        plug(&hub, "A", false);
        assert_eq!(hub.reserve(&KeyTarget::Blank).err(), Some(ErrorCode::KeyNotBlank));
        assert_eq!(hub.reserve(&KeyTarget::Serial("B".into())).err(), Some(ErrorCode::NoKey));
        plug(&hub, "B", true);
        plug(&hub, "C", true);
        assert_eq!(hub.reserve(&KeyTarget::Blank).err(), Some(ErrorCode::SeveralKeys));
    }

    #[test]
    fn a_swapped_key_does_not_inherit_a_reservation_or_late_news() {
        let hub = Hub::new(crate::random::system());
        plug(&hub, "A", true);
        let (held, _) = hub.reserve(&KeyTarget::Blank).unwrap();
        hub.key_removed("A");
        assert!(!held.holds());
        let second = hub.card_inserted("A");
        assert!(!held.holds());
        held.note(key("old", false));
        assert!(hub.list().keys.is_empty());
        hub.key_read("A", second - 1, key("old", false));
        assert!(hub.list().keys.is_empty());
        hub.key_read("A", second, key("new", true));
        assert_eq!(hub.list().keys[0].serial.as_deref(), Some("new"));
    }

    #[test]
    fn events_count_up_without_gaps() {
        let hub = Hub::new(crate::random::system());
        let mut events = hub.events();
        plug(&hub, "A", true);
        hub.reader_removed("A");
        let seen: Vec<_> = std::iter::from_fn(|| events.try_recv().ok()).collect();
        assert_eq!(seen.iter().map(|e| e.sequence).collect::<Vec<_>>(), [1, 2, 3, 4]);
        assert_eq!(seen[2].event, DeviceEvent::KeyRemoved);
        assert_eq!(hub.list().sequence, 4);
    }
}
