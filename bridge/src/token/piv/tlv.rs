//! BER-TLV as PIV uses it: tags of one to three bytes, definite lengths.

use super::super::{Result, TokenError};

const SHORT: TokenError = TokenError::Malformed("TLV");

/// Appends tag, length and value.
pub fn put(out: &mut Vec<u8>, tag: &[u8], value: &[u8]) {
    out.extend_from_slice(tag);
    let len = value.len();
    // Lengths here never pass 64 KiB: a PIV object is at most 3 KiB or so.
    let [.., high, low] = len.to_be_bytes();
    match len {
        0..=0x7F => out.push(low),
        0x80..=0xFF => out.extend_from_slice(&[0x81, low]),
        _ => out.extend_from_slice(&[0x82, high, low]),
    }
    out.extend_from_slice(value);
}

/// One tag, length and value.
pub fn encode(tag: &[u8], value: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(tag.len() + value.len() + 3);
    put(&mut out, tag, value);
    out
}

/// Splits off the first element: tag as a number, value, rest.
pub fn take(data: &[u8]) -> Result<(u32, &[u8], &[u8])> {
    let (&first, mut rest) = data.split_first().ok_or(SHORT)?;
    let mut tag = u32::from(first);
    if first & 0x1F == 0x1F {
        loop {
            let (&next, after) = rest.split_first().ok_or(SHORT)?;
            if tag > 0xFFFF {
                return Err(SHORT);
            }
            tag = tag << 8 | u32::from(next);
            rest = after;
            if next & 0x80 == 0 {
                break;
            }
        }
    }
    let (&first, rest) = rest.split_first().ok_or(SHORT)?;
    let (len, rest) = match first {
        0..=0x7F => (usize::from(first), rest),
        0x81 => {
            let (&len, rest) = rest.split_first().ok_or(SHORT)?;
            (usize::from(len), rest)
        }
        0x82 => {
            let (len, rest) = rest.split_first_chunk::<2>().ok_or(SHORT)?;
            (usize::from(u16::from_be_bytes(*len)), rest)
        }
        _ => return Err(SHORT),
    };
    let (value, rest) = rest.split_at_checked(len).ok_or(SHORT)?;
    Ok((tag, value, rest))
}

/// The value of the first element with this tag, at this level.
pub fn find(mut data: &[u8], tag: u32) -> Result<Option<&[u8]>> {
    while !data.is_empty() {
        let (found, value, rest) = take(data)?;
        if found == tag {
            return Ok(Some(value));
        }
        data = rest;
    }
    Ok(None)
}

/// Like [`find`], but it must be there.
pub fn need(data: &[u8], tag: u32) -> Result<&[u8]> {
    find(data, tag)?.ok_or(TokenError::Malformed("missing TLV"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn long_tags_and_lengths() {
        let value = vec![7u8; 300];
        let encoded = encode(&[0x5F, 0xC1, 0x05], &value);
        assert_eq!(&encoded[..6], &[0x5F, 0xC1, 0x05, 0x82, 0x01, 0x2C]);
        assert_eq!(take(&encoded).unwrap(), (0x5F_C105, &value[..], &[][..]));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = find(&bytes, 0x53);
        }

        #[test]
        fn what_is_written_is_read(value in proptest::collection::vec(any::<u8>(), 0..2000)) {
            let encoded = encode(&[0x7F, 0x49], &value);
            prop_assert_eq!(need(&encoded, 0x7F49).unwrap(), &value[..]);
        }
    }
}
