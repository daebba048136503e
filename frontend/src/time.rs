//! Times and money as people read them. The halls work on China time, which is UTC+8 all year.

use js_sys::Date;
use wasm_bindgen::JsValue;

const CHINA_MS: f64 = 8.0 * 3_600_000.0;

/// The browser's clock, microseconds UTC. Only for countdowns: what counts is the server's.
#[expect(clippy::cast_possible_truncation)]
pub fn now() -> i64 {
    Date::now() as i64 * 1000
}

/// Microseconds UTC as `2026-11-20 15:04:05`.
#[expect(clippy::cast_precision_loss)]
pub fn second(micros: i64) -> String {
    let iso = Date::new(&JsValue::from_f64(micros as f64 / 1000.0 + CHINA_MS)).to_iso_string();
    String::from(iso.slice(0, 19)).replace('T', " ")
}

/// Microseconds UTC as `2026-11-20`.
pub fn day(micros: i64) -> String {
    let mut text = second(micros);
    text.truncate(10);
    text
}

/// Fen as `¥250.00`.
pub fn yuan(fen: i64) -> String {
    let sign = if fen < 0 { "-" } else { "" };
    [sign, "¥", &(fen.abs() / 100).to_string(), ".", &two(fen.abs() % 100)].concat()
}

/// Seconds as `23 小时 59 分 08 秒`, without leading empty parts.
pub fn span(seconds: i64) -> String {
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, two(seconds % 60));
    if hours > 0 {
        [&hours.to_string(), " 小时 ", &two(minutes), " 分 ", &seconds, " 秒"].concat()
    } else {
        [&minutes.to_string(), " 分 ", &seconds, " 秒"].concat()
    }
}

/// Two digits. Plain concatenation, here as elsewhere in the page: `format!` would weigh more.
fn two(number: i64) -> String {
    let text = number.to_string();
    if text.len() < 2 { ["0", &text].concat() } else { text }
}

#[cfg(test)]
mod tests {
    use super::{span, yuan};

    #[test]
    fn money_has_two_decimals() {
        assert_eq!(yuan(25_000), "¥250.00");
        assert_eq!(yuan(1), "¥0.01");
        assert_eq!(yuan(-150), "-¥1.50");
    }

    #[test]
    fn spans_leave_out_empty_hours() {
        assert_eq!(span(86_399), "23 小时 59 分 59 秒");
        assert_eq!(span(65), "1 分 05 秒");
    }
}
