//! TLS in front of a server of the tests, as a proxy ends it in front of a real hall. Can be cut off like a cable.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context as _, Result, ensure};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// A listening front; dropping it ends it.
#[derive(Debug)]
pub struct Front {
    address: SocketAddr,
    open: Arc<AtomicBool>,
    task: JoinHandle<()>,
}

impl Front {
    /// Listens on a free port with a certificate of its own, made in `folder`.
    pub async fn start(folder: &Path, behind: SocketAddr) -> Result<Self> {
        let acceptor = TlsAcceptor::from(Arc::new(configuration(folder)?));
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let open = Arc::new(AtomicBool::new(true));
        let plugged = open.clone();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, plugged) = (acceptor.clone(), plugged.clone());
                tokio::spawn(async move {
                    // Whoever connects over a cut cable is hung up on.
                    let Ok(mut outside) = acceptor.accept(stream).await else { return };
                    let Ok(mut inside) = TcpStream::connect(behind).await else { return };
                    tokio::select! {
                        _ = copy_bidirectional(&mut outside, &mut inside) => {}
                        () = cut(&plugged) => {}
                    }
                });
            }
        });
        Ok(Self { address, open, task })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Pulls the cable, or plugs it in again.
    pub fn set_open(&self, open: bool) {
        self.open.store(open, Ordering::SeqCst);
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn cut(plugged: &AtomicBool) {
    while plugged.load(Ordering::SeqCst) {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

fn configuration(folder: &Path) -> Result<ServerConfig> {
    let (key, certificate) = (folder.join("front.key"), folder.join("front.crt"));
    let mut openssl = Command::new("openssl");
    openssl.args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]);
    openssl.args(["-subj", "/CN=front", "-addext", "subjectAltName=IP:127.0.0.1,DNS:*.localhost"]);
    let made = openssl.arg("-keyout").arg(&key).arg("-out").arg(&certificate).output().context("openssl")?;
    ensure!(made.status.success(), "openssl req: {}", String::from_utf8_lossy(&made.stderr));
    let certificate = CertificateDer::from_pem_file(&certificate)?;
    let key = PrivateKeyDer::from_pem_file(&key)?;
    Ok(ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)?)
}
