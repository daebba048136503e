//! What a holder does with their key, over real WebSockets and real PC/SC: the PIN is typed at the bridge's window, and
//! OpenSC is the second opinion.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::desk::{Desk, openssl, secrets};
use common::{ORIGIN, Page, Person};
use serde_json::{Value, json};
use shared::bridge::challenge_message;

use bridge::text::{base64url, from_base64};

const PIN: &str = "84210753";
const NEW: &str = "70314268";

/// A made key, and a page that knows it.
async fn made() -> (Desk, Page, String) {
    let desk = Desk::set_up().await;
    let mut page = Page::open(desk.port).await;
    let (_, serial) = page.makes(&desk, "202611200001", "blank", &secrets(PIN, 'a', &[])).await;
    page.read_when_free(&serial).await;
    (desk, page, serial)
}

/// The question for these operations.
async fn asked(page: &mut Page, serial: &str, operations: &[&str]) -> (Value, Person, Value) {
    let (id, _, mut person) = page.asks("", serial, operations).await;
    let question = person.sees().await;
    assert_eq!(question["type"], "consent", "{question}");
    (id, person, question)
}

async fn does(page: &mut Page, method: &str, id: &Value, more: Value) -> Result<Value, Value> {
    let mut params = more;
    params["operationId"] = id.clone();
    page.call(method, params).await?;
    page.result(method).await
}

fn opensc_accepts(desk: &Desk, pin: &str) -> bool {
    desk.run("pkcs15-tool", &["--verify-pin", "--pin", pin]).status.success()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_holder_changes_the_pin_and_nobody_else_learns_it() {
    let (desk, mut page, serial) = made().await;
    let (id, mut person, question) = asked(&mut page, &serial, &["pin.change"]).await;
    assert_eq!(question["order"], "");
    assert_eq!(question["pin"]["policy"], json!({"min": 6, "max": 8, "digitsOnly": true}));
    assert_eq!((&question["pin"]["change"], &question["pin"]["triesLeft"]), (&json!(true), &json!(3)));
    person.types(json!({"pin": PIN, "newPin": NEW})).await;
    page.result("operation.begin").await.unwrap();
    let changed = does(&mut page, "pin.change", &id, json!({})).await.unwrap();
    assert_eq!(changed["serial"], serial.as_str());
    assert_eq!(person.sees().await["type"], "working");
    assert_eq!(person.sees().await["type"], "done");

    page.read_when_free(&serial).await;
    assert!(opensc_accepts(&desk, NEW));
    assert!(!opensc_accepts(&desk, PIN));
    let everything = format!("{}{:?}", desk.log(), page.notices);
    for pin in [PIN, NEW, &hex(PIN), &hex(NEW)] {
        assert!(!everything.contains(pin), "{pin} is in the log or on the page's wire");
    }
}

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_pin_costs_one_try_and_the_last_one_needs_a_word() {
    let (desk, mut page, serial) = made().await;
    let (id, mut person, _) = asked(&mut page, &serial, &["pin.verify"]).await;

    // What cannot be a PIN, and what the window would never send, costs nothing.
    for typed in [json!({}), json!({"pin": "12345"}), json!({"pin": "１２３４５６"})] {
        person.types(typed).await;
        assert_eq!(person.sees().await["pin"]["problem"], "policy");
    }
    person.types(json!({"pin": "111111"})).await;
    let again = person.sees().await;
    assert_eq!((&again["pin"]["problem"], &again["pin"]["triesLeft"]), (&json!("wrong"), &json!(2)));
    person.types(json!({"pin": "222222"})).await;
    assert_eq!(person.sees().await["pin"]["triesLeft"], 1);
    // The right PIN is not tried without the word, nor is a wrong one.
    person.types(json!({"pin": PIN})).await;
    let again = person.sees().await;
    assert_eq!((&again["pin"]["problem"], &again["pin"]["triesLeft"]), (&json!("last_try"), &json!(1)));
    person.types(json!({"pin": PIN, "lastTry": true})).await;
    page.result("operation.begin").await.unwrap();
    does(&mut page, "pin.verify", &id, json!({})).await.unwrap();
    page.read_when_free(&serial).await;
    let info = page.call("key.info", json!({"serial": serial})).await.unwrap();
    assert_eq!(info["pinTriesLeft"], 3, "the right one brings all tries back");
    drop(desk);
}

#[tokio::test(flavor = "multi_thread")]
async fn tries_that_another_program_spent_are_seen_before_one_is_spent_here() {
    let (desk, mut page, serial) = made().await;
    let (_, mut person, question) = asked(&mut page, &serial, &["pin.verify"]).await;
    assert_eq!(question["pin"]["triesLeft"], 3);
    for _ in 0..2 {
        assert!(!opensc_accepts(&desk, "999999"));
    }
    person.types(json!({"pin": PIN})).await;
    let again = person.sees().await;
    assert_eq!((&again["pin"]["problem"], &again["pin"]["triesLeft"]), (&json!("last_try"), &json!(1)));
    person.says("cancel").await;
    assert_eq!(page.result("operation.begin").await.unwrap_err()["code"], "user_cancelled");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blocked_key_is_told_and_stays_as_it_is() {
    let (_desk, mut page, serial) = made().await;
    let (_, mut person, _) = asked(&mut page, &serial, &["pin.change"]).await;
    for pin in ["111111", "222222"] {
        person.types(json!({"pin": pin, "newPin": NEW})).await;
        assert_eq!(person.sees().await["pin"]["problem"], "wrong");
    }
    person.types(json!({"pin": "333333", "newPin": NEW, "lastTry": true})).await;
    assert_eq!(page.result("operation.begin").await.unwrap_err()["code"], "pin_blocked");
    let told = person.sees().await;
    assert_eq!((&told["type"], &told["code"]), (&json!("failed"), &json!("pin_blocked")));
    page.read_when_free(&serial).await;
    // Nothing is asked any more.
    let (_, _, mut person) = page.asks("", &serial, &["pin.verify"]).await;
    assert_eq!(page.result("operation.begin").await.unwrap_err()["code"], "pin_blocked");
    assert_eq!(person.sees().await["code"], "pin_blocked");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_challenge_is_signed_for_this_site_alone() {
    let (desk, mut page, serial) = made().await;
    let challenge: Vec<u8> = (0..32).collect();
    let (id, mut person, _) = asked(&mut page, &serial, &["selftest.run", "challenge.sign"]).await;
    person.types(json!({"pin": PIN})).await;
    page.result("operation.begin").await.unwrap();
    let tested = does(&mut page, "selftest.run", &id, json!({})).await.unwrap();
    assert_eq!(tested["trials"], json!([{"slot": "authentication", "skill": "sign", "passed": true}]));
    let short = does(&mut page, "challenge.sign", &id, json!({"challenge": base64url(&challenge[..31])})).await;
    assert_eq!(short.unwrap_err()["code"], "bad_request");
    let signed = does(&mut page, "challenge.sign", &id, json!({"challenge": base64url(&challenge)})).await.unwrap();

    let bytes = |name: &str| from_base64(signed[name].as_str().unwrap()).unwrap();
    std::fs::write(desk.path("signature"), bytes("signature")).unwrap();
    std::fs::write(desk.path("cert.der"), bytes("certificate")).unwrap();
    let folder = desk.folder.path();
    openssl(folder, "x509 -inform DER -in cert.der -pubkey -noout -out public.pem");
    std::fs::write(desk.path("message"), challenge_message(ORIGIN, &challenge)).unwrap();
    openssl(folder, "dgst -sha256 -verify public.pem -signature signature message");
    // What was signed begins with our own words: it can be no certificate request and no other site's challenge.
    assert!(challenge_message(ORIGIN, &challenge).starts_with(b"certhall.challenge.v1\nhttps://hall.example\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_change_the_same_operation_goes_on_with_the_new_pin() {
    let (_desk, mut page, serial) = made().await;
    let (id, mut person, _) = asked(&mut page, &serial, &["pin.change", "selftest.run"]).await;
    person.types(json!({"pin": PIN, "newPin": NEW})).await;
    page.result("operation.begin").await.unwrap();
    does(&mut page, "pin.change", &id, json!({})).await.unwrap();
    let tested = does(&mut page, "selftest.run", &id, json!({})).await.unwrap();
    assert_eq!(tested["trials"][0]["passed"], true);
    page.read_when_free(&serial).await;
    let info = page.call("key.info", json!({"serial": serial})).await.unwrap();
    assert_eq!(info["pinTriesLeft"], 3, "the old PIN was not tried again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_holders_ticket_is_for_a_certain_key_and_for_a_holders_work() {
    let (_desk, mut page, serial) = made().await;
    let making = ["pin.verify", "keypair.generate"];
    for (key, operations) in
        [("blank", &["pin.change"][..]), (&serial, &making[..]), (&serial, &["pin.verify", "pin.verify"])]
    {
        let prepared = page.call("window.prepare", json!({})).await.unwrap();
        let (ticket, _) = page.operation_ticket("", key, operations).await;
        let params = json!({"operationTicket": ticket, "window": prepared["window"]});
        let refused = page.call("operation.begin", params).await.unwrap_err();
        assert_eq!(refused["code"], "ticket_invalid", "{key} {operations:?}");
    }
    // Work that the ticket does not name.
    let (id, mut person, _) = asked(&mut page, &serial, &["pin.verify"]).await;
    person.types(json!({"pin": PIN})).await;
    page.result("operation.begin").await.unwrap();
    let refused = does(&mut page, "pin.change", &id, json!({})).await.unwrap_err();
    assert_eq!(refused["code"], "ticket_invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_pulled_out_while_the_pin_is_asked_again_is_told() {
    let (desk, mut page, serial) = made().await;
    let (_, mut person, _) = asked(&mut page, &serial, &["pin.change"]).await;
    person.types(json!({"pin": "111111", "newPin": NEW})).await;
    assert_eq!(person.sees().await["pin"]["problem"], "wrong");
    desk.remove();
    assert_eq!(page.result("operation.begin").await.unwrap_err()["code"], "key_removed");
    desk.insert().await;
    page.event("key_inserted").await;
    let (id, mut person, question) = asked(&mut page, &serial, &["pin.change"]).await;
    assert_eq!(question["pin"]["triesLeft"], 2, "what was spent stays spent");
    person.types(json!({"pin": PIN, "newPin": NEW})).await;
    page.result("operation.begin").await.unwrap();
    does(&mut page, "pin.change", &id, json!({})).await.unwrap();
    page.read_when_free(&serial).await;
    assert!(opensc_accepts(&desk, NEW));
}
