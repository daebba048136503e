//! The session with the bridge: found, opened, kept, found again.

use super::KeyError;
use super::operation::Operation;
use super::permission::{Permission, permission};
use super::socket::{self, Socket};
use crate::api;
use crate::ui::timer::sleep;
use futures_channel::oneshot;
use futures_util::StreamExt;
use futures_util::future::{Either, select};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Serialize;
use shared::api::BridgeChallenge;
use shared::bridge::{
    Begin, ErrorCode, Hello, KeyDetail, KeyList, Limits, Method, OperationChallenge, Prepared, ReadCertificate,
    ReadCertificateResult, Started, VERSION, Welcome,
};
use std::cell::{Cell, RefCell};
use std::pin::pin;
use std::rc::Rc;

/// Waits between two tries to find the bridge, seconds: it grows from the first to the last.
const WAITS: [i32; 5] = [1, 2, 4, 8, 15];

/// Between two looks at a key that is held by an operation.
const BUSY_MS: i32 = 1_000;

/// A window's name and size as `shared::bridge` asks.
const WINDOW: (&str, &str) = ("certhall-bridge", "popup,width=480,height=680");

/// How things stand.
#[derive(Clone, Debug)]
pub enum State {
    /// Being looked for, for the first time or on request.
    Connecting,
    /// There is none; it is looked for again by itself.
    Failed(KeyError),
    /// A session is open.
    Ready {
        /// The bridge program's version.
        version: String,
        /// Readers and keys, kept up to date.
        list: KeyList,
    },
}

/// The keys in the computer, from a maker's point of view.
#[derive(Clone, Debug)]
pub enum Keys {
    /// Not even a reader.
    NoReader,
    /// A reader without a key.
    NoKey,
    /// More than one.
    Several(usize),
    /// The one key holds no certificate: it can be made.
    Blank(KeyDetail),
    /// The one key holds a certificate.
    Used(KeyDetail),
}

impl From<&KeyList> for Keys {
    fn from(list: &KeyList) -> Self {
        match list.keys.as_slice() {
            [] if list.readers == 0 => Self::NoReader,
            [] => Self::NoKey,
            [key] if key.blank => Self::Blank(key.clone()),
            [key] => Self::Used(key.clone()),
            keys => Self::Several(keys.len()),
        }
    }
}

/// No parameters.
#[derive(Serialize)]
struct Nothing {}

struct Live {
    socket: Rc<Socket>,
    hpke_key: String,
    limits: Limits,
}

struct Inner {
    channel: String,
    state: ArcRwSignal<State>,
    live: RefCell<Option<Live>>,
    window: RefCell<Option<Prepared>>,
    hurry: RefCell<Option<oneshot::Sender<()>>>,
    stopped: Cell<bool>,
}

/// The bridge, as long as the screen that made it is shown.
#[derive(Clone, Copy)]
pub struct Bridge {
    state: RwSignal<State>,
    inner: StoredValue<Rc<Inner>, LocalStorage>,
}

impl Bridge {
    /// Looks for the bridge and keeps a session of this channel open.
    pub fn start(channel: &str) -> Self {
        let inner = Rc::new(Inner {
            channel: channel.to_owned(),
            state: ArcRwSignal::new(State::Connecting),
            live: RefCell::default(),
            window: RefCell::default(),
            hurry: RefCell::default(),
            stopped: Cell::new(false),
        });
        spawn_local(keep(inner.clone()));
        let bridge = Self { state: inner.state.clone().into(), inner: StoredValue::new_local(inner) };
        on_cleanup(move || bridge.stop());
        bridge
    }

    /// How things stand.
    pub fn state(self) -> RwSignal<State> {
        self.state
    }

    /// Looks again at once.
    pub fn look_again(self) {
        self.with(|inner| {
            if let Some(hurry) = inner.hurry.take() {
                inner.state.set(State::Connecting);
                let _ = hurry.send(());
            }
        });
    }

    fn stop(self) {
        self.with(|inner| {
            inner.stopped.set(true);
            if let Some(live) = inner.live.take() {
                live.socket.close();
            }
            if let Some(hurry) = inner.hurry.take() {
                let _ = hurry.send(());
            }
        });
    }

    fn with<T>(self, act: impl FnOnce(&Rc<Inner>) -> T) -> Option<T> {
        self.inner.try_with_value(act)
    }

    fn live(self) -> Result<(Rc<Socket>, String, Limits), KeyError> {
        self.with(|inner| {
            inner.live.borrow().as_ref().map(|live| (live.socket.clone(), live.hpke_key.clone(), live.limits.clone()))
        })
        .flatten()
        .ok_or(KeyError::Closed)
    }

    /// Opens the bridge's window. Only within a click and before any await, else the browser blocks it. Its answer is
    /// given to [`Bridge::begin`].
    pub fn open_window(self) -> Result<String, KeyError> {
        let prepared = self.with(|inner| inner.window.borrow().clone()).flatten().ok_or(KeyError::WindowNotReady)?;
        // The window's own policy cuts the handle off: only its absence says something.
        let handle = window().open_with_url_and_target_and_features(&prepared.url, WINDOW.0, WINDOW.1);
        match handle {
            Ok(Some(_)) => {
                self.with(|inner| inner.window.take());
                Ok(prepared.window)
            }
            Ok(None) | Err(_) => Err(KeyError::PopupBlocked),
        }
    }

    /// A nonce for the backend's operation ticket, and the key that secrets are sealed to.
    pub async fn challenge(self) -> Result<(String, String), KeyError> {
        let (socket, hpke_key, _) = self.live()?;
        let challenge: OperationChallenge = socket.call(Method::OperationChallenge, &Nothing {}).await?;
        Ok((challenge.nonce, hpke_key))
    }

    /// Begins a batch in the window that was opened; [`Operation::consent`] awaits the person's answer.
    pub async fn begin(self, operation_ticket: String, window: String) -> Result<Operation, KeyError> {
        let (socket, _, limits) = self.live()?;
        let begin = Begin { operation_ticket, window };
        let started: Started = socket.call(Method::OperationBegin, &begin).await?;
        self.with(|inner| spawn_local(prepare(inner.clone())));
        Ok(Operation::new(socket, started.operation_id, limits))
    }

    /// Reads the certificate back from a key. A key that is just being let go is asked again.
    pub async fn read_certificate(self, serial: &str) -> Result<String, KeyError> {
        let (socket, _, _) = self.live()?;
        let what = ReadCertificate { serial: serial.to_owned(), slot: shared::bridge::Slot::default() };
        let mut tries = 0;
        loop {
            let answer: Result<ReadCertificateResult, _> = socket.call(Method::CertificateRead, &what).await;
            match answer {
                Ok(read) => return Ok(read.certificate),
                Err(error) if error.code() == Some(ErrorCode::Busy) && tries < 5 => {
                    tries += 1;
                    sleep(400).await;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// After work on a key: what is on it now, and a fresh window if one was used in vain.
    pub fn after_work(self) {
        self.with(|inner| {
            if let Some(live) = &*inner.live.borrow() {
                live.socket.nudge();
            }
            if inner.window.borrow().is_none() {
                spawn_local(prepare(inner.clone()));
            }
        });
    }
}

/// Finds the bridge, again and again.
async fn keep(inner: Rc<Inner>) {
    let mut failures = 0;
    while !inner.stopped.get() {
        let allowed = match permission().await {
            Permission::Given => Ok(()),
            Permission::Asks => Err(KeyError::NotAsked),
            Permission::Refused => Err(KeyError::NotAllowed),
        };
        let asks = matches!(allowed, Err(KeyError::NotAsked));
        let ended = match allowed {
            Ok(()) => session(&inner).await,
            Err(error) => Err(error),
        };
        match ended {
            Ok(()) => {
                failures = 0;
                inner.state.set(State::Connecting);
            }
            Err(error) => inner.state.set(State::Failed(error)),
        }
        inner.live.take();
        inner.window.take();
        if inner.stopped.get() {
            return;
        }
        let (hurry, hurried) = oneshot::channel();
        inner.hurry.replace(Some(hurry));
        if asks {
            // The browser's question comes after the click, never before it.
            let clicked = hurried.await.is_ok() && !inner.stopped.get();
            if clicked {
                super::permission::clicked();
            }
            continue;
        }
        let wait = WAITS[failures.min(WAITS.len() - 1)];
        let _ = select(hurried, pin!(sleep(wait * 1000))).await;
        inner.hurry.take();
        failures += 1;
    }
}

/// One session from the bridge's challenge to the end of the connection.
async fn session(inner: &Rc<Inner>) -> Result<(), KeyError> {
    let socket::Found { socket, challenge, mut devices } = socket::find().await?;
    let asked = BridgeChallenge {
        channel: inner.channel.clone(),
        nonce: challenge.nonce,
        hpke_key: challenge.hpke_key.clone(),
    };
    let ticket = api::staff::bridge_session(&asked).await?;
    let hello = Hello {
        client: concat!("certhall-staff/", env!("CARGO_PKG_VERSION")).to_owned(),
        versions: vec![VERSION],
        session_ticket: ticket.ticket,
    };
    let welcome: Welcome = socket.call(Method::SessionHello, &hello).await?;
    if inner.stopped.get() {
        return Ok(());
    }
    let socket = Rc::new(socket);
    // A prepared window grows old; a fresh one is fetched in good time.
    let fresh_ms = i32::try_from(welcome.limits.window_seconds).unwrap_or(300).saturating_mul(800);
    inner.live.replace(Some(Live { socket: socket.clone(), hpke_key: challenge.hpke_key, limits: welcome.limits }));
    prepare(inner.clone()).await;
    loop {
        let list: KeyList = socket.call(Method::KeyList, &Nothing {}).await?;
        let busy = list.keys.iter().any(|key| key.busy);
        inner.state.set(State::Ready { version: welcome.bridge_version.clone(), list });
        loop {
            match select(devices.next(), pin!(sleep(if busy { BUSY_MS } else { fresh_ms }))).await {
                Either::Left((None, _)) => return Ok(()),
                Either::Left((Some(()), _)) => break,
                Either::Right(_) if busy => break,
                Either::Right(_) => prepare(inner.clone()).await,
            }
        }
        // A key that is plugged in causes several notices in a row.
        sleep(150).await;
        while devices.try_recv().is_ok() {}
    }
}

async fn prepare(inner: Rc<Inner>) {
    let socket = inner.live.borrow().as_ref().map(|live| live.socket.clone());
    let Some(socket) = socket else { return };
    let prepared: Result<Prepared, _> = socket.call(Method::WindowPrepare, &Nothing {}).await;
    inner.window.replace(prepared.ok());
}
