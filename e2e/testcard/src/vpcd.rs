//! The wire to vpcd, the virtual reader: two bytes of length, then either one control byte or a
//! command APDU; answers go back in the same frame.

use std::{
    io::{ErrorKind, Read, Result, Write},
    net::TcpStream,
};

use crate::{apdu::Applet, card::Card};

const POWER_OFF: u8 = 0;
const POWER_ON: u8 = 1;
const RESET: u8 = 2;
const GET_ATR: u8 = 4;

/// T=1, historical bytes "command chaining, extended length, CertHall".
pub const ATR: [u8; 17] = atr();

const fn atr() -> [u8; 17] {
    let mut atr = *b"\x3B\x8D\x01\x80\x73\xC0\x21\xC0CertHall\0";
    let (mut check, mut at) = (0, 1);
    while at < atr.len() - 1 {
        check ^= atr[at];
        at += 1;
    }
    atr[atr.len() - 1] = check;
    atr
}

enum End {
    /// The reader switched the card off and on again.
    Reset,
    /// The reader or the hand on the key broke the connection.
    Gone,
}

/// Serves the card on this connection until either side closes it.
pub fn serve(card: &Card, mut wire: TcpStream) -> anyhow::Result<()> {
    wire.set_nodelay(true)?;
    loop {
        match card.powered(|applet| talk(applet, &mut wire))? {
            Ok(End::Reset) => {}
            Ok(End::Gone) => return Ok(()),
            Err(error) if is_closed(error.kind()) => return Ok(()),
            Err(error) => return Err(error.into()),
        }
    }
}

fn talk(applet: &mut dyn Applet, wire: &mut TcpStream) -> Result<End> {
    loop {
        let Some(frame) = read_frame(wire)? else {
            return Ok(End::Gone);
        };
        match frame.as_slice() {
            [] | [POWER_ON] => {}
            [POWER_OFF | RESET] => return Ok(End::Reset),
            [GET_ATR] => write_frame(wire, &ATR)?,
            apdu => write_frame(wire, &applet.answer(apdu))?,
        }
    }
}

fn read_frame(wire: &mut TcpStream) -> Result<Option<Vec<u8>>> {
    let mut length = [0; 2];
    if let Err(error) = wire.read_exact(&mut length) {
        return if is_closed(error.kind()) { Ok(None) } else { Err(error) };
    }
    // vpcd writes length and body separately and lets Nagle hold the body back until the length is
    // acknowledged; the kernel would delay that by 40 ms, each time.
    rustix::net::sockopt::set_tcp_quickack(&*wire, true)?;
    let mut frame = vec![0; u16::from_be_bytes(length).into()];
    wire.read_exact(&mut frame)?;
    rustix::net::sockopt::set_tcp_quickack(&*wire, true)?;
    Ok(Some(frame))
}

fn write_frame(wire: &mut TcpStream, body: &[u8]) -> Result<()> {
    let length = u16::try_from(body.len()).map_err(|_| ErrorKind::InvalidData)?;
    let mut frame = length.to_be_bytes().to_vec();
    frame.extend(body);
    wire.write_all(&frame)
}

fn is_closed(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::UnexpectedEof
            | ErrorKind::ConnectionReset
            | ErrorKind::ConnectionAborted
            | ErrorKind::BrokenPipe
            | ErrorKind::NotConnected
    )
}
