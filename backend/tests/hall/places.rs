//! The hall in a partner's frame and on a terminal: who may show it, the session without a cookie, and its end.

use crate::applicant::{Browser, application};
use crate::world::PARTNER;
use reqwest::{Method, Response, StatusCode};
use shared::api::{OrderList, SESSION_HEADER, SESSION_WANTED, SavedDraft};

fn policy(response: &Response) -> String {
    response.headers()["content-security-policy"].to_str().unwrap().to_owned()
}

async fn open(browser: &Browser, path: &str, headers: &[(&str, &str)]) -> Response {
    let request = browser.request(Method::GET, path);
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    request.send().await.unwrap()
}

both! {
    async fn only_partners_may_show_the_hall_in_a_frame(world: World) {
        let browser = world.browser();
        let framed = [("sec-fetch-dest", "iframe")];
        for path in ["/nanning/embed/", "/nanning/embed", "/nanning/embed/new", "/nanning/embed/orders/x"] {
            let response = open(&browser, path, &framed).await;
            assert_eq!(response.status(), StatusCode::OK, "{path}");
            assert!(policy(&response).ends_with(&format!("frame-ancestors {PARTNER}")), "{}", policy(&response));
            assert!(!response.headers().contains_key("x-frame-options"), "it would override the list in old browsers");
            let html = response.text().await.unwrap();
            assert!(html.contains(&format!(r#"<script type="application/json" id="parents">["{PARTNER}"]</script>"#)));
        }
        let partner = [framed[0], ("referer", "https://partner.example/")];
        assert_eq!(open(&browser, "/nanning/embed/", &partner).await.status(), StatusCode::OK);
        // Every other page of the hall: nobody.
        for path in ["/", "/nanning/", "/nanning/new", "/nanning/kiosk/", "/nanning/orders", "/staff/", "/unknown"] {
            let response = open(&browser, path, &framed).await;
            assert!(policy(&response).contains("frame-ancestors 'none'"), "{path}: {}", policy(&response));
        }
    }
}

both! {
    async fn a_stranger_is_told_in_words_and_gets_nothing_to_press(world: World) {
        let browser = world.browser();
        for stranger in ["https://evil.example/", "https://partner.example.evil.example/", "http://partner.example/"] {
            let response = open(&browser, "/nanning/embed/", &[("sec-fetch-dest", "iframe"), ("referer", stranger)]).await;
            assert_eq!(response.status(), StatusCode::FORBIDDEN, "{stranger}");
            assert_eq!(response.headers()["cache-control"], "no-store");
            assert!(response.headers()["vary"].to_str().unwrap().contains("referer"));
            assert!(policy(&response).starts_with("default-src 'none'"), "{}", policy(&response));
            let html = response.text().await.unwrap();
            assert!(html.contains("办事大厅不能在这个网站中显示") && html.contains(stranger.trim_end_matches('/')), "{html}");
            assert!(!html.contains("<script") && !html.contains("<form"), "{html}");
        }
        let scripted = "https://evil.example\"><script>alert(1)</script>/";
        let html = open(&browser, "/nanning/embed/", &[("referer", scripted)]).await.text().await.unwrap();
        assert!(!html.contains("<script>alert"), "{html}");
    }
}

both! {
    async fn opened_by_itself_the_framed_page_is_the_ordinary_hall(world: World) {
        let response = open(&world.browser(), "/nanning/embed/new", &[("sec-fetch-dest", "document")]).await;
        assert_eq!(response.status(), StatusCode::TEMPORARY_REDIRECT);
        assert_eq!(response.headers()["location"], "/nanning/new");
        assert_eq!(open(&world.browser(), "/nowhere/embed/", &[]).await.status(), StatusCode::NOT_FOUND);
    }
}

both! {
    async fn the_snippet_may_be_loaded_by_anybody(world: World) {
        let response = open(&world.browser(), "/embed.js", &[]).await;
        assert_eq!(response.headers()["content-type"], "text/javascript; charset=utf-8");
        assert_eq!(response.headers()["cross-origin-resource-policy"], "cross-origin");
        let script = response.text().await.unwrap();
        for part in ["loopback-network", "event.source !== frame.contentWindow", "event.origin !== hall", "frame.title"] {
            assert!(script.contains(part), "{part}");
        }
        assert!(script.len() < 6_000, "the snippet weighs {} bytes", script.len());
        assert!(!script.contains("'*'"), "a message to anybody");
    }
}

both! {
    async fn where_cookies_are_refused_the_token_goes_by_a_header(world: World) {
        let nobody = world.browser();
        let saves = |token: &str| {
            let request = world.browser().request(Method::PUT, "/api/drafts/nanning/new").json(&application());
            request.header(SESSION_HEADER, token.to_owned())
        };
        let response = saves(SESSION_WANTED).send().await.unwrap();
        assert!(response.status().is_success());
        let token = response.headers()[SESSION_HEADER].to_str().unwrap().to_owned();
        assert!(response.headers().contains_key("set-cookie"), "a browser that takes cookies gets one too");

        // The same session again: no new token.
        let again = saves(&token).send().await.unwrap();
        assert!(again.status().is_success() && !again.headers().contains_key(SESSION_HEADER));
        let read = |token: String| {
            let request = nobody.request(Method::GET, "/api/drafts/nanning/new").header(SESSION_HEADER, token);
            async move { request.send().await.unwrap().json::<Option<SavedDraft>>().await.unwrap() }
        };
        assert_eq!(read(token.clone()).await.unwrap().draft, application());
        assert!(read(format!("{token}x")).await.is_none());
        assert!(read(SESSION_WANTED.to_owned()).await.is_none());
        // Who does not ask is told no token: a page with a cookie can't read it.
        let silent = world.browser();
        let told = silent.send(silent.request(Method::PUT, "/api/drafts/nanning/new").json(&application())).await;
        assert!(!told.headers().contains_key(SESSION_HEADER));
    }
}

both! {
    async fn at_the_end_the_session_is_worth_nothing_and_the_browser_forgets(world: World) {
        let applicant = world.browser();
        let order = applicant.orders(&application()).await;
        let before = applicant.another_window();
        let response = applicant.request(Method::DELETE, "/api/session").send().await.unwrap();
        assert_eq!(response.status(), StatusCode::NO_CONTENT);
        let cookie = response.headers()["set-cookie"].to_str().unwrap();
        assert!(cookie.contains("Max-Age=0") && cookie.contains("Partitioned"), "{cookie}");
        assert_eq!(response.headers()["clear-site-data"], "\"storage\"");
        // The old cookie, kept by somebody, opens nothing.
        assert_eq!(before.order(&order.number).await.unwrap_err().status, StatusCode::NOT_FOUND);
        let list = before.get::<OrderList>("/api/orders?channel=nanning").await.unwrap();
        assert!(list.unfinished.is_empty() && list.finished.is_empty());
        // Twice does no harm, a foreign site can't do it at all.
        assert_eq!(before.request(Method::DELETE, "/api/session").send().await.unwrap().status(), StatusCode::NO_CONTENT);
        let foreign = world.browser().request(Method::DELETE, "/api/session").header("origin", "https://evil.example");
        assert_eq!(foreign.send().await.unwrap().status(), StatusCode::BAD_REQUEST);
    }
}

both! {
    async fn every_address_of_a_terminal_is_answered_by_the_terminal(world: World) {
        for path in ["/nanning/kiosk", "/nanning/kiosk/", "/nanning/kiosk/new", "/nanning/kiosk/no/such/screen"] {
            let response = open(&world.browser(), path, &[]).await;
            assert_eq!(response.status(), StatusCode::OK, "{path}");
            let html = response.text().await.unwrap();
            assert!(html.contains("/page/kiosk/"), "{path}");
            assert!(html.contains(r#"id="kiosk">{"idleSeconds":120,"warningSeconds":30}</script>"#), "{path}");
        }
        assert_eq!(open(&world.browser(), "/nowhere/kiosk/", &[]).await.status(), StatusCode::NOT_FOUND);
    }
}

both! {
    async fn each_screen_comes_with_the_program_that_draws_it(world: World) {
        let programs = [
            ("/", "hall"),
            ("/nanning/", "hall"),
            ("/nanning/guide", "hall"),
            ("/nanning/agreements/service", "hall"),
            ("/nanning/nothing", "hall"),
            ("/nanning/new", "application"),
            ("/nanning/new/confirm", "application"),
            ("/nanning/mailing/20210831U045544", "application"),
            ("/nanning/orders", "orders"),
            ("/nanning/orders/20210831U045544/pay", "orders"),
            ("/nanning/photos/5f3a", "orders"),
            ("/staff/", "staff"),
        ];
        for (path, program) in programs {
            let html = open(&world.browser(), path, &[]).await.text().await.unwrap();
            assert!(html.contains(&format!(r#"<script type="module" src="/page/{program}/"#)), "{path}");
            // A hall's first screen names the form's program, to be fetched once it has started.
            let next = html.matches(r#"<link data-next href="/page/application/"#).count();
            assert_eq!(next, if path.starts_with("/nanning/") && program == "hall" { 2 } else { 0 }, "{path}");
        }
    }
}
