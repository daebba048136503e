//! A fresh database with a clock that stands still, and short ways to an order.

use crate::databases::Schema;
use backend::clock::{Clock, DAY, TestClock};
use backend::entropy::SystemEntropy;
use backend::store::{By, Link, NewOrder, Order, Result, Store, Tx};
use serde_json::json;
use shared::order::{Business, EventKind, Status};
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A fresh database.
#[derive(Clone)]
pub struct World {
    pub store: Store,
    pub clock: Arc<TestClock>,
    pub url: String,
    counter: Arc<AtomicU64>,
}

impl World {
    pub async fn in_sqlite<F: Future<Output = ()> + Send + 'static>(story: fn(World) -> F) {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}/hall.db", folder.path().display());
        let world = Self::open(url).await;
        world.run(story).await;
    }

    pub async fn in_postgres<F: Future<Output = ()> + Send + 'static>(story: fn(World) -> F) {
        let schema = Schema::create().await;
        let url = schema.url().to_owned();
        let ended = tokio::spawn(async move { Self::open(url).await.run(story).await }).await;
        schema.drop().await;
        if let Err(error) = ended {
            std::panic::resume_unwind(error.into_panic());
        }
    }

    async fn open(url: String) -> Self {
        let clock = Arc::new(TestClock::default());
        let store = Store::open(&url, clock.clone(), Arc::new(SystemEntropy)).await.unwrap();
        Self { store, clock, url, counter: Arc::new(AtomicU64::new(0)) }
    }

    async fn run<F: Future<Output = ()> + Send + 'static>(self, story: fn(World) -> F) {
        let store = self.store.clone();
        let ended = tokio::spawn(story(self)).await;
        store.close().await;
        if let Err(error) = ended {
            std::panic::resume_unwind(error.into_panic());
        }
    }

    /// A second backend on the same database.
    pub async fn another_backend(&self) -> Store {
        Store::open(&self.url, self.clock.clone(), Arc::new(SystemEntropy)).await.unwrap()
    }

    pub fn now(&self) -> i64 {
        self.clock.now()
    }

    /// A number that was not used before.
    pub fn next(&self) -> u64 {
        self.counter.fetch_add(1, Ordering::SeqCst)
    }

    /// Begins, works, commits.
    pub async fn tx(&self) -> Tx {
        self.store.begin().await.unwrap()
    }

    /// A new applicant session's id.
    pub async fn session(&self) -> String {
        let token = format!("token {}", self.next());
        let mut tx = self.tx().await;
        let session = tx.begin_session(token.as_bytes(), self.now() + DAY).await.unwrap();
        tx.commit().await.unwrap();
        session
    }

    /// A new open draft of a session; its id.
    pub async fn draft(&self, session_id: &str) -> String {
        let mut tx = self.tx().await;
        let id = tx.new_id();
        tx.insert_draft(&id, session_id, "nanning", Business::New, "key", b"sealed").await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    /// What 确认订单 of a draft writes, for the holder `holder`.
    pub fn new_order(&self, tx: &Tx, session_id: &str, draft_id: &str, holder: &str) -> NewOrder {
        NewOrder {
            id: tx.new_id(),
            series: 'A',
            channel: "nanning".into(),
            profile_version: "1".into(),
            business: Business::New,
            holder_index: holder.into(),
            operator_index: format!("operator of {holder}"),
            legal_rep_index: format!("legal representative of {holder}"),
            session_id: session_id.into(),
            draft_id: draft_id.into(),
            data_key_id: "key".into(),
            form_sealed: b"form".to_vec(),
            summary_sealed: b"summary".to_vec(),
            content_hash: "c0".into(),
            product: "数字证书服务".into(),
            price_fen: 25_000,
            consent_version: "1".into(),
            pay_until: Some(self.now() + DAY),
        }
    }

    /// Confirms a new draft of a session for a holder.
    pub async fn order_of(&self, session_id: &str, holder: &str) -> Order {
        let draft = self.draft(session_id).await;
        let mut tx = self.tx().await;
        let new = self.new_order(&tx, session_id, &draft, holder);
        let (order, made) = tx.insert_order(new, By::applicant(session_id), &json!({})).await.unwrap();
        assert!(made);
        tx.commit().await.unwrap();
        order
    }

    /// A confirmed order of a new session for a new holder.
    pub async fn order(&self) -> Order {
        let session = self.session().await;
        let holder = format!("holder {}", self.next());
        self.order_of(&session, &holder).await
    }

    /// One step of an order, by whoever may take it.
    pub async fn step(&self, order: &Order, event: EventKind) -> Result<Order> {
        let mut tx = self.store.begin().await?;
        let by = By { actor: event.rule().by, id: "somebody" };
        let moved = tx.move_order(order, event, by, &json!({})).await?;
        tx.commit().await?;
        Ok(moved)
    }

    /// An order that was carried to this status by the way of flows.md.
    pub async fn order_in(&self, status: Status) -> Order {
        let order = self.order().await;
        self.carry(order, status).await
    }

    /// Carries an order on to this status.
    pub async fn carry(&self, mut order: Order, status: Status) -> Order {
        use EventKind as E;
        let way = [
            E::DocumentsSubmitted,
            E::Signed,
            E::PaymentSettled,
            E::ReviewApproved,
            E::KeyMade,
            E::Dispatched,
            E::Delivered,
        ];
        for event in way {
            if order.status == status {
                break;
            }
            if event.rule().from.contains(&order.status) {
                order = self.step(&order, event).await.unwrap();
            }
        }
        assert_eq!(order.status, status);
        order
    }

    /// Runs one statement behind the store's back.
    pub async fn raw(&self, sql: &str) {
        let mut tx = self.tx().await;
        match tx.link() {
            Link::Sqlite(link) => {
                sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut **link).await.unwrap();
            }
            Link::Postgres(link) => {
                sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut **link).await.unwrap();
            }
        }
        tx.commit().await.unwrap();
    }
}
