//! How often, for whom: each limit a story, told by two backends on one database where it matters.

use crate::applicant::{Browser, OPERATOR, application, with};
use crate::desk::PASSWORD;
use backend::clock::{DAY, HOUR, MINUTE, SECOND};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use shared::api::{CodeSent, ErrorCode, Role};
use shared::form::{Field, UnitDraft};

/// Valid credit codes that nobody registered here.
fn unknown(n: u32) -> String {
    const LETTERS: &[u8] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
    let value = |letter: u8| LETTERS.iter().position(|known| *known == letter).unwrap();
    let organisation = format!("{:08}", 30_000_000 + n);
    let weights = [3, 7, 9, 10, 5, 8, 4, 2];
    let sum: usize = organisation.bytes().zip(weights).map(|(digit, weight)| value(digit) * weight).sum();
    let check = match 11 - sum % 11 {
        10 => 'X',
        11 => '0',
        digit => char::from_digit(u32::try_from(digit).unwrap(), 10).unwrap(),
    };
    let body = format!("91440300{organisation}{check}");
    let mut weight = 1;
    let mut sum = 0;
    for letter in body.bytes() {
        sum += value(letter) * weight;
        weight = weight * 3 % 31;
    }
    format!("{body}{}", char::from(LETTERS[(31 - sum % 31) % 31]))
}

/// Valid ID numbers that nobody has here.
fn person(n: u32) -> String {
    let body = format!("45019919800101{:03}", n % 1_000);
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = body.bytes().zip(weights).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    format!("{body}{}", char::from(b"10X98765432"[(sum % 11) as usize]))
}

/// The application of another unit by other people.
fn somebody(n: u32) -> UnitDraft {
    let mut draft = with(Field::CreditCode, &unknown(n));
    draft.set(Field::LegalRepId, person(2 * n));
    draft.set(Field::OperatorId, person(2 * n + 1));
    draft.set(Field::OperatorMobile, format!("138000{n:05}"));
    draft
}

/// How many of these subjects are answered before a limit; and what the limit says.
async fn asks_until_refused(browser: &Browser, subjects: std::ops::Range<u32>) -> (usize, Option<ErrorCode>) {
    for (answered, n) in subjects.enumerate() {
        if let Err(refused) = browser.asks_query_code(&unknown(n)).await {
            assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
            assert!(refused.error.retry_after_s.is_some_and(|seconds| seconds > 0));
            return (answered, Some(refused.error.code));
        }
    }
    (usize::MAX, None)
}

both! {
    async fn one_phone_that_asks_all_day_gets_ten_codes(world: World) {
        let browser = world.browser();
        let number = browser.orders(&application()).await.number;
        browser.submits_papers(&number).await;
        let other = world.another_backend().await;
        let elsewhere = browser.at(&other);
        let mut sent = 0;
        let mut refused = 0;
        // Every ten minutes, to either backend, the whole day.
        for press in 0..6 * 14 {
            let window = if press % 2 == 0 { &browser } else { &elsewhere };
            match window.asks_sign_code(&number).await {
                Ok(_) => sent += 1,
                Err(said) => {
                    assert_eq!(said.error.code, ErrorCode::TooMany);
                    assert!(said.error.message.contains("小时"), "{}", said.error.message);
                    refused += 1;
                }
            }
            world.later(10 * MINUTE);
        }
        assert_eq!((sent, world.outside.script().messages.len()), (10, 10));
        assert_eq!(refused, 6 * 14 - 10);
    }
}

both! {
    async fn the_phone_s_limit_holds_over_orders_and_purposes(world: World) {
        // Somebody plagues a phone by orders of many units that all name it.
        let mut codes = 0;
        for n in 0..12 {
            let browser = world.browser_at(&format!("198.51.{n}.7"));
            let mut draft = somebody(n);
            draft.set(Field::OperatorMobile, OPERATOR.to_owned());
            let number = browser.orders(&draft).await.number;
            browser.submits_papers(&number).await;
            codes += usize::from(browser.asks_sign_code(&number).await.is_ok());
        }
        assert_eq!(codes, 10);
        let to_phone = world.outside.script().messages.iter().filter(|message| message.phone == OPERATOR).count();
        assert_eq!(to_phone, 10);
    }
}

both! {
    async fn numbers_guessed_in_bulk_end_with_the_session_the_address_and_the_prefix(world: World) {
        let browser = world.browser_at("203.0.113.1");
        assert_eq!(asks_until_refused(&browser, 0..50).await, (10, Some(ErrorCode::TooMany)));
        // What was asked about before may be asked about again.
        world.later(121 * SECOND);
        browser.asks_query_code(&unknown(3)).await.unwrap();
        // A new session at the same address, at the other backend: the address has asked about ten already.
        let other = world.another_backend().await;
        let mut from_address = 10;
        for guesser in 1..10 {
            let (answered, _) =
                asks_until_refused(&other.browser_at("203.0.113.1"), guesser * 50..guesser * 50 + 50).await;
            from_address += answered;
        }
        assert_eq!(from_address, 30);
        // The neighbours of the same /24.
        let mut from_prefix = from_address;
        for neighbour in 2..20 {
            let from = format!("203.0.113.{neighbour}");
            let (answered, _) =
                asks_until_refused(&world.browser_at(&from), 1_000 + neighbour * 50..1_050 + neighbour * 50).await;
            from_prefix += answered;
        }
        assert_eq!(from_prefix, 120);
        // Somebody elsewhere, and everybody tomorrow.
        world.browser_at("198.51.100.1").asks_query_code(&unknown(9_000)).await.unwrap();
        world.later(DAY);
        browser.asks_query_code(&unknown(9_001)).await.unwrap();
    }
}

both! {
    async fn an_address_gets_a_hundred_codes_a_day(world: World) {
        assert_eq!(world.hall.config.gate.codes_per_address, 100);
        let browsers = [world.browser_at("203.0.113.1"), world.browser_at("203.0.113.1")];
        let mut sent = 0;
        for _round in 0..9 {
            for subject in 0..12 {
                sent += usize::from(browsers[subject as usize % 2].asks_query_code(&unknown(subject)).await.is_ok());
            }
            world.later(121 * SECOND);
        }
        assert_eq!(sent, 100);
        world.browser_at("203.0.113.2").asks_query_code(&unknown(1)).await.unwrap();
    }
}

both! {
    async fn a_prefix_has_a_limit_of_its_own(world: World) {
        let hall = world.with_gate(json!({ "codes_per_prefix": 5 })).await;
        let mut sent = 0;
        for n in 0..8 {
            sent += usize::from(hall.browser_at(&format!("203.0.113.{n}")).asks_query_code(&unknown(n)).await.is_ok());
        }
        assert_eq!(sent, 5);
        hall.browser_at("203.0.114.1").asks_query_code(&unknown(9)).await.unwrap();
        // One customer of a provider has a /64 of addresses.
        let mut sent = 0;
        for n in 20..28 {
            let browser = hall.browser_at(&format!("2001:db8:1:2::{n}"));
            sent += usize::from(browser.asks_query_code(&unknown(n)).await.is_ok());
        }
        assert_eq!(sent, 5);
    }
}

both! {
    async fn the_budget_of_a_day_is_for_everybody_on_all_backends(world: World) {
        let (poor, other) = (world.with_gate(json!({ "codes_a_day": 5 })).await, world.with_gate(json!({ "codes_a_day": 5 })).await);
        let mut sent = 0;
        for n in 0..8 {
            let hall = if n % 2 == 0 { &poor } else { &other };
            let browser = hall.browser_at(&format!("198.51.{n}.7"));
            let number = browser.orders(&somebody(n)).await.number;
            browser.submits_papers(&number).await;
            match browser.asks_sign_code(&number).await {
                Ok(_) => sent += 1,
                Err(refused) => assert_eq!(refused.error.code, ErrorCode::TooMany),
            }
        }
        assert_eq!((sent, world.outside.script().messages.len()), (5, 5));
        // A number that nobody has is refused alike.
        let refused = poor.browser_at("198.51.100.9").asks_query_code(&unknown(77)).await.unwrap_err();
        assert_eq!(refused.error.code, ErrorCode::TooMany);
    }
}

both! {
    async fn numbers_that_nobody_has_cost_no_budget(world: World) {
        let poor = world.with_gate(json!({ "codes_a_day": 2 })).await;
        for n in 0..6 {
            poor.browser_at(&format!("198.51.{n}.7")).asks_query_code(&unknown(n)).await.unwrap();
        }
        let browser = poor.browser();
        let number = browser.orders(&application()).await.number;
        browser.submits_papers(&number).await;
        browser.asks_sign_code(&number).await.unwrap();
    }
}

both! {
    async fn element_checks_have_limits_for_address_and_everybody(world: World) {
        let hall = world.with_gate(json!({ "checks_per_address": 7, "checks_a_day": 12 })).await;
        let browser = hall.browser_at("203.0.113.1");
        browser.checks(&somebody(1)).await.unwrap();
        browser.checks(&somebody(2)).await.unwrap();
        let refused = browser.checks(&somebody(3)).await.unwrap_err();
        assert_eq!(refused.error.code, ErrorCode::TooMany);
        assert_eq!(world.outside.script().checks.len(), 7, "three for a form, and the seventh was the last");
        hall.browser_at("198.51.100.1").checks(&somebody(4)).await.unwrap();
        let refused = hall.browser_at("198.51.101.1").checks(&somebody(5)).await.unwrap_err();
        assert_eq!(refused.error.code, ErrorCode::TooMany);
        assert_eq!(world.outside.script().checks.len(), 12);
        world.later(DAY);
        hall.browser_at("198.51.101.1").checks(&somebody(5)).await.unwrap();
    }
}

both! {
    async fn wrong_codes_of_an_address_are_counted_over_all_tickets(world: World) {
        let hall = world.with_gate(json!({ "wrong_codes_per_address": 7 })).await;
        let mut tickets = Vec::new();
        for n in 0..2 {
            let browser = hall.browser_at("203.0.113.1");
            let ticket = browser.asks_query_code(&unknown(n)).await.unwrap().ticket;
            tickets.push((browser, ticket));
        }
        let mut said = Vec::new();
        for try_ in 0..10 {
            let (browser, ticket) = &tickets[try_ / 5];
            said.push(browser.queries(ticket, "000000").await.unwrap_err().error.code);
        }
        assert_eq!(said.iter().filter(|code| **code == ErrorCode::SmsCodeWrong).count(), 7);
        assert_eq!(said.iter().filter(|code| **code == ErrorCode::TooMany).count(), 3);
    }
}

both! {
    async fn challenges_can_not_be_collected(world: World) {
        let hall = world.with_gate(json!({ "challenges_per_address": 40 })).await;
        let browser = hall.browser();
        let mut bits = Vec::new();
        let refused = loop {
            match browser.challenge().await {
                Ok(challenge) => bits.push(challenge.work.bits),
                Err(refused) => break refused,
            }
        };
        assert_eq!((bits.len(), refused.error.code), (40, ErrorCode::TooMany));
        assert_eq!((bits[0], bits[39]), (8, 9), "and the work grows");
        world.later(HOUR);
        browser.challenge().await.unwrap();
    }
}

both! {
    async fn guesses_at_staff_passwords_end_with_the_address(world: World) {
        let other = world.another_backend().await;
        let mut refused = 0;
        for n in 0..24 {
            let hall = if n % 2 == 0 { &world } else { &other };
            let browser = hall.browser_at("203.0.113.1");
            let body = json!({ "name": format!("name{n}"), "password": PASSWORD, "code": "000000" });
            let response = browser.send(browser.request(Method::POST, "/api/staff/login").json(&body)).await;
            match response.status() {
                StatusCode::UNAUTHORIZED => refused += 1,
                status => assert_eq!(status, StatusCode::TOO_MANY_REQUESTS),
            }
        }
        assert_eq!(refused, 20);
        // Somebody else is not kept out.
        let desk = world.hires_for("li.na", "nanning", &[Role::Reviewer]).await;
        assert_eq!(desk.logs_in().await.status(), StatusCode::NO_CONTENT);
    }
}

both! {
    async fn a_flood_is_stopped_before_the_database(world: World) {
        let hall = world.with_gate(json!({ "requests_a_second": 1 })).await;
        let browser = hall.browser_at("203.0.113.1");
        let before = hall.hall.store.statements();
        let mut refused = 0;
        for _ in 0..40 {
            let body: Value = json!({ "ticket": "t", "code": "1" });
            let response = browser.send(browser.request(Method::POST, "/api/query/confirm").json(&body)).await;
            if response.status() == StatusCode::TOO_MANY_REQUESTS {
                assert!(response.headers().contains_key("retry-after"));
                refused += 1;
            }
        }
        assert!(refused >= 20, "{refused}");
        assert_eq!(hall.hall.store.statements(), before, "nothing of it reached the database");
        hall.browser_at("198.51.100.1").challenge().await.unwrap();
    }
}

both! {
    async fn what_limits_no_longer_need_is_forgotten(world: World) {
        let browser = world.browser();
        let sent: CodeSent = browser.asks_query_code(&unknown(1)).await.unwrap();
        assert!(!sent.ticket.is_empty());
        assert_eq!(backend::gate::sweep(&world.hall).await.unwrap(), 0, "nothing is old yet");
        world.later(2 * DAY);
        let gone = backend::gate::sweep(&world.hall).await.unwrap();
        assert!(gone >= 8, "{gone}: a challenge, its tallies, the code's, the subject's");
        browser.asks_query_code(&unknown(1)).await.unwrap();
    }
}
