//! Money that goes back over the real wire, with lost answers, and what the operator hears of it.

use e2e::applicant::Applicant;
use e2e::outside::Purpose;
use e2e::stack::Stack;
use e2e::staff::Clerk;
use serde_json::json;
use shared::api::{DifferenceKind, Reconciliation, RefundState, RejectCategory};
use shared::order::Status;
use std::time::Duration;

async fn refunded(applicant: &Applicant, number: &str, state: RefundState) {
    for _ in 0..300 {
        let refund = applicant.order(number).await.unwrap().refund.unwrap();
        if refund.state == state {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the refund never came to {state:?}");
}

#[tokio::test]
async fn a_fee_goes_back_once_though_every_answer_is_lost() {
    let stack = Stack::start().await.unwrap();
    let applicant = stack.applicant().unwrap();
    let unit = stack.unit(0).unwrap();
    let number = applicant.applies_and_pays(&unit).await.unwrap().number;
    // The provider does it and does not answer; then its books can't be asked; then they can.
    stack.outside.fault(&json!({"service": "alipay.refund", "kind": "lost"})).await.unwrap();
    stack.outside.fault(&json!({"service": "alipay.refund_query", "kind": "bad_signature"})).await.unwrap();
    // The mail server takes the first mail and breaks off before it says so.
    stack.outside.fault(&json!({"service": "mail", "kind": "lost"})).await.unwrap();
    let reviewer = stack.reviewer().await.unwrap();
    reviewer.rejects(&number, RejectCategory::Papers, "营业执照已注销").await.unwrap();
    let order = applicant.order(&number).await.unwrap();
    assert_eq!(order.status, Status::Cancelled);
    assert_eq!(order.refund.unwrap().amount_fen, 25_000);
    // The first call waits for its answer as long as the configuration says; then the provider is asked.
    tokio::time::sleep(Duration::from_secs(9)).await;
    stack.let_time_pass(Duration::from_secs(10)).await.unwrap();
    refunded(&applicant, &number, RefundState::Settled).await;
    let trade = stack.outside.trades().await.unwrap().remove(0);
    assert_eq!(trade.refunds.iter().map(|refund| refund.amount_fen).collect::<Vec<_>>(), [25_000]);
    assert_eq!(stack.outside.calls("alipay.trade.refund").await.unwrap(), 1, "asked about, not called again");

    let phone = unit.operator.phone().to_owned();
    let told = stack.outside.message(&phone, Purpose::Rejected, 1).await.unwrap();
    assert!(told.text.contains("申请资料无效") && !told.text.contains("注销"), "{}", told.text);
    let told = stack.outside.message(&phone, Purpose::Refunded, 1).await.unwrap();
    assert_eq!(told.param("amount").unwrap(), "250.00");
    let address = unit.draft().get(shared::form::Field::OperatorEmail).to_owned();
    for subject in ["审核不通过", "退款成功"] {
        let mail = stack.outside.mail(&address, subject).await.unwrap();
        assert!(mail.text.contains(&number) && !mail.text.contains("注销"), "{}", mail.text);
        assert!(mail.message_id.ends_with("@certhall.example>"));
    }
    // The holder is free to apply again.
    stack.let_time_pass(Duration::from_mins(10)).await.unwrap();
    let again = stack.applicant().unwrap().applies_and_signs(&unit).await.unwrap();
    assert_eq!(again.status, Status::AwaitingPayment);
}

/// The comparison of a day, once it was made after `before`.
async fn compared(carl: &Clerk, day: &str, before: Option<i64>) -> Reconciliation {
    for _ in 0..300 {
        let rows = carl.reconciliations().await.unwrap();
        if let Some(row) = rows.into_iter().find(|row| row.day == day && row.compared_at > before) {
            return row;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{day} was never compared");
}

#[tokio::test]
async fn what_the_bill_says_wrongly_is_found() {
    let stack = Stack::start().await.unwrap();
    let applicant = stack.applicant().unwrap();
    let number = applicant.applies_and_signs(&stack.unit(0).unwrap()).await.unwrap().number;
    let trade = stack.outside.trade(&applicant.opens_payment(&number).await.unwrap().qr).await.unwrap().out_trade_no;
    // The provider says that it was paid two days ago: that day's bill is there at any hour.
    stack.outside.suppress_notices().await.unwrap();
    stack.outside.clock(-2 * 86_400).await.unwrap();
    stack.outside.pay(&trade).await.unwrap();
    stack.outside.clock(0).await.unwrap();
    stack.outside.notify(&trade, "genuine", false).await.unwrap();
    applicant.awaits(&number, Status::AwaitingReview).await.unwrap();

    let account = stack.account("carl", &["admin"]).await.unwrap();
    let carl = Clerk::logs_in(&stack.portal, &account).await.unwrap();
    // An order's number begins with its day.
    let today: jiff::civil::Date = number.get(..8).unwrap().parse().unwrap();
    let (today, day) = (today.to_string(), today.yesterday().unwrap().yesterday().unwrap().to_string());
    assert!(carl.compares(&today).await.unwrap_err().message().contains("已经过去"));
    carl.compares(&day).await.unwrap();
    let agreed = compared(&carl, &day, None).await;
    assert_eq!((agreed.trades, agreed.paid_fen, agreed.differences.len()), (1, 25_000, 0));

    let lies = json!({"missing": [trade], "extra": [{"out_trade_no": "STRANGER_1", "amount_fen": 7}]});
    stack.outside.bill_lies(&lies).await.unwrap();
    carl.compares(&day).await.unwrap();
    let differing = compared(&carl, &day, agreed.compared_at).await;
    let found: Vec<_> = differing.differences.iter().map(|one| (one.out_trade_no.as_str(), one.kind)).collect();
    assert_eq!(found, [("STRANGER_1", DifferenceKind::NotOurs), (trade.as_str(), DifferenceKind::NotTheirs)]);
    assert_eq!(differing.differences[1].number.as_deref(), Some(number.as_str()));

    stack.outside.bill_lies(&json!({"amounts": {trade.as_str(): 1}})).await.unwrap();
    carl.compares(&day).await.unwrap();
    let differing = compared(&carl, &day, differing.compared_at).await;
    let one = &differing.differences[0];
    assert_eq!((one.kind, one.ours_fen, one.theirs_fen), (DifferenceKind::Amount, Some(25_000), Some(1)));
}
