//! The whole main line, with everything that is logged meanwhile: no line holds anything of a person, nor a secret.

use crate::applicant::{LEGAL_REP, OPERATOR, application};
use crate::desk::{Key, PASSWORD};
use backend::clock::MINUTE;
use backend::logs;
use reqwest::Method;
use serde_json::{Value, json};
use shared::api::{BridgeTicket, Role};
use shared::form::Field;
use shared::order::Status;
use std::io::Write;
use std::sync::{Arc, Mutex};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::util::SubscriberInitExt;

/// Everything that was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    /// The lines of requests that were answered.
    fn answered(&self) -> Vec<Value> {
        let lines: Vec<Value> = self.text().lines().map(|line| serde_json::from_str(line).expect(line)).collect();
        lines.into_iter().filter(|line| line["message"] == "answered").collect()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Whether a secret stands in a text by itself: six digits of a code may well occur inside a time or an id.
fn tells(text: &str, secret: &str) -> bool {
    let part = |letter: Option<char>| letter.is_some_and(|letter| letter.is_ascii_alphanumeric() || letter == '.');
    text.match_indices(secret).any(|(at, _)| {
        !secret.is_ascii() || !(part(text[..at].chars().next_back()) || part(text[at + secret.len()..].chars().next()))
    })
}

#[test]
fn a_secret_is_found_where_it_stands_by_itself() {
    assert!(tells(r#"{"code":"123456"}"#, "123456") && tells("to 13977120001:", "13977120001") && tells("x李x", "李"));
    assert!(!tells("0.123456", "123456") && !tells("01f1234567", "123456"));
}

both! {
    async fn the_main_line_leaves_nothing_personal_in_the_log(world: World) {
        let log = Log::default();
        let writer = log.clone();
        let filter = EnvFilter::new("info,sqlx=warn,backend=trace,tower_http=debug,axum=trace");
        logs::as_json(filter, move || writer.clone()).try_init().expect("each test has a process of its own");
        let mut secrets: Vec<String> = vec![PASSWORD.to_owned()];

        let browser = world.browser();
        browser.saves(&application()).await.unwrap();
        let refused = browser.checks(&crate::applicant::with(Field::OperatorId, "450199199203180463")).await;
        assert!(refused.is_err(), "an ID number with a wrong check digit");
        let number = browser.signed_order().await.number;
        secrets.extend([number.clone(), browser.cookie().unwrap()]);
        let image = browser.order(&number).await.unwrap().documents[0].id.clone();
        browser.send(browser.request(Method::GET, &format!("/api/orders/{number}/documents/{image}"))).await;
        browser.opens_payment(&number).await.unwrap();
        let trade = format!("{number}_1");
        world.outside.pays(&trade, 25_000);
        world.notice(&trade).await;
        world.works().await;
        assert_eq!(browser.payment(&number).await.status, Status::AwaitingReview);

        let reviewer = world.hires("reviewer", &[Role::Reviewer]).await;
        reviewer.refuses(&number, "请韦青山重新盖章", &["business_licence"]).await.unwrap();
        world.works().await;
        browser.uploads(&number, "business_licence", crate::papers::jpeg()).await.unwrap();
        browser.submits(&number).await.unwrap();
        world.later(11 * MINUTE);
        browser.signs_with_phone(&number).await.unwrap();
        reviewer.looks_at(&number).await.unwrap();
        reviewer.approves(&number).await.unwrap();
        world.works().await;

        let maker = world.hires("maker", &[Role::Maker]).await;
        secrets.extend([reviewer.cookie().unwrap(), maker.cookie().unwrap(), maker.code()]);
        let mut key = Key::blank();
        let nonce = key.fresh_nonce();
        let challenge = json!({ "channel": "nanning", "nonce": nonce, "hpkeKey": Key::public() });
        let session: BridgeTicket = maker.post("/bridge/session", &challenge).await.unwrap();
        secrets.extend([nonce, session.ticket]);
        let issued = maker.makes(&number, &mut key).await;
        let put_on = key.secrets.clone().unwrap();
        secrets.extend([put_on.pin, put_on.puk, put_on.management_key, issued.certificate]);
        maker.dispatches(&number, "SF1234567890").await.unwrap();
        world.works().await;
        maker.hears_of_delivery(&number).await.unwrap();

        let elsewhere = world.browser();
        world.later(11 * MINUTE);
        let sent = elsewhere.asks_query_code(application().get(Field::CreditCode)).await.unwrap();
        elsewhere.queries(&sent.ticket, "000000").await.unwrap_err();
        secrets.extend([sent.ticket, "SF1234567890".to_owned()]);
        elsewhere.send(elsewhere.request(Method::GET, &format!("/nowhere/{OPERATOR}?phone={LEGAL_REP}"))).await;
        elsewhere.send(elsewhere.request(Method::GET, &format!("/api/orders/{number}?phone={LEGAL_REP}"))).await;

        for field in Field::ALL {
            let value = application().get(field).to_owned();
            if value.chars().count() > 2 && !["legal_rep_phone", "phone", "resident_id", "true"].contains(&&*value) {
                secrets.push(value);
            }
        }
        for message in &world.outside.script().messages {
            secrets.push(message.phone.clone());
            let said = message.params.iter().filter(|(name, _)| name != "carrier");
            secrets.extend(said.map(|(_, value)| value.clone()));
        }
        let text = log.text();
        for secret in &secrets {
            assert!(!tells(&text, secret), "{secret:?} is in the log: {}", line_with(&text, secret));
        }
        assert!(!text.contains("韦青山"), "part of a longer text: {}", line_with(&text, "韦青山"));

        // It is a log, though: every answer with its route, its status and its time.
        let answered = log.answered();
        assert!(answered.len() > 30, "{}", answered.len());
        for line in &answered {
            assert!(line["status"].is_u64() && line["duration_ms"].is_f64(), "{line}");
            assert!(line["span"]["id"].is_string() && line["span"]["route"].is_string(), "{line}");
        }
        let signed = answered.iter().any(|line| line["span"]["route"] == "/api/orders/{number}/signature");
        let nowhere = answered.iter().any(|line| line["span"]["route"] == "none" || line["status"] == 404);
        assert!(signed && nowhere, "{text}");
    }
}

fn line_with<'a>(text: &'a str, words: &str) -> &'a str {
    text.lines().find(|line| line.contains(words)).unwrap_or_default()
}
