//! SMS codes.

use super::refused;
use e2e::outside::Purpose;
use e2e::stack::Stack;
use shared::api::{ErrorCode, Signature};
use shared::order::Status;
use std::time::Duration;

/// Another code than the right one.
fn wrong(code: &str) -> String {
    let first = if code.starts_with('0') { '1' } else { '0' };
    format!("{first}{}", &code[1..])
}

#[tokio::test]
async fn a_code_that_is_tried_too_often_is_used_up() {
    let stack = Stack::start().await.unwrap();
    let unit = stack.unit(0).unwrap();
    let applicant = stack.applicant().unwrap();
    let number = applicant.hands_in(&unit).await.unwrap().number;
    let ticket = applicant.asks_code(&number).await.unwrap().ticket;
    let code = stack.outside.newest_code(unit.operator.phone(), Purpose::Sign).await.unwrap();
    for left in [4, 3, 2, 1] {
        let told = refused(applicant.signs_with(&number, &ticket, &wrong(&code)).await, ErrorCode::SmsCodeWrong);
        assert_eq!(told.error.unwrap().tries_left, Some(left));
    }
    let fifth = applicant.signs_with(&number, &ticket, &wrong(&code)).await.unwrap_err();
    assert!(matches!(fifth.code(), ErrorCode::SmsCodeWrong | ErrorCode::SmsCodeUsedUp), "{fifth}");
    refused(applicant.signs_with(&number, &ticket, &code).await, ErrorCode::SmsCodeUsedUp);
    assert_eq!(applicant.order(&number).await.unwrap().status, Status::AwaitingSignature);

    // A new one works, once it may be asked for.
    let told = refused(applicant.asks_code(&number).await, ErrorCode::TooMany);
    let wait = told.error.unwrap().retry_after_s.unwrap();
    assert!((1..=300).contains(&wait), "{wait} s");
    stack.let_time_pass(Duration::from_mins(5)).await.unwrap();
    let order = applicant.signs(&number, &unit).await.unwrap();
    assert_eq!(order.status, Status::AwaitingPayment);
}

#[tokio::test]
async fn a_code_is_worthless_after_five_minutes_in_other_browsers_and_without_the_tick() {
    let stack = Stack::start().await.unwrap();
    let unit = stack.unit(0).unwrap();
    let applicant = stack.applicant().unwrap();
    let number = applicant.hands_in(&unit).await.unwrap().number;
    let ticket = applicant.asks_code(&number).await.unwrap().ticket;
    let code = stack.outside.newest_code(unit.operator.phone(), Purpose::Sign).await.unwrap();

    let stranger = stack.applicant().unwrap();
    stranger.saves(&unit.draft()).await.unwrap();
    assert_eq!(stranger.signs_with(&number, &ticket, &code).await.unwrap_err().status, 404);
    let consent_version = applicant.channel().await.unwrap().consent.version;
    let unread = Signature { ticket: ticket.clone(), code: code.clone(), agreed: false, consent_version };
    let path = format!("/api/orders/{number}/signature");
    refused(applicant.client.act(&path, &unread).await, ErrorCode::ConsentMissing);

    stack.let_time_pass(Duration::from_secs(301)).await.unwrap();
    refused(applicant.signs_with(&number, &ticket, &code).await, ErrorCode::SmsCodeExpired);
    assert_eq!(applicant.signs(&number, &unit).await.unwrap().status, Status::AwaitingPayment);
}

#[tokio::test]
async fn a_code_works_once() {
    let stack = Stack::start().await.unwrap();
    let unit = stack.unit(0).unwrap();
    let applicant = stack.applicant().unwrap();
    applicant.applies_and_signs(&unit).await.unwrap();

    let elsewhere = stack.applicant().unwrap();
    let sent = elsewhere.queries(&unit.company.credit_code).await.unwrap();
    let code = stack.outside.newest_code(unit.operator.phone(), Purpose::Query).await.unwrap();
    elsewhere.queries_with(&sent.ticket, &code).await.unwrap();
    // The same press told twice is answered again; it opens nothing to anybody else.
    elsewhere.queries_with(&sent.ticket, &code).await.unwrap();
    let thief = stack.applicant().unwrap();
    thief.saves(&unit.draft()).await.unwrap();
    refused(thief.queries_with(&sent.ticket, &code).await, ErrorCode::SmsCodeUsedUp);
    refused(elsewhere.queries(&unit.company.credit_code).await, ErrorCode::TooMany);
}

#[tokio::test]
async fn a_query_does_not_tell_whether_a_unit_is_known() {
    let stack = Stack::start().await.unwrap();
    let unit = stack.unit(0).unwrap();
    let visitor = stack.applicant().unwrap();
    let sent = visitor.queries(&unit.company.credit_code).await.unwrap();
    assert!(sent.phone.contains("****"));
    refused(visitor.queries_with(&sent.ticket, "123456").await, ErrorCode::SmsCodeWrong);
    refused(visitor.queries("914403001922038217").await, ErrorCode::Form);
    assert!(stack.outside.messages(unit.operator.phone(), Purpose::Query).await.unwrap().is_empty());
}
