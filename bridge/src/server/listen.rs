//! Sockets on 127.0.0.1 and ::1, never on another address.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use shared::bridge::PORTS;
use tokio::net::TcpListener;

use super::{Bridge, routes};

/// Bound, not yet serving.
pub struct Listeners {
    port: u16,
    sockets: Vec<TcpListener>,
}

impl Listeners {
    /// Binds one port: the given one, or the first free one of the protocol's.
    pub async fn bind(port: Option<u16>) -> Result<Self> {
        if let Some(port) = port {
            return Self::at(port).await.with_context(|| format!("port {port}"));
        }
        for port in PORTS {
            match Self::at(port).await {
                Ok(listeners) => return Ok(listeners),
                Err(error) => tracing::info!(port, %error, "port is taken"),
            }
        }
        bail!("all ports of the bridge ({PORTS:?}) are taken: is another bridge running?")
    }

    async fn at(port: u16) -> Result<Self> {
        let v4 = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await?;
        let port = v4.local_addr()?.port();
        let mut sockets = vec![v4];
        match TcpListener::bind(SocketAddr::from((Ipv6Addr::LOCALHOST, port))).await {
            Ok(v6) => sockets.push(v6),
            // Somebody else there could pretend to be us to a page that tries `localhost`.
            Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => return Err(error.into()),
            Err(error) => tracing::info!(%error, "no IPv6 on this computer"),
        }
        Ok(Self { port, sockets })
    }

    /// The port that was bound.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The addresses that were bound.
    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.sockets.iter().filter_map(|socket| socket.local_addr().ok()).collect()
    }

    /// Serves until the program ends.
    pub async fn serve(self, bridge: Arc<Bridge>) -> Result<()> {
        let router = routes::router(bridge);
        let mut tasks = tokio::task::JoinSet::new();
        for socket in self.sockets {
            tasks.spawn(axum::serve(socket, router.clone()).into_future());
        }
        while let Some(ended) = tasks.join_next().await {
            ended??;
        }
        Ok(())
    }
}
