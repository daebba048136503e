//! A stolen database: after the whole main line nobody's data is in it, whichever way a thief reads it.

use crate::applicant::{Browser, OPERATOR, application};
use crate::desk::{Key, PASSWORD};
use crate::world::World as W;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use reqwest::Method;
use shared::api::Role;
use shared::form::Field;
use std::path::Path;

/// What must be nowhere.
struct Secret {
    what: String,
    value: Vec<u8>,
}

/// One thing that a thief holds.
struct Loot {
    name: String,
    bytes: Vec<u8>,
}

fn secret(what: impl Into<String>, value: impl AsRef<[u8]>) -> Secret {
    let secret = Secret { what: what.into(), value: value.as_ref().to_vec() };
    assert!(secret.value.len() >= 6, "{}: too short to be told from chance", secret.what);
    secret
}

/// The ways in which a value may be written.
fn writings(value: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let mut ways = vec![
        ("as it is", value.to_vec()),
        ("hex", hex::encode(value).into_bytes()),
        ("hex in capitals", hex::encode_upper(value).into_bytes()),
    ];
    if let Ok(text) = std::str::from_utf8(value) {
        ways.push(("UTF-16LE", text.encode_utf16().flat_map(u16::to_le_bytes).collect()));
        ways.push(("UTF-16BE", text.encode_utf16().flat_map(u16::to_be_bytes).collect()));
        let escaped: String = text
            .encode_utf16()
            .map(|unit| match char::from_u32(u32::from(unit)).filter(char::is_ascii) {
                Some(letter) => letter.to_string(),
                None => format!("\\u{unit:04x}"),
            })
            .collect();
        ways.push(("JSON escapes", escaped.into_bytes()));
        ways.push(("percent", value.iter().map(|byte| format!("%{byte:02X}")).collect::<String>().into_bytes()));
    }
    // Somewhere inside a longer text, at any of the three places that base64 tells apart.
    for shift in 0..3 {
        let mut inside = vec![0; shift];
        inside.extend_from_slice(value);
        for alphabet in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
            let text = alphabet.encode(&inside);
            let (from, to) = ((shift * 8).div_ceil(6), inside.len() * 8 / 6);
            ways.push(("base64", text.as_bytes()[from..to].to_vec()));
        }
    }
    ways
}

/// Where a thief finds it. Digits among other digits and letters are chance (hashes are written in hex).
fn finds(loot: &Loot, writing: &[u8]) -> bool {
    let chance = writing.len() < 12 && writing.iter().all(u8::is_ascii_digit);
    loot.bytes.windows(writing.len()).enumerate().any(|(at, window)| {
        let beside = [at.checked_sub(1).map(|at| loot.bytes[at]), loot.bytes.get(at + writing.len()).copied()];
        window == writing && !(chance && beside.iter().flatten().any(u8::is_ascii_hexdigit))
    })
}

fn search(loot: &[Loot], secrets: &[Secret]) -> Vec<String> {
    let mut found = Vec::new();
    for secret in secrets {
        for (way, writing) in writings(&secret.value) {
            for one in loot.iter().filter(|one| finds(one, &writing)) {
                found.push(format!("{} ({way}) in {}", secret.what, one.name));
            }
        }
    }
    found
}

/// Every file below a folder.
fn files(folder: &Path, loot: &mut Vec<Loot>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, loot);
        } else {
            loot.push(Loot { name: path.display().to_string(), bytes: std::fs::read(&path).unwrap() });
        }
    }
}

/// Every row of every table, as text, and every file.
async fn everything(world: &W) -> Vec<Loot> {
    let mut loot = Vec::new();
    files(&world.hall.config.data_dir, &mut loot);
    assert!(loot.iter().any(|one| one.bytes.len() > 1_000), "the papers are there");
    let mut rows = 0;
    for (table, text) in world.dump().await {
        rows += text.len();
        loot.push(Loot { name: format!("table {table}"), bytes: text.join("\n").into_bytes() });
    }
    assert!(rows > 60, "{rows} rows");
    loot
}

fn cookie_value(browser: &Browser) -> String {
    browser.cookie().unwrap().split_once('=').unwrap().1.to_owned()
}

/// The whole main line, and everything that was said in it.
async fn main_line(world: &W) -> Vec<Secret> {
    let mut secrets = Vec::new();
    let draft = application();
    for field in [
        Field::LegalRepName,
        Field::LegalRepMobile,
        Field::LegalRepId,
        Field::OperatorName,
        Field::OperatorMobile,
        Field::OperatorId,
        Field::OperatorEmail,
        Field::MailAddress,
    ] {
        secrets.push(secret(format!("{field:?}"), draft.get(field)));
    }
    let applicant = world.browser_at("203.0.113.77");
    secrets.push(secret("the applicant's address", "203.0.113.77"));
    applicant.saves(&draft).await.unwrap();
    secrets.push(secret("the first session token", cookie_value(&applicant)));
    let order = applicant.orders(&draft).await;
    let number = order.number;
    applicant.submits_papers(&number).await;
    let sent = applicant.asks_sign_code(&number).await.unwrap();
    secrets.push(secret("the signing code", applicant.code_on_phone()));
    applicant.signs(&number, &sent.ticket, &applicant.code_on_phone()).await.unwrap();
    secrets.push(secret("the second session token", cookie_value(&applicant)));

    applicant.opens_payment(&number).await.unwrap();
    let trade = world.outside.script().precreated[0].clone();
    world.outside.pays(&trade.out_trade_no, trade.amount_fen);
    world.notice(&trade.out_trade_no).await;
    world.works().await;

    let reviewer = world.hires("reviewer", &[Role::Reviewer]).await;
    let refusal = "营业执照不清晰，请李晓梅重新拍摄";
    reviewer.refuses(&number, refusal, &["business_licence"]).await.unwrap();
    secrets.push(secret("the refusal's words", refusal));
    world.works().await;
    world.later(301 * backend::clock::SECOND);
    applicant.uploads(&number, "business_licence", crate::papers::png()).await.unwrap();
    let sent = applicant.asks_sign_code(&number).await.unwrap();
    secrets.push(secret("the second signing code", applicant.code_on_phone()));
    applicant.signs(&number, &sent.ticket, &applicant.code_on_phone()).await.unwrap();

    let looked = reviewer.looks_at(&number).await.unwrap();
    for paper in &looked.order.documents {
        let path = format!("/orders/{number}/documents/{}", paper.id);
        let image = reviewer.send(reviewer.request(Method::GET, &path)).await.bytes().await.unwrap();
        secrets.push(secret(format!("the paper {:?}", paper.kind), &image[..48.min(image.len())]));
        secrets.push(secret(format!("the middle of {:?}", paper.kind), &image[image.len() / 2..image.len() / 2 + 24]));
    }
    reviewer.approves(&number).await.unwrap();
    let maker = world.hires("maker", &[Role::Maker]).await;
    let mut key = Key::blank();
    maker.makes(&number, &mut key).await;
    let on_key = key.secrets.as_ref().unwrap();
    secrets.push(secret("the PIN", &on_key.pin));
    secrets.push(secret("the PUK", &on_key.puk));
    secrets.push(secret("the management key", &on_key.management_key));
    maker.dispatches(&number, "SF12345678").await.unwrap();
    world.works().await;
    assert_eq!(world.outside.newest(crate::applicant::LEGAL_REP, "pin").as_ref(), Some(&on_key.pin));

    let elsewhere = world.browser_at("203.0.113.78");
    secrets.push(secret("the query's address", "203.0.113.78"));
    let sent = elsewhere.asks_query_code("914403001922038216").await.unwrap();
    let code = world.outside.newest(OPERATOR, "code").unwrap();
    secrets.push(secret("the query code", &code));
    secrets.push(secret("the query's first token", cookie_value(&elsewhere)));
    elsewhere.queries(&sent.ticket, &code).await.unwrap();
    secrets.push(secret("the query's second token", cookie_value(&elsewhere)));

    for desk in [&reviewer, &maker] {
        secrets.push(secret(format!("{}'s one-time secret", desk.name), &desk.secret));
        secrets.push(secret(format!("{}'s cookie", desk.name), desk.cookie_value()));
    }
    secrets.push(secret("everybody's password", PASSWORD));
    // A code and an order's PIN that are still on their way are as secret as those that were used.
    let waiting = world.browser();
    waiting.orders(&crate::applicant::with(Field::CreditCode, "91350100M000100Y43")).await;
    secrets
}

both! {
    async fn a_stolen_database_tells_nothing_about_anybody(world: World) {
        let secrets = main_line(&world).await;
        assert!(secrets.len() > 25);
        let loot = everything(&world).await;
        let found = search(&loot, &secrets);
        assert!(found.is_empty(), "{found:#?}");
    }
}

both! {
    async fn the_search_finds_what_is_there_however_it_is_written(world: World) {
        let secrets = [secret("an ID number", "450199197205160175"), secret("a code", "493817")];
        let text = "…450199197205160175…";
        for (way, bytes) in [
            ("as it is", text.as_bytes().to_vec()),
            ("hex", hex::encode(text).into_bytes()),
            ("UTF-16", text.encode_utf16().flat_map(u16::to_le_bytes).collect()),
            ("base64", STANDARD_NO_PAD.encode(text).into_bytes()),
            ("base64 a byte later", STANDARD_NO_PAD.encode(format!("x{text}")).into_bytes()),
            ("base64 two bytes later", URL_SAFE_NO_PAD.encode(format!("xy{text}")).into_bytes()),
        ] {
            let found = search(&[Loot { name: "a file".into(), bytes }], &secrets);
            assert!(found.iter().any(|one| one.starts_with("an ID number")), "{way}: {found:?}");
        }
        let code = |text: &str| search(&[Loot { name: "a row".into(), bytes: text.into() }], &secrets);
        assert!(!code("{\"code\":\"493817\"}").is_empty());
        assert!(code("a493817f3").is_empty(), "a hash");
        // The database is searched as it is: a plain row would be seen.
        let mut tx = world.hall.store.begin().await.unwrap();
        tx.count_failed_login("450199197205160175").await.unwrap();
        tx.commit().await.unwrap();
        let found = search(&everything_in_the_database(&world).await, &secrets);
        assert!(found.iter().any(|one| one.contains("login_tries")), "{found:?}");
    }
}

async fn everything_in_the_database(world: &W) -> Vec<Loot> {
    let dump = world.dump().await;
    dump.into_iter()
        .map(|(table, text)| Loot { name: format!("table {table}"), bytes: text.join("\n").into_bytes() })
        .collect()
}
