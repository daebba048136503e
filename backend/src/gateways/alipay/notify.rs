//! Alipay's notifications: a form, signed over its decoded values.

use super::sign::{Empties, Verifier, canonical};
use crate::gateways::encoding::parse_form;
use crate::gateways::money;
use crate::gateways::payment::{Notify, NotifyError};

/// Not part of what is signed.
const OUTSIDE: [&str; 3] = ["sign", "sign_type", "alipay_cert_sn"];

/// Verifies the bytes, then reads them.
pub fn verify(body: &[u8], key: &Verifier, app_id: &str, seller_id: &str) -> Result<Notify, NotifyError> {
    let pairs = parse_form(body).ok_or(NotifyError::Unreadable)?;
    if has_twins(&pairs) {
        return Err(NotifyError::Unreadable);
    }
    let find = |name: &'static str| {
        pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str()).ok_or(NotifyError::Missing(name))
    };
    if find("sign_type")? != "RSA2" {
        return Err(NotifyError::SignType);
    }
    let signature = find("sign")?;
    // The official check keeps empty values; some senders are said to drop them. Both texts have the same meaning.
    let genuine = [Empties::Keep, Empties::Drop]
        .iter()
        .any(|empties| key.verify(canonical(&pairs, &OUTSIDE, *empties).as_bytes(), signature));
    if !genuine {
        return Err(NotifyError::Signature);
    }
    read(&pairs, app_id, seller_id)
}

/// For the fuzz targets: everything but the signature itself.
#[cfg(fuzzing)]
pub fn fuzz(body: &[u8]) {
    if let Some(pairs) = parse_form(body)
        && !has_twins(&pairs)
    {
        let _ = canonical(&pairs, &OUTSIDE, Empties::Keep);
        let _ = canonical(&pairs, &OUTSIDE, Empties::Drop);
        let find = |name: &str| pairs.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str());
        let _ = read(&pairs, find("app_id"), find("seller_id"));
    }
}

/// Reads a genuine notice.
fn read(pairs: &[(String, String)], app_id: &str, seller_id: &str) -> Result<Notify, NotifyError> {
    let find = |name: &'static str| {
        pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str()).ok_or(NotifyError::Missing(name))
    };
    if find("app_id")? != app_id {
        return Err(NotifyError::OtherApp);
    }
    if find("seller_id")? != seller_id {
        return Err(NotifyError::OtherSeller);
    }
    let trade_no = find("trade_no")?;
    let trade_status = find("trade_status")?;
    let refund_fee = find("refund_fee").unwrap_or_default();
    Ok(Notify {
        notify_id: find("notify_id")?.to_owned(),
        out_trade_no: find("out_trade_no")?.to_owned(),
        trade_no: trade_no.to_owned(),
        trade_status: trade_status.to_owned(),
        amount_fen: money::fen(find("total_amount")?).ok_or(NotifyError::Amount)?,
        dedupe_key: format!("{trade_no}|{trade_status}|{refund_fee}"),
    })
}

/// A name twice would let the verifier and the reader see different values.
fn has_twins(pairs: &[(String, String)]) -> bool {
    let mut names: Vec<&str> = pairs.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    names.windows(2).any(|pair| pair.first() == pair.last())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::sign::tests::keys;
    use super::*;
    use crate::gateways::encoding::form;
    use proptest::prelude::*;

    const FIELDS: [(&str, &str); 8] = [
        ("app_id", "APP"),
        ("body", ""),
        ("notify_id", "N1"),
        ("out_trade_no", "T1"),
        ("seller_id", "SELLER"),
        ("total_amount", "250.00"),
        ("trade_no", "2026"),
        ("trade_status", "TRADE_SUCCESS"),
    ];

    fn body(empties: Empties, more: &[(&str, &str)]) -> Vec<u8> {
        let (provider, _) = keys();
        let sign = provider.sign(&canonical(&FIELDS, &OUTSIDE, empties)).unwrap();
        let pairs = FIELDS.iter().chain(more).copied();
        form(pairs.chain([("sign", sign.as_str()), ("sign_type", "RSA2")])).into_bytes()
    }

    fn seen(body: &[u8]) -> Result<Notify, NotifyError> {
        verify(body, &keys().1, "APP", "SELLER")
    }

    #[test]
    fn empty_values_may_be_signed_or_left_out() {
        assert_eq!(seen(&body(Empties::Keep, &[])).unwrap().amount_fen, 25_000);
        assert_eq!(seen(&body(Empties::Drop, &[])).unwrap().amount_fen, 25_000);
    }

    #[test]
    fn a_name_twice_or_a_name_more_is_refused() {
        let twice = seen(&body(Empties::Keep, &[("total_amount", "0.01")]));
        assert_eq!(twice, Err(NotifyError::Unreadable));
        let more = seen(&body(Empties::Keep, &[("refund_fee", "250.00")]));
        assert_eq!(more, Err(NotifyError::Signature));
    }

    proptest! {
        #[test]
        fn no_body_panics(body in proptest::collection::vec(any::<u8>(), 0..300)) {
            prop_assert!(seen(&body).is_err());
        }
    }
}
