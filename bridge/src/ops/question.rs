//! The question in the window: consent, and with it the PIN where the work needs one.

use shared::bridge::{ErrorCode, KeyDetail, Method, OperationTicket, PinPolicy};
use zeroize::Zeroizing;

use super::operation::Site;
use crate::fault::Fault;
use crate::window::{Agreed, Consent, PinProblem, PinQuestion, WindowLink};

/// What was typed, and passed the key's rules.
pub struct Pins {
    /// The PIN.
    pub pin: Zeroizing<Vec<u8>>,
    /// The new one, for `pin.change`.
    pub new: Option<Zeroizing<Vec<u8>>>,
    /// The person knows that it is the last try.
    last_try: bool,
}

/// Asked once, and again when what was typed is wrong.
pub struct Question(Consent);

impl Question {
    /// What this ticket asks for on this key.
    pub fn new(phrase: &str, site: &Site, ticket: &OperationTicket, key: KeyDetail) -> Self {
        let pin = ticket.operations.iter().any(|method| Method::HOLDERS.contains(method)).then(|| PinQuestion {
            policy: key.pin_policy,
            change: ticket.operations.contains(&Method::PinChange),
            tries_left: key.pin_tries_left,
            problem: None,
        });
        Self(Consent {
            phrase: phrase.to_owned(),
            site: site.name.clone(),
            origin: site.origin.clone(),
            channel: site.channel.clone(),
            order: ticket.order.clone(),
            holder: ticket.holder.clone(),
            operations: ticket.operations.clone(),
            reader: key.reader,
            serial: key.serial,
            certificates: key.certificates.into_iter().map(|known| known.subject).collect(),
            pin,
        })
    }

    /// Asks until there is an answer that the key may be shown. `None`: agreed, and no PIN is needed.
    pub async fn ask(&mut self, link: &mut WindowLink) -> Result<Option<Pins>, Fault> {
        loop {
            if self.0.pin.as_ref().is_some_and(|pin| pin.tries_left == Some(0)) {
                return Err(ErrorCode::PinBlocked.into());
            }
            let agreed = link.ask(self.0.clone()).await.ok_or(ErrorCode::UserCancelled)?;
            let Some(question) = &mut self.0.pin else { return Ok(None) };
            match question.check(&agreed) {
                Ok(pins) => return Ok(Some(pins)),
                Err(problem) => question.problem = Some(problem),
            }
        }
    }

    /// What the key itself says now. False: it grants one try only, and the person did not know that.
    pub fn admits(&mut self, pins: &Pins, tries_left: Option<u8>) -> bool {
        let Some(question) = &mut self.0.pin else { return true };
        question.tries_left = tries_left;
        let known = tries_left != Some(1) || pins.last_try;
        if !known {
            question.problem = Some(PinProblem::LastTry);
        }
        known
    }

    /// The key refused the PIN.
    pub fn was_wrong(&mut self, tries_left: u8) {
        if let Some(question) = &mut self.0.pin {
            (question.tries_left, question.problem) = (Some(tries_left), Some(PinProblem::Wrong));
        }
    }
}

impl PinQuestion {
    fn check(&self, agreed: &Agreed) -> Result<Pins, PinProblem> {
        if !fits(self.policy, &agreed.pin) {
            return Err(PinProblem::Policy);
        }
        if self.change && !fits(self.policy, &agreed.new_pin) {
            return Err(PinProblem::NewPolicy);
        }
        if self.change && *agreed.pin == *agreed.new_pin {
            return Err(PinProblem::Same);
        }
        if self.tries_left == Some(1) && !agreed.last_try {
            return Err(PinProblem::LastTry);
        }
        let bytes = |pin: &Zeroizing<String>| Zeroizing::new(pin.as_bytes().to_vec());
        Ok(Pins {
            pin: bytes(&agreed.pin),
            new: self.change.then(|| bytes(&agreed.new_pin)),
            last_try: agreed.last_try,
        })
    }
}

fn fits(policy: PinPolicy, pin: &str) -> bool {
    (usize::from(policy.min)..=usize::from(policy.max)).contains(&pin.len())
        && pin.bytes().all(|byte| if policy.digits_only { byte.is_ascii_digit() } else { byte.is_ascii_graphic() })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const PIV: PinPolicy = PinPolicy { min: 6, max: 8, digits_only: true };

    fn typed(pin: &str, new_pin: &str, last_try: bool) -> Agreed {
        let text = |text: &str| Zeroizing::new(text.to_owned());
        Agreed { pin: text(pin), new_pin: text(new_pin), last_try }
    }

    fn problem(question: &PinQuestion, agreed: &Agreed) -> Option<PinProblem> {
        question.check(agreed).err()
    }

    #[test]
    fn what_cannot_be_a_pin_never_reaches_the_key() {
        let verify = PinQuestion { policy: PIV, change: false, tries_left: Some(3), problem: None };
        for bad in ["", "12345", "123456789", "12345a", "一二三四五六", "12345\0"] {
            assert_eq!(problem(&verify, &typed(bad, "", false)), Some(PinProblem::Policy), "{bad}");
        }
        let change = PinQuestion { change: true, ..verify.clone() };
        assert_eq!(problem(&change, &typed("123456", "", false)), Some(PinProblem::NewPolicy));
        assert_eq!(problem(&change, &typed("123456", "123456", false)), Some(PinProblem::Same));
        assert_eq!(problem(&change, &typed("123456", "654321", false)), None);
        let longer = PinPolicy { min: 6, max: 16, digits_only: false };
        let verify = PinQuestion { policy: longer, ..verify };
        assert_eq!(problem(&verify, &typed("Correct-Horse-16", "", false)), None);
        assert_eq!(problem(&verify, &typed("with blank", "", false)), Some(PinProblem::Policy));
    }

    #[test]
    fn the_last_try_needs_a_word() {
        let last = PinQuestion { policy: PIV, change: false, tries_left: Some(1), problem: None };
        assert_eq!(problem(&last, &typed("123456", "", false)), Some(PinProblem::LastTry));
        assert_eq!(problem(&last, &typed("123456", "", true)), None);
    }
}
