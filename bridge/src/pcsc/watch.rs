//! The thread that waits, in one blocking call, for readers and keys to come and go.

use std::collections::BTreeMap;
use std::ffi::CString;
use std::thread;
use std::time::Duration;

use pcsc::{Context, Error, PNP_NOTIFICATION, ReaderState, Scope, State};

use super::hub::Hub;
use super::lease;

/// How long to wait before asking again for a smart card service that does not run. The only timer:
/// while it runs, nothing here wakes without an event.
const SERVICE_RETRY: Duration = Duration::from_secs(2);

pub fn start(hub: Hub) -> std::io::Result<()> {
    thread::Builder::new().name("key-watch".to_owned()).spawn(move || {
        loop {
            match Context::establish(Scope::User).and_then(|context| follow(&hub, &context)) {
                Ok(()) => {}
                Err(error) => tracing::debug!(%error, "smart card service"),
            }
            for reader in hub.reader_names() {
                hub.reader_removed(&reader);
            }
            hub.service(false);
            thread::park_timeout(SERVICE_RETRY);
        }
    })?;
    Ok(())
}

/// What was last seen in a reader.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Seen {
    present: bool,
    count: u32,
}

/// Follows events until the service ends.
fn follow(hub: &Hub, context: &Context) -> Result<(), Error> {
    hub.service(true);
    let mut states = vec![ReaderState::new(PNP_NOTIFICATION(), State::UNAWARE)];
    let mut seen: BTreeMap<CString, Seen> = BTreeMap::new();
    loop {
        let names = match context.list_readers_owned() {
            Ok(names) => names,
            Err(Error::NoReadersAvailable) => Vec::new(),
            Err(other) => return Err(other),
        };
        states.retain(|state| state.name() == PNP_NOTIFICATION() || names.iter().any(|name| **name == *state.name()));
        for gone in seen.keys().filter(|name| !names.contains(name)).cloned().collect::<Vec<_>>() {
            seen.remove(&gone);
            hub.reader_removed(&gone.to_string_lossy());
        }
        for name in names {
            if !states.iter().any(|state| state.name() == &*name) {
                hub.reader_added(&name.to_string_lossy());
                seen.insert(name.clone(), Seen { present: false, count: 0 });
                states.push(ReaderState::new(name, State::UNAWARE));
            }
        }
        match context.get_status_change(None, &mut states) {
            Ok(()) | Err(Error::Timeout | Error::UnknownReader) => {}
            Err(other) => return Err(other),
        }
        for state in &mut states {
            if let Some(before) = seen.get_mut(state.name()) {
                let now = Seen {
                    present: state.event_state().contains(State::PRESENT) && !state.event_state().contains(State::MUTE),
                    count: state.event_count(),
                };
                note(hub, &state.name().to_string_lossy(), *before, now);
                *before = now;
            }
            state.sync_current_state();
        }
    }
}

fn note(hub: &Hub, reader: &str, before: Seen, now: Seen) {
    // The counter tells a key that was swapped between two looks from one that stayed.
    let swapped = before.present && now.present && before.count != now.count;
    if before.present && !now.present || swapped {
        hub.key_removed(reader);
    }
    if now.present && !before.present || swapped {
        let insertion = hub.card_inserted(reader);
        let (hub, name) = (hub.clone(), reader.to_owned());
        // A slow or mute card must not keep this thread from seeing the next event.
        let reading =
            thread::Builder::new().name("key-read".to_owned()).spawn(move || match lease::look(&name, hub.random()) {
                Ok(Some(key)) => hub.key_read(&name, insertion, key),
                Ok(None) => tracing::info!(reader = name, "a card that no driver knows"),
                Err(error) => tracing::info!(reader = name, %error, "a key that cannot be read"),
            });
        if let Err(error) = reading {
            tracing::error!(%error, "no thread to read the key");
        }
    }
}
