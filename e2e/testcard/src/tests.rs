#![allow(clippy::unwrap_used, clippy::expect_used)]

use des::{
    TdesEde3,
    cipher::{BlockEncrypt as _, KeyInit as _, generic_array::GenericArray},
};

use crate::{apdu::Applet, card::Card, vpcd::ATR};

const SELECT: &[u8] = b"\x00\xA4\x04\x00\x09\xA0\x00\x00\x03\x08\x00\x00\x10\x00";
const GENERATE: &[u8] = b"\x00\x47\x00\x9A\x05\xAC\x03\x80\x01\x11\x00";
const READ_CHUID: &[u8] = b"\x00\xCB\x3F\xFF\x05\x5C\x03\x5F\xC1\x02\x00";
const READ_CERTIFICATE: &[u8] = b"\x00\xCB\x3F\xFF\x05\x5C\x03\x5F\xC1\x05";
const VERIFY: &[u8] = b"\x00\x20\x00\x80\x08123456\xFF\xFF";
const ASK_TRIES: &[u8] = b"\x00\x20\x00\x80";

fn blank() -> (tempfile::TempDir, Card) {
    let folder = tempfile::tempdir().unwrap();
    let card = Card::open(folder.path().join("key-1")).unwrap();
    (folder, card)
}

/// The answer's data, when the status is 9000.
fn good(card: &mut dyn Applet, apdu: &[u8]) -> Vec<u8> {
    let mut answer = card.answer(apdu);
    assert_eq!(answer.split_off(answer.len() - 2), [0x90, 0x00], "{apdu:02x?}");
    answer
}

fn authenticate(card: &mut dyn Applet) {
    good(card, SELECT);
    let challenge = good(card, b"\x00\x87\x03\x9B\x04\x7C\x02\x81\x00\x00");
    let mut block = *GenericArray::from_slice(&challenge[4..12]);
    let factory_key = [1, 2, 3, 4, 5, 6, 7, 8].repeat(3);
    TdesEde3::new(GenericArray::from_slice(&factory_key)).encrypt_block(&mut block);
    let mut response = b"\x00\x87\x03\x9B\x0C\x7C\x0A\x82\x08".to_vec();
    response.extend(block);
    good(card, &response);
}

#[test]
fn two_blank_cards_share_no_identity_and_no_key() {
    let read = |card: &Card| {
        card.powered(|card| {
            authenticate(card);
            [GENERATE, READ_CHUID].map(|apdu| good(card, apdu))
        })
        .unwrap()
    };
    let ((_a, one), (_b, other)) = (blank(), blank());
    let ([key, chuid], [other_key, other_chuid]) = (read(&one), read(&other));
    assert_ne!(key, other_key);
    assert_ne!(chuid, other_chuid);
    assert_ne!(one.serial(), other.serial());
}

#[test]
fn a_long_certificate_goes_in_and_out_in_pieces() {
    let (_folder, card) = blank();
    let certificate: Vec<u8> = (0..1500_u16).map(|n| n.to_be_bytes()[1]).collect();
    let object = [b"\x53\x82\x05\xDC", certificate.as_slice()].concat();
    card.powered(|card| {
        authenticate(card);
        let data = [b"\x5C\x03\x5F\xC1\x05", object.as_slice()].concat();
        let pieces: Vec<_> = data.chunks(255).collect();
        for (at, piece) in pieces.iter().enumerate() {
            let class = if at + 1 < pieces.len() { 0x10 } else { 0x00 };
            let length = u8::try_from(piece.len()).unwrap();
            good(card, &[&[class, 0xDB, 0x3F, 0xFF, length], *piece].concat());
        }
    })
    .unwrap();

    // Another power-on: the certificate is in the card's memory, not in its head.
    card.powered(|card| {
        good(card, SELECT);
        let mut read = Vec::new();
        let mut apdu = [READ_CERTIFICATE, &[0]].concat();
        loop {
            let mut answer = card.answer(&apdu);
            let status = answer.split_off(answer.len() - 2);
            read.extend(answer);
            match status[..] {
                [0x61, more] => apdu = vec![0x00, 0xC0, 0x00, 0x00, more],
                [0x90, 0x00] => break,
                _ => panic!("{status:02x?}"),
            }
        }
        assert_eq!(read, object);
        // The same in one extended APDU.
        let mut whole = READ_CERTIFICATE.to_vec();
        whole.splice(4..5, [0, 0, 5]);
        whole.extend([0, 0]);
        assert_eq!(good(card, &whole), object);
    })
    .unwrap();
}

#[test]
fn power_off_forgets_the_pin() {
    let (_folder, card) = blank();
    card.powered(|card| {
        good(card, SELECT);
        good(card, VERIFY);
        assert_eq!(card.answer(ASK_TRIES), [0x90, 0x00]);
    })
    .unwrap();
    card.powered(|card| {
        good(card, SELECT);
        assert_eq!(card.answer(ASK_TRIES), [0x63, 0xC3]);
    })
    .unwrap();
}

#[test]
fn only_piv_is_on_the_card() {
    let (_folder, card) = blank();
    card.powered(|card| {
        assert_eq!(card.answer(ASK_TRIES), [0x6D, 0x00]);
        assert_eq!(card.answer(b"\x00\xA4\x04\x00\x05\xA0\x00\x00\x00\x03"), [0x6A, 0x82]);
        assert_eq!(card.answer(b"\x00\xC0\x00\x00\x00"), [0x69, 0x85]);
        assert_eq!(card.answer(b"\x00"), [0x67, 0x00]);
    })
    .unwrap();
}

#[test]
fn the_answer_to_reset_checks_out() {
    assert_eq!(ATR[1..].iter().fold(0, |check, byte| check ^ byte), 0);
}
