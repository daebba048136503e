//! Payments, notifications, refunds, signatures.

use backend::store::{
    CodeLimits, CodePurpose, NewCode, NewRefund, PaymentState, RefundReason, SignatureRow, StoreError,
};
use shared::channel::PaymentWay;

const ALIPAY: PaymentWay = PaymentWay::Alipay;

both! {
    async fn an_order_has_one_live_trade_of_a_way(world: World) {
        let order = world.order().await;
        let mut tx = world.tx().await;
        let first = tx.begin_payment(&order.id, ALIPAY, "T1", 25_000).await.unwrap();
        assert_eq!(first.state, PaymentState::Opening);
        let second = tx.begin_payment(&order.id, ALIPAY, "T2", 25_000).await;
        assert!(matches!(second, Err(StoreError::Conflict)));
        assert_eq!(tx.live_payment(&order.id, ALIPAY).await.unwrap(), Some(first.clone()));

        assert!(tx.set_payment_open(&first.id, "https://qr", 99).await.unwrap());
        let open = tx.payment(&first.id).await.unwrap().unwrap();
        assert_eq!((open.qr.as_deref(), open.qr_until), (Some("https://qr"), Some(99)));
        assert!(tx.set_payment_state(&first.id, PaymentState::Closed).await.unwrap());
        assert!(!tx.set_payment_open(&first.id, "https://late", 99).await.unwrap());
        assert_eq!(tx.live_payment(&order.id, ALIPAY).await.unwrap(), None);
        let third = tx.begin_payment(&order.id, ALIPAY, "T3", 25_000).await.unwrap();
        assert_eq!(tx.live_payments(&order.id).await.unwrap(), vec![third]);
        assert_eq!(tx.payments_of_order(&order.id).await.unwrap().len(), 2);
    }
}

both! {
    async fn a_merchant_number_is_never_used_twice(world: World) {
        let (one, two) = (world.order().await, world.order().await);
        let mut tx = world.tx().await;
        tx.begin_payment(&one.id, ALIPAY, "T1", 1).await.unwrap();
        let again = tx.begin_payment(&two.id, ALIPAY, "T1", 1).await;
        assert!(matches!(again, Err(StoreError::Conflict)));
    }
}

both! {
    async fn money_is_noted_once_even_for_a_closed_trade(world: World) {
        let order = world.order().await;
        let mut tx = world.tx().await;
        let payment = tx.begin_payment(&order.id, ALIPAY, "T1", 25_000).await.unwrap();
        tx.set_payment_state(&payment.id, PaymentState::Closed).await.unwrap();
        tx.set_payment_next_query(&payment.id, 5).await.unwrap();
        assert!(tx.set_payment_paid(&payment.id, "2026", 25_000, 7).await.unwrap());
        assert!(!tx.set_payment_paid(&payment.id, "2026", 25_000, 7).await.unwrap());
        assert!(!tx.set_payment_state(&payment.id, PaymentState::Closed).await.unwrap());
        let paid = tx.payment_by_trade("T1").await.unwrap().unwrap();
        assert_eq!(paid.state, PaymentState::Paid);
        assert_eq!((paid.paid_fen, paid.paid_at, paid.next_query_at), (Some(25_000), Some(7), None));
    }
}

both! {
    async fn a_notification_is_kept_once(world: World) {
        let order = world.order().await;
        let mut tx = world.tx().await;
        let payment = tx.begin_payment(&order.id, ALIPAY, "T1", 25_000).await.unwrap();
        assert!(tx.insert_payment_notice("n1", "same", Some(&payment.id), b"raw").await.unwrap());
        assert!(!tx.insert_payment_notice("n2", "same", Some(&payment.id), b"raw").await.unwrap());
        assert!(tx.insert_payment_notice("n3", "of a trade that is not ours", None, b"raw").await.unwrap());
    }
}

both! {
    async fn a_sum_is_owed_back_once_and_listed_for_its_channel(world: World) {
        let order = world.order().await;
        let mut tx = world.tx().await;
        let payment = tx.begin_payment(&order.id, ALIPAY, "T1", 25_000).await.unwrap();
        let new = |reason| NewRefund {
            order_id: &order.id,
            payment_id: &payment.id,
            amount_fen: 25_000,
            reason,
            caused_by: None,
        };
        assert!(tx.owe_refund(new(RefundReason::Late)).await.unwrap());
        assert!(!tx.owe_refund(new(RefundReason::PaidTwice)).await.unwrap());
        let owed = tx.refunds_owed("nanning", true, 10).await.unwrap();
        assert_eq!((owed[0].order_id.as_str(), owed[0].amount_fen), (order.id.as_str(), 25_000));
        assert!(tx.refunds_owed("guilin", true, 10).await.unwrap().is_empty());
        let of_order = tx.refunds_of_order(&order.id).await.unwrap();
        assert_eq!((of_order.len(), of_order[0].reason), (1, RefundReason::Late));
    }
}

both! {
    async fn a_signature_is_kept_as_evidence_once_for_a_code(world: World) {
        let order = world.order().await;
        let mut tx = world.tx().await;
        let code = NewCode {
            id: "k1".into(),
            purpose: CodePurpose::Sign,
            channel: "nanning".into(),
            order_id: Some(order.id.clone()),
            holder_index: None,
            phone_index: "p".into(),
            ip_index: "i".into(),
            session_id: order.session_id.clone(),
            code_hash: "h".into(),
            content_hash: None,
            expires_at: world.now() + 1,
            challenge_id: None,
        };
        let limits = CodeLimits { resend_after: 0, window: 1, per_phone: 9, per_ip: 9, per_subject: 9 };
        tx.issue_code(&code, limits).await.unwrap();
        let row = SignatureRow {
            id: "s1".into(),
            order_id: order.id.clone(),
            code_id: "k1".into(),
            at: world.now(),
            phone_sealed: b"phone".to_vec(),
            ip_sealed: b"ip".to_vec(),
            consent_version: "1".into(),
            consent_hash: "cc".into(),
            content_hash: "dd".into(),
        };
        tx.insert_signature(&row).await.unwrap();
        assert_eq!(tx.signature_of_order(&order.id).await.unwrap(), Some(row.clone()));
        let again = SignatureRow { id: "s2".into(), ..row };
        assert!(tx.insert_signature(&again).await.is_err());
    }
}
