//! The outside world as a story scripts it. Everybody is who they say, messages arrive, nobody pays, until told otherwise.

use backend::gateways::{
    Answer, Bill, Closing, CompanyFour, CompanyVerdict, Doubt, ElementCheck, Mail, MailGateway, MailReceipt, Notify,
    NotifyError, Outcome, Paid, PaymentGateway, PersonThree, PersonVerdict, Precreate, Precreated, Refund, Refunded,
    Refunding, SmsDelivery, SmsGateway, SmsQuery, SmsReceipt, SmsRequest, TradeState,
};
use jiff::Timestamp;
use jiff::civil::Date;
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
    /// The provider of messages does not answer while this is there.
    pub messages_held: Option<Arc<tokio::sync::Semaphore>>,
    /// The next answers to opening a trade.
    pub openings: Vec<Outcome<Precreated>>,
    /// Calls to give money back, in order.
    pub refund_calls: Vec<Refund>,
    /// Money that was given back, by our number of the refund.
    pub refunded: HashMap<String, i64>,
    /// The next answers to giving back; a refusal gives nothing back, anything else does.
    pub refunding: Vec<Outcome<Refunding>>,
    /// The next answers about what was given back.
    pub refund_states: Vec<Outcome<Refunding>>,
    /// Mails that were taken.
    pub mails: Vec<Mail>,
    /// The next mails' outcomes; after them all are taken.
    pub mailing: Vec<Outcome<MailReceipt>>,
    /// The provider's books.
    pub bills: HashMap<Date, Bill>,
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

    /// From now on the provider of messages does not answer.
    pub fn holds_messages(&self) {
        self.script().messages_held = Some(Arc::new(tokio::sync::Semaphore::new(0)));
    }

    /// It answers again, also what it was asked meanwhile.
    pub fn lets_messages_go(&self) {
        if let Some(held) = self.script().messages_held.take() {
            held.close();
        }
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
        let held = script.messages_held.clone();
        Box::pin(async move {
            if let Some(held) = held {
                // Waits until it is closed.
                let _ = held.acquire().await;
            }
            outcome
        })
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

    fn refund<'a>(&'a self, request: &'a Refund) -> Answer<'a, Refunding> {
        let mut script = self.script();
        script.refund_calls.push(request.clone());
        let done = Refunding::Done(Refunded { amount_fen: request.amount_fen, at: None });
        let outcome = next(&mut script.refunding).unwrap_or(Outcome::Ok(done));
        if !matches!(outcome, Outcome::Refused { .. }) {
            script.refunded.insert(request.out_request_no.clone(), request.amount_fen);
        }
        now(outcome)
    }

    fn refund_state<'a>(&'a self, request: &'a Refund) -> Answer<'a, Refunding> {
        let mut script = self.script();
        let made = script.refunded.get(&request.out_request_no).copied();
        let state = made.map_or(Refunding::NotDone, |amount_fen| Refunding::Done(Refunded { amount_fen, at: None }));
        now(next(&mut script.refund_states).unwrap_or(Outcome::Ok(state)))
    }

    fn bill(&self, day: Date) -> Answer<'_, Option<Bill>> {
        now(Outcome::Ok(self.script().bills.get(&day).cloned()))
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

impl MailGateway for Outside {
    fn send<'a>(&'a self, mail: &'a Mail) -> Answer<'a, MailReceipt> {
        let mut script = self.script();
        let receipt = MailReceipt { message_id: format!("<{}@hall.example>", mail.id) };
        let outcome = next(&mut script.mailing).unwrap_or(Outcome::Ok(receipt));
        if !matches!(outcome, Outcome::Refused { .. }) {
            script.mails.push(mail.clone());
        }
        now(outcome)
    }
}

/// Nobody knows what became of the call.
pub fn silence<T>() -> Outcome<T> {
    Outcome::Unknown { reason: Doubt::Timeout }
}
