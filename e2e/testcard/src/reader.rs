//! How the card reaches the reader: it dials vpcd whenever a key is in the slot.
//!
//! vpcd could dial the card instead, but version 3.3 then aborts pcscd as soon as the key is gone.

use std::{
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use anyhow::Result;

use crate::{
    slot::{Slot, pause},
    vpcd,
};

/// Between two tries to reach a reader that is not there yet.
const PAUSE: Duration = Duration::from_millis(20);

/// Serves whatever key is in the slot to the reader at `address`, for ever.
pub fn run(address: SocketAddr, slot: &Slot) -> Result<()> {
    loop {
        let card = slot.wait_inserted();
        let Ok(wire) = TcpStream::connect(address) else {
            pause(PAUSE);
            continue;
        };
        if slot.connected(&wire)? {
            vpcd::serve(&card, wire)?;
            slot.disconnected();
        }
    }
}
