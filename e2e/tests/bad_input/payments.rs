//! The provider's notices.

use e2e::applicant::Applicant;
use e2e::stack::Stack;
use shared::order::{EventKind, Status};
use std::time::Duration;

async fn open_trade(stack: &Stack, applicant: &Applicant) -> (String, String) {
    let unit = stack.unit(0).unwrap();
    let number = applicant.applies_and_signs(&unit).await.unwrap().number;
    let cashier = applicant.opens_payment(&number).await.unwrap();
    assert_eq!(cashier.amount_fen, 25_000);
    let again = applicant.opens_payment(&number).await.unwrap();
    assert_eq!(again.qr, cashier.qr, "a reload shows the same code");
    let trade = stack.outside.trade(&cashier.qr).await.unwrap().out_trade_no;
    (number, trade)
}

#[tokio::test]
async fn a_notice_that_comes_twice_settles_once() {
    let stack = Stack::start().await.unwrap();
    let applicant = stack.applicant().unwrap();
    let (number, trade) = open_trade(&stack, &applicant).await;
    stack.outside.pay(&trade).await.unwrap();
    applicant.awaits(&number, Status::AwaitingReview).await.unwrap();
    for kind in ["again", "again", "genuine"] {
        let answer = stack.outside.notify(&trade, kind, false).await.unwrap();
        assert_eq!((answer.status, answer.body.as_str()), (Some(200), "success"), "{kind}");
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    let order = applicant.order(&number).await.unwrap();
    assert_eq!(order.status, Status::AwaitingReview);
    let settled = order.timeline.iter().filter(|entry| entry.event == EventKind::PaymentSettled).count();
    assert_eq!(settled, 1);
    assert_eq!(applicant.payment(&number).await.unwrap().paid_fen, Some(25_000));
    assert!(applicant.opens_payment(&number).await.is_err(), "it is never paid again");
    assert!(applicant.cancels(&number).await.is_err());
}

#[tokio::test]
async fn no_notice_is_believed() {
    let stack = Stack::start().await.unwrap();
    let applicant = stack.applicant().unwrap();
    let (number, trade) = open_trade(&stack, &applicant).await;
    stack.outside.suppress_notices().await.unwrap();
    for kind in ["forged", "tampered", "unsigned", "other_app", "other_seller"] {
        let answer = stack.outside.notify(&trade, kind, true).await.unwrap();
        assert_ne!(answer.body, "success", "{kind}");
        assert!(answer.status.is_some_and(|status| (400..500).contains(&status)), "{kind}: {answer:?}");
    }
    // Rightly signed, and still only a hint: the provider is asked, and says that nobody paid.
    for kind in ["genuine", "other_amount", "other_trade"] {
        stack.outside.notify(&trade, kind, true).await.unwrap();
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(applicant.order(&number).await.unwrap().status, Status::AwaitingPayment);

    // A payment whose notice is lost is found by asking.
    stack.outside.pay(&trade).await.unwrap();
    stack.let_time_pass(Duration::from_mins(2)).await.unwrap();
    applicant.awaits(&number, Status::AwaitingReview).await.unwrap();
}
