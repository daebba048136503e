//! Yuan on the wire, fen in the house.

/// Fen as the wire's yuan: `8800` is `"88.00"`. Negative sums don't occur on the wire.
pub fn yuan(fen: i64) -> String {
    let sign = if fen < 0 { "-" } else { "" };
    let fen = fen.unsigned_abs();
    format!("{sign}{}.{:02}", fen / 100, fen % 100)
}

/// Reads yuan exactly: digits, optionally a point and one or two digits. No sign, no exponent, no rounding.
pub fn fen(yuan: &str) -> Option<i64> {
    let (whole, part) = yuan.split_once('.').unwrap_or((yuan, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(part) || part.len() > 2 {
        return None;
    }
    let tenth = if part.len() == 1 { 10 } else { 1 };
    let whole: i64 = whole.parse().ok()?;
    let part: i64 = part.parse().ok()?;
    whole.checked_mul(100)?.checked_add(part * tenth)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn sums_as_alipay_writes_them() {
        assert_eq!(fen("88.00"), Some(8800));
        assert_eq!(fen("88"), Some(8800));
        assert_eq!(fen("88.5"), Some(8850));
        assert_eq!(fen("0.01"), Some(1));
    }

    #[test]
    fn what_is_not_a_sum_is_refused() {
        for text in ["", ".", "1.", ".5", "1.005", "-1.00", "+1", "1e2", "1,000.00", " 1", "１", "99999999999999999999"]
        {
            assert_eq!(fen(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn there_and_back(sum in 0i64..i64::MAX) {
            prop_assert_eq!(fen(&yuan(sum)), Some(sum));
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".*") {
            let _ = fen(&text);
        }
    }
}
