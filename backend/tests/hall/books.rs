//! The comparison with the provider's bill, and what staff find out about its differences.

use crate::desk::Desk;
use crate::review::paid;
use backend::clock::DAY;
use backend::gateways::{Bill, BillKind, BillLine};
use reqwest::StatusCode;
use serde_json::{Value, json};
use shared::api::{ErrorCode, Reconciliation, Role};

const PRICE: i64 = 25_000;

both! {
    async fn yesterday_is_compared_this_morning_and_again_on_demand(world: World) {
        let (_, number) = paid(&world).await;
        let admin = world.hires("cashier", &[Role::Admin]).await;
        let list = async |desk: &Desk| desk.get::<Vec<Reconciliation>>("/reconciliations?channel=nanning").await.unwrap();
        assert!(list(&admin).await.is_empty());
        let day = "2026-11-20";
        let early = admin.post::<()>(&format!("/reconciliations/{day}?channel=nanning"), &Value::Null).await.unwrap_err();
        assert_eq!(early.error.code, ErrorCode::BadRequest);
        world.later(DAY);
        let admin = world.hires("cashier2", &[Role::Admin]).await;
        let line = |amount_fen| BillLine {
            kind: BillKind::Paid,
            out_trade_no: format!("{number}_1"),
            trade_no: "2026".into(),
            amount_fen,
            at: None,
        };
        for (amount, differences) in [(PRICE + 1, 1), (PRICE, 0)] {
            world.outside.script().bills.insert(day.parse().unwrap(), Bill { lines: vec![line(amount)] });
            admin.post::<()>(&format!("/reconciliations/{day}?channel=nanning"), &Value::Null).await.unwrap();
            world.works().await;
            let seen = list(&admin).await;
            assert_eq!((seen.len(), seen[0].day.as_str(), seen[0].trades), (1, day, 1));
            assert_eq!((seen[0].paid_fen, seen[0].differences.len()), (amount, differences));
        }
        for path in ["/reconciliations/nonsense?channel=nanning", "/reconciliations/2026-13-01?channel=nanning"] {
            assert_eq!(admin.post::<()>(path, &Value::Null).await.unwrap_err().status, StatusCode::BAD_REQUEST);
        }
    }
}

both! {
    async fn what_staff_found_out_about_a_difference_stays_with_it(world: World) {
        let (_, number) = paid(&world).await;
        let day = "2026-11-20";
        world.later(DAY);
        let admin = world.hires("cashier", &[Role::Admin]).await;
        let other = world.hires("cashier2", &[Role::Admin]).await;
        let line = |amount_fen| BillLine {
            kind: BillKind::Paid,
            out_trade_no: format!("{number}_1"),
            trade_no: "2026".into(),
            amount_fen,
            at: None,
        };
        let compare = async |amount| {
            world.outside.script().bills.insert(day.parse().unwrap(), Bill { lines: vec![line(amount)] });
            admin.post::<()>(&format!("/reconciliations/{day}?channel=nanning"), &Value::Null).await.unwrap();
            world.works().await;
            admin.get::<Vec<Reconciliation>>("/reconciliations?channel=nanning").await.unwrap().remove(0).differences
        };
        let difference = compare(PRICE + 1).await.remove(0);
        assert_eq!(difference.note, None);
        let path = format!("/reconciliations/{day}/notes?channel=nanning");
        let say = |note: &str| json!({ "difference": &difference, "note": note });
        let empty = admin.post::<()>(&path, &say("  ")).await.unwrap_err();
        assert_eq!(empty.error.code, ErrorCode::BadRequest);
        admin.post::<()>(&path, &say("已与支付宝核实，13977120001 多付一分")).await.unwrap();
        let second = other.post::<()>(&path, &say("不知道")).await.unwrap_err();
        assert_eq!(second.error.code, ErrorCode::Conflict);
        // Compared again, the note is there still; another sum is another difference.
        let note = compare(PRICE + 1).await.remove(0).note.unwrap();
        assert_eq!((note.text.as_str(), note.by.as_str()), ("已与支付宝核实，13977120001 多付一分", "cashier"));
        assert_eq!(compare(PRICE + 2).await.remove(0).note, None);
        let gone = admin.post::<()>(&path, &say("旧的")).await.unwrap_err();
        assert_eq!(gone.error.code, ErrorCode::Conflict);
        let nowhere = "/reconciliations/2026-11-01/notes?channel=nanning";
        assert_eq!(admin.post::<()>(nowhere, &say("没有")).await.unwrap_err().error.code, ErrorCode::NotFound);
        let outsider = world.hires_for("outsider", "elsewhere", &Role::ALL).await;
        outsider.logs_in().await;
        let reviewer = world.hires("reviewer", &[Role::Reviewer]).await;
        for (desk, code) in [(&outsider, ErrorCode::NotFound), (&reviewer, ErrorCode::Forbidden)] {
            assert_eq!(desk.post::<()>(&path, &say("n")).await.unwrap_err().error.code, code);
        }
    }
}
