//! `[gate]`: the numbers of the limits. Every one has a default; none switches a check off.

use serde::Deserialize;

/// Limits. "A day" is a day in China; an address prefix is a /24 of IPv4 and a /64 of IPv6.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GateConfig {
    /// Leading zero bits of a proof of work: each more doubles the work. 18: about three seconds on a slow phone. It grows
    /// by itself, up to four bits, for an address that asks for many. From 8 to 24.
    pub work_bits: u8,
    /// Challenges an hour for one address.
    pub challenges_per_address: i64,
    /// Challenges an hour for one prefix.
    pub challenges_per_prefix: i64,
    /// SMS codes a day for one address.
    pub codes_per_address: i64,
    /// SMS codes a day for one prefix.
    pub codes_per_prefix: i64,
    /// SMS codes a day for everybody together: the budget. At 80 % an alarm is logged and counted.
    pub codes_a_day: i64,
    /// Paid element checks a day for one address (an application needs three).
    pub checks_per_address: i64,
    /// Paid element checks a day for one prefix.
    pub checks_per_prefix: i64,
    /// Paid element checks a day for everybody together: the budget. At 80 % an alarm is logged and counted.
    pub checks_a_day: i64,
    /// Different credit codes and order numbers a day that one browser may ask about.
    pub subjects_per_session: i64,
    /// Different credit codes and order numbers a day that one address may ask about.
    pub subjects_per_address: i64,
    /// Different credit codes and order numbers a day that one prefix may ask about.
    pub subjects_per_prefix: i64,
    /// Wrong SMS codes a day from one address.
    pub wrong_codes_per_address: i64,
    /// Failed log-ins of staff an hour from one address.
    pub failed_logins_per_address: i64,
    /// Failed log-ins of staff an hour from one prefix.
    pub failed_logins_per_prefix: i64,
    /// Expensive requests a second from one address, for each backend; a burst may be six times as many.
    pub requests_a_second: u32,
}

impl Default for GateConfig {
    fn default() -> Self {
        Self {
            work_bits: 18,
            challenges_per_address: 240,
            challenges_per_prefix: 1_200,
            codes_per_address: 100,
            codes_per_prefix: 400,
            codes_a_day: 20_000,
            checks_per_address: 150,
            checks_per_prefix: 600,
            checks_a_day: 30_000,
            subjects_per_session: 10,
            subjects_per_address: 30,
            subjects_per_prefix: 120,
            wrong_codes_per_address: 100,
            failed_logins_per_address: 20,
            failed_logins_per_prefix: 60,
            requests_a_second: 10,
        }
    }
}

impl GateConfig {
    /// Why these numbers can't be meant; `None`: they can.
    pub fn fault(&self) -> Option<&'static str> {
        let counts = [
            self.challenges_per_address,
            self.challenges_per_prefix,
            self.codes_per_address,
            self.codes_per_prefix,
            self.codes_a_day,
            self.checks_per_address,
            self.checks_per_prefix,
            self.checks_a_day,
            self.subjects_per_session,
            self.subjects_per_address,
            self.subjects_per_prefix,
            self.wrong_codes_per_address,
            self.failed_logins_per_address,
            self.failed_logins_per_prefix,
        ];
        if !(8..=24).contains(&self.work_bits) {
            Some("gate.work_bits: 8 to 24")
        } else if counts.iter().any(|count| *count < 1) || self.requests_a_second < 1 {
            Some("gate: every limit is at least 1")
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_number_switches_a_check_off() {
        assert_eq!(GateConfig::default().fault(), None);
        assert!(GateConfig { work_bits: 0, ..GateConfig::default() }.fault().is_some());
        assert!(GateConfig { work_bits: 25, ..GateConfig::default() }.fault().is_some());
        assert!(GateConfig { codes_a_day: 0, ..GateConfig::default() }.fault().is_some());
        assert!(GateConfig { requests_a_second: 0, ..GateConfig::default() }.fault().is_some());
    }
}
