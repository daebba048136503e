//! Verifying tickets. Their form is told in `shared::bridge::OperationTicket`'s module; vectors are
//! in `shared::bridge::vectors`.

use ed25519_dalek::{Signature, VerifyingKey};
use serde::de::DeserializeOwned;
use shared::bridge::{Challenge, KeyTarget, Method, OPERATION_DOMAIN, OperationTicket, SESSION_DOMAIN, SessionTicket};

use crate::config::Portal;
use crate::text::from_base64url;

/// Longest ticket text.
const LONGEST: usize = 4096;

/// The steps of making a key.
const MAKING: [Method; 3] = [Method::KeyInitialize, Method::KeypairGenerate, Method::CertificateImport];

/// A session ticket that is signed by the portal, answers this challenge, and is for this origin.
pub fn session(portal: &Portal, challenge: &Challenge, text: &str) -> Option<SessionTicket> {
    let ticket: SessionTicket = open(portal, SESSION_DOMAIN, text)?;
    let fits = ticket.nonce == challenge.nonce
        && ticket.hpke_key == challenge.hpke_key
        && ticket.origin == portal.origin
        && is_shown(&ticket.channel_name)
        && is_name(&ticket.channel);
    fits.then_some(ticket)
}

/// An operation ticket that is signed by the portal and belongs to this session. The caller looks
/// after the nonce.
pub fn operation(portal: &Portal, session: &SessionTicket, text: &str) -> Option<OperationTicket> {
    let ticket: OperationTicket = open(portal, OPERATION_DOMAIN, text)?;
    let once = |method: &Method| ticket.operations.iter().filter(|m| *m == method).count() == 1;
    let all = |allowed: &[Method]| ticket.operations.iter().all(|method| allowed.contains(method) && once(method));
    // A holder's work is on a certain key, and needs no order.
    let holders = all(&Method::HOLDERS) && ticket.key != KeyTarget::Blank;
    let fits = ticket.origin == portal.origin
        && ticket.channel == session.channel
        && (is_name(&ticket.order) || holders && ticket.order.is_empty())
        && (ticket.holder.is_empty() || is_shown(&ticket.holder))
        && !ticket.operations.is_empty()
        && (holders || all(&MAKING));
    fits.then_some(ticket)
}

/// Checks the signature over the bytes, then parses them.
fn open<T: DeserializeOwned>(portal: &Portal, domain: &str, text: &str) -> Option<T> {
    if text.len() > LONGEST {
        return None;
    }
    let (payload, signature) = text.split_once('.')?;
    let payload = from_base64url(payload)?;
    let signature = Signature::from_slice(&from_base64url(signature)?).ok()?;
    let signed = [domain.as_bytes(), &payload].concat();
    let known = |key: &VerifyingKey| key.verify_strict(&signed, &signature).is_ok();
    portal.keys.iter().any(known).then(|| serde_json::from_slice(&payload).ok())?
}

/// Order numbers and slugs: they reach a certificate request and the window.
fn is_name(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// Text for the window: short and without control characters that could rearrange it.
fn is_shown(text: &str) -> bool {
    let tricky = |c: char| {
        c.is_control() || matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
    };
    (1..=200).contains(&text.chars().count()) && !text.contains(tricky)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use ed25519_dalek::{Signer, SigningKey};
    use shared::bridge::{KeyTarget, vectors};

    use super::*;
    use crate::text::base64url;

    fn portal() -> Portal {
        Portal::parse("大厅", "https://hall.example", &[vectors::BACKEND_KEY]).unwrap()
    }

    fn challenge() -> Challenge {
        Challenge { nonce: base64url(&[1; 32]), hpke_key: vectors::BRIDGE_KEY.to_owned() }
    }

    fn signed(domain: &str, payload: &str) -> String {
        let key = SigningKey::from_bytes(&[7; 32]);
        let signature = key.sign([domain, payload].concat().as_bytes());
        format!("{}.{}", base64url(payload.as_bytes()), base64url(&signature.to_bytes()))
    }

    #[test]
    fn the_vectors_are_accepted_and_reproduced() {
        let session = session(&portal(), &challenge(), vectors::SESSION_TICKET).unwrap();
        assert_eq!(session.channel_name, "南宁市住房公积金");
        let operation = operation(&portal(), &session, vectors::OPERATION_TICKET).unwrap();
        assert_eq!(operation.key, KeyTarget::Blank);
        assert_eq!(operation.operations, MAKING);
        assert_eq!(signed(SESSION_DOMAIN, vectors::SESSION_PAYLOAD), vectors::SESSION_TICKET);
        assert_eq!(signed(OPERATION_DOMAIN, vectors::OPERATION_PAYLOAD), vectors::OPERATION_TICKET);
    }

    #[test]
    fn every_flipped_character_is_refused() {
        for at in 0..vectors::SESSION_TICKET.len() {
            let mut text = vectors::SESSION_TICKET.as_bytes().to_vec();
            text[at] = if text[at] == b'A' { b'B' } else { b'A' };
            let text = String::from_utf8(text).unwrap();
            assert_eq!(session(&portal(), &challenge(), &text), None, "at {at}");
        }
    }

    #[test]
    fn a_ticket_for_something_else_is_refused() {
        let wrong = |from: &str, to: &str| {
            let payload = vectors::SESSION_PAYLOAD.replace(from, to);
            assert_ne!(payload, vectors::SESSION_PAYLOAD);
            session(&portal(), &challenge(), &signed(SESSION_DOMAIN, &payload))
        };
        assert_eq!(wrong("https://hall.example", "https://evil.example"), None);
        assert_eq!(wrong("AQEB", "AQEC"), None);
        assert_eq!(wrong("V9tL", "V9tM"), None);
        assert_eq!(wrong("南宁", "\u{202E}南宁"), None);
        assert_eq!(wrong("}", ",\"more\":1}"), None);
        // An operation ticket is no session ticket, and the other way round.
        let crossed = signed(OPERATION_DOMAIN, vectors::SESSION_PAYLOAD);
        assert_eq!(session(&portal(), &challenge(), &crossed), None);
    }

    #[test]
    fn another_backends_signature_is_refused() {
        let other = SigningKey::from_bytes(&[8; 32]);
        let key = crate::text::base64(other.verifying_key().as_bytes());
        let portal = Portal::parse("大厅", "https://hall.example", &[&key]).unwrap();
        assert_eq!(session(&portal, &challenge(), vectors::SESSION_TICKET), None);
    }

    #[test]
    fn operations_are_known_and_named_once() {
        let session = session(&portal(), &challenge(), vectors::SESSION_TICKET).unwrap();
        let wrong = |from: &str, to: &str| {
            let payload = vectors::OPERATION_PAYLOAD.replace(from, to);
            assert_ne!(payload, vectors::OPERATION_PAYLOAD);
            operation(&portal(), &session, &signed(OPERATION_DOMAIN, &payload))
        };
        assert_eq!(wrong("keypair.generate", "key.initialize"), None);
        assert_eq!(wrong("keypair.generate", "session.hello"), None);
        assert_eq!(wrong("nanning", "guilin"), None);
        assert_eq!(wrong("202611200001", "1,OU=x"), None);
        assert!(wrong("202611200001", "202611200002").is_some());
    }
}
