//! Tells systemd how far the program is (`Type=notify`, sd_notify(3)); says nothing where nobody listens.

use std::env;
use std::io;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};

/// Says one line, e.g. `READY=1`. A line that can't be said is only logged: systemd then waits, and says so itself.
pub fn tell(line: &str) {
    let Some(address) = env::var_os("NOTIFY_SOCKET") else { return };
    if let Err(error) = send(address.as_bytes(), line) {
        tracing::warn!(%error, "systemd can't be told {line}");
    }
}

/// An address that begins with `@` is an abstract one.
fn send(address: &[u8], line: &str) -> io::Result<()> {
    let address = match address.strip_prefix(b"@") {
        Some(name) => SocketAddr::from_abstract_name(name)?,
        None => SocketAddr::from_pathname(std::ffi::OsStr::from_bytes(address))?,
    };
    UnixDatagram::unbound()?.send_to_addr(line.as_bytes(), &address).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(socket: &UnixDatagram) -> String {
        let mut line = [0; 64];
        let bytes = socket.recv(&mut line).unwrap();
        String::from_utf8_lossy(&line[..bytes]).into_owned()
    }

    #[test]
    fn a_listener_at_a_path_or_an_abstract_name_hears_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify");
        let socket = UnixDatagram::bind(&path).unwrap();
        send(path.as_os_str().as_bytes(), "READY=1").unwrap();
        assert_eq!(heard(&socket), "READY=1");
        let name = format!("certhall-test-{}", std::process::id());
        let socket = UnixDatagram::bind_addr(&SocketAddr::from_abstract_name(&name).unwrap()).unwrap();
        send(format!("@{name}").as_bytes(), "STOPPING=1").unwrap();
        assert_eq!(heard(&socket), "STOPPING=1");
    }
}
