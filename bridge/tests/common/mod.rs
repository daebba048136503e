//! A portal's page, its backend, and a person at the bridge's window, as tests play them.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::missing_panics_doc)]

pub mod desk;

use std::time::Duration;

use ed25519_dalek::{Signer, SigningKey};
use futures_util::{SinkExt, StreamExt};
use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable, Kem, OpModeS, Serializable};
use serde_json::{Value, json};
use shared::bridge::{OPERATION_DOMAIN, SECRETS_INFO, SESSION_DOMAIN, SUBPROTOCOL, secrets_aad};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::{HeaderValue, Request};
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use bridge::text::{base64, base64url, from_base64url};

pub const ORIGIN: &str = "https://hall.example";
pub const PATIENCE: Duration = Duration::from_secs(25);

pub type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// The backend's signing key.
pub fn backend() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

pub fn backend_public() -> String {
    base64(backend().verifying_key().as_bytes())
}

pub fn ticket(key: &SigningKey, domain: &str, payload: &Value) -> String {
    let payload = payload.to_string();
    let signature = key.sign([domain, &payload].concat().as_bytes());
    format!("{}.{}", base64url(payload.as_bytes()), base64url(&signature.to_bytes()))
}

/// A WebSocket request as a browser sends it.
pub fn request(url: &str, origin: Option<&str>, host: Option<&str>, protocol: bool) -> Request<()> {
    let mut request = url.into_client_request().unwrap();
    let headers = request.headers_mut();
    if let Some(origin) = origin {
        headers.insert("Origin", HeaderValue::from_str(origin).unwrap());
    }
    if let Some(host) = host {
        headers.insert("Host", HeaderValue::from_str(host).unwrap());
    }
    if protocol {
        headers.insert("Sec-WebSocket-Protocol", HeaderValue::from_static(SUBPROTOCOL));
    }
    request
}

/// Opens a WebSocket or tells the HTTP status that refused it.
pub async fn dial(request: Request<()>) -> Result<Socket, u16> {
    match timeout(PATIENCE, tokio_tungstenite::connect_async(request)).await.unwrap() {
        Ok((socket, _)) => Ok(socket),
        Err(tungstenite::Error::Http(response)) => Err(response.status().as_u16()),
        Err(other) => panic!("{other}"),
    }
}

/// A page with its socket to the bridge.
pub struct Page {
    pub socket: Socket,
    pub challenge: Value,
    /// Notices that came while an answer was awaited.
    pub notices: Vec<Value>,
    next: u64,
}

impl Page {
    /// Connected and challenged, hello not yet said.
    pub async fn connect(port: u16) -> Self {
        let url = format!("ws://127.0.0.1:{port}/socket");
        let mut socket = dial(request(&url, Some(ORIGIN), None, true)).await.unwrap();
        let first = read(&mut socket).await.unwrap();
        assert_eq!(first["method"], "session.challenge");
        Self { socket, challenge: first["params"].clone(), notices: vec![], next: 1 }
    }

    /// Connected, with a session.
    pub async fn open(port: u16) -> Self {
        let mut page = Self::connect(port).await;
        let ticket = page.session_ticket();
        let welcome = page.hello(&ticket).await.unwrap();
        assert_eq!(welcome["version"], 1);
        page
    }

    pub fn session_payload(&self) -> Value {
        json!({
            "nonce": self.challenge["nonce"], "hpkeKey": self.challenge["hpkeKey"],
            "origin": ORIGIN, "channel": "nanning", "channelName": "南宁市住房公积金",
        })
    }

    pub fn session_ticket(&self) -> String {
        ticket(&backend(), SESSION_DOMAIN, &self.session_payload())
    }

    pub async fn hello(&mut self, ticket: &str) -> Result<Value, Value> {
        self.call("session.hello", json!({"client": "test/1", "versions": [1], "sessionTicket": ticket})).await
    }

    /// The result, or the error's data.
    pub async fn call(&mut self, method: &str, params: Value) -> Result<Value, Value> {
        let id = self.next;
        self.next += 1;
        let call = json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params});
        self.socket.send(Message::text(call.to_string())).await.unwrap();
        loop {
            let message = read(&mut self.socket).await.expect("an answer");
            if message["id"] == id {
                return match message.get("error") {
                    Some(error) => Err(error["data"].clone()),
                    None => Ok(message["result"].clone()),
                };
            }
            self.notices.push(message);
        }
    }

    /// The next notice for which `wanted` is true; others are kept.
    pub async fn notice(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        if let Some(at) = self.notices.iter().position(&wanted) {
            return self.notices.remove(at);
        }
        loop {
            let message = read(&mut self.socket).await.expect("a notice");
            if wanted(&message) {
                return message;
            }
            self.notices.push(message);
        }
    }

    /// The end of a call inside an operation: result, or the error's data.
    pub async fn result(&mut self, method: &str) -> Result<Value, Value> {
        let notice = self
            .notice(|message| message["method"] == "operation.result" && message["params"]["method"] == method)
            .await;
        match notice["params"].get("error") {
            Some(error) => Err(error["data"].clone()),
            None => Ok(notice["params"]["result"].clone()),
        }
    }

    pub fn operation_payload(nonce: &Value, order: &str, key: &str, operations: &[&str]) -> Value {
        json!({
            "nonce": nonce, "origin": ORIGIN, "channel": "nanning", "order": order,
            "holder": "广西示例科技有限公司", "key": key, "operations": operations,
        })
    }

    /// An operation ticket for a fresh nonce, and the nonce.
    pub async fn operation_ticket(&mut self, order: &str, key: &str, operations: &[&str]) -> (String, String) {
        let nonce = self.call("operation.challenge", json!({})).await.unwrap()["nonce"].clone();
        let payload = Self::operation_payload(&nonce, order, key, operations);
        (ticket(&backend(), OPERATION_DOMAIN, &payload), nonce.as_str().unwrap().to_owned())
    }

    /// Seals secrets as the backend does.
    pub fn seal(&self, nonce: &str, order: &str, secrets: &Value) -> Value {
        let key = from_base64url(self.challenge["hpkeKey"].as_str().unwrap()).unwrap();
        let key = <X25519HkdfSha256 as Kem>::PublicKey::from_bytes(&key).unwrap();
        let (enc, ciphertext) = hpke::single_shot_seal::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
            &OpModeS::Base,
            &key,
            SECRETS_INFO.as_bytes(),
            secrets.to_string().as_bytes(),
            secrets_aad(nonce, order).as_bytes(),
        )
        .unwrap();
        json!({"enc": base64url(&enc.to_bytes()), "ciphertext": base64url(&ciphertext)})
    }
}

/// The next text message as JSON; none when the socket is closed.
pub async fn read(socket: &mut Socket) -> Option<Value> {
    let text = async {
        loop {
            match socket.next().await? {
                Ok(Message::Text(text)) => return Some(serde_json::from_str(&text).unwrap()),
                Ok(Message::Ping(_) | Message::Pong(_)) => {}
                Ok(Message::Close(_)) | Err(_) => return None,
                Ok(other) => panic!("{other:?}"),
            }
        }
    };
    timeout(PATIENCE, text).await.expect("the bridge says something")
}

/// A person looking at the bridge's window.
pub struct Person {
    socket: Socket,
}

impl Person {
    /// Opens the window as the page's pop-up does.
    pub async fn opens(url: &str) -> Self {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let document = client.get(url).send().await.unwrap();
        assert_eq!(document.status(), 200);
        assert_eq!(document.headers()["cross-origin-opener-policy"], "same-origin");
        let origin = url.split("/window/").next().unwrap();
        let socket = format!("{}/socket", url.replacen("http", "ws", 1));
        let socket = dial(request(&socket, Some(origin), None, false)).await.unwrap();
        Self { socket }
    }

    /// What the window shows next.
    pub async fn sees(&mut self) -> Value {
        read(&mut self.socket).await.expect("the window is told something")
    }

    /// Waits for the question and answers 同意.
    pub async fn agrees(&mut self) -> Value {
        let consent = self.sees().await;
        assert_eq!(consent["type"], "consent");
        self.says("agree").await;
        consent
    }

    pub async fn says(&mut self, what: &str) {
        self.socket.send(Message::text(json!({"type": what}).to_string())).await.unwrap();
    }

    /// Agrees, with what was typed.
    pub async fn types(&mut self, typed: Value) {
        let mut said = typed;
        said["type"] = json!("agree");
        self.socket.send(Message::text(said.to_string())).await.unwrap();
    }

    pub async fn closes(mut self) {
        self.socket.close(None).await.unwrap();
    }
}

pub const BATCH: [&str; 3] = ["key.initialize", "keypair.generate", "certificate.import"];
