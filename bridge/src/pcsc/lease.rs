//! Holding one key: a thread with one PC/SC transaction, fed with work, ending in a card reset.

use std::ffi::CString;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use pcsc::{Card, Context, Disposition, Protocols, Scope, ShareMode};
use shared::bridge::KeyDetail;
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::hub::Reservation;
use super::{Held, failed, let_go};
use crate::random::Random;
use crate::token::piv::Piv;
use crate::token::{Result, SLOTS, Token, TokenError, summarize};

/// How long a caller waits for a key to be let go; the thread itself goes on.
const CLOSING: Duration = Duration::from_secs(5);

type Work = Box<dyn FnOnce(&mut dyn Token) + Send>;

/// A key that is held. On drop the work under way ends, the card is reset and the reservation given
/// back.
pub struct Lease {
    work: mpsc::Sender<Work>,
    free: oneshot::Receiver<()>,
}

impl Lease {
    /// Connects, begins the transaction and selects the driver.
    pub async fn open(reservation: Reservation) -> Result<Self> {
        let (work, queue) = mpsc::channel::<Work>();
        let (opened, result) = oneshot::channel();
        let (freed, free) = oneshot::channel::<()>();
        thread::Builder::new()
            .name("key-lease".to_owned())
            .spawn(move || {
                hold(&reservation, &queue, opened);
                drop(reservation);
                drop(freed);
            })
            .map_err(|_| TokenError::Malformed("no thread"))?;
        result.await.map_err(|_| TokenError::Removed)??;
        Ok(Self { work, free })
    }

    /// Lets the key go and returns when it is free, or when it takes too long to wait for.
    pub async fn close(self) {
        let Self { work, free } = self;
        drop(work);
        if timeout(CLOSING, free).await.is_err() {
            tracing::warn!("a key is slow to let go");
        }
    }

    /// Does something with the key, on its thread.
    pub async fn run<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut dyn Token) -> Result<T> + Send + 'static,
    {
        let (done, result) = oneshot::channel();
        self.work
            .send(Box::new(move |token| {
                // Nobody waiting any more: the operation was cancelled.
                let _ = done.send(work(token));
            }))
            .map_err(|_| TokenError::Removed)?;
        result.await.map_err(|_| TokenError::Removed)?
    }
}

fn hold(reservation: &Reservation, queue: &mpsc::Receiver<Work>, opened: oneshot::Sender<Result<()>>) {
    let reader = reservation.reader();
    let mut opened = Some(opened);
    let outcome = with_card(reader, reservation.hub().random(), |token| {
        if !reservation.holds() {
            return Err(TokenError::Removed);
        }
        if let Some(opened) = opened.take() {
            let _ = opened.send(Ok(()));
        }
        while let Ok(work) = queue.recv() {
            work(token);
        }
        detail(reader, token)
    });
    match (outcome, opened.take()) {
        (Ok(Some(key)), _) => reservation.note(key),
        (Ok(None), Some(opened)) => {
            let _ = opened.send(Err(TokenError::Malformed("no driver")));
        }
        (Err(error), Some(opened)) => {
            let _ = opened.send(Err(error));
        }
        (Ok(None) | Err(_), None) => {}
    }
}

/// One short look at a key.
pub fn look(reader: &str, random: Arc<dyn Random>) -> Result<Option<KeyDetail>> {
    with_card(reader, random, |token| detail(reader, token))
}

/// What anyone may know of a key.
pub fn detail(reader: &str, token: &mut dyn Token) -> Result<KeyDetail> {
    let capabilities = token.capabilities();
    let mut certificates = Vec::new();
    let mut blank = true;
    for slot in SLOTS {
        // A card may refuse a slot that it does not have.
        match token.read_certificate(slot) {
            Ok(None) | Err(TokenError::Status(_)) => {}
            Ok(Some(der)) => {
                blank = false;
                certificates.extend(summarize(slot, &der));
            }
            Err(TokenError::Malformed(_)) => blank = false,
            Err(other) => return Err(other),
        }
    }
    Ok(KeyDetail {
        reader: reader.to_owned(),
        serial: token.serial()?,
        driver: capabilities.driver.to_owned(),
        blank,
        busy: false,
        pin_tries_left: token.pin_tries_left()?,
        pin_policy: capabilities.pin_policy,
        algorithms: capabilities.algorithms,
        certificates,
    })
}

/// Works on a key in one transaction and resets it afterwards. None: no driver knows the card.
fn with_card<T>(
    reader: &str,
    random: Arc<dyn Random>,
    work: impl FnOnce(&mut dyn Token) -> Result<T>,
) -> Result<Option<T>> {
    let name = CString::new(reader).map_err(|_| TokenError::Malformed("reader name"))?;
    let context = Context::establish(Scope::User).map_err(failed)?;
    let mut card = context.connect(&name, ShareMode::Shared, Protocols::T0 | Protocols::T1).map_err(failed)?;
    let outcome = in_transaction(&mut card, random, work);
    let_go(card);
    outcome
}

fn in_transaction<T>(
    card: &mut Card,
    random: Arc<dyn Random>,
    work: impl FnOnce(&mut dyn Token) -> Result<T>,
) -> Result<Option<T>> {
    let transaction = match card.transaction2() {
        Ok(transaction) => transaction,
        // Somebody reset the card between two uses: connect anew, once.
        Err((card, pcsc::Error::ResetCard)) => {
            card.reconnect(ShareMode::Shared, Protocols::T0 | Protocols::T1, Disposition::LeaveCard).map_err(failed)?;
            card.transaction().map_err(failed)?
        }
        Err((_, error)) => return Err(failed(error)),
    };
    let outcome = match Piv::select(Held(&transaction), random) {
        Ok(Some(mut piv)) => work(&mut piv).map(Some),
        Ok(None) => Ok(None),
        Err(error) => Err(error),
    };
    if let Err((transaction, error)) = transaction.end(Disposition::ResetCard) {
        tracing::debug!(%error, "end of transaction");
        drop(transaction);
    }
    outcome
}
