//! Making a certificate on a PIV card, over real WebSockets and real PC/SC. The card is the test
//! card behind vpcd; OpenSSL and OpenSC are the second opinion.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use std::time::Duration;

use common::desk::{Desk, PHRASE, openssl, secrets, unlocking};
use common::{BATCH, ORIGIN, Page};
use serde_json::json;

const MODULE: &str = "opensc-pkcs11.so";

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_is_made_on_a_blank_key() {
    let mut desk = Desk::set_up().await;
    let blank = desk.key_shown().await;
    assert_eq!((&blank["blank"], &blank["driver"]), (&json!(true), &json!("piv")));
    assert_eq!(blank["pinPolicy"], json!({"min": 6, "max": 8, "digitsOnly": true}));

    let mut page = Page::open(desk.port).await;
    let secrets = secrets("84210753", 'a', &[]);
    let batch = page.begins("202611200001", "blank").await.unwrap();
    // The person was told everything that the consent covers.
    assert_eq!(batch.consent["phrase"], PHRASE);
    assert_eq!(batch.consent["site"], "证书大厅");
    assert_eq!(batch.consent["origin"], ORIGIN);
    assert_eq!(batch.consent["channel"], "南宁市住房公积金");
    assert_eq!(batch.consent["order"], "202611200001");
    assert_eq!(batch.consent["operations"], json!(BATCH));
    assert_eq!(batch.consent["serial"], blank["serial"]);

    let initialized = page.initializes(&batch, &secrets).await.unwrap();
    assert_eq!(initialized["serial"], blank["serial"], "a key keeps its serial");
    let generated = page.generates(&batch).await.unwrap();
    let certificate = desk.certify(generated["csr"].as_str().unwrap());
    let imported = page.imports(&batch, &certificate).await.unwrap();
    assert_eq!(imported["certificate"], certificate.as_str());

    // The key is free again, and remembers no PIN.
    let serial = blank["serial"].clone();
    let info = loop {
        match page.call("key.info", json!({"serial": serial})).await {
            Ok(info) => break info,
            Err(error) => assert_eq!(error["code"], "busy"),
        }
    };
    assert_eq!(info["blank"], false);
    assert_eq!(info["pinTriesLeft"], 3);
    assert_eq!(info["certificates"][0]["subject"], "CN=202611200001");
    let read = page.call("certificate.read", json!({"serial": serial})).await.unwrap();
    assert_eq!(read["certificate"], certificate.as_str());

    opensc_agrees(&desk);

    let everything = format!("{}{:?}{certificate}", desk.log(), page.notices);
    for secret in ["84210753", "Puk-aaa9", &"61".repeat(32), "3834323130373533"] {
        assert!(!everything.contains(secret), "{secret} is in the log or on the page's wire");
    }
    assert!(desk.log().contains("operation done"), "the log was kept");
}

/// OpenSC finds the certificate, the new PIN and a key that signs; the factory's secrets are gone.
fn opensc_agrees(desk: &Desk) {
    let folder = desk.folder.path();
    let found = desk.run("pkcs15-tool", &["--read-certificate", "01"]);
    assert!(found.status.success(), "{found:?}");
    std::fs::write(desk.path("read.pem"), &found.stdout).unwrap();
    let verified = openssl(folder, "verify -CAfile ca.pem read.pem");
    assert!(String::from_utf8_lossy(&verified.stdout).contains("OK"));

    std::fs::write(desk.path("message"), "加解密测试").unwrap();
    let (message, signature) = (desk.path("message"), desk.path("signature"));
    let signed = desk.run(
        "pkcs11-tool",
        &[
            "--module",
            MODULE,
            "--login",
            "--pin",
            "84210753",
            "--sign",
            "--id",
            "01",
            "--mechanism",
            "ECDSA-SHA256",
            "--signature-format",
            "openssl",
            "--input-file",
            message.to_str().unwrap(),
            "--output-file",
            signature.to_str().unwrap(),
        ],
    );
    assert!(signed.status.success(), "{signed:?}");
    openssl(folder, "x509 -in read.pem -pubkey -noout -out public.pem");
    openssl(folder, "dgst -sha256 -verify public.pem -signature signature message");

    let factory_pin = desk.run("pkcs15-tool", &["--verify-pin", "--pin", "123456"]);
    assert!(!factory_pin.status.success(), "{factory_pin:?}");
    let factory_puk = desk.run("pkcs15-tool", &["--unblock-pin", "--puk", "12345678", "--new-pin", "654321"]);
    assert!(!factory_puk.status.success(), "{factory_puk:?}");
    let key = desk.path("factory-key");
    std::fs::write(&key, "01:02:03:04:05:06:07:08:".repeat(3).trim_end_matches(':')).unwrap();
    let factory_key = desk.run("env", &[&format!("PIV_EXT_AUTH_KEY={}", key.display()), "piv-tool", "-A", "A:9B:03"]);
    assert!(!factory_key.status.success(), "{factory_key:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_finished_key_is_made_again_with_the_secrets_on_record() {
    let desk = Desk::set_up().await;
    let mut page = Page::open(desk.port).await;
    let (_, serial) = page.makes(&desk, "A1", "blank", &secrets("111111", 'a', &[])).await;

    // As a blank one it is refused: the ticket did not mean it.
    let refused = page.begins("A2", "blank").await.err().unwrap();
    assert_eq!(refused["code"], "key_not_blank");
    // Without the secrets that are on it, too.
    let batch = page.begins("A2", &serial).await.unwrap();
    let refused = page.initializes(&batch, &secrets("222222", 'b', &[])).await.unwrap_err();
    assert_eq!(refused["code"], "secrets_rejected");

    let (certificate, again) = page.makes(&desk, "A2", &serial, &secrets("222222", 'b', &[unlocking('a')])).await;
    assert_eq!(again, serial);
    let read = page.read_when_free(&serial).await;
    assert_eq!(read["certificate"], certificate.as_str());
    assert!(desk.run("pkcs15-tool", &["--verify-pin", "--pin", "222222"]).status.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_pulled_out_at_any_step_is_told_and_can_be_made_again() {
    let mut desk = Desk::set_up().await;
    let mut page = Page::open(desk.port).await;
    let serial = desk.key_shown().await["serial"].as_str().unwrap().to_owned();

    // While the person reads.
    let (_, _, mut person) = page.asks("B1", "blank", &BATCH).await;
    assert_eq!(person.sees().await["type"], "consent");
    desk.remove();
    assert_eq!(page.result("operation.begin").await.unwrap_err()["code"], "key_removed");
    assert_eq!(person.sees().await["code"], "key_removed");
    desk.insert().await;
    page.event("key_inserted").await;

    // Between two steps, after the secrets were set: a new PIN, the same pending PUK and key.
    let batch = page.begins("B1", &serial).await.unwrap();
    page.initializes(&batch, &secrets("333333", 'c', &[])).await.unwrap();
    desk.remove();
    assert_eq!(page.result("operation.begin").await.unwrap_err()["code"], "key_removed");
    let late = page.generates(&batch).await.unwrap_err();
    assert_eq!(late["code"], "not_found");
    desk.insert().await;
    page.event("key_inserted").await;

    // In the middle of a step.
    let batch = page.begins("B1", &serial).await.unwrap();
    let sealed = page.seal(&batch.nonce, &batch.order, &secrets("444444", 'c', &[]));
    page.call("key.initialize", json!({"operationId": batch.id, "secrets": sealed})).await.unwrap();
    page.notice(|m| m["method"] == "operation.progress" && m["params"]["stage"] == "unlocking_key").await;
    desk.remove();
    let outcome = match page.result_or_end().await {
        Ok(method) => {
            // The card was quicker than the hand: then the removal is told between the steps.
            assert_eq!(method, "key.initialize");
            page.result_or_end().await.unwrap_err()
        }
        Err(error) => error,
    };
    assert_eq!(outcome["code"], "key_removed");
    desk.insert().await;
    page.event("key_inserted").await;

    // The bridge is alive and the order comes to its end.
    let (certificate, _) = page.makes(&desk, "B1", &serial, &secrets("555555", 'c', &[])).await;
    let read = page.read_when_free(&serial).await;
    assert_eq!(read["certificate"], certificate.as_str());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_person_may_say_no() {
    let mut desk = Desk::set_up().await;
    let mut page = Page::open(desk.port).await;
    let (id, _, mut person) = page.asks("C1", "blank", &BATCH).await;
    assert_eq!(person.sees().await["type"], "consent");
    person.says("cancel").await;
    assert_eq!(page.result("operation.begin").await.unwrap_err()["code"], "user_cancelled");
    let step = page.call("keypair.generate", json!({"operationId": id, "algorithm": "p256"})).await;
    assert_eq!(step.unwrap_err()["code"], "not_found");

    // Closing the window is a no as well.
    let (_, _, mut person) = page.asks("C1", "blank", &BATCH).await;
    assert_eq!(person.sees().await["type"], "consent");
    person.closes().await;
    assert_eq!(page.result("operation.begin").await.unwrap_err()["code"], "user_cancelled");

    assert_eq!(desk.key_shown().await["busy"], false);
    assert!(desk.run("pkcs15-tool", &["--verify-pin", "--pin", "123456"]).status.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_serves_one_operation_at_a_time() {
    let mut desk = Desk::set_up().await;
    let mut first = Page::open(desk.port).await;
    let mut second = Page::open(desk.port).await;
    let batch = first.begins("D1", "blank").await.unwrap();

    assert_eq!(desk.key_shown().await["busy"], true);
    assert_eq!(second.begins("D2", "blank").await.err().unwrap()["code"], "busy");
    let serial = desk.key_shown().await["serial"].clone();
    let read = second.call("certificate.read", json!({"serial": serial})).await;
    assert_eq!(read.unwrap_err()["code"], "busy");
    // Nobody else can go on with it.
    let stolen = second.call("keypair.generate", json!({"operationId": batch.id, "algorithm": "p256"})).await;
    assert_eq!(stolen.unwrap_err()["code"], "not_found");
    let stolen = second.call("operation.cancel", json!({"operationId": batch.id})).await;
    assert_eq!(stolen.unwrap_err()["code"], "not_found");

    // When its tab is closed the key is free.
    drop(first);
    for _ in 0..100 {
        if desk.key_shown().await["busy"] == false {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(second.begins("D2", "blank").await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_the_ticket_names_is_done_and_in_its_order() {
    let desk = Desk::set_up().await;
    let mut page = Page::open(desk.port).await;
    let batch = page.begins("E1", "blank").await.unwrap();
    assert_eq!(page.generates(&batch).await.unwrap_err()["code"], "busy");
    // Secrets sealed for another order are not opened, and the batch is over.
    let foreign = page.seal(&batch.nonce, "E2", &secrets("123123", 'a', &[]));
    let params = json!({"operationId": batch.id, "secrets": foreign});
    page.call("key.initialize", params).await.unwrap();
    assert_eq!(page.result("key.initialize").await.unwrap_err()["code"], "secrets_invalid");

    // A ticket for one method is good for that one only.
    let (id, _, mut person) = page.asks("E1", "blank", &["keypair.generate"]).await;
    assert_eq!(person.agrees().await["operations"], json!(["keypair.generate"]));
    page.result("operation.begin").await.unwrap();
    let other = page.call("certificate.import", json!({"operationId": id, "certificate": "AAAA"})).await;
    assert_eq!(other.unwrap_err()["code"], "ticket_invalid");
    page.call("keypair.generate", json!({"operationId": id, "algorithm": "p256"})).await.unwrap();
    let refused = page.result("keypair.generate").await.unwrap_err();
    assert_eq!(refused["code"], "unsupported_method");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_for_another_key_is_not_imported() {
    let desk = Desk::set_up().await;
    let mut page = Page::open(desk.port).await;
    let batch = page.begins("F1", "blank").await.unwrap();
    page.initializes(&batch, &secrets("123123", 'a', &[])).await.unwrap();
    let first = page.generates(&batch).await.unwrap();
    let foreign = desk.certify(first["csr"].as_str().unwrap());
    page.call("operation.cancel", json!({"operationId": batch.id})).await.unwrap();
    assert_eq!(page.result("operation.begin").await.unwrap_err()["code"], "user_cancelled");

    let batch = page.begins_when_free("F1", "blank").await;
    page.initializes(&batch, &secrets("321321", 'a', &[])).await.unwrap();
    page.generates(&batch).await.unwrap();
    assert_eq!(page.imports(&batch, &foreign).await.unwrap_err()["code"], "certificate_mismatch");
}

#[tokio::test(flavor = "multi_thread")]
async fn coming_and_going_is_told_by_itself_and_numbered() {
    let mut desk = Desk::set_up().await;
    let serial = desk.key_shown().await["serial"].clone();
    let mut page = Page::open(desk.port).await;
    let start = page.call("key.list", json!({})).await.unwrap()["sequence"].as_u64().unwrap();
    desk.remove();
    let gone = page.event("key_removed").await;
    assert_eq!(gone["params"]["sequence"], start + 1);
    assert_eq!(page.call("key.list", json!({})).await.unwrap()["keys"], json!([]));
    assert_eq!(page.begins("G1", "blank").await.err().unwrap()["code"], "no_key");
    desk.insert().await;
    assert_eq!(page.event("key_inserted").await["params"]["sequence"], start + 2);
    let list = page.call("key.list", json!({})).await.unwrap();
    assert_eq!(list["keys"][0]["serial"], serial);
    assert_eq!(list["sequence"], start + 2);
}
