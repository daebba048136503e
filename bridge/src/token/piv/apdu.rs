//! Short APDUs with command chaining and GET RESPONSE (ISO 7816-4), which every PIV card knows.

use zeroize::Zeroizing;

use super::super::{Result, TokenError};

/// One exchange with a card: what PC/SC does. Nothing here is ever logged: APDUs carry secrets.
pub trait Wire {
    /// Sends a command APDU, returns data and status word.
    fn transmit(&mut self, command: &[u8]) -> Result<Zeroizing<Vec<u8>>>;
}

/// Longest data field of a short APDU.
const BLOCK: usize = 255;

/// Longest answer that is put together; PIV objects are at most about 3 KiB.
const MOST: usize = 16 * 1024;

/// A command before it is cut into blocks.
pub struct Command<'a> {
    /// INS.
    pub ins: u8,
    /// P1.
    pub p1: u8,
    /// P2.
    pub p2: u8,
    /// The data field, of any length.
    pub data: &'a [u8],
    /// Whether data is expected back (Le = 00).
    pub answers: bool,
}

/// The card's answer.
pub struct Reply {
    /// The data of all parts.
    pub data: Zeroizing<Vec<u8>>,
    /// The last status word.
    pub status: u16,
}

impl Reply {
    /// The data when the status is 9000.
    pub fn ok(self) -> Result<Zeroizing<Vec<u8>>> {
        match self.status {
            0x9000 => Ok(self.data),
            status => Err(TokenError::Status(status)),
        }
    }
}

/// Sends a command, whole, and collects the answer.
pub fn send(wire: &mut dyn Wire, command: &Command<'_>) -> Result<Reply> {
    let mut blocks = command.data.chunks(BLOCK).peekable();
    let mut answer = loop {
        let block = blocks.next().unwrap_or(&[]);
        let last = blocks.peek().is_none();
        let mut apdu = Zeroizing::new(Vec::with_capacity(6 + BLOCK));
        apdu.extend_from_slice(&[if last { 0x00 } else { 0x10 }, command.ins, command.p1, command.p2]);
        if let (Ok(len), false) = (u8::try_from(block.len()), block.is_empty()) {
            apdu.push(len);
            apdu.extend_from_slice(block);
        }
        if last && command.answers {
            apdu.push(0x00);
        }
        let answer = wire.transmit(&apdu)?;
        if last {
            break answer;
        }
        let (_, status) = split(&answer)?;
        if status != 0x9000 {
            return Ok(Reply { data: Zeroizing::default(), status });
        }
    };
    let mut data = Zeroizing::new(Vec::with_capacity(answer.len()));
    loop {
        let (part, status) = split(&answer)?;
        if data.len() + part.len() > MOST {
            return Err(TokenError::Malformed("endless answer"));
        }
        data.extend_from_slice(part);
        let [more, left] = status.to_be_bytes();
        if more != 0x61 {
            return Ok(Reply { data, status });
        }
        // A card that promises data for ever ends at the count above, or here when it sends none.
        answer = wire.transmit(&[0x00, 0xC0, 0x00, 0x00, left])?;
        if split(&answer)?.0.is_empty() {
            return Err(TokenError::Malformed("empty answer"));
        }
    }
}

fn split(answer: &[u8]) -> Result<(&[u8], u16)> {
    let (data, status) = answer.split_last_chunk::<2>().ok_or(TokenError::Malformed("no status"))?;
    Ok((data, u16::from_be_bytes(*status)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// A card that gives prepared answers and remembers what it was sent.
    struct Script {
        answers: Vec<Vec<u8>>,
        sent: Vec<Vec<u8>>,
    }

    impl Wire for Script {
        fn transmit(&mut self, command: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
            self.sent.push(command.to_vec());
            Ok(Zeroizing::new(self.answers.remove(0)))
        }
    }

    #[test]
    fn long_data_goes_in_chained_blocks_and_comes_in_parts() {
        let mut wire = Script {
            answers: vec![vec![0x90, 0], vec![0x90, 0], [&[1u8; 256][..], &[0x61, 0x02]].concat(), vec![2, 2, 0x90, 0]],
            sent: vec![],
        };
        let data = [9u8; 600];
        let command = Command { ins: 0xDB, p1: 0x3F, p2: 0xFF, data: &data, answers: true };
        let reply = send(&mut wire, &command).unwrap().ok().unwrap();
        assert_eq!(reply.len(), 258);
        assert_eq!(wire.sent[0][..5], [0x10, 0xDB, 0x3F, 0xFF, 255]);
        assert_eq!(wire.sent[1][..5], [0x10, 0xDB, 0x3F, 0xFF, 255]);
        assert_eq!(wire.sent[2][..5], [0x00, 0xDB, 0x3F, 0xFF, 90]);
        assert_eq!(wire.sent[2].last(), Some(&0));
        assert_eq!(wire.sent[3], [0x00, 0xC0, 0, 0, 2]);
    }

    #[test]
    fn a_card_that_promises_data_for_ever_is_stopped() {
        let mut wire = Script { answers: vec![vec![0x61, 0]; 3], sent: vec![] };
        let command = Command { ins: 0xCB, p1: 0x3F, p2: 0xFF, data: &[], answers: true };
        assert_eq!(send(&mut wire, &command).err(), Some(TokenError::Malformed("empty answer")));
    }

    #[test]
    fn an_answer_without_a_status_is_refused() {
        let mut wire = Script { answers: vec![vec![0x90]], sent: vec![] };
        let command = Command { ins: 0xCB, p1: 0, p2: 0, data: &[], answers: true };
        assert!(matches!(send(&mut wire, &command), Err(TokenError::Malformed(_))));
    }
}
