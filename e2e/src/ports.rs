//! Ports for programs that must be told where to listen before they run.

use std::env;
use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::ops::Range;
use std::process;
use std::sync::{Mutex, PoisonError};

use anyhow::{Result, bail};

/// Below what systems give to whoever asks for any port (Linux: 32768 and up), so that nobody gets one between its choice
/// and its use; above those of the bridge.
const PORTS: Range<u16> = 22_000..32_000;

/// Locks on the ports of this process; they go with it.
static TAKEN: Mutex<Vec<File>> = Mutex::new(Vec::new());

/// An address on loopback that is free, and that no other test takes while this process lives.
pub fn take_address() -> Result<SocketAddr> {
    let folder = env::temp_dir().join("certhall-ports");
    fs::create_dir_all(&folder)?;
    let count = u32::from(PORTS.end - PORTS.start);
    // Processes begin far from each other.
    let first = process::id().wrapping_mul(97);
    for step in 0..count {
        let port = PORTS.start + u16::try_from(first.wrapping_add(step) % count)?;
        let file = File::create(folder.join(port.to_string()))?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        if file.try_lock().is_ok() && TcpListener::bind(address).is_ok() {
            TAKEN.lock().unwrap_or_else(PoisonError::into_inner).push(file);
            return Ok(address);
        }
    }
    bail!("no port is free between {} and {}", PORTS.start, PORTS.end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_are_the_same_though_nobody_listens_yet() {
        let mut taken: Vec<SocketAddr> = (0..50).map(|_| take_address().unwrap()).collect();
        taken.sort();
        taken.dedup();
        assert_eq!(taken.len(), 50);
    }

    #[test]
    fn whoever_asks_for_any_port_never_gets_one_of_these() {
        for _ in 0..200 {
            let any = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
            assert!(!PORTS.contains(&any.local_addr().unwrap().port()));
        }
    }
}
