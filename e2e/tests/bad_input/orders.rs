//! Orders: double clicks, second orders, deadlines.

use super::refused;
use e2e::stack::Stack;
use shared::api::ErrorCode;
use shared::form::Field;
use shared::order::{EventKind, Status};
use std::time::Duration;

#[tokio::test]
async fn a_double_click_makes_one_order() {
    let stack = Stack::start().await.unwrap();
    let applicant = stack.applicant().unwrap();
    let checked = applicant.checks(&stack.unit(0).unwrap().draft()).await.unwrap();
    let (first, second) = tokio::join!(applicant.confirms(&checked), applicant.confirms(&checked));
    let number = first.unwrap().number;
    assert_eq!(second.unwrap().number, number);
    assert_eq!(applicant.confirms(&checked).await.unwrap().number, number, "nor does a retry much later");
    assert_eq!(applicant.orders().await.unwrap().unfinished.len(), 1);
    assert!(applicant.saved().await.unwrap().is_none(), "the form is an order now");
}

#[tokio::test]
async fn what_was_not_checked_is_not_confirmed() {
    let stack = Stack::start().await.unwrap();
    let unit = stack.unit(0).unwrap();
    let applicant = stack.applicant().unwrap();
    let mut checked = applicant.checks(&unit.draft()).await.unwrap();
    applicant.saves(&unit.draft_with(Field::UnitName, "别的公司")).await.unwrap();
    refused(applicant.confirms(&checked).await, ErrorCode::NotChecked);
    checked.content = "0".repeat(64);
    refused(applicant.confirms(&checked).await, ErrorCode::NotChecked);
    assert!(applicant.orders().await.unwrap().unfinished.is_empty());
}

#[tokio::test]
async fn a_signed_order_keeps_others_off_and_an_unsigned_one_locks_nobody_out() {
    let stack = Stack::start().await.unwrap();
    let unit = stack.unit(0).unwrap();
    let (rival, owner) = (stack.applicant().unwrap(), stack.applicant().unwrap());
    let rivals = rival.hands_in(&unit).await.unwrap().number;
    let number = owner.applies_and_signs(&unit).await.unwrap().number;

    // The rival began first, and comes too late.
    stack.let_time_pass(Duration::from_mins(5)).await.unwrap();
    let late = rival.signs(&rivals, &unit).await.unwrap_err();
    let late = late.downcast::<e2e::client::Refused>().unwrap();
    assert_eq!(late.code(), ErrorCode::OrderExists, "{late}");
    assert_eq!(late.error.unwrap().order, None, "whose it is, is nobody's business");

    // A second one by its owner: the first one is named.
    let checked = owner.checks(&unit.draft()).await.unwrap();
    let told = refused(owner.confirms(&checked).await, ErrorCode::OrderExists);
    assert_eq!(told.error.unwrap().order.as_deref(), Some(number.as_str()));

    // Once it is cancelled, another may follow.
    owner.cancels(&number).await.unwrap();
    assert_ne!(owner.confirms(&checked).await.unwrap().number, number);
}

#[tokio::test]
async fn a_cancelled_order_stays_cancelled() {
    let stack = Stack::start().await.unwrap();
    let unit = stack.unit(0).unwrap();
    let applicant = stack.applicant().unwrap();
    let number = applicant.hands_in(&unit).await.unwrap().number;
    assert_eq!(applicant.cancels(&number).await.unwrap().status, Status::Cancelled);
    assert_eq!(applicant.cancels(&number).await.unwrap().status, Status::Cancelled, "a second click is no error");
    assert!(applicant.submits(&number).await.is_err());
    refused(applicant.asks_code(&number).await, ErrorCode::Conflict);
    refused(applicant.opens_payment(&number).await, ErrorCode::Conflict);
}

#[tokio::test]
async fn an_order_that_is_not_paid_for_a_day_is_cancelled_and_late_money_goes_back() {
    let stack = Stack::start().await.unwrap();
    let unit = stack.unit(0).unwrap();
    let applicant = stack.applicant().unwrap();
    let number = applicant.applies_and_signs(&unit).await.unwrap().number;
    let cashier = applicant.opens_payment(&number).await.unwrap();
    let trade = stack.outside.trade(&cashier.qr).await.unwrap().out_trade_no;
    stack.outside.scan(&trade).await.unwrap();

    stack.let_time_pass(Duration::from_hours(23)).await.unwrap();
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(applicant.order(&number).await.unwrap().status, Status::AwaitingPayment);
    stack.let_time_pass(Duration::from_hours(1)).await.unwrap();
    let order = applicant.awaits(&number, Status::Cancelled).await.unwrap();
    assert_eq!(order.timeline.last().unwrap().event, EventKind::Expired);

    stack.outside.pay_late(&trade).await.unwrap();
    for _ in 0..100 {
        let order = applicant.order(&number).await.unwrap();
        if order.timeline.last().unwrap().event == EventKind::RefundSettled {
            assert_eq!(order.status, Status::Cancelled);
            assert!(order.timeline.iter().any(|entry| entry.event == EventKind::LatePaymentRecorded));
            let given_back = stack.outside.trades().await.unwrap().remove(0).refunds;
            assert_eq!(given_back.iter().map(|refund| refund.amount_fen).collect::<Vec<_>>(), [25_000]);
            let admin = stack.account("ada", &["admin"]).await.unwrap();
            let admin = e2e::staff::Clerk::logs_in(&stack.portal, &admin).await.unwrap();
            assert!(admin.queue("refunds").await.unwrap().is_empty());
            let settled = admin.refunds(false).await.unwrap().remove(0);
            assert_eq!((settled.number.as_str(), settled.amount_fen), (number.as_str(), 25_000));
            return;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    panic!("the late payment never went back: {}", stack.backend_log());
}
