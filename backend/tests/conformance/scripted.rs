//! Gateways that answer what a test told them to, and remember what they were asked.

use crate::world::World;
use backend::channels::Channels;
use backend::config::Retention;
use backend::entropy::{SeededEntropy, SystemEntropy};
use backend::gateways::outcome::{Answer, Doubt};
use backend::gateways::{
    Bill, Closing, Mail, MailGateway, MailReceipt, Notify, NotifyError, Outcome, Paid, PaymentGateway, Precreate,
    Precreated, Refund, Refunding, SmsDelivery, SmsGateway, SmsQuery, SmsReceipt, SmsRequest, TradeState,
};
use backend::notices::Notices;
use backend::outbox::{Jobs, Outbox, Pace};
use backend::vault::{RootKeys, Vault};
use object_store::memory::InMemory;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

/// Answers in the order given; a question without an answer left breaks the test.
pub struct Script<T>(Mutex<VecDeque<Outcome<T>>>);

impl<T> Default for Script<T> {
    fn default() -> Self {
        Self(Mutex::new(VecDeque::new()))
    }
}

impl<T> Script<T> {
    pub fn then(&self, answer: Outcome<T>) {
        self.0.lock().unwrap().push_back(answer);
    }

    fn next(&self, question: &str) -> Outcome<T> {
        self.0.lock().unwrap().pop_front().unwrap_or_else(|| panic!("nobody expected {question}"))
    }

    fn next_if_told(&self) -> Option<Outcome<T>> {
        self.0.lock().unwrap().pop_front()
    }

    pub fn is_told(&self) -> bool {
        self.0.lock().unwrap().is_empty()
    }
}

/// A payment provider.
#[derive(Default)]
pub struct Cashier {
    pub queries: Script<TradeState>,
    pub closes: Script<Closing>,
    pub refunds: Script<Refunding>,
    pub refund_states: Script<Refunding>,
    pub bills: Script<Option<Bill>>,
    /// What was asked to be given back.
    pub asked: Mutex<Vec<Refund>>,
}

/// A trade that was paid with this many fen.
pub fn paid(fen: i64) -> Outcome<TradeState> {
    Outcome::Ok(TradeState::Paid(Paid { trade_no: "2026112022".into(), amount_fen: fen, paid_at: None }))
}

impl PaymentGateway for Cashier {
    fn precreate<'a>(&'a self, _: &'a Precreate) -> Answer<'a, Precreated> {
        panic!("no job opens a trade")
    }

    fn query<'a>(&'a self, out_trade_no: &'a str) -> Answer<'a, TradeState> {
        let answer = self.queries.next(&format!("a query of {out_trade_no}"));
        Box::pin(async move { answer })
    }

    fn close<'a>(&'a self, out_trade_no: &'a str) -> Answer<'a, Closing> {
        let answer = self.closes.next(&format!("closing {out_trade_no}"));
        Box::pin(async move { answer })
    }

    fn refund<'a>(&'a self, request: &'a Refund) -> Answer<'a, Refunding> {
        self.asked.lock().unwrap().push(request.clone());
        // Where no test says what the provider answers to a refund, it answers nothing.
        let answer = self.refunds.next_if_told().unwrap_or(Outcome::unknown(Doubt::Timeout));
        Box::pin(async move { answer })
    }

    fn refund_state<'a>(&'a self, request: &'a Refund) -> Answer<'a, Refunding> {
        let answer = self.refund_states.next(&format!("a question about the refund of {}", request.out_trade_no));
        Box::pin(async move { answer })
    }

    fn bill(&self, day: jiff::civil::Date) -> Answer<'_, Option<Bill>> {
        let answer = self.bills.next(&format!("the bill of {day}"));
        Box::pin(async move { answer })
    }

    fn verify_notify(&self, _: &[u8]) -> Result<Notify, NotifyError> {
        Err(NotifyError::Unreadable)
    }

    fn acknowledgement(&self) -> &'static str {
        "success"
    }
}

/// A provider of text messages.
#[derive(Default)]
pub struct Messenger {
    pub sends: Script<SmsReceipt>,
    pub queries: Script<SmsDelivery>,
    pub sent: Mutex<Vec<SmsRequest>>,
    pub asked: Mutex<Vec<SmsQuery>>,
}

impl SmsGateway for Messenger {
    fn send<'a>(&'a self, request: &'a SmsRequest) -> Answer<'a, SmsReceipt> {
        self.sent.lock().unwrap().push(request.clone());
        let answer = self.sends.next("a message");
        Box::pin(async move { answer })
    }

    fn query<'a>(&'a self, query: &'a SmsQuery) -> Answer<'a, SmsDelivery> {
        self.asked.lock().unwrap().push(query.clone());
        let answer = self.queries.next("a question about a message");
        Box::pin(async move { answer })
    }
}

/// A mail server.
#[derive(Default)]
pub struct Postman {
    pub sends: Script<MailReceipt>,
    pub sent: Mutex<Vec<Mail>>,
}

impl MailGateway for Postman {
    fn send<'a>(&'a self, mail: &'a Mail) -> Answer<'a, MailReceipt> {
        self.sent.lock().unwrap().push(mail.clone());
        let answer = self.sends.next("a mail");
        Box::pin(async move { answer })
    }
}

/// A worker with its outside world.
pub struct Workshop {
    pub outbox: Outbox,
    pub cashier: Arc<Cashier>,
    pub messenger: Arc<Messenger>,
    pub postman: Arc<Postman>,
    pub papers: Arc<InMemory>,
    pub vault: Vault,
}

impl Workshop {
    pub fn of(world: &World) -> Self {
        let (cashier, messenger) = (Arc::new(Cashier::default()), Arc::new(Messenger::default()));
        let postman = Arc::new(Postman::default());
        let papers = Arc::new(InMemory::new());
        let vault = Vault::new(RootKeys::generate(&SeededEntropy::new(1)));
        let jobs = Jobs {
            store: world.store.clone(),
            vault: vault.clone(),
            payment: cashier.clone(),
            sms: messenger.clone(),
            sms_sign_name: "数字证书".into(),
            mail: Some(postman.clone()),
            notices: notices(&vault),
            documents: papers.clone(),
            retention: Retention::default(),
        };
        let owner = backend::entropy::new_id(&*world.clock, &SystemEntropy);
        let outbox = Outbox::new(world.store.clone(), Arc::new(jobs), owner, Pace::default());
        Self { outbox, cashier, messenger, postman, papers, vault }
    }

    /// Does what is due now; answers how many jobs that were.
    pub async fn works(&self) -> usize {
        self.outbox.run_due().await.unwrap()
    }

    /// Everything that was scripted happened.
    pub fn all_told(&self) -> bool {
        let (cashier, messenger) = (&self.cashier, &self.messenger);
        cashier.queries.is_told()
            && cashier.closes.is_told()
            && messenger.sends.is_told()
            && messenger.queries.is_told()
            && cashier.refunds.is_told()
            && cashier.refund_states.is_told()
            && cashier.bills.is_told()
            && self.postman.sends.is_told()
    }
}

/// Notices of the channels of the checkout.
fn notices(vault: &Vault) -> Notices {
    let channels = std::path::Path::new(&std::env::var("CARGO_MANIFEST_DIR").unwrap()).join("channels");
    let names = [
        "sign",
        "query",
        "takeover",
        "correct_mailing",
        "correct_phone",
        "refused",
        "approved",
        "dispatched",
        "pin",
        "expired",
        "rejected",
        "refunded",
    ];
    let templates: serde_json::Map<String, serde_json::Value> =
        names.iter().map(|name| ((*name).to_owned(), serde_json::json!(format!("SMS_{name}")))).collect();
    Notices {
        templates: serde_json::from_value(templates.into()).unwrap(),
        vault: vault.clone(),
        entropy: Arc::new(SystemEntropy),
        channels: Channels::load(&channels).unwrap(),
        mail: true,
        public_url: "https://hall.example".into(),
    }
}
