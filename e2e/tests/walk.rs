//! One unit's certificate, from the empty form to the key in the parcel, over HTTP and PC/SC.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use e2e::card;
use e2e::outside::Purpose;
use e2e::papers;
use e2e::stack::{Port, Stack};
use shared::bridge::Stage;
use shared::channel::DocumentKind;
use shared::field::IdType;
use shared::form::{Field, OperatorWay, UnitWay};
use shared::order::{EventKind, Status};

#[tokio::test]
async fn from_the_form_to_the_key_in_the_parcel() {
    let stack = Stack::start().await.unwrap();
    let unit = stack.unit(0).unwrap();
    let applicant = stack.applicant().unwrap();

    // 提交订单
    applicant.saves(&unit.draft()).await.unwrap();
    assert!(applicant.saved().await.unwrap().unwrap().draft == unit.draft(), "the draft is kept");
    let checked = applicant.checks(&unit.draft()).await.unwrap();
    assert_eq!((checked.certificate.as_str(), checked.price_fen), ("单位证书", 25_000));
    let order = applicant.confirms(&checked).await.unwrap();
    assert_eq!(order.status, Status::AwaitingDocuments);
    assert!(order.number.len() == 15 && order.number.as_bytes()[8] == b'U', "{}", order.number);
    assert_eq!(order.unit_name, unit.company.name);
    let number = order.number;

    // 上传资料
    let photos = papers::photos(&unit, &stack.outside).await.unwrap();
    assert!(photos[0].bytes.len() > 3_000_000 && papers::size(&photos[0].bytes).unwrap() == (4032, 3024));
    let refused = applicant.uploads(&number, photos[0].kind, photos[0].bytes.clone()).await.unwrap_err();
    assert_eq!(refused.code(), shared::api::ErrorCode::FileTooLarge);
    let order = applicant.uploads_all(&number, photos).await.unwrap();
    assert_eq!(order.status, Status::AwaitingSignature);
    let licence = order.documents.iter().find(|paper| paper.kind == DocumentKind::BusinessLicence).unwrap();
    assert!(licence.height > licence.width, "the photo stands upright: {licence:?}");

    // 签名确认
    let order = applicant.signs(&number, &unit).await.unwrap();
    assert_eq!(order.status, Status::AwaitingPayment);
    let text = stack.outside.message(unit.operator.phone(), Purpose::Sign, 1).await.unwrap().text;
    assert!(text.contains("签名") && text.contains(&number), "the message names its purpose: {text}");

    // 付款结算
    let order = applicant.pays(&number).await.unwrap();
    assert_eq!(order.status, Status::AwaitingReview);

    // 审核
    let reviewer = stack.reviewer().await.unwrap();
    assert_eq!(reviewer.queue("review").await.unwrap()[0].number, number);
    let seen = reviewer.order(&number).await.unwrap();
    assert_eq!(seen.verifications.iter().filter(|check| check.passed).count(), 3);
    assert!(seen.signature.is_some());
    reviewer.approves(&number).await.unwrap();

    let told = stack.outside.message(unit.operator.phone(), Purpose::Approved, 1).await.unwrap();
    assert_eq!(told.param("order").unwrap(), number);

    // 制证
    let maker = stack.maker().await.unwrap();
    assert_eq!(maker.queue("making").await.unwrap()[0].number, number);
    let place = stack.workplace(Port::Any).await.unwrap();
    let mut desk = place.desk(&maker).await.unwrap();
    assert!(desk.key().await.unwrap().blank);
    let mut stages = Vec::new();
    let made = desk.makes(&maker, &number, |stage| stages.push(stage)).await.unwrap();
    for stage in [Stage::AwaitingConsent, Stage::SettingPin, Stage::GeneratingKeyPair, Stage::WritingCertificate] {
        assert!(stages.contains(&stage), "{stage:?} is told: {stages:?}");
    }
    assert_eq!(desk.certificate(&made.serial).await.unwrap(), made.certificate);

    // The key in the eyes of others.
    let reader = &place.reader;
    let certificate = card::read_certificate(reader).unwrap();
    assert_eq!(certificate.base64().unwrap(), made.certificate);
    let (root, issuing) = stack.authority().unwrap();
    certificate.verify(&root, &issuing).unwrap();
    let subject = certificate.says(&["-subject", "-nameopt", "utf8,sep_multiline"]).unwrap();
    assert!(subject.contains(&unit.company.name), "{subject}");
    assert!(
        stack.outside.messages(unit.legal.phone(), Purpose::Pin).await.unwrap().is_empty(),
        "no PIN before the parcel"
    );

    // 寄送
    maker.dispatches(&number, "顺丰速运", "SF1234567890123").await.unwrap();
    let message = stack.outside.message(unit.legal.phone(), Purpose::Pin, 1).await.unwrap();
    let pin = message.param("pin").unwrap().to_owned();
    assert!(!card::takes_pin(reader, "123456").unwrap(), "the factory's PIN is gone");
    assert!(card::takes_pin(reader, &pin).unwrap());
    certificate.sign_and_verify(reader, &pin).unwrap();

    let told = stack.outside.message(unit.operator.phone(), Purpose::Dispatched, 1).await.unwrap();
    assert_eq!(told.param("waybill").unwrap(), "SF1234567890123");

    // 订单查询, in another browser.
    let elsewhere = stack.applicant().unwrap();
    assert_eq!(elsewhere.order(&number).await.unwrap_err().status, 404);
    let sent = elsewhere.queries(&unit.company.credit_code).await.unwrap();
    assert!(sent.phone.contains("****"), "{}", sent.phone);
    let code = stack.outside.newest_code(unit.operator.phone(), Purpose::Query).await.unwrap();
    elsewhere.queries_with(&sent.ticket, &code).await.unwrap();
    let found = elsewhere.orders().await.unwrap().unfinished;
    assert_eq!(found.len(), 1);
    let found = elsewhere.order(&found[0].number).await.unwrap();
    assert_eq!(found.status.label(), "已发货");
    assert_eq!(found.waybill.as_deref(), Some("SF1234567890123"));
    assert_eq!(found.key_serial.as_deref(), Some(made.serial.as_str()));
    let story: Vec<EventKind> = found.timeline.iter().map(|entry| entry.event).collect();
    assert_eq!(story.first(), Some(&EventKind::Confirmed));
    assert_eq!(story.last(), Some(&EventKind::Dispatched));

    // One PIN message, however long one waits; and nothing of it in any log.
    let pins = stack.outside.messages(unit.legal.phone(), Purpose::Pin).await.unwrap();
    assert_eq!(pins.len(), 1);
    for log in [stack.backend_log(), place.bridge_log()] {
        assert!(!log.contains(&pin), "a PIN is in a log");
    }
    // And nothing of a person in the backend's, by default as an operator runs it.
    let log = stack.backend_log();
    assert!(log.contains(r#""route":"/api/orders/{number}/signature""#), "{log}");
    let draft = unit.draft();
    let typed = Field::ALL.iter().map(|field| draft.get(*field)).filter(|value| value.chars().count() > 2);
    let choices = [UnitWay::LegalRepPhone.name(), OperatorWay::Phone.name(), IdType::ResidentId.name(), "true"];
    let cookies = ["certhall_applicant", "certhall_staff"]
        .into_iter()
        .flat_map(|name| [applicant.client.cookie(name), reviewer.client.cookie(name), maker.client.cookie(name)]);
    let secrets = typed.filter(|value| !choices.contains(value)).map(str::to_owned);
    for secret in secrets.chain(cookies.flatten()).chain([number]) {
        assert!(!log.contains(&secret), "{secret} is in the log:\n{log}");
    }
}
