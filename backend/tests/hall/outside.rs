//! The outside world as a story scripts it. Everybody is who they say, messages arrive, nobody pays, until told otherwise.

use backend::gateways::{
    Answer, Closing, CompanyFour, CompanyVerdict, Doubt, ElementCheck, Notify, NotifyError, Outcome, Paid,
    PaymentGateway, PersonThree, PersonVerdict, Precreate, Precreated, SmsDelivery, SmsGateway, SmsQuery, SmsReceipt,
    SmsRequest, TradeState,
};
use jiff::Timestamp;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

/// What the story says, and what was asked.
#[derive(Default)]
pub struct Script {
    /// Messages that were sent.
    pub messages: Vec<SmsRequest>,
    /// The next messages' outcomes; after them all arrive.
    pub sms: Vec<Outcome<SmsReceipt>>,
    /// Element checks that were made: 4 for a unit, 3 for a person.
    pub checks: Vec<u8>,
    /// The next answers about units.
    pub units: Vec<Outcome<CompanyVerdict>>,
    /// The next answers about persons.
    pub persons: Vec<Outcome<PersonVerdict>>,
    /// Trades by our number.
    pub trades: HashMap<String, TradeState>,
    /// Calls to open a trade, in order.
    pub precreated: Vec<Precreate>,
    /// The next answers to opening a trade.
    pub openings: Vec<Outcome<Precreated>>,
}

/// Shared by the story and the hall.
#[derive(Clone, Default)]
pub struct Outside(Arc<Mutex<Script>>);

impl Outside {
    /// Looks at the script, or writes on it.
    pub fn script(&self) -> MutexGuard<'_, Script> {
        self.0.lock().unwrap()
    }

    /// The newest message to a phone, and a variable of it.
    pub fn newest(&self, phone: &str, variable: &str) -> Option<String> {
        let script = self.script();
        let message = script.messages.iter().rev().find(|message| message.phone == phone)?;
        message.params.iter().find(|(name, _)| name == variable).map(|(_, value)| value.clone())
    }

    /// The payer pays.
    pub fn pays(&self, out_trade_no: &str, amount_fen: i64) {
        let paid = Paid {
            trade_no: format!("2026{out_trade_no}"),
            amount_fen,
            paid_at: Timestamp::from_second(1_795_136_500).ok(),
        };
        self.script().trades.insert(out_trade_no.to_owned(), TradeState::Paid(paid));
    }
}

fn now<T: Send + 'static>(outcome: Outcome<T>) -> Answer<'static, T> {
    Box::pin(async move { outcome })
}

fn next<T>(queue: &mut Vec<Outcome<T>>) -> Option<Outcome<T>> {
    if queue.is_empty() { None } else { Some(queue.remove(0)) }
}

impl SmsGateway for Outside {
    fn send<'a>(&'a self, request: &'a SmsRequest) -> Answer<'a, SmsReceipt> {
        let mut script = self.script();
        let outcome = next(&mut script.sms).unwrap_or(Outcome::Ok(SmsReceipt { provider_id: "1".into() }));
        if !matches!(outcome, Outcome::Refused { .. }) {
            script.messages.push(request.clone());
        }
        now(outcome)
    }

    fn query<'a>(&'a self, query: &'a SmsQuery) -> Answer<'a, SmsDelivery> {
        let known = self.script().messages.iter().any(|message| message.out_id == query.out_id);
        now(Outcome::Ok(if known { SmsDelivery::Delivered } else { SmsDelivery::NotFound }))
    }
}

impl ElementCheck for Outside {
    fn company_four<'a>(&'a self, _: &'a CompanyFour) -> Answer<'a, CompanyVerdict> {
        let mut script = self.script();
        script.checks.push(4);
        now(next(&mut script.units).unwrap_or(Outcome::Ok(CompanyVerdict::Matches)))
    }

    fn person_three<'a>(&'a self, _: &'a PersonThree) -> Answer<'a, PersonVerdict> {
        let mut script = self.script();
        script.checks.push(3);
        now(next(&mut script.persons).unwrap_or(Outcome::Ok(PersonVerdict::Matches)))
    }
}

impl PaymentGateway for Outside {
    fn precreate<'a>(&'a self, request: &'a Precreate) -> Answer<'a, Precreated> {
        let mut script = self.script();
        script.precreated.push(request.clone());
        let qr_code = format!("https://qr.example/{}/{}", request.out_trade_no, script.precreated.len());
        now(next(&mut script.openings).unwrap_or(Outcome::Ok(Precreated { qr_code })))
    }

    fn query<'a>(&'a self, out_trade_no: &'a str) -> Answer<'a, TradeState> {
        let state = self.script().trades.get(out_trade_no).cloned();
        now(Outcome::Ok(state.unwrap_or(TradeState::NotScanned)))
    }

    fn close<'a>(&'a self, out_trade_no: &'a str) -> Answer<'a, Closing> {
        let mut script = self.script();
        now(Outcome::Ok(match script.trades.get(out_trade_no) {
            None | Some(TradeState::NotScanned) => Closing::NeverScanned,
            Some(TradeState::Paid(_)) => Closing::AlreadyPaid,
            Some(TradeState::WaitingForPayer | TradeState::Closed) => {
                script.trades.insert(out_trade_no.to_owned(), TradeState::Closed);
                Closing::Closed
            }
        }))
    }

    /// `{trade}` is genuine; anything with a `!` is forged. The wire itself is tested by the gateways and end to end.
    fn verify_notify(&self, body: &[u8]) -> Result<Notify, NotifyError> {
        let text = String::from_utf8(body.to_vec()).map_err(|_| NotifyError::Unreadable)?;
        if text.contains('!') {
            return Err(NotifyError::Signature);
        }
        Ok(Notify {
            notify_id: "n".into(),
            trade_no: format!("2026{text}"),
            trade_status: "TRADE_SUCCESS".into(),
            amount_fen: 1,
            dedupe_key: text.clone(),
            out_trade_no: text,
        })
    }

    fn acknowledgement(&self) -> &'static str {
        "success"
    }
}

/// Nobody knows what became of the call.
pub fn silence<T>() -> Outcome<T> {
    Outcome::Unknown { reason: Doubt::Timeout }
}
