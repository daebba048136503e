//! Corrections of a paid order, and what proves them.

use crate::applicant::{Browser, LEGAL_REP, OPERATOR, Refused, application};
use crate::desk::Key;
use crate::review::paid;
use crate::world::World;
use backend::audit::Chain;
use backend::clock::{MINUTE, SECOND};
use backend::gateways::{Outcome, PersonVerdict};
use reqwest::StatusCode;
use serde_json::{Value, json};
use shared::api::{CodeSent, ErrorCode, MailingView, OrderView, PhoneCodesSent, Role};
use shared::form::{Field, UnitDraft};
use shared::order::{EventKind, Status};

const NEW_PHONE: &str = "13700137000";

fn address(detail: &str) -> UnitDraft {
    [
        (Field::MailProvince, "广西壮族自治区"),
        (Field::MailCity, "桂林市"),
        (Field::MailAddress, detail),
        (Field::Recipient, "韦小雨"),
        (Field::RecipientMobile, "13600136000"),
    ]
    .into_iter()
    .map(|(field, value)| (field, value.to_owned()))
    .collect()
}

async fn asks_mailing(browser: &Browser, number: &str) -> Result<CodeSent, Refused> {
    browser.proves(&format!("/api/orders/{number}/corrections/mailing/code"), &json!(null)).await
}

async fn mails_to(
    browser: &Browser,
    number: &str,
    mailing: &UnitDraft,
    (ticket, code): (&str, &str),
) -> Result<OrderView, Refused> {
    let body = json!({ "mailing": mailing, "proof": { "ticket": ticket, "code": code } });
    browser.post(&format!("/api/orders/{number}/corrections/mailing"), &body).await
}

async fn asks_phone(browser: &Browser, number: &str, phone: &str) -> Result<PhoneCodesSent, Refused> {
    browser.proves(&format!("/api/orders/{number}/corrections/phone/code"), &json!({ "phone": phone })).await
}

/// Both codes as the phones show them; the new one is [`NEW_PHONE`], however it was typed.
struct Codes {
    sent: PhoneCodesSent,
    legal_rep: String,
    operator: String,
}

async fn codes(browser: &Browser, number: &str, phone: &str) -> Codes {
    let sent = asks_phone(browser, number, phone).await.unwrap();
    let on = |phone| browser.world.outside.newest(phone, "code").unwrap();
    Codes { sent, legal_rep: on(LEGAL_REP), operator: on(NEW_PHONE) }
}

async fn changes_phone(browser: &Browser, number: &str, phone: &str, codes: &Codes) -> Result<OrderView, Refused> {
    let body = json!({
        "phone": phone,
        "legalRep": { "ticket": codes.sent.legal_rep.ticket, "code": codes.legal_rep },
        "operator": { "ticket": codes.sent.operator.ticket, "code": codes.operator },
    });
    browser.post(&format!("/api/orders/{number}/corrections/phone"), &body).await
}

async fn events(world: &World, number: &str) -> Vec<(String, String)> {
    let mut reader = world.hall.store.read().await.unwrap();
    let order = reader.order_by_number(number).await.unwrap().unwrap();
    let chain = Chain::Order(&order.id);
    assert!(reader.verify_chain(&chain.name()).await.unwrap().is_ok());
    reader.events(chain).await.unwrap().into_iter().map(|link| (link.kind, link.data)).collect()
}

fn wrong(code: &str) -> &'static str {
    if code == "123456" { "654321" } else { "123456" }
}

both! {
    async fn the_parcel_goes_to_the_corrected_address(world: World) {
        let (applicant, number) = paid(&world).await;
        let shown: MailingView = applicant.get(&format!("/api/orders/{number}/mailing")).await.unwrap();
        assert_eq!(shown.mailing.get(Field::MailAddress), "青秀区民族大道 1 号");
        assert_eq!(shown.mailing.get(Field::RecipientMobile), OPERATOR);
        assert_eq!(shown.mailing.get(Field::OperatorId), "", "nothing but the mailing section");
        let sent = asks_mailing(&applicant, &number).await.unwrap();
        assert_eq!(sent.phone, "139****0001");
        let message = world.outside.script().messages.last().unwrap().clone();
        assert_eq!((message.template_code.as_str(), message.phone.as_str()), ("SMS_correct_mailing", OPERATOR));
        let code = applicant.code_on_phone();
        // A slip in the address costs no try, a wrong code does.
        let refused = mails_to(&applicant, &number, &address(""), (&sent.ticket, &code)).await.unwrap_err();
        assert_eq!(refused.error.code, ErrorCode::Form);
        assert_eq!(refused.error.fields.unwrap().iter().next().unwrap().field, Field::MailAddress);
        let to = address("象山区中山路 9 号");
        let refused = mails_to(&applicant, &number, &to, (&sent.ticket, wrong(&code))).await.unwrap_err();
        assert_eq!((refused.error.code, refused.error.tries_left), (ErrorCode::SmsCodeWrong, Some(4)));
        let before = applicant.order(&number).await.unwrap();
        // A double click, and once more because the answer got lost.
        let press = || mails_to(&applicant, &number, &to, (&sent.ticket, &code));
        let (one, two) = tokio::join!(press(), press());
        let three = press().await.unwrap();
        for view in [one.unwrap(), two.unwrap(), three] {
            assert_eq!(view.version, before.version + 1);
            assert_eq!(view.timeline.last().unwrap().event, EventKind::MailingCorrected);
        }
        let desk = world.hires("both", &[Role::Reviewer, Role::Maker]).await;
        let form = desk.looks_at(&number).await.unwrap().form;
        assert_eq!(form.get(Field::MailAddress), "象山区中山路 9 号");
        assert_eq!(form.get(Field::Recipient), "韦小雨");
        assert_eq!(form.get(Field::OperatorMobile), OPERATOR);
        let (kind, data) = events(&world, &number).await.pop().unwrap();
        assert_eq!(kind, "mailing_corrected");
        for personal in ["象山", "韦小雨", "13600136000", OPERATOR] {
            assert!(!data.contains(personal), "{data}");
        }
        let data: Value = serde_json::from_str(&data).unwrap();
        assert_ne!(data["before"], data["content"]);
        assert_eq!(data["codes"], json!([sent.ticket]));
    }
}

both! {
    async fn an_address_is_corrected_until_the_parcel_has_left(world: World) {
        let unpaid = world.browser();
        let number = unpaid.orders(&application()).await.number;
        assert_eq!(asks_mailing(&unpaid, &number).await.unwrap_err().error.code, ErrorCode::Conflict);
        unpaid.cancels(&number).await.unwrap();
        let (applicant, number) = paid(&world).await;
        let reviewer = world.hires("reviewer", &[Role::Reviewer]).await;
        let maker = world.hires("maker", &[Role::Maker]).await;
        reviewer.approves(&number).await.unwrap();
        maker.makes(&number, &mut Key::blank()).await;
        world.later(2 * MINUTE);
        let sent = asks_mailing(&applicant, &number).await.unwrap();
        let seen = maker.looks_at(&number).await.unwrap().order.version;
        let code = applicant.code_on_phone();
        mails_to(&applicant, &number, &address("象山区中山路 9 号"), (&sent.ticket, &code)).await.unwrap();
        // The maker had the old address before their eyes.
        let parcel = json!({ "version": seen, "carrier": "顺丰速运", "waybill": "SF12345678" });
        let stale = maker.post::<()>(&format!("/orders/{number}/dispatch"), &parcel).await.unwrap_err();
        assert_eq!(stale.error.code, ErrorCode::Conflict);
        world.later(2 * MINUTE);
        let sent = asks_mailing(&applicant, &number).await.unwrap();
        maker.dispatches(&number, "SF12345678").await.unwrap();
        let code = applicant.code_on_phone();
        let late = mails_to(&applicant, &number, &address("七星区"), (&sent.ticket, &code)).await.unwrap_err();
        assert_eq!(late.error.code, ErrorCode::Conflict);
        assert_eq!(asks_mailing(&applicant, &number).await.unwrap_err().error.code, ErrorCode::Conflict);
    }
}

both! {
    async fn a_code_for_one_correction_proves_no_other_act(world: World) {
        let (applicant, number) = paid(&world).await;
        let sent = asks_mailing(&applicant, &number).await.unwrap();
        let code = applicant.code_on_phone();
        let refused = applicant.queries(&sent.ticket, &code).await.unwrap_err();
        assert_eq!(refused.error.code, ErrorCode::SmsCodeUsedUp);
        let both = codes(&applicant, &number, NEW_PHONE).await;
        let body = json!({
            "phone": NEW_PHONE,
            "legalRep": { "ticket": sent.ticket, "code": code },
            "operator": { "ticket": both.sent.operator.ticket, "code": both.operator },
        });
        let path = format!("/api/orders/{number}/corrections/phone");
        let refused = applicant.post::<OrderView>(&path, &body).await.unwrap_err();
        assert_eq!(refused.error.code, ErrorCode::SmsCodeUsedUp);
        // The operator's code can't stand for the legal representative's.
        let body = json!({
            "phone": NEW_PHONE,
            "legalRep": { "ticket": both.sent.operator.ticket, "code": both.operator },
            "operator": { "ticket": both.sent.operator.ticket, "code": both.operator },
        });
        let refused = applicant.post::<OrderView>(&path, &body).await.unwrap_err();
        assert_eq!(refused.error.code, ErrorCode::SmsCodeUsedUp);
        assert_eq!(applicant.order(&number).await.unwrap().operator_phone, "139****0001");
    }
}

both! {
    async fn a_new_phone_is_proven_by_the_register_the_legal_representative_and_itself(world: World) {
        let (applicant, number) = paid(&world).await;
        // Somebody who was let in by a code to the old phone.
        let elsewhere = world.browser();
        let sent = elsewhere.asks_query_code(&number).await.unwrap();
        elsewhere.queries(&sent.ticket, &world.outside.newest(OPERATOR, "code").unwrap()).await.unwrap();
        let waiting = world.browser();
        world.later(2 * MINUTE);
        let late = waiting.asks_query_code(&number).await.unwrap();
        let late_code = world.outside.newest(OPERATOR, "code").unwrap();

        let both = codes(&applicant, &number, "+86 137 0013 7000").await;
        assert_eq!((both.sent.legal_rep.phone.as_str(), both.sent.operator.phone.as_str()), ("138****0001", "137****7000"));
        for message in world.outside.script().messages.iter().rev().take(2) {
            assert_eq!(message.template_code, "SMS_correct_phone");
            assert!(message.params.contains(&("phone".into(), "137****7000".into())));
        }
        let half = Codes { legal_rep: wrong(&both.legal_rep).into(), sent: both.sent.clone(), operator: both.operator.clone() };
        let refused = changes_phone(&applicant, &number, NEW_PHONE, &half).await.unwrap_err();
        assert_eq!(refused.error.code, ErrorCode::SmsCodeWrong);
        assert!(refused.error.message.contains("法定代表人"), "{}", refused.error.message);
        let half = Codes { legal_rep: both.legal_rep.clone(), sent: both.sent.clone(), operator: wrong(&both.operator).into() };
        let refused = changes_phone(&applicant, &number, NEW_PHONE, &half).await.unwrap_err();
        assert!(refused.error.message.contains("新手机号"), "{}", refused.error.message);
        // The codes are for this phone and no other.
        let refused = changes_phone(&applicant, &number, "13700137001", &both).await.unwrap_err();
        assert_eq!(refused.error.code, ErrorCode::SmsCodeUsedUp);

        let press = || changes_phone(&applicant, &number, NEW_PHONE, &both);
        let (one, two) = tokio::join!(press(), press());
        let three = press().await.unwrap();
        for view in [one.unwrap(), two.unwrap(), three] {
            assert_eq!(view.operator_phone, "137****7000");
            let changed = view.timeline.iter().filter(|entry| entry.event == EventKind::OperatorPhoneCorrected).count();
            assert_eq!(changed, 1);
        }
        assert_eq!(elsewhere.order(&number).await.unwrap_err().status, StatusCode::NOT_FOUND, "let in by the old phone");
        waiting.queries(&late.ticket, &late_code).await.unwrap();
        assert_eq!(waiting.order(&number).await.unwrap_err().status, StatusCode::NOT_FOUND, "a code on its way to it");
        world.later(2 * MINUTE);
        let sent = elsewhere.asks_query_code(&number).await.unwrap();
        assert_eq!(sent.phone, "137****7000");
        let list = elsewhere.queries(&sent.ticket, &world.outside.newest(NEW_PHONE, "code").unwrap()).await.unwrap();
        assert_eq!(list.unfinished[0].number, number);

        let desk = world.hires("reviewer", &[Role::Reviewer]).await;
        let seen = desk.looks_at(&number).await.unwrap();
        assert_eq!(seen.form.get(Field::OperatorMobile), NEW_PHONE);
        assert_eq!(seen.form.get(Field::RecipientMobile), NEW_PHONE, "the parcel was for the operator's own phone");
        assert_eq!(seen.verifications.len(), 4, "the reviewer sees what the register said");
        desk.refuses(&number, "模糊", &["business_licence"]).await.unwrap();
        world.works().await;
        assert_eq!(world.outside.newest(NEW_PHONE, "reason").as_deref(), Some("模糊"));
        let links = events(&world, &number).await;
        let (_, data) = links.iter().find(|(kind, _)| kind == "operator_phone_corrected").unwrap();
        assert!(!data.contains("137") || !data.contains("7000137"), "{data}");
        assert!(!data.contains(NEW_PHONE) && !data.contains(OPERATOR), "{data}");
        let data: Value = serde_json::from_str(data).unwrap();
        assert_eq!(data["codes"], json!([both.sent.legal_rep.ticket, both.sent.operator.ticket]));
    }
}

both! {
    async fn a_phone_that_is_not_the_operators_gets_no_code(world: World) {
        let (applicant, number) = paid(&world).await;
        let messages = world.outside.script().messages.len();
        for (typed, code) in [("123", ErrorCode::Form), (OPERATOR, ErrorCode::BadRequest)] {
            assert_eq!(asks_phone(&applicant, &number, typed).await.unwrap_err().error.code, code, "{typed}");
        }
        // The limits of the form hold: the application itself was one try.
        let tries = world.hall.channel("nanning").unwrap().profile.verification.operator_tries_a_day;
        for _ in 1..tries {
            world.outside.script().persons.push(Outcome::Ok(PersonVerdict::Differs));
            let refused = asks_phone(&applicant, &number, NEW_PHONE).await.unwrap_err();
            assert_eq!(refused.error.code, ErrorCode::OperatorMismatch);
            assert_eq!(refused.error.fields.unwrap().iter().next().unwrap().field, Field::OperatorMobile);
            world.later(SECOND);
        }
        assert_eq!(asks_phone(&applicant, &number, NEW_PHONE).await.unwrap_err().error.code, ErrorCode::TooMany);
        assert_eq!(world.outside.script().messages.len(), messages);
        assert_eq!(applicant.order(&number).await.unwrap().status, Status::AwaitingReview);
    }
}

both! {
    async fn a_register_that_does_not_answer_changes_nothing(world: World) {
        let (applicant, number) = paid(&world).await;
        world.outside.script().persons.push(crate::outside::silence());
        let refused = asks_phone(&applicant, &number, NEW_PHONE).await.unwrap_err();
        assert_eq!(refused.error.code, ErrorCode::ServiceUnavailable);
        let both = codes(&applicant, &number, NEW_PHONE).await;
        changes_phone(&applicant, &number, NEW_PHONE, &both).await.unwrap();
    }
}
