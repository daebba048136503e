//! How long an order has been waiting.

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Seconds as `2 天 3 小时`; below a minute 刚刚.
pub fn age(seconds: i64) -> String {
    let (days, hours, minutes) = (seconds / DAY, seconds % DAY / HOUR, seconds % HOUR / MINUTE);
    if days > 0 {
        format!("{days} 天 {hours} 小时")
    } else if hours > 0 {
        format!("{hours} 小时 {minutes} 分")
    } else if minutes > 0 {
        format!("{minutes} 分钟")
    } else {
        "刚刚".into()
    }
}

/// How urgent a wait is, as a class: the applicant was promised five working days for each of review and making.
pub const fn urgency(seconds: i64) -> &'static str {
    if seconds > 5 * DAY {
        "age late"
    } else if seconds > 3 * DAY {
        "age soon"
    } else {
        "age"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_units_are_enough_to_tell_an_age() {
        assert_eq!(age(30), "刚刚");
        assert_eq!(age(35 * MINUTE + 20), "35 分钟");
        assert_eq!(age(3 * HOUR), "3 小时 0 分");
        assert_eq!(age(2 * DAY + 3 * HOUR + 59), "2 天 3 小时");
    }

    #[test]
    fn a_wait_is_marked_before_and_after_the_promise_is_broken() {
        assert_eq!(urgency(DAY), "age");
        assert_eq!(urgency(4 * DAY), "age soon");
        assert_eq!(urgency(6 * DAY), "age late");
    }
}
