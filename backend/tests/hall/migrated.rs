//! A database of version 1 with orders in it goes forward, and its orders can be read and moved on. What it holds was made
//! by version 1 itself (tests/migrations/0001.sql).

use crate::applicant::{Browser, OPERATOR};
use crate::databases::Schema;
use crate::desk::Key;
use crate::papers;
use crate::world::World;
use backend::audit::Chain;
use backend::clock::{SystemClock, TestClock};
use backend::entropy::SystemEntropy;
use backend::store::{Store, StoreError};
use reqwest::Method;
use shared::api::{FoundOrders, Role};
use shared::form::Field;
use shared::order::Status;
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

const SCHEMA: &str = include_str!("../../src/store/schema/0001_first.sql");
const SCHEMA_SHA256: &str = "d31342438f75f3bfa2a7df224f082e4583d73b732a846491eb461fba1fa07844";
const ROWS: &str = include_str!("../migrations/0001.sql");
/// One of its papers, as the object store held it.
const PAPER: &[u8] = include_bytes!("../migrations/0001/operator_id_portrait.sealed");
const PAPER_KEY: [&str; 2] = ["01a1f681-bca0-75b4-b7f1-69dde042643a", "01a1f681-bca0-702d-ba64-b63f72b90963"];
const ROOT_KEYS: &str = r#"lookup = "15030e203b0b9f717daa58eb1d4f6b5403854aaf5273251a591ce661810be1d8"
keys = "c88499ef38ef66a38cc0269d1f9e41b95c2f13575413e32daff53e918254fae6"

[root]
1 = "2e690f30f6e85b8a5dce2c319c386002c29071e504b9cb4d3e54766808becb27"
"#;
/// When version 1 was stopped, microseconds UTC.
const STOPPED: i64 = 1_795_139_160_000_000;
/// The PIN that the fifth order's dispatch tells.
const PIN: &str = "09565233";

/// The orders, and the browsers that made them.
const ORDERS: [(&str, Status, &str); 5] = [
    ("20261120U000001", Status::AwaitingDocuments, "_ad0_oPw_kxPIuja-HkYWk40zQ3LCKF1YLMGw_HTK2o"),
    ("20261120U000002", Status::AwaitingPayment, "vOrhNFcRheMJilDU08Q2e7_qYmxjbAb9JvjzLU3nCow"),
    ("20261120U000003", Status::AwaitingReview, "o-1R5BkukpJrHGbIP7XmjbbJxxaxElmywjz643OST0k"),
    ("20261120U000004", Status::ReviewRefused, "vucDnLlx-VgqqPdFhLHfplz1Pi52UHTNAfCklB89_cw"),
    ("20261120U000005", Status::AwaitingDispatch, "KPQo78NCojeCWrscyqbD90Epj6oRG3b6FGl52hhp33M"),
];

/// Everything that version 1 has executed, as PostgreSQL reads it.
fn for_postgres() -> String {
    let mut rows = String::new();
    for (number, part) in ROWS.split("X'").enumerate() {
        rows.push_str(if number == 0 { "" } else { "'\\x" });
        rows.push_str(part);
    }
    format!("{SCHEMA}{}{rows}", versions())
}

/// The same as SQLite reads it.
fn for_sqlite() -> String {
    let schema = SCHEMA.replace(" BYTEA", " BLOB").replace(" BIGINT", " INTEGER").replace("\n);", "\n) STRICT;");
    format!("{schema}{}{ROWS}", versions())
}

fn versions() -> String {
    format!(
        "CREATE TABLE schema_migrations (version BIGINT PRIMARY KEY, sha256 TEXT NOT NULL);
         INSERT INTO schema_migrations (version, sha256) VALUES (1, '{SCHEMA_SHA256}');\n"
    )
}

/// What lay beside the database.
fn lay_out(folder: &Path) {
    let keys = folder.join("root-key.toml");
    std::fs::write(&keys, ROOT_KEYS).unwrap();
    std::fs::set_permissions(&keys, std::fs::Permissions::from_mode(0o600)).unwrap();
    let [order, paper] = PAPER_KEY;
    let papers = folder.join("documents").join(order);
    std::fs::create_dir_all(&papers).unwrap();
    std::fs::write(papers.join(paper), PAPER).unwrap();
}

async fn old_sqlite(folder: &Path) -> String {
    let url = format!("sqlite:{}/hall.db", folder.display());
    let mut old = SqliteConnection::connect(&format!("{url}?mode=rwc")).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(for_sqlite())).execute(&mut old).await.unwrap();
    old.close().await.unwrap();
    url
}

async fn story(world: World) {
    world.later(STOPPED - world.now());
    let owners = ORDERS.map(|(_, _, token)| Browser::returning(&world, &format!("certhall_applicant={token}")));
    let numbers = ORDERS.map(|(number, ..)| number);
    for ((number, status, _), owner) in ORDERS.iter().zip(&owners) {
        let order = owner.order(number).await.unwrap();
        assert_eq!((order.status, order.unit_name.as_str()), (*status, "南宁市朱槿信息技术有限公司"), "{number}");
    }

    // The first start indexes them: an operator finds them by number and the desk by phone.
    assert_eq!(backend::orders::indexes::fill(&world.hall).await.unwrap(), 5);

    // Missing papers are uploaded.
    assert_eq!(owners[0].submits_papers(numbers[0]).await.status, Status::AwaitingSignature);

    // An open payment is paid.
    let trade = format!("{}_1", numbers[1]);
    world.outside.pays(&trade, 25_000);
    world.notice(&trade).await;
    world.works().await;
    assert_eq!(owners[1].payment(numbers[1]).await.status, Status::AwaitingReview);

    // What was sealed is read, reviewed and made.
    let reviewer = world.hires("new.reviewer", &[Role::Reviewer]).await;
    let seen = reviewer.looks_at(numbers[2]).await.unwrap();
    assert_eq!(seen.form.get(Field::LegalRepId), "450199197205160175");
    let found: FoundOrders = reviewer.get(&format!("/orders?channel=nanning&q={OPERATOR}")).await.unwrap();
    assert!(found.rows.iter().any(|row| row.number == numbers[3]));
    let paper = format!("/orders/{}/documents/{}", numbers[2], PAPER_KEY[1]);
    let image = reviewer.send(reviewer.request(Method::GET, &paper)).await;
    assert!(image.bytes().await.unwrap().starts_with(&[0xff, 0xd8]));
    reviewer.approves(numbers[2]).await.unwrap();
    let maker = world.hires("new.maker", &[Role::Maker]).await;
    let mut key = Key::with_serial("CD");
    // The stories' first key pair is on the fifth order's key since then: a second certificate for it is refused.
    let _ = key.generates(numbers[2]);
    maker.makes(numbers[2], &mut key).await;
    assert_eq!(owners[2].order(numbers[2]).await.unwrap().status, Status::AwaitingDispatch);

    // What was refused is corrected and signed again.
    owners[3].uploads(numbers[3], "business_licence", papers::jpeg()).await.unwrap();
    owners[3].submits(numbers[3]).await.unwrap();
    let again = owners[3].signs_with_phone(numbers[3]).await.unwrap();
    assert_eq!(again.status, Status::AwaitingReview);
    assert!(world.outside.newest(OPERATOR, "code").is_some());

    // A key that was made then is posted now, and its PIN is the one that is on it.
    maker.dispatches(numbers[4], "SF12345678").await.unwrap();
    world.works().await;
    assert_eq!(world.outside.newest(crate::applicant::LEGAL_REP, "pin").as_deref(), Some(PIN));

    let mut reader = world.hall.store.read().await.unwrap();
    for number in numbers {
        let order = reader.order_by_number(number).await.unwrap().unwrap();
        assert!(reader.verify_chain(&Chain::Order(&order.id).name()).await.unwrap().is_ok(), "{number}");
    }
}

mod a_database_of_version_1_goes_forward {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn sqlite() {
        let folder = tempfile::tempdir().unwrap();
        lay_out(folder.path());
        let url = old_sqlite(folder.path()).await;
        World::open(folder, url).await.run(story).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn postgres() {
        let schema = Schema::create().await;
        let mut old = PgConnection::connect(schema.url()).await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(for_postgres())).execute(&mut old).await.unwrap();
        old.close().await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        lay_out(folder.path());
        let url = schema.url().to_owned();
        let ended = tokio::spawn(async move { World::open(folder, url).await.run(story).await }).await;
        schema.drop().await;
        if let Err(error) = ended {
            std::panic::resume_unwind(error.into_panic());
        }
    }
}

/// Opens a database on which this statement was executed.
async fn open_after(url: &str, statement: &'static str) -> Result<Store, StoreError> {
    let (clock, entropy) = (Arc::new(TestClock::default()), Arc::new(SystemEntropy));
    Store::open(url, clock, entropy).await.unwrap().close().await;
    let mut changed = SqliteConnection::connect(url).await.unwrap();
    sqlx::raw_sql(statement).execute(&mut changed).await.unwrap();
    changed.close().await.unwrap();
    Store::open(url, Arc::new(SystemClock), Arc::new(SystemEntropy)).await
}

#[tokio::test]
async fn a_newer_database_is_refused_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}/hall.db", folder.path().display());
    let statement = "INSERT INTO schema_migrations (version, sha256) VALUES (9999, 'x')";
    let refused = open_after(&url, statement).await.err().unwrap().to_string();
    assert!(refused.contains("version 9999") && refused.contains("newer"), "{refused}");
    // Nothing was touched: the newer program still finds what it knows.
    let mut untouched = SqliteConnection::connect(&url).await.unwrap();
    let newest: (i64,) =
        sqlx::query_as("SELECT MAX(version) FROM schema_migrations").fetch_one(&mut untouched).await.unwrap();
    assert_eq!(newest.0, 9999);
}

#[tokio::test]
async fn a_database_that_was_made_with_another_text_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}/hall.db", folder.path().display());
    let refused = open_after(&url, "UPDATE schema_migrations SET sha256 = 'x' WHERE version = 1").await;
    let refused = refused.err().unwrap().to_string();
    assert!(refused.contains("migration 1 differs"), "{refused}");
}
