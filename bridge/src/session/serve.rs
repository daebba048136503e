//! The socket's loop.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::ws::{CloseFrame, Message, WebSocket, close_code};
use futures_util::{SinkExt, StreamExt};
use shared::bridge::{Answer, Method};
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{MissedTickBehavior, interval, sleep_until};

use super::outbox::{Frame, Outbox};
use super::{Session, call};
use crate::clock;
use crate::config::Portal;
use crate::server::Bridge;

/// Why a socket is closed by us: WebSocket code and reason.
type Close = (u16, &'static str);

/// Speaks with one page until it leaves or misbehaves.
pub async fn run(bridge: Arc<Bridge>, portal: Portal, socket: WebSocket) {
    let (mut to_page, mut from_page) = socket.split();
    let (outbox, mut queue) = Outbox::new();
    let writer = tokio::spawn(async move {
        while let Some(frame) = queue.recv().await {
            let message = match frame {
                Frame::Text(text) => Message::text(text),
                Frame::Ping => Message::Ping(Bytes::new()),
            };
            if to_page.send(message).await.is_err() {
                break;
            }
        }
        to_page
    });
    let session = Session::new(bridge, portal, outbox.clone());
    let abort = writer.abort_handle();
    let close = converse(session, &outbox, &mut from_page).await;
    drop(outbox); // the session's own is gone with it; an operation may hold one a moment longer
    if let Some((code, reason)) = close {
        tracing::info!(code, reason, "session closed");
    }
    let patience = std::time::Duration::from_secs(2);
    match tokio::time::timeout(patience, writer).await {
        Ok(Ok(mut to_page)) => {
            let frame = close.map(|(code, reason)| CloseFrame { code, reason: reason.into() });
            let _ = tokio::time::timeout(patience, to_page.send(Message::Close(frame))).await;
        }
        Ok(Err(_)) | Err(_) => abort.abort(),
    }
}

async fn converse(
    mut session: Session,
    outbox: &Outbox,
    from_page: &mut (impl StreamExt<Item = Result<Message, axum::Error>> + Unpin),
) -> Option<Close> {
    let patience = session.bridge.patience.clone();
    outbox.notify(Method::SessionChallenge, session.challenge.clone());
    let mut events = session.bridge.hub.events();
    let mut pings = interval(patience.idle / 3);
    pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
    pings.reset();
    let mut silent_until = clock::now() + patience.hello;
    loop {
        tokio::select! {
            frame = from_page.next() => {
                if session.is_open() {
                    silent_until = clock::now() + patience.idle;
                }
                match frame {
                    Some(Ok(Message::Text(text))) => {
                        take(&mut session, outbox, &text).await;
                        if session.is_open() {
                            silent_until = clock::now() + patience.idle;
                        }
                    }
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                    Some(Ok(Message::Binary(_))) => return Some((close_code::UNSUPPORTED, "text only")),
                    Some(Err(error)) => {
                        tracing::info!(%error, "socket");
                        return Some((close_code::SIZE, "frame too long or broken"));
                    }
                    Some(Ok(Message::Close(_))) | None => return None,
                }
            }
            event = events.recv() => match event {
                Ok(notice) if session.is_open() => outbox.notify(Method::DeviceEvent, notice),
                // Before hello nothing is told; after a lag the next number shows the gap.
                Ok(_) | Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return Some((close_code::AWAY, "bridge ends")),
            },
            _ = pings.tick() => outbox.ping(),
            () = sleep_until(silent_until) => return Some((close_code::POLICY, "silence")),
            () = outbox.overflows() => return Some((close_code::POLICY, "too slow")),
        }
    }
}

async fn take(session: &mut Session, outbox: &Outbox, frame: &str) {
    let answer = match call::read(frame) {
        Ok(call) => match session.answer(&call).await {
            Ok(result) => Answer::ok(call.id, result),
            Err(fault) => {
                tracing::info!(method = call.method.name(), ?fault, "refused");
                Answer::err(Some(call.id), fault.into())
            }
        },
        Err((id, fault)) => Answer::err(id, fault.into()),
    };
    outbox.send(&answer);
}
