//! Going on in another browser: drafts and orders are found again by a code to their operator.

use crate::applicant::{Browser, LEGAL_REP, OPERATOR, Refused, application, with};
use crate::papers;
use backend::clock::{MINUTE, SECOND};
use reqwest::{Method, StatusCode};
use serde_json::json;
use shared::api::{ErrorCode, OrderList, SavedDraft};
use shared::form::{Field, UnitDraft};
use shared::order::Status;

const UNIT: &str = "914403001922038216";

/// 订单查询 with the code that the phone shows.
async fn finds(browser: &Browser, subject: &str, phone: &str) -> OrderList {
    let sent = browser.asks_query_code(subject).await.unwrap();
    let code = browser.world.outside.newest(phone, "code").expect("no code on that phone");
    browser.queries(&sent.ticket, &code).await.unwrap()
}

async fn resumes(browser: &Browser, id: &str) -> Result<(), Refused> {
    browser.post(&format!("/api/drafts/resume/{id}"), &json!(null)).await
}

async fn own_draft(browser: &Browser) -> Option<UnitDraft> {
    let saved: Option<SavedDraft> = browser.get("/api/drafts/nanning/new").await.unwrap();
    saved.map(|saved| saved.draft)
}

async fn list(browser: &Browser) -> OrderList {
    browser.get("/api/orders?channel=nanning").await.unwrap()
}

both! {
    async fn an_order_begun_here_is_finished_elsewhere(world: World) {
        let office = world.browser();
        let number = office.orders(&application()).await.number;
        office.uploads(&number, "business_licence", papers::jpeg()).await.unwrap();

        let home = world.browser();
        let found = finds(&home, &number.to_lowercase(), OPERATOR).await;
        assert_eq!(found.unfinished[0].number, number);
        let uploaded = home.order(&number).await.unwrap().documents;
        assert_eq!(uploaded.len(), 1, "what was uploaded is there");
        let paper = &uploaded[0].id;
        let image = home.send(home.request(Method::GET, &format!("/api/orders/{number}/documents/{paper}"))).await;
        assert!(image.bytes().await.unwrap().starts_with(&[0xff, 0xd8]));
        home.uploads(&number, "operator_id_portrait", papers::png()).await.unwrap();
        home.uploads(&number, "operator_id_emblem", papers::jpeg()).await.unwrap();
        home.submits(&number).await.unwrap();
        home.signs_with_phone(&number).await.unwrap();
        home.opens_payment(&number).await.unwrap();
        let trade = format!("{number}_1");
        world.outside.pays(&trade, 25_000);
        world.notice(&trade).await;
        world.works().await;
        assert_eq!(home.payment(&number).await.status, Status::AwaitingReview);
        assert_eq!(office.order(&number).await.unwrap().status, Status::AwaitingReview);
    }
}

both! {
    async fn a_checked_form_is_taken_up_elsewhere_and_what_stood_there_is_kept(world: World) {
        let office = world.browser();
        let typed = with(Field::Department, "财务部");
        office.checks(&typed).await.unwrap();
        // Changed after the check, and not checked again: nothing typed is lost.
        let mut edited = typed.clone();
        edited.set(Field::MailAddress, "青秀区民族大道 2 号".into());
        office.saves(&edited).await.unwrap();

        let home = world.browser();
        let mine = with(Field::UnitName, "桂林市山水贸易有限公司");
        home.saves(&mine).await.unwrap();
        let found = finds(&home, UNIT, OPERATOR).await;
        assert!(found.unfinished.is_empty() && found.finished.is_empty());
        assert_eq!(found.drafts.len(), 1);
        assert_eq!(found.drafts[0].unit_name, "南宁市朱槿信息技术有限公司");
        let id = found.drafts[0].id.clone();
        // A double click.
        let (one, two) = tokio::join!(resumes(&home, &id), resumes(&home, &id));
        one.unwrap();
        two.unwrap();
        assert_eq!(own_draft(&home).await, Some(edited.clone()));
        let left = list(&home).await.drafts;
        assert_eq!(left.iter().map(|draft| draft.unit_name.as_str()).collect::<Vec<_>>(), ["桂林市山水贸易有限公司"]);
        assert_eq!(own_draft(&office).await, None);

        let checked = home.checks(&edited).await.unwrap();
        assert_eq!(world.outside.script().checks.len(), 3, "what passed is not asked again");
        let order = home.confirms(&checked.content).await.unwrap();
        assert_eq!(order.department, "财务部");
        // The one that was set aside can be taken up again.
        resumes(&home, &left[0].id).await.unwrap();
        assert_eq!(own_draft(&home).await, Some(mine));
        // The other became an order.
        assert_eq!(resumes(&home, &id).await.unwrap_err().error.code, ErrorCode::NotFound);
    }
}

both! {
    async fn the_first_browsers_open_page_overwrites_nothing(world: World) {
        let office = world.browser();
        office.checks(&application()).await.unwrap();
        let home = world.browser();
        let id = finds(&home, UNIT, OPERATOR).await.drafts[0].id.clone();
        resumes(&home, &id).await.unwrap();
        office.saves(&with(Field::Department, "还开着的页面")).await.unwrap();
        assert_eq!(own_draft(&home).await, Some(home.checks(&application()).await.unwrap().draft));
        assert_eq!(own_draft(&office).await.unwrap().get(Field::Department), "还开着的页面");
    }
}

both! {
    async fn a_form_that_was_not_checked_is_found_by_nobody(world: World) {
        let office = world.browser();
        office.saves(&application()).await.unwrap();
        let home = world.browser();
        home.asks_query_code(UNIT).await.unwrap();
        assert!(world.outside.script().messages.is_empty());
        // Checked, but then given another operator's phone: the old phone's holder gets nothing more.
        office.checks(&application()).await.unwrap();
        office.saves(&with(Field::OperatorMobile, "13800138000")).await.unwrap();
        world.later(121 * SECOND);
        home.asks_query_code(UNIT).await.unwrap();
        assert!(world.outside.script().messages.is_empty());
    }
}

both! {
    async fn a_draft_is_its_operators_only(world: World) {
        let office = world.browser();
        let id = {
            office.checks(&application()).await.unwrap();
            let home = world.browser();
            finds(&home, UNIT, OPERATOR).await.drafts[0].id.clone()
        };
        let stranger = world.browser();
        stranger.saves(&application()).await.unwrap();
        assert_eq!(resumes(&stranger, &id).await.unwrap_err().status, StatusCode::NOT_FOUND);
        assert_eq!(resumes(&world.browser(), &id).await.unwrap_err().status, StatusCode::NOT_FOUND);
        assert_eq!(resumes(&stranger, "nothing").await.unwrap_err().status, StatusCode::NOT_FOUND);
        // Somebody else's order for the same unit: its operator's code opens neither.
        let rival = world.browser();
        world.later(SECOND);
        rival.orders(&{
            let mut draft = with(Field::OperatorMobile, LEGAL_REP);
            draft.set(Field::OperatorName, "别人".into());
            draft
        }).await;
        world.later(2 * MINUTE);
        let found = finds(&rival, UNIT, LEGAL_REP).await;
        assert!(found.drafts.is_empty());
        assert_eq!(found.unfinished.len(), 1);
    }
}

both! {
    async fn an_unknown_order_number_looks_like_a_known_one(world: World) {
        let office = world.browser();
        let number = office.orders(&application()).await.number;
        let other = world.browser();
        let known = other.asks_query_code(&number).await.unwrap();
        let unknown = other.asks_query_code("20261120U999999").await.unwrap();
        assert_eq!((known.resend_after_s, known.expires_s), (unknown.resend_after_s, unknown.expires_s));
        assert_eq!((known.phone.len(), unknown.phone.len()), (11, 11));
        for subject in [number.as_str(), "20261120U999999"] {
            assert_eq!(other.asks_query_code(subject).await.unwrap_err().error.code, ErrorCode::TooMany, "{subject}");
        }
        // The number's limit is its own: it does not tell whose order it is.
        other.asks_query_code(UNIT).await.unwrap();
        let refused = other.asks_query_code("2026112").await.unwrap_err();
        assert_eq!(refused.error.code, ErrorCode::Form);
        // An order of another hall is as unknown as any.
        let list = other.queries(&unknown.ticket, "123456").await.unwrap_err();
        assert_eq!(list.error.code, ErrorCode::SmsCodeWrong);
    }
}

both! {
    async fn a_query_code_that_is_sent_twice_opens_the_same(world: World) {
        let office = world.browser();
        office.orders(&application()).await;
        let home = world.browser();
        let sent = home.asks_query_code(UNIT).await.unwrap();
        let code = world.outside.newest(OPERATOR, "code").unwrap();
        let (one, two) = tokio::join!(home.queries(&sent.ticket, &code), home.queries(&sent.ticket, &code));
        let three = home.queries(&sent.ticket, &code).await.unwrap();
        for list in [one.unwrap(), two.unwrap(), three] {
            assert_eq!(list.unfinished.len(), 1);
        }
        let wrong = if code == "123456" { "654321" } else { "123456" };
        assert_eq!(home.queries(&sent.ticket, wrong).await.unwrap_err().error.code, ErrorCode::SmsCodeUsedUp);
        let stranger = world.browser();
        stranger.saves(&application()).await.unwrap();
        assert_eq!(stranger.queries(&sent.ticket, &code).await.unwrap_err().error.code, ErrorCode::SmsCodeUsedUp);
    }
}
