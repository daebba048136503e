//! The driver against a model of a card that can be pulled out at any command. The real card is in
//! `tests/piv.rs`; here every point of a break is tried.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::*;

/// What survives when the key is pulled out.
struct Model {
    cipher: Cipher,
    management_key: Vec<u8>,
    pin: Vec<u8>,
    puk: Vec<u8>,
    puk_tries: u8,
    objects: BTreeMap<Vec<u8>, Vec<u8>>,
    // What does not.
    administrator: bool,
    witness: Vec<u8>,
    chained: Vec<u8>,
    /// Commands until it is pulled out: just before the command takes effect, or just after.
    pulled: Option<(usize, When)>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum When {
    Before,
    After,
}

#[derive(Clone)]
struct Card(Rc<RefCell<Model>>);

impl Card {
    fn blank(cipher: Cipher) -> Self {
        Self(Rc::new(RefCell::new(Model {
            cipher,
            management_key: FACTORY_MANAGEMENT_KEY[..cipher.key_len()].to_vec(),
            pin: b"123456\xFF\xFF".to_vec(),
            puk: FACTORY_PUK.to_vec(),
            puk_tries: 3,
            objects: BTreeMap::new(),
            administrator: false,
            witness: vec![],
            chained: vec![],
            pulled: None,
        })))
    }

    /// Puts it in: what was verified is forgotten. It will be pulled out again if told so.
    fn plug(&self, pulled: Option<(usize, When)>) -> Result<Piv<Self>> {
        let mut model = self.0.borrow_mut();
        model.administrator = false;
        model.witness.clear();
        model.chained.clear();
        model.pulled = pulled;
        drop(model);
        Ok(Piv::select(self.clone(), crate::random::system())?.expect("a PIV card"))
    }
}

impl Wire for Card {
    fn transmit(&mut self, command: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        let mut model = self.0.borrow_mut();
        let fires = match &mut model.pulled {
            Some((0, when)) => Some(*when),
            Some((left, _)) => {
                *left -= 1;
                None
            }
            None => None,
        };
        if fires == Some(When::Before) {
            return Err(TokenError::Removed);
        }
        let (mut answer, status) = model.execute(command);
        if fires == Some(When::After) {
            return Err(TokenError::Removed);
        }
        answer.extend_from_slice(&u16::to_be_bytes(status));
        Ok(Zeroizing::new(answer))
    }
}

impl Model {
    fn execute(&mut self, command: &[u8]) -> (Vec<u8>, u16) {
        let len = command.get(4).map_or(0, |len| usize::from(*len));
        self.chained.extend_from_slice(command.get(5..5 + len).unwrap_or(&[]));
        if command[0] & 0x10 != 0 {
            return (vec![], 0x9000);
        }
        let data = std::mem::take(&mut self.chained);
        match command[1] {
            // The template lists triple DES and AES-256.
            INS_SELECT => (vec![0x61, 0x08, 0xAC, 0x06, 0x80, 0x01, 0x03, 0x80, 0x01, 0x0C], 0x9000),
            INS_AUTHENTICATE => self.authenticate(command[2], &data),
            0xFF if !self.administrator => (vec![], 0x6982),
            0xFF => {
                self.cipher = Cipher::ALL.into_iter().find(|cipher| cipher.id() == data[0]).unwrap();
                self.management_key = data[3..].to_vec();
                assert_eq!(self.management_key.len(), self.cipher.key_len());
                (vec![], 0x9000)
            }
            INS_RESET_RETRY => self.with_puk(&data[..8], |model| model.pin = data[8..].to_vec()),
            INS_CHANGE_REFERENCE => self.with_puk(&data[..8], |model| model.puk = data[8..].to_vec()),
            INS_VERIFY if data == self.pin => (vec![], 0x9000),
            INS_VERIFY => (vec![], 0x63C2),
            0xCB => match self.objects.get(&data[2..5]) {
                Some(value) => (tlv::encode(&[0x53], value), 0x9000),
                None => (vec![], 0x6A82),
            },
            0xDB if self.administrator => {
                self.objects.insert(data[2..5].to_vec(), tlv::need(&data[5..], 0x53).unwrap().to_vec());
                (vec![], 0x9000)
            }
            _ => (vec![], 0x6982),
        }
    }

    fn with_puk(&mut self, puk: &[u8], work: impl FnOnce(&mut Self)) -> (Vec<u8>, u16) {
        if self.puk_tries == 0 {
            return (vec![], 0x6983);
        }
        if puk != self.puk {
            self.puk_tries -= 1;
            return (vec![], 0x63C0 | u16::from(self.puk_tries));
        }
        self.puk_tries = 3;
        work(self);
        (vec![], 0x9000)
    }

    fn authenticate(&mut self, cipher: u8, data: &[u8]) -> (Vec<u8>, u16) {
        if cipher != self.cipher.id() {
            return (vec![], 0x6A86);
        }
        let template = tlv::need(data, 0x7C).unwrap();
        let len = if self.cipher == Cipher::TripleDes { 8 } else { 16 };
        if tlv::need(template, 0x80).unwrap().is_empty() {
            self.witness = vec![0x5A; len];
            let mut sealed = self.witness.clone();
            self.cipher.run(&self.management_key, &mut sealed, true).unwrap();
            return (tlv::encode(&[0x7C], &tlv::encode(&[0x80], &sealed)), 0x9000);
        }
        if tlv::need(template, 0x80).unwrap() != self.witness {
            return (vec![], 0x6982);
        }
        let mut proof = tlv::need(template, 0x81).unwrap().to_vec();
        self.cipher.run(&self.management_key, &mut proof, true).unwrap();
        self.administrator = true;
        (tlv::encode(&[0x7C], &tlv::encode(&[0x82], &proof)), 0x9000)
    }
}

fn unlocking(name: u8) -> Unlocking {
    Unlocking {
        puk: Zeroizing::new(vec![name; 8]),
        management_key: Zeroizing::new((0..32).map(|at| name ^ (at * 7)).collect()),
    }
}

fn secrets(pin: &str, name: u8, current: &[u8]) -> NewSecrets {
    NewSecrets {
        pin: Zeroizing::new(pin.as_bytes().to_vec()),
        unlocking: unlocking(name),
        current: current.iter().map(|name| unlocking(*name)).collect(),
    }
}

fn initialize(card: &Card, secrets: &NewSecrets, pulled: Option<(usize, When)>) -> Result<String> {
    card.plug(pulled)?.initialize(secrets, &mut |_| {})
}

#[track_caller]
fn assert_made(card: &Card, pin: &str, name: u8) {
    let model = card.0.borrow();
    assert_eq!(model.pin[..pin.len()], *pin.as_bytes());
    assert_eq!(model.puk, vec![name; 8]);
    assert_eq!(model.cipher, Cipher::Aes256, "the best cipher of the card");
    assert_eq!(model.management_key, unlocking(name).management_key[..]);
}

#[test]
fn a_blank_card_gets_its_secrets_and_a_serial() {
    for cipher in [Cipher::TripleDes, Cipher::Aes192] {
        let card = Card::blank(cipher);
        let serial = initialize(&card, &secrets("654321", b'a', &[]), None).unwrap();
        assert_eq!(serial.len(), 32);
        assert_eq!(card.plug(None).unwrap().serial().unwrap(), Some(serial.clone()));
        assert_made(&card, "654321", b'a');
        let again = initialize(&card, &secrets("111111", b'b', b"a"), None).unwrap();
        assert_eq!(again, serial, "a key keeps its serial");
        assert_made(&card, "111111", b'b');
    }
}

/// Breaks at every command, and breaks the repair at every command, too.
fn breaks_everywhere(prepare: impl Fn() -> Card, current: &[u8]) {
    let mut breaks = 0;
    for when in [When::Before, When::After] {
        for first in 0.. {
            let card = prepare();
            if initialize(&card, &secrets("111111", b'n', current), Some((first, when))).is_ok() {
                break;
            }
            for second in 0.. {
                let card = prepare();
                let _ = initialize(&card, &secrets("111111", b'n', current), Some((first, when)));
                let repaired = initialize(&card, &secrets("222222", b'n', current), Some((second, when)));
                initialize(&card, &secrets("333333", b'n', current), None)
                    .unwrap_or_else(|error| panic!("{first} {second} {when:?}: {error}"));
                assert_made(&card, "333333", b'n');
                breaks += 1;
                if repaired.is_ok() {
                    break;
                }
            }
        }
    }
    assert!(breaks > 100, "{breaks} breaks were tried");
}

#[test]
fn a_blank_card_survives_a_break_at_any_command() {
    breaks_everywhere(|| Card::blank(Cipher::TripleDes), &[]);
}

#[test]
fn a_made_card_survives_a_break_at_any_command() {
    let made = || {
        let card = Card::blank(Cipher::TripleDes);
        initialize(&card, &secrets("999999", b'o', &[]), None).unwrap();
        card
    };
    breaks_everywhere(made, b"o");
}

#[test]
fn a_strangers_card_is_refused_and_loses_no_tries() {
    let card = Card::blank(Cipher::TripleDes);
    initialize(&card, &secrets("999999", b'o', &[]), None).unwrap();
    let refused = initialize(&card, &secrets("111111", b'n', &[]), None);
    assert_eq!(refused, Err(TokenError::SecretsRejected));
    assert_eq!(card.0.borrow().puk_tries, 3);
    assert_made(&card, "999999", b'o');
}

#[test]
fn the_last_try_of_the_puk_is_kept() {
    let card = Card::blank(Cipher::TripleDes);
    card.0.borrow_mut().puk = b"foreign!".to_vec();
    let refused = initialize(&card, &secrets("111111", b'n', b"opq"), None);
    assert_eq!(refused, Err(TokenError::SecretsRejected));
    assert_eq!(card.0.borrow().puk_tries, 1);
}

#[test]
fn a_pin_outside_the_policy_never_reaches_the_card() {
    let card = Card::blank(Cipher::TripleDes);
    for pin in ["12345", "123456789", "12345a", "密码密码"] {
        let refused = initialize(&card, &secrets(pin, b'n', &[]), None);
        assert_eq!(refused, Err(TokenError::PinPolicy), "{pin}");
    }
    assert_eq!(card.0.borrow().management_key, FACTORY_MANAGEMENT_KEY[..24]);
}
