//! What stands between the wire and the PIV application: command chaining, GET RESPONSE, and the
//! refusal of everything that is not for PIV (ISO/IEC 7816-4; NIST SP 800-73-4 part 2).

use heapless::Vec as Fixed;
use iso7816::{Status, command::CommandView};
use piv_authenticator::{Authenticator, Client};

/// The longest command data and answer that the card holds: a certificate object is at most 3 KiB.
const LONGEST: usize = 8192;
/// PIV's application identifier without its version, the shortest one that selects it.
const PIV: &[u8] = &[0xA0, 0x00, 0x00, 0x03, 0x08, 0x00, 0x00, 0x10, 0x00];

const CHAINED: u8 = 0x10;
const SELECT: u8 = 0xA4;
const GET_RESPONSE: u8 = 0xC0;
const GET_SERIAL: u8 = 0xF8;

/// Something that answers whole command APDUs.
pub trait Applet {
    /// Answers one APDU: data, then the two status bytes.
    fn answer(&mut self, apdu: &[u8]) -> Vec<u8>;
}

pub struct Shell<T> {
    piv: Authenticator<T>,
    serial: [u8; 4],
    selected: bool,
    /// Header and data so far of a chained command.
    chain: Option<([u8; 4], Vec<u8>)>,
    /// The rest of an answer that was longer than the reader asked for.
    rest: Vec<u8>,
}

impl<T: Client> Shell<T> {
    pub fn new(piv: Authenticator<T>, serial: [u8; 4]) -> Self {
        Self { piv, serial, selected: false, chain: None, rest: Vec::new() }
    }

    fn run(&mut self, header: [u8; 4], data: &[u8]) -> Result<Vec<u8>, Status> {
        if header[1] == SELECT && header[2] == 0x04 {
            if !data.starts_with(PIV) {
                return Err(Status::NotFound);
            }
            self.selected = true;
        }
        if !self.selected {
            return Err(Status::InstructionNotSupportedOrInvalid);
        }
        // The application answers the same made-up number on every card.
        if header[1] == GET_SERIAL {
            return Ok(self.serial.to_vec());
        }
        let whole = extended(header, data);
        let command = CommandView::try_from(whole.as_slice()).map_err(|_| Status::WrongLength)?;
        let mut reply = Fixed::<u8, LONGEST>::new();
        self.piv.respond(command, reply.as_mut_view())?;
        Ok(reply.to_vec())
    }

    /// Sends at most `wanted` bytes now and keeps the rest for GET RESPONSE.
    fn send(&mut self, mut data: Vec<u8>, wanted: usize) -> Vec<u8> {
        self.rest = data.split_off(wanted.min(data.len()));
        let status = match self.rest.len() {
            0 => 0x9000,
            more @ 1..=255 => 0x6100 | u16::try_from(more).unwrap_or(0),
            _ => 0x6100,
        };
        data.extend(status.to_be_bytes());
        data
    }
}

impl<T: Client> Applet for Shell<T> {
    fn answer(&mut self, apdu: &[u8]) -> Vec<u8> {
        let Ok(command) = CommandView::try_from(apdu) else {
            return status(Status::WrongLength);
        };
        let [class, instruction, p1, p2] = [apdu[0], apdu[1], apdu[2], apdu[3]];
        let wanted = match (command.expected(), command.extended) {
            (0, false) => 256,
            (0, true) => 65_536,
            (wanted, _) => wanted,
        };
        if instruction == GET_RESPONSE {
            let rest = std::mem::take(&mut self.rest);
            if rest.is_empty() {
                return status(Status::ConditionsOfUseNotSatisfied);
            }
            return self.send(rest, wanted);
        }
        self.rest.clear();

        let header = [class & !CHAINED, instruction, p1, p2];
        let mut data = match self.chain.take() {
            Some((begun, data)) if begun == header => data,
            // Another command ends an unfinished chain; what was sent is dropped.
            Some(_) | None => Vec::new(),
        };
        data.extend_from_slice(command.data());
        if data.len() > LONGEST {
            return status(Status::WrongLength);
        }
        if class & CHAINED != 0 {
            self.chain = Some((header, data));
            return status(Status::Success);
        }
        match self.run(header, &data) {
            Ok(reply) => self.send(reply, wanted),
            Err(refusal) => status(refusal),
        }
    }
}

fn status(status: Status) -> Vec<u8> {
    u16::from(status).to_be_bytes().to_vec()
}

/// The command as one extended-length APDU, the only form that holds a whole chain.
fn extended(header: [u8; 4], data: &[u8]) -> Vec<u8> {
    let mut apdu = header.to_vec();
    apdu.push(0);
    if let (false, Ok(length)) = (data.is_empty(), u16::try_from(data.len())) {
        apdu.extend(length.to_be_bytes());
        apdu.extend(data);
    }
    apdu.extend([0, 0]);
    apdu
}
