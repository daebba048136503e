//! `cargo xtask demo`: the whole hall on this machine, with the outside world and a reader with a blank key.

mod staff;
mod totp;

use std::fs;
use std::io::{BufRead, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{ChildStdin, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::place::Place;
use crate::stand::{self, Addresses, Child, Stand};
use crate::step::{self, say};
use crate::{page, setup};
use staff::Staff;
pub use staff::print_code;

const BACKEND: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8710);
const SANDBOX: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8720);
const BRIDGE: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 21451);

/// The demo's folder; it keeps orders, keys and staff from one start to the next.
fn folder(place: &Place) -> std::path::PathBuf {
    place.cache.join("demo")
}

/// Starts everything and stays until Ctrl-C; `fresh` forgets what was there before.
pub fn run(place: &Place, fresh: bool) -> Result<()> {
    for address in [BACKEND, SANDBOX, BRIDGE] {
        std::net::TcpListener::bind(address)
            .with_context(|| format!("{address} is taken: is another demo running?"))?;
    }
    setup::run(place, setup::For::Demo)?;
    let log = place.log("demo-build")?;
    say("compiling the programs", || stand::build_programs(place, &log))?;
    page::build(place, page::Build::Release)?;
    if fresh && folder(place).exists() {
        fs::remove_dir_all(folder(place))?;
    }

    let stand = Stand::in_folder(place, folder(place), Addresses { backend: BACKEND, sandbox: SANDBOX })?;
    let mut running = vec![say("starting the outside world", || stand.start_sandbox())?];
    let staff = Staff::open(&stand)?;
    running.push(say("starting the hall", || stand.start_backend())?);
    let (mut reader, pcsc) = say("starting a card reader with a blank key", || start_reader(&stand))?;
    let hand = reader.stdin();
    running.push(reader);
    let (bridge, phrase) = say("starting the bridge", || start_bridge(&stand, &pcsc))?;
    running.push(bridge);

    println!(
        "\n\
         The hall          http://{BACKEND}/nanning/\n\
         The staff desk    http://{BACKEND}/staff/\n\
         The outside world http://{SANDBOX}/   phones, cashier, known companies and persons, sample papers\n\
         The bridge        127.0.0.1:{}         its window shows the phrase {phrase}; a virtual reader holds a blank key\n\
         State and logs    {}\n",
        BRIDGE.port(),
        folder(place).display()
    );
    staff.print()?;
    println!(
        "\nType `remove`, `insert` or `swap` and Enter to move the key, `codes` for fresh codes; Ctrl-C ends everything."
    );
    std::thread::spawn(move || obey(hand, &staff));
    loop {
        for child in &mut running {
            if let Some(status) = child.ended()? {
                bail!("{}", child.obituary(status));
            }
        }
        step::pause(Duration::from_millis(300));
    }
}

/// The reader, and the socket by which PC/SC clients find it.
fn start_reader(stand: &Stand) -> Result<(Child, String)> {
    let mut command = stand.program("virtual-reader")?;
    command.arg(stand.path("reader")).stdin(Stdio::piped());
    let mut child = Child::start_obedient("reader", command, &stand.log("reader"))?;
    let socket = child.says("export PCSCLITE_CSOCK_NAME=")?;
    Ok((child, socket))
}

/// The bridge, and the phrase by which its own window is recognised.
fn start_bridge(stand: &Stand, pcsc: &str) -> Result<(Child, String)> {
    let key = step::output(&mut stand.backend(&["bridge-key"])?)?;
    let file = stand.path("bridge.toml");
    let origin = format!("http://{BACKEND}");
    fs::write(
        &file,
        format!("[[portals]]\nname = \"证书大厅（演示）\"\norigin = \"{origin}\"\nkeys = [\"{}\"]\n", key.trim()),
    )?;
    let mut command = stand.program("certhall-bridge")?;
    command.arg("--config").arg(&file).env("PCSCLITE_CSOCK_NAME", pcsc);
    command.args(["--port", &BRIDGE.port().to_string()]).arg("--state").arg(stand.path("bridge"));
    let mut child = Child::start("bridge", &command, &stand.log("bridge"))?.listens(BRIDGE)?;
    let phrase = child.says("识别短语（UKey 操作窗口中应显示）: ")?;
    Ok((child, phrase))
}

/// Passes orders from the terminal to the reader.
fn obey(hand: Option<ChildStdin>, staff: &Staff) {
    let Some(mut hand) = hand else { return };
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        let done = match line.trim() {
            "" => Ok(()),
            "codes" => staff.print(),
            order => writeln!(hand, "{order}").context("the reader is gone"),
        };
        if let Err(error) = done {
            eprintln!("{error:#}");
        }
    }
    // The reader ends when this pipe closes; without a terminal it must stay.
    loop {
        step::pause(Duration::from_hours(1));
    }
}
