//! One WebSocket to a bridge: requests and their answers, results of long work, notices.

use super::KeyError;
use crate::json;
use crate::ui::timer::sleep;
use futures_channel::{mpsc, oneshot};
use futures_util::future::{Either, select, select_ok};
use serde::{Deserialize, Serialize};
use shared::bridge::{
    Call, Challenge, ErrorData, Head, Method, PORTS, Progress, RpcError, SOCKET_PATH, SUBPROTOCOL, Stage,
};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::pin;
use std::rc::Rc;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{MessageEvent, WebSocket};

/// How long a bridge may take to speak first.
const HELLO_MS: i32 = 5_000;
/// How long a bridge may take to answer a request. Long work answers at once and ends later.
const ANSWER_MS: i32 = 15_000;

type Raw = Result<JsValue, KeyError>;
type Watcher = Rc<dyn Fn(Stage)>;

/// The end of a call of an operation.
struct Ended {
    operation: String,
    method: Method,
    raw: Raw,
}

#[derive(Default)]
struct Shared {
    over: Cell<bool>,
    last: Cell<u64>,
    challenge: RefCell<Option<oneshot::Sender<Challenge>>>,
    calls: RefCell<BTreeMap<u64, oneshot::Sender<Raw>>>,
    ended: RefCell<Vec<Ended>>,
    awaiting: RefCell<Option<oneshot::Sender<()>>>,
    watcher: RefCell<Option<Watcher>>,
    devices: RefCell<Option<mpsc::UnboundedSender<()>>>,
}

/// A connection; it closes when dropped.
pub struct Socket {
    web: WebSocket,
    shared: Rc<Shared>,
    _on_message: Closure<dyn Fn(MessageEvent)>,
    _on_close: Closure<dyn Fn()>,
}

/// A bridge that spoke first.
pub struct Found {
    pub socket: Socket,
    pub challenge: Challenge,
    /// One item for each thing plugged in or pulled out; it ends with the connection.
    pub devices: mpsc::UnboundedReceiver<()>,
}

/// Tries every port at once; the first that speaks as a bridge wins, the others are closed.
pub async fn find() -> Result<Found, KeyError> {
    let tries: Vec<_> = PORTS.into_iter().map(|port| Box::pin(open(port))).collect();
    match within(HELLO_MS, select_ok(tries)).await {
        Some(Ok((found, _))) => Ok(found),
        Some(Err(_)) | None => Err(KeyError::NotRunning),
    }
}

async fn open(port: u16) -> Result<Found, KeyError> {
    let address = format!("ws://127.0.0.1:{port}{SOCKET_PATH}");
    let web = WebSocket::new_with_str(&address, SUBPROTOCOL).map_err(|_| KeyError::NotRunning)?;
    let shared = Rc::new(Shared::default());
    let (said, challenge) = oneshot::channel();
    let (plugged, devices) = mpsc::unbounded();
    shared.challenge.replace(Some(said));
    shared.devices.replace(Some(plugged));
    let on_message = {
        let shared = shared.clone();
        Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            if let Some(text) = event.data().as_string() {
                // A notice of a later version is none of ours.
                let _ = shared.take_in(&text);
            }
        })
    };
    let on_close = {
        let shared = shared.clone();
        Closure::<dyn Fn()>::new(move || shared.close())
    };
    web.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    web.set_onclose(Some(on_close.as_ref().unchecked_ref()));
    let socket = Socket { web, shared, _on_message: on_message, _on_close: on_close };
    let challenge = challenge.await.map_err(|_| KeyError::NotRunning)?;
    Ok(Found { socket, challenge, devices })
}

/// The future's value, or nothing when it takes longer.
async fn within<T>(millis: i32, future: impl Future<Output = T>) -> Option<T> {
    match select(pin!(future), pin!(sleep(millis))).await {
        Either::Left((value, _)) => Some(value),
        Either::Right(_) => None,
    }
}

fn member(value: &JsValue, name: &str) -> JsValue {
    js_sys::Reflect::get(value, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED)
}

/// `result` or `error` of an answer.
fn raw(value: &JsValue) -> Raw {
    match json::read::<Option<RpcError>>(member(value, "error")) {
        Ok(None) => Ok(member(value, "result")),
        Ok(Some(RpcError { data: ErrorData { code, tries_left }, .. })) => {
            Err(KeyError::Bridge(ErrorData { code, tries_left }))
        }
        Err(_) => Err(KeyError::Unreadable),
    }
}

fn typed<R: for<'de> Deserialize<'de>>(raw: Raw) -> Result<R, KeyError> {
    json::read(raw?).map_err(|_| KeyError::Unreadable)
}

impl Shared {
    fn take_in(&self, text: &str) -> Result<(), json::Mismatch> {
        let value = js_sys::JSON::parse(text).map_err(|_| json::Mismatch)?;
        let head: Head = json::read(value.clone())?;
        match (head.method, head.id) {
            (Some(method), _) => self.notice(method, &member(&value, "params")),
            (None, Some(id)) => {
                if let Some(waiting) = self.calls.borrow_mut().remove(&id) {
                    let _ = waiting.send(raw(&value));
                }
                Ok(())
            }
            (None, None) => Ok(()),
        }
    }

    fn notice(&self, method: Method, params: &JsValue) -> Result<(), json::Mismatch> {
        match method {
            Method::SessionChallenge => {
                if let Some(waiting) = self.challenge.take() {
                    let _ = waiting.send(json::read(params.clone())?);
                }
            }
            Method::OperationProgress => {
                let progress: Progress = json::read(params.clone())?;
                let watcher = self.watcher.borrow().clone();
                if let Some(watcher) = watcher {
                    watcher(progress.stage);
                }
            }
            Method::OperationResult => {
                let operation = json::read(member(params, "operationId"))?;
                let method = json::read(member(params, "method"))?;
                self.ended.borrow_mut().push(Ended { operation, method, raw: raw(params) });
                self.wake();
            }
            Method::DeviceEvent => {
                if let Some(devices) = &*self.devices.borrow() {
                    let _ = devices.unbounded_send(());
                }
            }
            Method::SessionHello
            | Method::KeyList
            | Method::KeyInfo
            | Method::CertificateRead
            | Method::WindowPrepare
            | Method::OperationChallenge
            | Method::OperationBegin
            | Method::OperationCancel
            | Method::KeyInitialize
            | Method::KeypairGenerate
            | Method::CertificateImport
            | Method::PinVerify
            | Method::PinChange
            | Method::ChallengeSign
            | Method::SelftestRun => {}
        }
        Ok(())
    }

    fn wake(&self) {
        if let Some(waiting) = self.awaiting.take() {
            let _ = waiting.send(());
        }
    }

    fn close(&self) {
        self.over.set(true);
        self.challenge.take();
        self.calls.take();
        self.devices.take();
        self.wake();
    }

    /// The end of `method`, or of the whole operation: an error ends it whichever call it names.
    fn take_end(&self, operation: &str, method: Method) -> Option<Raw> {
        let mut ended = self.ended.borrow_mut();
        let at =
            ended.iter().position(|end| end.operation == operation && (end.method == method || end.raw.is_err()))?;
        Some(ended.remove(at).raw)
    }
}

impl Socket {
    /// A request and its answer.
    pub async fn call<R: for<'de> Deserialize<'de>>(
        &self,
        method: Method,
        params: &impl Serialize,
    ) -> Result<R, KeyError> {
        if self.shared.over.get() {
            return Err(KeyError::Closed);
        }
        let id = self.shared.last.get() + 1;
        self.shared.last.set(id);
        let text = json::print(&Call::new(id, method, params)).map_err(|_| KeyError::Unreadable)?;
        let (answer, answered) = oneshot::channel();
        self.shared.calls.borrow_mut().insert(id, answer);
        self.web.send_with_str(&text).map_err(|_| KeyError::Closed)?;
        match within(ANSWER_MS, answered).await {
            Some(Ok(raw)) => typed(raw),
            Some(Err(_)) => Err(KeyError::Closed),
            None => Err(KeyError::NoAnswer),
        }
    }

    /// The end of a call of an operation, awaited for at most so many seconds.
    pub async fn end<R: for<'de> Deserialize<'de>>(
        &self,
        operation: &str,
        method: Method,
        seconds: u32,
    ) -> Result<R, KeyError> {
        let ended = async {
            loop {
                if let Some(raw) = self.shared.take_end(operation, method) {
                    return typed(raw);
                }
                if self.shared.over.get() {
                    return Err(KeyError::Closed);
                }
                let (wake, woken) = oneshot::channel();
                self.shared.awaiting.replace(Some(wake));
                let _ = woken.await;
            }
        };
        let millis = i32::try_from(seconds).unwrap_or(600).saturating_mul(1000);
        within(millis, ended).await.unwrap_or(Err(KeyError::NoAnswer))
    }

    /// Acts as if something had been plugged in: what is on a key changes without that, too.
    pub fn nudge(&self) {
        if let Some(devices) = &*self.shared.devices.borrow() {
            let _ = devices.unbounded_send(());
        }
    }

    /// Closes the connection; whoever waits is told.
    pub fn close(&self) {
        self.shared.close();
        let _ = self.web.close();
    }

    /// Whoever wants to know what happens inside a call.
    pub fn watch(&self, watcher: impl Fn(Stage) + 'static) {
        self.shared.watcher.replace(Some(Rc::new(watcher)));
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.web.set_onmessage(None);
        self.web.set_onclose(None);
        self.close();
    }
}
