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
    format!("{sign}¥{}.{:02}", fen.abs() / 100, fen.abs() % 100)
}

/// Seconds as `23 小时 59 分 08 秒`, without leading empty parts.
pub fn span(seconds: i64) -> String {
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("{hours} 小时 {minutes:02} 分 {seconds:02} 秒")
    } else {
        format!("{minutes} 分 {seconds:02} 秒")
    }
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
