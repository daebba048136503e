//! The maker's page beside a key: it talks to the bridge as the page does, and clicks in the bridge's window as a person
//! does. It never learns a PIN.

use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use futures_util::{SinkExt as _, StreamExt as _};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use shared::api::{BridgeChallenge, StartMaking};
use shared::bridge::{
    Algorithm, Answer, Begin, Begun, Call, Challenge, ErrorCode, Generate, Generated, Hello, Import, Imported,
    Initialize, Initialized, KeyDetail, KeyList, Method, Notification, OperationChallenge, Outcome, Prepared,
    ReadCertificate, ReadCertificateResult, SOCKET_PATH, SUBPROTOCOL, SealedSecrets, Slot, Stage, Started, VERSION,
    Welcome,
};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::client::plain;
use crate::staff::Clerk;

/// A key pair and a window take seconds, on a busy machine more.
const PATIENCE: Duration = Duration::from_mins(1);

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// The bridge refused, or the operation failed.
#[derive(Debug)]
pub struct KeyFailure(pub ErrorCode);

impl std::fmt::Display for KeyFailure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the bridge says {:?}", self.0)
    }
}

impl std::error::Error for KeyFailure {}

/// What the person does in the bridge's window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Person {
    /// 同意.
    Agrees,
    /// 取消.
    Cancels,
}

/// A page with an open session at the bridge.
pub struct Desk {
    socket: Socket,
    hpke_key: String,
    bridge: String,
    last: u64,
    /// Notices that came while something else was awaited.
    notices: Vec<Value>,
}

/// A made key.
#[derive(Clone, Debug)]
pub struct Made {
    /// 介质号.
    pub serial: String,
    /// The certificate as read back, base64 DER.
    pub certificate: String,
}

impl Desk {
    /// Connects to the bridge at a port, and gets the backend's ticket for the session.
    pub async fn open(port: u16, clerk: &Clerk) -> Result<Self> {
        let bridge = format!("http://127.0.0.1:{port}");
        let mut socket = dial(&format!("ws://127.0.0.1:{port}{SOCKET_PATH}"), clerk.client.portal(), true).await?;
        let first: Notification<Challenge> = serde_json::from_value(read(&mut socket).await?)?;
        ensure!(first.method == Method::SessionChallenge, "the bridge speaks first");
        let Challenge { nonce, hpke_key } = first.params;
        let asked = BridgeChallenge { channel: "nanning".to_owned(), nonce, hpke_key: hpke_key.clone() };
        let ticket = clerk.bridge_session(&asked).await?.ticket;
        let mut desk = Self { socket, hpke_key, bridge, last: 0, notices: Vec::new() };
        let hello = Hello { client: "e2e/1".to_owned(), versions: vec![VERSION], session_ticket: ticket };
        let welcome: Welcome = desk.call(Method::SessionHello, &hello).await?;
        ensure!(welcome.version == VERSION, "the bridge speaks version {}", welcome.version);
        Ok(desk)
    }

    /// The one key in the reader, once the bridge has seen it.
    pub async fn key(&mut self) -> Result<KeyDetail> {
        for _ in 0..100 {
            let mut list: KeyList = self.call(Method::KeyList, &json!({})).await?;
            match (list.keys.pop(), list.keys.is_empty()) {
                (Some(key), true) if !key.busy => return Ok(key),
                (Some(_), false) => bail!("several keys in the reader"),
                (Some(_) | None, true) => tokio::time::sleep(Duration::from_millis(100)).await,
                (None, false) => bail!("no last key in a list that has keys"),
            }
        }
        bail!("no key in the reader")
    }

    /// Reads a certificate back.
    pub async fn certificate(&mut self, serial: &str) -> Result<String> {
        let what = ReadCertificate { serial: serial.to_owned(), slot: Slot::default() };
        for _ in 0..20 {
            let answer: Result<ReadCertificateResult> = self.call(Method::CertificateRead, &what).await;
            match answer {
                // The key is just being let go.
                Err(error) if failure(&error) == Some(ErrorCode::Busy) => {
                    tokio::time::sleep(Duration::from_millis(200)).await;
                }
                other => return Ok(other?.certificate),
            }
        }
        bail!("the key stays busy")
    }

    /// Makes the order's certificate on the key in the reader; `seen` is told each stage.
    pub async fn makes(&mut self, clerk: &Clerk, number: &str, seen: impl FnMut(Stage) + Send) -> Result<Made> {
        self.makes_with(clerk, number, Person::Agrees, seen).await
    }

    /// As [`Desk::makes`], with a person who may not agree.
    pub async fn makes_with(
        &mut self,
        clerk: &Clerk,
        number: &str,
        person: Person,
        mut seen: impl FnMut(Stage) + Send,
    ) -> Result<Made> {
        let seen: &mut (dyn FnMut(Stage) + Send) = &mut seen;
        let key = self.key().await?;
        let prepared: Prepared = self.call(Method::WindowPrepare, &json!({})).await?;
        let window = tokio::spawn(sits_at_window(self.bridge.clone(), prepared.url.clone(), person));
        let challenge: OperationChallenge = self.call(Method::OperationChallenge, &json!({})).await?;
        let start =
            StartMaking { nonce: challenge.nonce, hpke_key: self.hpke_key.clone(), key_serial: key.serial.clone() };
        let ticket = clerk.starts_making(number, &start).await?;
        let secrets: SealedSecrets = serde_json::from_str(&ticket.sealed).context("sealed secrets")?;

        let begin = Begin { operation_ticket: ticket.ticket, window: prepared.window };
        let Started { operation_id } = self.call(Method::OperationBegin, &begin).await?;
        let _: Begun = self.end(Method::OperationBegin, seen).await?;
        let consent = window.await??;
        ensure!(consent.get("order") == Some(&json!(number)), "the window shows another order: {consent}");

        let initialize = Initialize { operation_id: operation_id.clone(), secrets };
        let Initialized { serial } = self.work(Method::KeyInitialize, &initialize, seen).await?;
        let generate =
            Generate { operation_id: operation_id.clone(), slot: Slot::default(), algorithm: Algorithm::P256 };
        let Generated { csr, .. } = self.work(Method::KeypairGenerate, &generate, seen).await?;
        let issued = clerk.issues(number, &csr).await?;
        let import = Import { operation_id, slot: Slot::default(), certificate: issued.certificate.clone() };
        let Imported { certificate, .. } = self.work(Method::CertificateImport, &import, seen).await?;
        ensure!(certificate == issued.certificate, "the key holds another certificate than the one issued");
        clerk.made(number, &serial, &certificate).await?;
        Ok(Made { serial, certificate })
    }

    async fn work<R: DeserializeOwned>(
        &mut self,
        method: Method,
        params: &(impl Serialize + Sync),
        seen: &mut (dyn FnMut(Stage) + Send),
    ) -> Result<R> {
        let _: Started = self.call(method, params).await?;
        self.end(method, seen).await
    }

    async fn call<R: DeserializeOwned>(&mut self, method: Method, params: &(impl Serialize + Sync)) -> Result<R> {
        self.last += 1;
        let call = serde_json::to_string(&Call::new(self.last, method, params))?;
        self.socket.send(Message::text(call)).await?;
        loop {
            let message = read(&mut self.socket).await?;
            if message.get("method").is_some() {
                self.notices.push(message);
                continue;
            }
            let answer: Answer<R> = serde_json::from_value(message)?;
            ensure!(answer.id == Some(self.last), "an answer to another request");
            return match (answer.result, answer.error) {
                (Some(result), None) => Ok(result),
                (_, Some(error)) => Err(KeyFailure(error.data.code).into()),
                (None, None) => bail!("an answer without content"),
            };
        }
    }

    /// The end of a call of the running operation.
    async fn end<R: DeserializeOwned>(&mut self, method: Method, seen: &mut (dyn FnMut(Stage) + Send)) -> Result<R> {
        loop {
            let notice = if self.notices.is_empty() { read(&mut self.socket).await? } else { self.notices.remove(0) };
            match notice.get("method").and_then(Value::as_str) {
                Some("operation.progress") => {
                    let stage = notice.pointer("/params/stage").cloned().unwrap_or_default();
                    seen(serde_json::from_value(stage)?);
                }
                Some("operation.result") => {
                    let params = notice.get("params").cloned().unwrap_or_default();
                    let outcome: Outcome<Value> = serde_json::from_value(params)?;
                    if let Some(error) = outcome.error {
                        return Err(KeyFailure(error.data.code).into());
                    }
                    ensure!(outcome.method == method, "{:?} ended instead of {method:?}", outcome.method);
                    return Ok(serde_json::from_value(outcome.result.unwrap_or_default())?);
                }
                Some(_) => {}
                None => bail!("an answer that nobody waits for: {notice}"),
            }
        }
    }
}

/// The bridge's code, if it was the bridge that failed.
pub fn failure(error: &anyhow::Error) -> Option<ErrorCode> {
    error.downcast_ref::<KeyFailure>().map(|failure| failure.0)
}

/// Opens the bridge's window as a browser does, reads it, and clicks. Gives what the window showed.
async fn sits_at_window(bridge: String, url: String, person: Person) -> Result<Value> {
    let page = plain()?.get(&url).send().await?;
    ensure!(page.status().is_success(), "the window answers {}", page.status());
    let address = format!("{}/socket", url.replacen("http://", "ws://", 1));
    let mut socket = dial(&address, &bridge, false).await?;
    loop {
        let message = read(&mut socket).await?;
        match message.get("type").and_then(Value::as_str) {
            Some("consent") => {
                let click = match person {
                    Person::Agrees => "agree",
                    Person::Cancels => "cancel",
                };
                socket.send(Message::text(json!({ "type": click }).to_string())).await?;
                // The window stays open, as a person leaves it, until the bridge closes it.
                tokio::spawn(async move { while read(&mut socket).await.is_ok() {} });
                return Ok(message);
            }
            Some("failed") => bail!("the window says {message}"),
            _ => {}
        }
    }
}

async fn dial(address: &str, origin: &str, protocol: bool) -> Result<Socket> {
    let mut request = address.into_client_request()?;
    request.headers_mut().insert("Origin", HeaderValue::from_str(origin)?);
    if protocol {
        request.headers_mut().insert("Sec-WebSocket-Protocol", HeaderValue::from_static(SUBPROTOCOL));
    }
    let (socket, _) = connect_async(request).await.with_context(|| address.to_owned())?;
    Ok(socket)
}

async fn read(socket: &mut Socket) -> Result<Value> {
    loop {
        let frame = timeout(PATIENCE, socket.next()).await.context("the bridge is silent")?;
        match frame.context("the bridge closed the socket")?? {
            Message::Text(text) => return Ok(serde_json::from_str(&text)?),
            Message::Close(frame) => bail!("the bridge closed the socket: {frame:?}"),
            Message::Ping(_) | Message::Pong(_) | Message::Binary(_) | Message::Frame(_) => {}
        }
    }
}
