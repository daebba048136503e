//! Going on elsewhere, corrections and the hand-over of the camera, over the real wires.

use super::{fields, refused};
use e2e::applicant::Applicant;
use e2e::client::{Answer, Client};
use e2e::outside::Purpose;
use e2e::papers;
use e2e::stack::Stack;
use reqwest::Method;
use serde_json::json;
use shared::api::{
    CorrectMailing, CorrectPhone, ErrorCode, Handover, HandoverView, OrderList, OrderView, PhoneCodesSent, TypedCode,
};
use shared::channel::DocumentKind;
use shared::form::{Field, UnitDraft};
use shared::order::Status;
use std::time::Duration;

async fn finds(stack: &Stack, applicant: &Applicant, subject: &str, phone: &str) -> OrderList {
    let before = stack.outside.messages(phone, Purpose::Query).await.unwrap().len();
    let sent = applicant.queries(subject).await.unwrap();
    let message = stack.outside.message(phone, Purpose::Query, before + 1).await.unwrap();
    applicant.queries_with(&sent.ticket, message.param("code").unwrap()).await.unwrap();
    applicant.orders().await.unwrap()
}

#[tokio::test]
async fn what_was_begun_at_the_office_is_finished_at_home() {
    let stack = Stack::start().await.unwrap();
    let unit = stack.unit(0).unwrap();
    let phone = unit.operator.phone();
    let office = stack.applicant().unwrap();
    let typed = office.checks(&unit.draft()).await.unwrap().draft;

    // The checked form.
    let home = stack.applicant().unwrap();
    let draft = finds(&stack, &home, &unit.company.credit_code, phone).await.drafts.remove(0);
    assert_eq!(draft.unit_name, unit.company.name);
    let resume = format!("/api/drafts/resume/{}", draft.id);
    home.client.act(&resume, &json!(null)).await.unwrap();
    home.client.act(&resume, &json!(null)).await.unwrap();
    let saved = home.saved().await.unwrap().unwrap().draft;
    assert_eq!(saved, typed, "nothing that was typed is lost");
    let number = home.confirms(&home.checks(&saved).await.unwrap()).await.unwrap().number;
    let mut scans = papers::scans(&unit, &stack.outside).await.unwrap();
    let first = scans.remove(0);
    home.uploads(&number, first.kind, papers::scaled(&first.bytes).unwrap()).await.unwrap();

    // The order with one paper, in a third browser, by its number.
    let cafe = stack.applicant().unwrap();
    let found = finds(&stack, &cafe, &number, phone).await;
    assert_eq!((found.unfinished.len(), found.drafts.len()), (1, 0));
    assert_eq!(cafe.order(&number).await.unwrap().documents.len(), 1);
    cafe.uploads_all(&number, scans).await.unwrap();
    cafe.signs(&number, &unit).await.unwrap();
    assert_eq!(cafe.pays(&number).await.unwrap().status, Status::AwaitingReview);
}

async fn asks_phone(applicant: &Applicant, number: &str, phone: &str) -> Answer<PhoneCodesSent> {
    let path = format!("/api/orders/{number}/corrections/phone/code");
    applicant.client.proven(&path, Some(&json!({ "phone": phone }))).await
}

#[tokio::test]
async fn a_new_operators_phone_is_proven_before_it_counts() {
    let stack = Stack::start().await.unwrap();
    let unit = stack.unit(0).unwrap();
    let applicant = stack.applicant().unwrap();
    let number = applicant.applies_and_pays(&unit).await.unwrap().number;
    let new = unit.operator.other_phone().unwrap();

    // Somebody else's phone, and one that nobody has.
    let other = stack.unit(1).unwrap();
    for phone in [other.operator.phone(), "13900000000"] {
        let told = refused(asks_phone(&applicant, &number, phone).await, ErrorCode::OperatorMismatch);
        assert_eq!(fields(&told), [Field::OperatorMobile]);
    }
    assert!(stack.outside.messages(other.operator.phone(), Purpose::CorrectPhone).await.unwrap().is_empty());

    let sent = asks_phone(&applicant, &number, new).await.unwrap();
    let on_phone = async |phone: &str| {
        let message = stack.outside.message(phone, Purpose::CorrectPhone, 1).await.unwrap();
        assert!(message.text.contains("经办人手机号") && message.text.contains(&number), "{}", message.text);
        assert!(!message.text.contains(new), "the number itself is not told: {}", message.text);
        message.param("code").unwrap().to_owned()
    };
    let typed = |ticket: &str, code: String| TypedCode { ticket: ticket.to_owned(), code };
    let correct = CorrectPhone {
        phone: new.to_owned(),
        legal_rep: typed(&sent.legal_rep.ticket, on_phone(unit.legal.phone()).await),
        operator: typed(&sent.operator.ticket, on_phone(new).await),
    };
    let path = format!("/api/orders/{number}/corrections/phone");
    // One code for both is one code too few.
    let half = CorrectPhone { legal_rep: correct.operator.clone(), ..correct.clone() };
    refused(applicant.client.post::<OrderView>(&path, &half).await, ErrorCode::SmsCodeUsedUp);
    let press = || applicant.client.post::<OrderView>(&path, &correct);
    let (one, two) = tokio::join!(press(), press());
    let version = one.unwrap().version;
    assert_eq!((two.unwrap().version, press().await.unwrap().version), (version, version), "once");

    // Codes go to the new phone from now on.
    let elsewhere = stack.applicant().unwrap();
    assert_eq!(finds(&stack, &elsewhere, &number, new).await.unfinished.len(), 1);
    let reviewer = stack.reviewer().await.unwrap();
    reviewer.approves(&number).await.unwrap();
    stack.outside.message(new, Purpose::Approved, 1).await.unwrap();
}

#[tokio::test]
async fn a_new_address_is_proven_by_the_operator() {
    let stack = Stack::start().await.unwrap();
    let unit = stack.unit(0).unwrap();
    let applicant = stack.applicant().unwrap();
    let number = applicant.applies_and_pays(&unit).await.unwrap().number;
    let sent: shared::api::CodeSent =
        applicant.client.proven(&format!("/api/orders/{number}/corrections/mailing/code"), None::<&()>).await.unwrap();
    let message = stack.outside.message(unit.operator.phone(), Purpose::CorrectMailing, 1).await.unwrap();
    assert!(message.text.contains("邮寄信息") && message.text.contains(&number), "{}", message.text);
    let mut mailing = UnitDraft::default();
    for (field, value) in
        [(Field::MailProvince, "广西壮族自治区"), (Field::MailCity, "桂林市"), (Field::MailAddress, "象山区中山路9号")]
    {
        mailing.set(field, value.to_owned());
    }
    let proof = TypedCode { ticket: sent.ticket, code: message.param("code").unwrap().to_owned() };
    let path = format!("/api/orders/{number}/corrections/mailing");
    let mut wrong = CorrectMailing { mailing: mailing.clone(), proof: proof.clone() };
    wrong.mailing.set(Field::MailCity, "深圳市".to_owned());
    let told = refused(applicant.client.post::<OrderView>(&path, &wrong).await, ErrorCode::Form);
    assert_eq!(fields(&told), [Field::MailCity]);
    applicant.client.post::<OrderView>(&path, &CorrectMailing { mailing, proof }).await.unwrap();
    let seen = stack.reviewer().await.unwrap().order(&number).await.unwrap();
    assert_eq!(seen.form.get(Field::MailAddress), "象山区中山路9号");
    assert_eq!(seen.form.get(Field::Recipient), unit.operator.name);
}

#[tokio::test]
async fn the_phone_that_takes_photos_sees_nothing_else() {
    let stack = Stack::start().await.unwrap();
    let unit = stack.unit(0).unwrap();
    let desktop = stack.applicant().unwrap();
    let number = desktop.applies(&unit).await.unwrap().number;
    let begin = format!("/api/orders/{number}/handover");
    let handover: Handover = desktop.client.step(&begin).await.unwrap();
    let token = handover.url.rsplit('/').next().unwrap().to_owned();
    assert_eq!(handover.url, format!("{}/nanning/photos/{token}", stack.portal));

    let phone = Client::new(&stack.portal).unwrap();
    for scan in papers::scans(&unit, &stack.outside).await.unwrap() {
        let path = format!("/api/handover/{token}/documents/{}", scan.kind.name());
        let photo = papers::scaled(&scan.bytes).unwrap();
        phone.bytes(Method::PUT, &path, Some(("application/octet-stream", photo))).await.unwrap();
    }
    let view: HandoverView = phone.get(&format!("/api/handover/{token}")).await.unwrap();
    assert_eq!(view.documents.len(), 3);
    assert!(view.unit_name.contains("****"), "{}", view.unit_name);
    for kind in DocumentKind::ALL {
        let path = format!("/api/handover/{token}/documents/{}", kind.name());
        assert_eq!(phone.bytes(Method::GET, &path, None).await.unwrap_err().status, 405, "no image comes back");
    }
    // Guesses, an older address, one whose time is over, one whose papers were handed in.
    refused(phone.get::<HandoverView>(&format!("/api/handover/{}", "A".repeat(43))).await, ErrorCode::HandoverOver);
    let second: Handover = desktop.client.step(&begin).await.unwrap();
    let opens = async |url: &str| {
        let token = url.rsplit('/').next().unwrap_or_default();
        phone.get::<HandoverView>(&format!("/api/handover/{token}")).await
    };
    refused(opens(&handover.url).await, ErrorCode::HandoverOver);
    opens(&second.url).await.unwrap();
    stack.let_time_pass(Duration::from_mins(15)).await.unwrap();
    refused(opens(&second.url).await, ErrorCode::HandoverOver);
    let third: Handover = desktop.client.step(&begin).await.unwrap();
    desktop.submits(&number).await.unwrap();
    refused(opens(&third.url).await, ErrorCode::HandoverOver);
    assert_eq!(desktop.order(&number).await.unwrap().status, Status::AwaitingSignature);
}
