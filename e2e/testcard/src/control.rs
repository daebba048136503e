//! The hand: a line protocol on a loopback port or a Unix socket.
//!
//! `insert [NAME]`, `remove`, `swap`, `status`, one a line. Each is answered by one line: the status
//! after it (`inserted NAME SERIAL connected`), or `error TEXT`. Any other line ends the connection,
//! so that a browser that is led here by a web page can do nothing.

use std::{
    convert::Infallible,
    fs,
    io::{BufRead as _, BufReader, Read, Write},
    net::{SocketAddr, TcpListener},
    os::unix::net::UnixListener,
    path::PathBuf,
    str::FromStr,
    sync::Arc,
    thread,
};

use anyhow::{Context as _, Result, bail, ensure};

use crate::slot::Slot;

/// Where the hand is awaited. A path is reachable from outside the card's network namespace.
#[derive(Clone, Debug)]
pub enum Place {
    Port(SocketAddr),
    Path(PathBuf),
}

impl FromStr for Place {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text.parse() {
            Ok(address) => Self::Port(address),
            Err(_) => Self::Path(text.into()),
        })
    }
}

/// Opens the place and obeys the hands that come, each in a thread of its own.
pub fn open(place: Place, slot: &Arc<Slot>) -> Result<()> {
    let slot = Arc::clone(slot);
    match place {
        Place::Port(address) => {
            ensure!(address.ip().is_loopback(), "the control address must be a loopback address");
            let listener = TcpListener::bind(address)?;
            println!("control {}", listener.local_addr()?);
            thread::spawn(move || {
                for hand in listener.incoming().flatten() {
                    obey(hand.try_clone(), hand, Arc::clone(&slot));
                }
            });
        }
        Place::Path(path) => {
            // A socket file outlives the program that was killed over it.
            let _ = fs::remove_file(&path);
            let listener = UnixListener::bind(&path).with_context(|| format!("bind {}", path.display()))?;
            println!("control {}", path.display());
            thread::spawn(move || {
                for hand in listener.incoming().flatten() {
                    obey(hand.try_clone(), hand, Arc::clone(&slot));
                }
            });
        }
    }
    Ok(())
}

fn obey<W>(orders: std::io::Result<W>, answers: W, slot: Arc<Slot>)
where
    W: Read + Write + Send + 'static,
{
    thread::spawn(move || {
        if let Err(error) = orders.map_err(Into::into).and_then(|orders| follow(orders, answers, &slot)) {
            eprintln!("control: {error}");
        }
    });
}

fn follow(orders: impl Read, mut answers: impl Write, slot: &Slot) -> Result<()> {
    for line in BufReader::new(orders).lines() {
        let line = line?;
        let words: Vec<_> = line.split_whitespace().collect();
        let done = match words.as_slice() {
            ["insert"] => slot.insert(None),
            ["insert", name] => slot.insert(Some(name)),
            ["remove"] => {
                slot.remove();
                Ok(())
            }
            ["swap"] => slot.swap(),
            ["status"] => Ok(()),
            _ => bail!("unknown command"),
        };
        match done {
            Ok(()) => writeln!(answers, "{}", slot.status())?,
            Err(error) => writeln!(answers, "error {error}")?,
        }
    }
    Ok(())
}
