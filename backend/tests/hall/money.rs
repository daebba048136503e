//! Orders that end for good, money that goes back, messages that never arrived.

use crate::applicant::{Browser, LEGAL_REP, OPERATOR};
use crate::desk::{Desk, Key};
use crate::outside::silence;
use crate::review::paid;
use crate::world::World as W;
use backend::clock::{DAY, MINUTE, SECOND};
use backend::gateways::Outcome;
use backend::store::RefundState as Stored;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use shared::api::{ErrorCode, FailedMessage, RefundRow, RefundState, Role};
use shared::order::{EventKind, Status};

const PRICE: i64 = 25_000;

/// A maker with a dispatched order, and the key.
async fn dispatched(world: &W) -> (Browser, Desk, String, Key) {
    let (applicant, number) = paid(world).await;
    world.hires("reviewer", &[Role::Reviewer]).await.approves(&number).await.unwrap();
    let maker = world.hires("maker", &[Role::Maker]).await;
    let mut key = Key::blank();
    maker.makes(&number, &mut key).await;
    maker.dispatches(&number, "SF12345678").await.unwrap();
    world.works().await;
    (applicant, maker, number, key)
}

impl Desk {
    async fn rejects(&self, number: &str, category: &str) -> Result<(), crate::applicant::Refused> {
        let version = self.looks_at(number).await.unwrap().order.version;
        let body = json!({ "version": version, "category": category, "reason": "营业执照与登记信息不符" });
        self.post(&format!("/orders/{number}/reject"), &body).await
    }

    async fn takes_back(&self, number: &str, serial: &str) -> Result<(), crate::applicant::Refused> {
        let version = self.looks_at(number).await.unwrap().order.version;
        let body = json!({ "version": version, "keySerial": serial, "reason": "用户不再使用" });
        self.post(&format!("/orders/{number}/return"), &body).await
    }

    async fn sends_pin_again(&self, number: &str) -> Result<(), crate::applicant::Refused> {
        let version = self.looks_at(number).await.unwrap().order.version;
        let body = json!({ "version": version, "reason": "法定代表人来电，已核对身份" });
        self.post(&format!("/orders/{number}/pin-notice"), &body).await
    }

    async fn owed(&self, open: bool) -> Vec<RefundRow> {
        self.get(&format!("/refunds?channel=nanning&open={open}")).await.unwrap()
    }

    async fn failed(&self) -> Vec<FailedMessage> {
        self.get("/messages/failed?channel=nanning").await.unwrap()
    }
}

fn pins(world: &W) -> usize {
    world.outside.script().messages.iter().filter(|message| message.phone == LEGAL_REP).count()
}

async fn revoked(world: &W) -> Vec<(String, i64)> {
    let mut reader = world.hall.store.read().await.unwrap();
    reader.revoked_certificates().await.unwrap().into_iter().map(|(serial, at, _)| (serial, at)).collect()
}

both! {
    async fn who_is_refused_for_good_gets_the_fee_back_and_may_apply_again(world: World) {
        let (applicant, number) = paid(&world).await;
        let desk = world.hires("reviewer", &[Role::Reviewer]).await;
        desk.rejects(&number, "papers").await.unwrap();
        world.works().await;
        let view = applicant.order(&number).await.unwrap();
        assert_eq!(view.status, Status::Cancelled);
        assert_eq!(view.refusal.unwrap().reason, "营业执照与登记信息不符");
        let refund = view.refund.unwrap();
        assert_eq!((refund.amount_fen, refund.state), (PRICE, RefundState::Settled));
        let told: Vec<_> = view.timeline.iter().map(|entry| entry.event).collect();
        assert!(told.ends_with(&[EventKind::ReviewRejected, EventKind::RefundSettled]), "{told:?}");
        // The text message tells the kind of reason, not the reviewer's words; the refund has one of its own.
        {
            let script = world.outside.script();
            let texts: Vec<_> = script.messages.iter().filter(|sms| sms.phone == OPERATOR).collect();
            let rejected = texts.iter().find(|sms| sms.template_code == "SMS_rejected").unwrap();
            assert_eq!(rejected.params[1], ("reason".to_owned(), "申请资料无效".to_owned()));
            let refunded = texts.iter().find(|sms| sms.template_code == "SMS_refunded").unwrap();
            assert_eq!(refunded.params[1], ("amount".to_owned(), "250.00".to_owned()));
            assert!(script.mails.iter().any(|mail| mail.to == "li@example.com" && mail.subject.starts_with("审核不通过")));
            assert!(script.mails.iter().all(|mail| !mail.text.contains("营业执照与登记信息不符")));
        }
        // The papers stay as evidence; the holder is free.
        let mut reader = world.hall.store.read().await.unwrap();
        let order = reader.order_by_number(&number).await.unwrap().unwrap();
        assert_eq!(reader.documents_of_order(&order.id).await.unwrap().len(), 3);
        drop(reader);
        world.later(6 * MINUTE);
        world.browser().signed_order().await;
    }
}

both! {
    async fn a_refusal_for_good_is_decided_once_and_by_a_reviewer_who_does_not_make(world: World) {
        let (_, number) = paid(&world).await;
        let desk = world.hires("reviewer", &[Role::Reviewer]).await;
        let version = desk.looks_at(&number).await.unwrap().order.version;
        let body = |version: i64, reason: &str| json!({ "version": version, "category": "other", "reason": reason });
        let path = format!("/orders/{number}/reject");
        let silent = desk.post::<()>(&path, &body(version, " ")).await.unwrap_err();
        assert_eq!(silent.error.code, ErrorCode::BadRequest);
        let stale = desk.post::<()>(&path, &body(version - 1, "x")).await.unwrap_err();
        assert_eq!(stale.error.code, ErrorCode::Conflict);
        let body = body(version, "x");
        let (one, two) = tokio::join!(desk.post::<()>(&path, &body), desk.post::<()>(&path, &body));
        assert!(one.is_ok() != two.is_ok(), "a double click");
        world.works().await;
        assert_eq!(world.outside.script().refund_calls.len(), 1);
    }
}

both! {
    async fn a_key_that_came_back_is_revoked_and_paid_back(world: World) {
        let (applicant, maker, number, key) = dispatched(&world).await;
        let serial = key.serial.clone().unwrap();
        let wrong = maker.takes_back(&number, "AABBCC").await.unwrap_err();
        assert_eq!(wrong.error.code, ErrorCode::BadRequest);
        assert!(revoked(&world).await.is_empty());
        maker.takes_back(&number, &format!(" {} ", serial.to_lowercase())).await.unwrap();
        world.works().await;
        let view = applicant.order(&number).await.unwrap();
        assert_eq!(view.status, Status::Returned);
        assert_eq!(view.refund.unwrap().state, RefundState::Settled);
        assert_eq!(revoked(&world).await, [(view.certificate_serial.unwrap(), world.now())]);
        let list = applicant.send(applicant.request(Method::GET, "/ca/issuing.crl")).await.bytes().await.unwrap();
        // cessationOfOperation (5) as an ENUMERATED in the extension of the only entry.
        assert!(list.windows(8).any(|part| part == [0x55, 0x1d, 0x15, 0x04, 0x03, 0x0a, 0x01, 0x05]));
        let mut reader = world.hall.store.read().await.unwrap();
        assert_eq!(reader.key(&serial).await.unwrap().unwrap().pin_sealed, None, "the PIN is forgotten");
        drop(reader);
        // The same holder may apply again.
        world.later(6 * MINUTE);
        world.browser().signed_order().await;
    }
}

both! {
    async fn a_pin_that_was_not_sent_yet_is_not_sent_after_the_return(world: World) {
        let (_, number) = paid(&world).await;
        world.hires("reviewer", &[Role::Reviewer]).await.approves(&number).await.unwrap();
        let maker = world.hires("maker", &[Role::Maker]).await;
        let mut key = Key::blank();
        maker.makes(&number, &mut key).await;
        maker.dispatches(&number, "SF12345678").await.unwrap();
        maker.takes_back(&number, key.serial.as_deref().unwrap()).await.unwrap();
        world.works().await;
        assert_eq!(pins(&world), 0);
    }
}

both! {
    async fn a_key_that_never_left_is_given_up_before_dispatch(world: World) {
        let (applicant, number) = paid(&world).await;
        world.hires("reviewer", &[Role::Reviewer]).await.approves(&number).await.unwrap();
        let maker = world.hires("maker", &[Role::Maker]).await;
        let mut key = Key::blank();
        maker.makes(&number, &mut key).await;
        let mut reader = world.hall.store.read().await.unwrap();
        let before = reader.key(key.serial.as_deref().unwrap()).await.unwrap().unwrap().secrets_sealed;
        drop(reader);
        maker.takes_back(&number, key.serial.as_deref().unwrap()).await.unwrap();
        world.works().await;
        let view = applicant.order(&number).await.unwrap();
        assert_eq!((view.status, view.refund.unwrap().state), (Status::Returned, RefundState::Settled));
        let mut reader = world.hall.store.read().await.unwrap();
        let kept = reader.key(key.serial.as_deref().unwrap()).await.unwrap().unwrap();
        assert!(kept.secrets_sealed.len() < before.len(), "sealed again without the PIN");
        assert_eq!((kept.pin_sealed, pins(&world)), (None, 0));
    }
}

both! {
    async fn the_pin_is_told_again_three_times_and_once_a_press(world: World) {
        let (_, maker, number, key) = dispatched(&world).await;
        assert_eq!(pins(&world), 1);
        let version = maker.looks_at(&number).await.unwrap().order.version;
        let body = json!({ "version": version, "reason": "来电" });
        let path = format!("/orders/{number}/pin-notice");
        let (one, two) = tokio::join!(maker.post::<()>(&path, &body), maker.post::<()>(&path, &body));
        assert!(one.is_ok() != two.is_ok(), "a double click");
        // While it is on its way another press sends nothing.
        assert_eq!(maker.sends_pin_again(&number).await.unwrap_err().error.code, ErrorCode::Conflict);
        world.works().await;
        assert_eq!((pins(&world), world.outside.newest(LEGAL_REP, "pin")), (2, Some(key.pin())));
        for _ in 0..2 {
            maker.sends_pin_again(&number).await.unwrap();
            world.works().await;
        }
        let enough = maker.sends_pin_again(&number).await.unwrap_err();
        assert!(enough.error.message.contains("3 次"), "{}", enough.error.message);
        assert_eq!(pins(&world), 4);
    }
}

both! {
    async fn a_pin_message_of_unknown_fate_is_asked_about_and_never_repeated(world: World) {
        let (_, maker, number, _) = dispatched(&world).await;
        world.outside.script().sms.push(silence());
        maker.sends_pin_again(&number).await.unwrap();
        world.works().await;
        assert_eq!(maker.sends_pin_again(&number).await.unwrap_err().error.code, ErrorCode::Conflict);
        world.later(MINUTE);
        world.works().await;
        // Found at the provider: it counts as sent.
        assert_eq!(pins(&world), 2);
        maker.sends_pin_again(&number).await.unwrap();
    }
}

both! {
    async fn a_pin_is_forgotten_a_month_after_delivery(world: World) {
        let (_, maker, number, _) = dispatched(&world).await;
        maker.hears_of_delivery(&number).await.unwrap();
        world.later(31 * DAY);
        world.works().await;
        let again = world.hires("later", &[Role::Maker]).await;
        let gone = again.sends_pin_again(&number).await.unwrap_err();
        assert!(gone.error.message.contains("保管期"), "{}", gone.error.message);
        assert_eq!(pins(&world), 1);
    }
}

both! {
    async fn a_refund_that_the_provider_refuses_is_retried_or_recorded_by_another_person(world: World) {
        let (applicant, number) = paid(&world).await;
        let judge = world.hires("judge", &[Role::Reviewer, Role::Admin]).await;
        let refusal = || Outcome::refused("ACQ.SELLER_BALANCE_NOT_ENOUGH", "卖家余额不足");
        world.outside.script().refunding.extend([refusal(), refusal()]);
        judge.rejects(&number, "other").await.unwrap();
        world.works().await;
        let owed = judge.owed(true).await;
        assert_eq!(owed.len(), 1);
        let row = &owed[0];
        assert_eq!((row.number.as_str(), row.amount_fen, row.state), (&*number, PRICE, RefundState::Refused));
        assert!(row.last_error.as_ref().unwrap().contains("BALANCE"));
        assert_eq!(judge.queue("refunds").await.len(), 1);
        let path = |rest: &str| format!("/refunds/{}/{rest}", row.id);
        judge.post::<()>(&path("retry"), &Value::Null).await.unwrap();
        let pending = judge.post::<()>(&path("retry"), &Value::Null).await.unwrap_err();
        assert_eq!(pending.error.code, ErrorCode::Conflict);
        world.works().await;
        let note = json!({ "note": "对公转账 20261120-001" });
        let same = judge.post::<()>(&path("record"), &note).await.unwrap_err();
        assert_eq!(same.error.code, ErrorCode::FourEyes);
        let other = world.hires("cashier", &[Role::Admin]).await;
        let empty = other.post::<()>(&path("record"), &json!({ "note": " " })).await.unwrap_err();
        assert_eq!(empty.error.code, ErrorCode::BadRequest);
        // The provider does not say whether it gave the money back: nobody may pay it by hand yet.
        world.outside.script().refund_states.push(silence());
        let unsure = other.post::<()>(&path("record"), &note).await.unwrap_err();
        assert_eq!(unsure.error.code, ErrorCode::ServiceUnavailable);
        other.post::<()>(&path("record"), &note).await.unwrap();
        let twice = other.post::<()>(&path("record"), &note).await.unwrap_err();
        assert_eq!(twice.error.code, ErrorCode::Conflict);
        assert!(other.owed(true).await.is_empty());
        assert_eq!(other.owed(false).await[0].state, RefundState::Recorded);
        assert_eq!(applicant.order(&number).await.unwrap().refund.unwrap().state, RefundState::Recorded);
        assert!(world.outside.script().refunded.is_empty());
    }
}

both! {
    async fn money_that_the_provider_gave_back_after_all_is_not_paid_by_hand(world: World) {
        let (applicant, number) = paid(&world).await;
        let desk = world.hires("reviewer", &[Role::Reviewer]).await;
        world.outside.script().refunding.push(Outcome::refused("ACQ.TRADE_STATUS_ERROR", "交易状态不合法"));
        desk.rejects(&number, "other").await.unwrap();
        world.works().await;
        let admin = world.hires("cashier", &[Role::Admin]).await;
        let row = admin.owed(true).await.remove(0);
        // It was done by hand on the provider's site, under our number, or its refusal was a mistake.
        let mut reader = world.hall.store.read().await.unwrap();
        let stored = reader.refund(&row.id).await.unwrap().unwrap();
        assert_eq!(stored.state, Stored::Refused);
        drop(reader);
        world.outside.script().refunded.insert(stored.request_no().to_owned(), PRICE);
        let refused = admin.post::<()>(&format!("/refunds/{}/record", row.id), &json!({ "note": "n" })).await.unwrap_err();
        assert_eq!(refused.error.code, ErrorCode::RefundRefused);
        assert_eq!(applicant.order(&number).await.unwrap().refund.unwrap().state, RefundState::Settled);
    }
}

both! {
    async fn a_refund_is_the_business_of_its_channels_admins(world: World) {
        let (_, number) = paid(&world).await;
        let desk = world.hires("reviewer", &[Role::Reviewer]).await;
        world.outside.script().refunding.push(Outcome::refused("no", "no"));
        desk.rejects(&number, "other").await.unwrap();
        world.works().await;
        let admin = world.hires("cashier", &[Role::Admin]).await;
        let id = admin.owed(true).await.remove(0).id;
        let outsider = world.hires_for("outsider", "elsewhere", &Role::ALL).await;
        outsider.logs_in().await;
        for (rest, body) in [("retry", Value::Null), ("record", json!({ "note": "n" }))] {
            let path = format!("/refunds/{id}/{rest}");
            let send = async |desk: &Desk| desk.send(desk.request(Method::POST, &path).json(&body)).await.status();
            assert_eq!(send(&outsider).await, StatusCode::NOT_FOUND);
            assert_eq!(send(&desk).await, StatusCode::FORBIDDEN);
            let nowhere = admin.request(Method::POST, &format!("/refunds/nowhere/{rest}")).json(&body);
            assert_eq!(admin.send(nowhere).await.status(), StatusCode::NOT_FOUND);
        }
    }
}

both! {
    async fn messages_that_never_arrived_are_listed_and_taken_off(world: World) {
        let (_, number) = paid(&world).await;
        let desk = world.hires("reviewer", &[Role::Reviewer]).await;
        world.outside.script().sms.push(Outcome::refused("isv.MOBILE_NUMBER_ILLEGAL", "no such phone"));
        world.outside.script().mailing.push(Outcome::refused("550", "no such mailbox"));
        desk.approves(&number).await.unwrap();
        world.works().await;
        let maker = world.hires("maker", &[Role::Maker]).await;
        let mut failed = maker.failed().await;
        failed.sort_by(|a, b| a.way.cmp(&b.way));
        let shown: Vec<_> = failed.iter().map(|m| (m.number.as_str(), m.what.as_str(), m.way.as_str())).collect();
        assert_eq!(shown, [(&*number, "审核通过", "mail"), (&*number, "审核通过", "sms")]);
        assert_eq!(failed[1].error, "短信平台拒收（isv.MOBILE_NUMBER_ILLEGAL）");
        let path = |id: &str| format!("/messages/{id}/dismiss");
        let outsider = world.hires_for("outsider", "elsewhere", &Role::ALL).await;
        outsider.logs_in().await;
        for (desk, code) in [(&outsider, ErrorCode::NotFound), (&desk, ErrorCode::Forbidden)] {
            assert_eq!(desk.post::<()>(&path(&failed[0].id), &Value::Null).await.unwrap_err().error.code, code);
        }
        maker.post::<()>(&path(&failed[0].id), &Value::Null).await.unwrap();
        let again = maker.post::<()>(&path(&failed[0].id), &Value::Null).await.unwrap_err();
        assert_eq!(again.error.code, ErrorCode::NotFound);
        assert_eq!(maker.failed().await.len(), 1);
    }
}

both! {
    async fn an_order_that_ran_out_of_time_is_told(world: World) {
        let browser = world.browser();
        let number = browser.signed_order().await.number;
        world.later(DAY + MINUTE);
        world.works().await;
        assert_eq!(browser.order(&number).await.unwrap().status, Status::Cancelled);
        let script = world.outside.script();
        assert!(script.messages.iter().any(|sms| sms.template_code == "SMS_expired" && sms.phone == OPERATOR));
        assert!(script.mails.iter().any(|mail| mail.subject == format!("超时取消：数字证书订单 {number}")));
    }
}

both! {
    async fn a_mail_is_retried_under_its_own_id_and_holds_no_secret(world: World) {
        let (_, _, number, key) = dispatched(&world).await;
        world.later(10 * SECOND);
        let script = world.outside.script();
        let subjects: Vec<_> = script.mails.iter().map(|mail| mail.subject.clone()).collect();
        assert!(subjects.iter().any(|subject| subject == &format!("审核通过：数字证书订单 {number}")), "{subjects:?}");
        assert!(subjects.iter().any(|subject| subject == &format!("发货通知：数字证书订单 {number}")));
        for mail in &script.mails {
            assert!(!mail.text.contains(&key.pin()), "{}", mail.text);
            assert!(mail.text.contains(&format!("{}/nanning/query", world.address)));
        }
    }
}
