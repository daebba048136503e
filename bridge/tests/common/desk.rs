//! A making station: a reader with a test card, the bridge program beside it, and OpenSSL as a CA.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use e2e::pcsc::VirtualReader;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::task::block_in_place;

use super::{BATCH, ORIGIN, Page, Person, backend_public};
use bridge::text::{base64, from_base64};

pub const PHRASE: &str = "清风 明月 石桥";

pub struct Desk {
    pub port: u16,
    pub reader: VirtualReader,
    pub folder: TempDir,
    bridge: Child,
    log: Arc<Mutex<Vec<u8>>>,
    _logging: JoinHandle<()>,
}

impl Desk {
    /// A reader with a blank key, and a bridge that knows it. Fails loudly where PC/SC is missing.
    pub async fn set_up() -> Self {
        let mut desk = block_in_place(Self::start);
        desk.key_shown().await;
        desk
    }

    fn start() -> Self {
        let reader = VirtualReader::start().expect("pcscd, vpcd and the test card run");
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("bridge.toml");
        let text = format!(
            "phrase = '{PHRASE}'\n[[portals]]\nname = '证书大厅'\norigin = '{ORIGIN}'\nkeys = ['{}']\n",
            backend_public()
        );
        std::fs::write(&config, text).unwrap();
        let mut bridge = reader
            .command(env!("CARGO_BIN_EXE_certhall-bridge"))
            .args(["--port", "0", "--config"])
            .arg(&config)
            .env("RUST_LOG", "trace,tungstenite=info")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut errors = bridge.stderr.take().unwrap();
        let log = Arc::new(Mutex::new(Vec::new()));
        let kept = log.clone();
        let logging = thread::spawn(move || {
            let mut part = [0; 4096];
            while let Ok(len @ 1..) = errors.read(&mut part) {
                kept.lock().unwrap().extend_from_slice(&part[..len]);
            }
        });
        let mut first = String::new();
        let mut output = BufReader::new(bridge.stdout.take().unwrap());
        output.read_line(&mut first).unwrap();
        thread::spawn(move || std::io::copy(&mut output, &mut std::io::sink()));
        let port = first.trim().rsplit(':').next().unwrap().parse().expect("the bridge tells its port");
        Self { port, reader, folder, bridge, log, _logging: logging }
    }

    /// The key as the bridge lists it, once it does.
    pub async fn key_shown(&mut self) -> Value {
        let mut page = Page::open(self.port).await;
        let list = page.call("key.list", json!({})).await.unwrap();
        if let Some(key) = list["keys"].get(0) {
            return key.clone();
        }
        page.event("key_inserted").await;
        page.call("key.list", json!({})).await.unwrap()["keys"][0].clone()
    }

    pub fn remove(&self) {
        block_in_place(|| self.reader.remove()).unwrap();
    }

    pub async fn insert(&self) {
        // pcscd looks every 0.4 seconds: a key must be out long enough to be missed.
        tokio::time::sleep(Duration::from_millis(900)).await;
        block_in_place(|| self.reader.insert()).unwrap();
    }

    /// Everything that the bridge has logged, at its most talkative.
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&self.log.lock().unwrap()).into_owned()
    }

    /// Runs a program that speaks with this reader.
    pub fn run(&self, program: &str, arguments: &[&str]) -> Output {
        block_in_place(|| self.reader.command(program).args(arguments).output()).unwrap()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Has OpenSSL verify a request and issue a certificate for it. Both are standard base64 DER.
    pub fn certify(&self, csr: &str) -> String {
        let path = |name| self.path(name);
        std::fs::write(path("req.der"), from_base64(csr).unwrap()).unwrap();
        let checked = openssl(self.folder.path(), "req -inform DER -in req.der -verify -noout -subject");
        assert!(String::from_utf8_lossy(&checked.stderr).contains("verify OK"), "{checked:?}");
        if !path("ca.pem").exists() {
            openssl(
                self.folder.path(),
                "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem -days 2 -subj /CN=Test-CA",
            );
        }
        openssl(
            self.folder.path(),
            "x509 -req -inform DER -in req.der -CA ca.pem -CAkey ca.key -CAcreateserial -days 1 -outform DER -out cert.der",
        );
        base64(&std::fs::read(path("cert.der")).unwrap())
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        let _ = self.bridge.kill();
        let _ = self.bridge.wait();
        if thread::panicking() {
            eprintln!("the bridge's log:\n{}", self.log());
            let folder = self.reader.control();
            for name in ["pcscd.log", "card.log"] {
                let text = std::fs::read_to_string(folder.with_file_name(name)).unwrap_or_default();
                eprintln!("{name}:\n{text}");
            }
        }
    }
}

pub fn openssl(folder: &Path, arguments: &str) -> Output {
    let output =
        Command::new("openssl").current_dir(folder).args(arguments.split(' ')).output().expect("openssl is installed");
    assert!(output.status.success(), "openssl {arguments}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

/// Secrets as the backend makes them; `name` tells two sets apart.
pub fn secrets(pin: &str, name: char, current: &[Value]) -> Value {
    let mut secrets = unlocking(name);
    secrets["pin"] = json!(pin);
    secrets["current"] = json!(current);
    secrets
}

/// A PUK and management key.
pub fn unlocking(name: char) -> Value {
    let digit = format!("{:02x}", u32::from(name));
    json!({"puk": format!("Puk-{name}{name}{name}9"), "managementKey": digit.repeat(32)})
}

/// A batch that has begun, with the person's consent.
pub struct Batch {
    pub id: Value,
    pub nonce: String,
    pub order: String,
    pub person: Person,
    pub consent: Value,
}

impl Page {
    pub async fn event(&mut self, kind: &str) -> Value {
        self.notice(|message| message["method"] == "device.event" && message["params"]["event"] == kind).await
    }

    /// Everything up to the question in the window.
    pub async fn asks(&mut self, order: &str, key: &str, operations: &[&str]) -> (Value, String, Person) {
        let prepared = self.call("window.prepare", json!({})).await.unwrap();
        let person = Person::opens(prepared["url"].as_str().unwrap()).await;
        let (ticket, nonce) = self.operation_ticket(order, key, operations).await;
        let params = json!({"operationTicket": ticket, "window": prepared["window"]});
        let id = self.call("operation.begin", params).await.unwrap()["operationId"].clone();
        (id, nonce, person)
    }

    /// Begins the making batch; the person agrees.
    pub async fn begins(&mut self, order: &str, key: &str) -> Result<Batch, Value> {
        let (id, nonce, mut person) = self.asks(order, key, &BATCH).await;
        let said = person.sees().await;
        if said["type"] == "consent" {
            person.says("agree").await;
        }
        self.result("operation.begin").await?;
        Ok(Batch { id, nonce, order: order.to_owned(), person, consent: said })
    }

    pub async fn initializes(&mut self, batch: &Batch, secrets: &Value) -> Result<Value, Value> {
        let sealed = self.seal(&batch.nonce, &batch.order, secrets);
        self.call("key.initialize", json!({"operationId": batch.id, "secrets": sealed})).await?;
        self.result("key.initialize").await
    }

    pub async fn generates(&mut self, batch: &Batch) -> Result<Value, Value> {
        self.call("keypair.generate", json!({"operationId": batch.id, "algorithm": "p256"})).await?;
        self.result("keypair.generate").await
    }

    pub async fn imports(&mut self, batch: &Batch, certificate: &str) -> Result<Value, Value> {
        self.call("certificate.import", json!({"operationId": batch.id, "certificate": certificate})).await?;
        self.result("certificate.import").await
    }

    /// A whole batch; returns the certificate and the key's serial.
    pub async fn makes(&mut self, desk: &Desk, order: &str, key: &str, secrets: &Value) -> (String, String) {
        let batch = self.begins(order, key).await.unwrap();
        let serial = self.initializes(&batch, secrets).await.unwrap()["serial"].as_str().unwrap().to_owned();
        let csr = self.generates(&batch).await.unwrap()["csr"].as_str().unwrap().to_owned();
        let certificate = desk.certify(&csr);
        let imported = self.imports(&batch, &certificate).await.unwrap();
        assert_eq!(imported["certificate"], certificate.as_str());
        (certificate, serial)
    }
}

impl Page {
    /// The certificate, once the operation before has let the key go.
    pub async fn read_when_free(&mut self, serial: &str) -> Value {
        loop {
            match self.call("certificate.read", json!({"serial": serial})).await {
                Ok(read) => return read,
                Err(error) => assert_eq!(error["code"], "busy"),
            }
        }
    }

    /// Begins the making batch, once the operation before has let the key go.
    pub async fn begins_when_free(&mut self, order: &str, key: &str) -> Batch {
        loop {
            match self.begins(order, key).await {
                Ok(batch) => return batch,
                Err(error) => assert_eq!(error["code"], "busy"),
            }
        }
    }

    /// The next `operation.result`, of whatever call: its name, or its error's data.
    pub async fn result_or_end(&mut self) -> Result<String, Value> {
        let notice = self.notice(|message| message["method"] == "operation.result").await;
        match notice["params"].get("error") {
            Some(error) => Err(error["data"].clone()),
            None => Ok(notice["params"]["method"].as_str().unwrap().to_owned()),
        }
    }
}
