//! As much of HTTP as it takes to look at our own servers on this machine.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::time::Duration;
use std::{fs, thread};

use anyhow::{Context, Result, ensure};

/// Fetches a page as a browser that takes brotli would and gives the body as it came over the wire; anything but 200 is
/// an error.
pub fn get(server: SocketAddr, path: &str) -> Result<Vec<u8>> {
    let mut wire = TcpStream::connect(server)?;
    wire.set_read_timeout(Some(Duration::from_secs(30)))?;
    write!(wire, "GET {path} HTTP/1.0\r\nHost: {server}\r\nAccept-Encoding: br\r\nConnection: close\r\n\r\n")?;
    let mut bytes = Vec::new();
    wire.read_to_end(&mut bytes)?;
    let end = bytes.windows(4).position(|part| part == b"\r\n\r\n").context("the answer has no end of its head")?;
    let head = String::from_utf8_lossy(bytes.get(..end).unwrap_or_default()).to_lowercase();
    ensure!(head.lines().next().is_some_and(|line| line.contains(" 200")), "{path} is answered with:\n{head}");
    Ok(bytes.split_off(end + 4))
}

/// Serves a folder at a free port of loopback, as a web server in front of the backend does: `/api` goes to the
/// backend, a path that is no file gets `index.html`. Ends with this program.
pub fn serve(folder: &Path, backend: SocketAddr) -> Result<SocketAddr> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let address = listener.local_addr()?;
    let folder = folder.to_path_buf();
    thread::spawn(move || {
        for wire in listener.incoming().flatten() {
            let folder = folder.clone();
            thread::spawn(move || answer(wire, &folder, backend));
        }
    });
    Ok(address)
}

fn answer(mut wire: TcpStream, folder: &Path, backend: SocketAddr) -> Result<()> {
    let mut reader = BufReader::new(wire.try_clone()?);
    let mut first = String::new();
    reader.read_line(&mut first)?;
    // The rest of the head must be read, or closing the connection would cut the answer off.
    let mut line = String::new();
    while reader.read_line(&mut line)? > 2 {
        line.clear();
    }
    let path = first.split(' ').nth(1).context("a request names a path")?;
    if path.starts_with("/api/") {
        let mut behind = TcpStream::connect(backend)?;
        write!(behind, "GET {path} HTTP/1.0\r\nHost: {backend}\r\nConnection: close\r\n\r\n")?;
        std::io::copy(&mut behind, &mut wire)?;
        return Ok(());
    }
    let path = path.split(['?', '#']).next().unwrap_or_default().trim_start_matches('/');
    let file = Some(folder.join(path)).filter(|file| file.is_file()).unwrap_or_else(|| folder.join("index.html"));
    let body = fs::read(&file)?;
    write!(
        wire,
        "HTTP/1.0 200 OK\r\nContent-Type: {}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        kind(&file),
        body.len()
    )?;
    wire.write_all(&body)?;
    Ok(())
}

fn kind(file: &Path) -> &'static str {
    match file.extension().and_then(|ending| ending.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript",
        Some("wasm") => "application/wasm",
        Some("css") => "text/css",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    }
}
