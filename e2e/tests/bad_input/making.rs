//! Keys that are pulled out, persons who say no, one pair of eyes.

use super::refused;
use e2e::card;
use e2e::desk::{self, Person};
use e2e::outside::Purpose;
use e2e::stack::{Port, Stack};
use shared::api::{ErrorCode, StartMaking};
use shared::bridge::{ErrorCode as KeyCode, Stage};
use shared::channel::DocumentKind;
use shared::order::Status;

#[tokio::test(flavor = "multi_thread")]
async fn a_key_pulled_out_while_it_is_made_is_made_again_with_a_new_pin() {
    let stack = Stack::start().await.unwrap();
    let unit = stack.unit(0).unwrap();
    let applicant = stack.applicant().unwrap();
    let number = applicant.applies_and_pays(&unit).await.unwrap().number;
    stack.reviewer().await.unwrap().approves(&number).await.unwrap();
    let maker = stack.maker().await.unwrap();
    let place = stack.workplace(Port::Any).await.unwrap();
    let mut desk = place.desk(&maker).await.unwrap();
    let reader = &place.reader;

    // The person says no: nothing has happened to the key.
    let error = desk.makes_with(&maker, &number, Person::Cancels, |_| {}).await.unwrap_err();
    assert_eq!(desk::failure(&error), Some(KeyCode::UserCancelled), "{error:?}");
    assert!(desk.key().await.unwrap().blank);

    // Pulled out at the worst moments: whatever comes next finds no key.
    for worst in [Stage::SettingPin, Stage::GeneratingKeyPair, Stage::SigningRequest] {
        let mut desk = place.desk(&maker).await.unwrap();
        let pull = |stage| {
            if stage == worst {
                tokio::task::block_in_place(|| reader.remove()).unwrap();
            }
        };
        let error = desk.makes(&maker, &number, pull).await.unwrap_err();
        assert_eq!(desk::failure(&error), Some(KeyCode::KeyRemoved), "{worst:?}: {error:?}");
        assert_eq!(applicant.order(&number).await.unwrap().status, Status::AwaitingMaking);
        reader.put_back().unwrap();
    }

    let mut desk = place.desk(&maker).await.unwrap();
    let made = desk.makes(&maker, &number, |_| {}).await.unwrap();
    let certificate = card::read_certificate(reader).unwrap();
    assert_eq!(certificate.base64().unwrap(), made.certificate);
    let (root, issuing) = stack.authority().unwrap();
    certificate.verify(&root, &issuing).unwrap();
    maker.dispatches(&number, "顺丰速运", "SF1234567890123").await.unwrap();
    let message = stack.outside.message(unit.legal.phone(), Purpose::Pin, 1).await.unwrap();
    certificate.sign_and_verify(reader, message.param("pin").unwrap()).unwrap();
    assert_eq!(stack.outside.messages(unit.legal.phone(), Purpose::Pin).await.unwrap().len(), 1);
}

#[tokio::test]
async fn nobody_reviews_and_makes_the_same_order() {
    let stack = Stack::start().await.unwrap();
    let unit = stack.unit(0).unwrap();
    let applicant = stack.applicant().unwrap();
    let number = applicant.applies_and_pays(&unit).await.unwrap().number;
    let both = stack.account("olga", &["reviewer", "maker"]).await.unwrap();
    let both = e2e::staff::Clerk::logs_in(&stack.portal, &both).await.unwrap();
    both.approves(&number).await.unwrap();
    let start = StartMaking { nonce: "A".repeat(43), hpke_key: "A".repeat(43), key_serial: None };
    refused(both.starts_making(&number, &start).await, ErrorCode::FourEyes);
}

#[tokio::test]
async fn after_a_refusal_the_paper_is_uploaded_and_signed_again() {
    let stack = Stack::start().await.unwrap();
    let unit = stack.unit(0).unwrap();
    let applicant = stack.applicant().unwrap();
    let number = applicant.applies_and_pays(&unit).await.unwrap().number;
    let reviewer = stack.reviewer().await.unwrap();
    let licence = DocumentKind::BusinessLicence;
    refused(reviewer.refuses(&number, "", vec![licence]).await, ErrorCode::BadRequest);
    reviewer.refuses(&number, "营业执照模糊，请重新拍摄", vec![licence]).await.unwrap();
    let told = stack.outside.message(unit.operator.phone(), Purpose::Refused, 1).await.unwrap();
    assert!(told.text.contains("营业执照模糊"), "{}", told.text);

    let order = applicant.order(&number).await.unwrap();
    assert_eq!(order.refusal.as_ref().unwrap().reason, "营业执照模糊，请重新拍摄");
    assert_eq!((order.status, order.refusal.unwrap().documents), (Status::ReviewRefused, vec![licence]));
    refused(applicant.asks_code(&number).await, ErrorCode::DocumentsMissing);
    let scan = stack.outside.paper("licence-0.png").await.unwrap();
    applicant.uploads(&number, licence, scan).await.unwrap();
    stack.let_time_pass(std::time::Duration::from_mins(5)).await.unwrap();
    let order = applicant.signs(&number, &unit).await.unwrap();
    assert_eq!(order.status, Status::AwaitingReview, "it was paid: it goes straight back to the reviewer");
    reviewer.approves(&number).await.unwrap();
}
