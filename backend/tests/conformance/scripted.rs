//! Gateways that answer what a test told them to, and remember what they were asked.

use crate::world::World;
use backend::entropy::{SeededEntropy, SystemEntropy};
use backend::gateways::outcome::Answer;
use backend::gateways::{
    Closing, Notify, NotifyError, Outcome, Paid, PaymentGateway, Precreate, Precreated, SmsDelivery, SmsGateway,
    SmsQuery, SmsReceipt, SmsRequest, TradeState,
};
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

    pub fn is_told(&self) -> bool {
        self.0.lock().unwrap().is_empty()
    }
}

/// A payment provider.
#[derive(Default)]
pub struct Cashier {
    pub queries: Script<TradeState>,
    pub closes: Script<Closing>,
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

/// A worker with its outside world.
pub struct Workshop {
    pub outbox: Outbox,
    pub cashier: Arc<Cashier>,
    pub messenger: Arc<Messenger>,
    pub papers: Arc<InMemory>,
    pub vault: Vault,
}

impl Workshop {
    pub fn of(world: &World) -> Self {
        let (cashier, messenger) = (Arc::new(Cashier::default()), Arc::new(Messenger::default()));
        let papers = Arc::new(InMemory::new());
        let vault = Vault::new(RootKeys::generate(&SeededEntropy::new(1)));
        let jobs = Jobs {
            store: world.store.clone(),
            vault: vault.clone(),
            payment: cashier.clone(),
            sms: messenger.clone(),
            sms_sign_name: "数字证书".into(),
            documents: papers.clone(),
        };
        let owner = backend::entropy::new_id(&*world.clock, &SystemEntropy);
        let outbox = Outbox::new(world.store.clone(), Arc::new(jobs), owner, Pace::default());
        Self { outbox, cashier, messenger, papers, vault }
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
    }
}
