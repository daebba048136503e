//! What the desk finds orders by.

use crate::applicant::{LEGAL_REP, OPERATOR, application, with};
use crate::desk::{Desk, Key};
use crate::review::paid;
use backend::audit::Chain;
use backend::orders::indexes;
use reqwest::StatusCode;
use shared::api::{ErrorCode, FoundOrders, Role};
use shared::form::Field;

async fn finds(desk: &Desk, query: &str) -> Vec<String> {
    let found: FoundOrders = desk.get(&format!("/orders?channel=nanning{query}")).await.unwrap();
    found.rows.into_iter().map(|row| row.number).collect()
}

both! {
    async fn an_order_is_found_by_everything_that_somebody_can_say(world: World) {
        let (_, number) = paid(&world).await;
        let other = world.browser();
        let mut draft = with(Field::CreditCode, "91330100799655058B");
        draft.set(Field::OperatorMobile, "13800138000".into());
        draft.set(Field::LegalRepMobile, "13700137000".into());
        let second = other.orders(&draft).await.number;
        let (reviewer, maker) = (world.hires("reviewer", &[Role::Reviewer]).await, world.hires("maker", &[Role::Maker]).await);
        reviewer.approves(&number).await.unwrap();
        let mut key = Key::with_serial("AB0011");
        maker.makes(&number, &mut key).await;
        maker.dispatches(&number, "SF1234567890").await.unwrap();
        let desk = world.hires("admin", &[Role::Admin]).await;
        for query in [number.as_str(), "914403001922038216", OPERATOR, LEGAL_REP, "139 7712 0001", "ab0011", "sf1234567890"] {
            assert_eq!(finds(&desk, &format!("&q={query}")).await, std::slice::from_ref(&number), "{query}");
        }
        for query in ["91330100799655058b", "13800138000", "13700137000", &second.to_lowercase()] {
            assert_eq!(finds(&desk, &format!("&q={query}")).await, std::slice::from_ref(&second), "{query}");
        }
        for query in ["&q=20261120", "&q=2026", "", &format!("&q={}", &number[..12])] {
            assert_eq!(finds(&desk, query).await, [second.clone(), number.clone()], "{query}");
        }
        assert_eq!(finds(&desk, "&status=dispatched").await, std::slice::from_ref(&number));
        assert_eq!(finds(&desk, "&q=2026&status=awaiting_documents").await, std::slice::from_ref(&second));
        for nothing in ["&q=13900000000", "&q=2027", "&q=%E6%9C%B1%E6%A7%BF", "&q=%25", "&status=returned"] {
            assert!(finds(&desk, nothing).await.is_empty(), "{nothing}");
        }
        let found: FoundOrders = desk.get("/orders?channel=nanning&q=20261120").await.unwrap();
        assert_eq!(found.rows[0].unit_name, "南宁市朱槿信息技术有限公司");
        assert_eq!(found.next, None);
        for bad in ["&status=nonsense", "&before=x"] {
            let refused = desk.get::<FoundOrders>(&format!("/orders?channel=nanning{bad}")).await;
            assert!(refused.is_err(), "{bad}");
        }
    }
}

both! {
    async fn a_search_is_kept_in_the_searchers_chain_without_what_was_typed(world: World) {
        let browser = world.browser();
        let number = browser.orders(&application()).await.number;
        let desk = world.hires("reviewer", &[Role::Reviewer]).await;
        finds(&desk, "").await;
        finds(&desk, &format!("&q={OPERATOR}")).await;
        finds(&desk, "&q=13900000000").await;
        let mut reader = world.hall.store.read().await.unwrap();
        let order = reader.order_by_number(&number).await.unwrap().unwrap();
        let id = reader.staff_by_name("reviewer").await.unwrap().unwrap().id;
        let links = reader.events(Chain::Staff(&id)).await.unwrap();
        let searches: Vec<_> = links.iter().filter(|link| link.kind == "orders_searched").collect();
        assert_eq!(searches.len(), 2, "a list is like a queue");
        assert!(searches[0].data.contains(&order.id) && !searches[0].data.contains(OPERATOR), "{}", searches[0].data);
        assert!(!searches[1].data.contains("13900000000"));
    }
}

both! {
    async fn somebody_without_a_role_there_finds_no_channel(world: World) {
        let stranger = world.hires_for("outsider", "elsewhere", &Role::ALL).await;
        assert_eq!(stranger.logs_in().await.status(), StatusCode::NO_CONTENT);
        let refused = stranger.get::<FoundOrders>("/orders?channel=nanning").await.unwrap_err();
        assert_eq!((refused.status, refused.error.code), (StatusCode::NOT_FOUND, ErrorCode::NotFound));
    }
}

both! {
    async fn a_list_is_read_page_by_page(world: World) {
        let browser = world.browser();
        let mut numbers = Vec::new();
        for _ in 0..3 {
            world.later(backend::clock::SECOND);
            numbers.push(browser.orders(&application()).await.number);
        }
        numbers.reverse();
        let desk = world.hires("reviewer", &[Role::Reviewer]).await;
        assert_eq!(finds(&desk, &format!("&before={}", numbers[0])).await, numbers[1..]);
        assert_eq!(finds(&desk, &format!("&q={OPERATOR}&before={}", numbers[1])).await, numbers[2..]);
    }
}

both! {
    async fn orders_of_an_older_version_are_found_after_the_first_start(world: World) {
        let browser = world.browser();
        let number = browser.orders(&application()).await.number;
        let mut tx = world.hall.store.begin().await.unwrap();
        let sql = "UPDATE orders SET operator_index = NULL, legal_rep_index = NULL";
        match tx.link() {
            backend::store::Link::Sqlite(link) => { sqlx::query(sql).execute(&mut **link).await.unwrap(); }
            backend::store::Link::Postgres(link) => { sqlx::query(sql).execute(&mut **link).await.unwrap(); }
        }
        tx.commit().await.unwrap();
        let desk = world.hires("reviewer", &[Role::Reviewer]).await;
        assert!(finds(&desk, &format!("&q={OPERATOR}")).await.is_empty());
        assert_eq!(indexes::fill(&world.hall).await.unwrap(), 1);
        assert_eq!(indexes::fill(&world.hall).await.unwrap(), 0);
        assert_eq!(finds(&desk, &format!("&q={OPERATOR}")).await, std::slice::from_ref(&number));
        assert_eq!(finds(&desk, &format!("&q={LEGAL_REP}")).await, [number]);
    }
}
