//! `certhall serve` in a folder of its own.

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::KeyPair as _;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use std::fmt::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

/// A running hall.
pub struct Hall {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    /// Everything it keeps.
    pub folder: TempDir,
}

impl Hall {
    /// Starts it; `settings` are lines of its configuration before the first section, or sections of it.
    pub async fn start(settings: &str) -> Self {
        Self::start_with(settings, &[]).await
    }

    /// Starts it with variables.
    pub async fn start_with(settings: &str, variables: &[(&str, &Path)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("certhall.toml"), configuration(folder.path(), settings)).unwrap();
        let log = std::fs::File::create(folder.path().join("log")).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_certhall"));
        for (name, _) in std::env::vars_os() {
            if name.to_str().is_some_and(|name| name.starts_with("CERTHALL_")) {
                command.env_remove(name);
            }
        }
        command.arg("serve").arg("--config").arg(folder.path().join("certhall.toml"));
        command.envs(variables.iter().copied()).stdin(Stdio::null()).stderr(log).kill_on_drop(true);
        let child = command.spawn().unwrap();
        let mut hall = Self { child, address: SocketAddr::from(([0, 0, 0, 0], 0)), folder };
        hall.address = hall.says("serving").await["address"].as_str().unwrap().parse().unwrap();
        hall
    }

    /// The lines that it has logged.
    pub fn log(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(self.folder.path().join("log")).unwrap();
        // A line without its end may still be growing.
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        whole.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("not JSON: {line}"))).collect()
    }

    /// Waits for a line with this message.
    pub async fn says(&mut self, message: &str) -> Value {
        for _ in 0..1200 {
            if let Some(line) = self.log().into_iter().find(|line| line["message"] == message) {
                return line;
            }
            assert!(self.child.try_wait().unwrap().is_none(), "it ended: {}", self.raw_log());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("it never says {message}: {}", self.raw_log());
    }

    /// The log as it is.
    pub fn raw_log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap()
    }

    /// Sends SIGTERM.
    pub async fn told_to_stop(&self) {
        let id = self.child.id().expect("it runs").to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().await.unwrap().success());
    }

    /// Waits until it has ended.
    pub async fn ended(&mut self) -> ExitStatus {
        self.child.wait().await.unwrap()
    }

    /// Reads.
    pub async fn get(&self, path: &str) -> (u16, String) {
        get(self.address, path).await
    }
}

/// Reads from any listener.
pub async fn get(address: SocketAddr, path: &str) -> (u16, String) {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let response = client.get(format!("http://{address}{path}")).send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

/// A connection on which a test sends what it likes.
pub struct Wire(TcpStream);

impl Wire {
    pub async fn to(hall: &Hall) -> Self {
        Self(TcpStream::connect(hall.address).await.unwrap())
    }

    pub async fn sends(&mut self, text: &str) -> std::io::Result<()> {
        self.0.write_all(text.as_bytes()).await
    }

    /// Everything that comes until the other side closes.
    pub async fn reads_to_end(&mut self) -> String {
        let mut bytes = Vec::new();
        // A reset after the answer is an end too.
        let _ = self.0.read_to_end(&mut bytes).await;
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Sends one byte after the other, with a pause before each, until the other side has answered or closed; gives what
    /// came back.
    pub async fn drips(mut self, text: &str, pause: Duration) -> String {
        let (mut from, mut to) = self.0.split();
        let mut answer = Vec::new();
        let drip = async {
            for byte in text.bytes() {
                tokio::time::sleep(pause).await;
                if to.write_all(&[byte]).await.is_err() {
                    break;
                }
            }
            std::future::pending::<()>().await;
        };
        tokio::select! {
            () = drip => {}
            _ = from.read_to_end(&mut answer) => {}
        }
        String::from_utf8_lossy(&answer).into_owned()
    }
}

/// The head of a request whose body is still to come.
pub fn head(bytes: usize) -> String {
    format!(
        "PUT /api/drafts/nanning/new HTTP/1.1\r\nhost: hall\r\nx-certhall: 1\r\ncontent-type: application/json\r\n\
         content-length: {bytes}\r\nconnection: close\r\n\r\n"
    )
}

fn configuration(folder: &Path, settings: &str) -> String {
    for program in ["hall", "application", "orders", "staff", "embed", "kiosk"] {
        let page = folder.join("page").join(program);
        std::fs::create_dir_all(&page).unwrap();
        std::fs::write(page.join("p.css"), "body{margin:0}").unwrap();
        let asset = |end: &str| serde_json::json!({ "file": format!("p.{end}"), "integrity": "sha384-x", "bytes": 1 });
        let manifest = serde_json::json!({ "js": asset("js"), "wasm": asset("wasm"), "css": asset("css") });
        std::fs::write(page.join("manifest.json"), manifest.to_string()).unwrap();
    }
    let sample = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").unwrap()).join("packaging/certhall.example.toml");
    let mut table: toml::Table = std::fs::read_to_string(sample).unwrap().parse().unwrap();
    for (key, value) in settings.parse::<toml::Table>().unwrap() {
        table.insert(key, value);
    }
    let mut set = |key: &str, value: String| table.insert(key.to_owned(), value.into());
    set("listen", "127.0.0.1:0".to_owned());
    set("database_url", format!("sqlite:{}/hall.db", folder.display()));
    set("data_dir", folder.join("data").display().to_string());
    set("channels_dir", std::env::var("CARGO_MANIFEST_DIR").unwrap() + "/channels");
    set("page_dir", folder.join("page").display().to_string());
    let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let alipay = table["gateways"]["alipay"].as_table_mut().unwrap();
    alipay.insert("app_private_key".to_owned(), pem("PRIVATE KEY", pair.as_der().unwrap().as_ref()).into());
    let public = pair.public_key().as_der().unwrap();
    alipay.insert("alipay_public_key".to_owned(), pem("PUBLIC KEY", public.as_ref()).into());
    table.to_string()
}

fn pem(label: &str, der: &[u8]) -> String {
    let mut text = format!("-----BEGIN {label}-----\n");
    let base64 = STANDARD.encode(der);
    for line in base64.as_bytes().chunks(64) {
        writeln!(text, "{}", String::from_utf8_lossy(line)).unwrap();
    }
    text + &format!("-----END {label}-----\n")
}
