//! A partner's frame, and a terminal in a service hall.

use std::time::Duration;

use anyhow::{Result, ensure};
use cucumber::{given, then, when};
use e2e::client::Client;
use e2e::engine::Window;
use e2e::outside::Purpose;
use e2e::pages::{FormPage, Terminal, UploadPage};
use serde_json::{Value, json};
use shared::api::OrderList;
use shared::channel::DocumentKind;

use super::{SESSION, World};

#[given(regex = "^我打开合作单位的网页$")]
#[when(regex = "^我刷新合作单位的网页$")]
async fn open_partner(world: &mut World) -> Result<()> {
    world.browser().leave_frame().await?;
    world.browser().open_site(&world.partner.origin()).await
}

#[given("我打开合作单位的首页，再点击“办理数字证书”")]
async fn from_the_front_page(world: &mut World) -> Result<()> {
    world.browser().open_site(&format!("{}/before", world.partner.origin())).await?;
    world.browser().press("办理数字证书").await
}

#[given(
    regex = "^(一个陌生网站|合作单位)(嵌入了办事大厅|不说明来源就嵌入了办事大厅|用自己的框架嵌入了办事大厅|嵌入了普通的办事大厅网页)$"
)]
async fn somebody_embeds(world: &mut World, who: String, how: String) -> Result<()> {
    let site = if who == "合作单位" { world.partner.origin() } else { world.partner.stranger() };
    let page = match how.as_str() {
        "嵌入了办事大厅" => "/",
        "嵌入了普通的办事大厅网页" => "/ordinary",
        _ => "/silent",
    };
    world.browser().leave_frame().await?;
    world.browser().open_site(&format!("{site}{page}")).await
}

#[when(regex = "^我进入其中的(办事大厅|框架)$")]
async fn enter(world: &mut World) -> Result<()> {
    world.browser().leave_frame().await?;
    world.browser().enter_frame().await
}

#[then("框架和内容一样高")]
async fn as_high(world: &mut World) -> Result<()> {
    let script = "const app = document.getElementById('app').getBoundingClientRect().height, \
                  room = document.documentElement.clientHeight; return app > 300 && Math.abs(app - room) <= 2";
    world.browser().until("a frame as high as its content", script, vec![]).await
}

/// How far the frame's page is scrolled out of the window, and how high the window is.
async fn window_around(world: &World) -> Result<(f64, f64)> {
    let browser = world.browser();
    browser.leave_frame().await?;
    let script = "return [document.querySelector('iframe').getBoundingClientRect().top, innerHeight]";
    let (top, height) = serde_json::from_value(browser.run(script, vec![]).await?)?;
    browser.enter_frame().await?;
    Ok((top, height))
}

/// Waits until an element in the frame lies within the window.
async fn is_seen(world: &World, what: &str, script: &str) -> Result<()> {
    let mut last = Value::Null;
    for _ in 0..50 {
        let (frame, height) = window_around(world).await?;
        last = world.browser().run(script, vec![]).await?;
        if let Ok((top, bottom)) = serde_json::from_value::<(f64, f64)>(last.clone())
            && frame + top >= -1.0
            && (frame + bottom <= height + 1.0 || bottom - top > height)
        {
            return Ok(());
        }
        last = json!({ "place": last, "frame": frame, "window": height });
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    anyhow::bail!("{what} can't be seen: {last}")
}

#[then("合作单位的网页滚动到能看见焦点的地方")]
async fn focus_is_seen(world: &mut World) -> Result<()> {
    is_seen(world, "the focus", "const r = document.activeElement.getBoundingClientRect(); return [r.top, r.top + 40]")
        .await
}

#[then("对话框在窗口中看得见")]
async fn dialog_is_seen(world: &mut World) -> Result<()> {
    world.browser().element("dialog[open]").await?;
    let script = "const r = document.querySelector('dialog[open]').getBoundingClientRect(); return [r.top, r.bottom]";
    is_seen(world, "the dialog", script).await
}

#[then("营业执照的图片还在")]
async fn picture_is_there(world: &mut World) -> Result<()> {
    UploadPage(world.browser()).shows(DocumentKind::BusinessLicence, true).await
}

#[given("我的浏览器不保存任何 Cookie")]
async fn without_cookies(world: &mut World) -> Result<()> {
    world.open_another(Window::WithoutCookies).await
}

#[then("浏览器中没有 Cookie")]
async fn no_cookies(world: &mut World) -> Result<()> {
    let cookies = world.browser().cookies().await?;
    ensure!(cookies.is_empty(), "{cookies:?}");
    Ok(())
}

#[then("我又在合作单位的首页")]
async fn on_the_front_page(world: &mut World) -> Result<()> {
    world.browser().leave_frame().await?;
    let script = "return location.pathname === '/before'";
    world.browser().until("the partner's front page", script, vec![]).await
}

#[then("浏览器拒绝显示框架")]
async fn frame_is_blocked(world: &mut World) -> Result<()> {
    let browser = world.browser();
    browser.until("a loaded page", "return document.readyState === 'complete'", vec![]).await?;
    browser.enter_frame().await?;
    // As long as the hall would need to appear.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let found =
        browser.run("return !!document.getElementById('app') || !!document.getElementById('title')", vec![]).await?;
    ensure!(found == false, "the hall is in the frame");
    browser.leave_frame().await
}

#[given(regex = r"^自助终端闲置(\d+)秒后提醒$")]
async fn idle_after(world: &mut World, seconds: u32) -> Result<()> {
    world.stack.change_profile("idle_seconds = 120", &format!("idle_seconds = {seconds}")).await?;
    world.stack.change_profile("warning_seconds = 30", "warning_seconds = 20").await
}

#[given("我站在自助终端前")]
async fn at_a_terminal(world: &mut World) -> Result<()> {
    world.open_another(Window::Kiosk).await?;
    world.browser().open("/nanning/kiosk/").await?;
    world.browser().arrives("数字证书在线服务").await
}

#[then(regex = r"^可以点的地方都不小于(\d+)像素$")]
async fn targets(world: &mut World, pixels: u32) -> Result<()> {
    let small = Terminal(world.browser()).smaller_than(pixels).await?;
    ensure!(small.is_empty(), "{} targets are too small:\n{}", small.len(), small.join("\n"));
    Ok(())
}

#[then("页面没有出口")]
async fn no_way_out(world: &mut World) -> Result<()> {
    let links = Terminal(world.browser()).ways_out().await?;
    ensure!(links.is_empty(), "these lead out: {links:?}");
    Ok(())
}

#[then("浏览器不会自动填写")]
async fn no_autofill(world: &mut World) -> Result<()> {
    let script = "return [...document.querySelectorAll('input')].every((i) => i.autocomplete === 'off')";
    world.browser().until("no autofill", script, vec![]).await
}

#[then("右键菜单打不开")]
async fn no_menu(world: &mut World) -> Result<()> {
    let script =
        "return !document.body.dispatchEvent(new MouseEvent('contextmenu', { bubbles: true, cancelable: true }))";
    world.browser().until("no menu", script, vec![]).await
}

#[when(regex = "^我用屏幕键盘把“(.+)”填写为“(.+)”$")]
async fn type_on_screen(world: &mut World, label: String, text: String) -> Result<()> {
    let field = FormPage::field(&label)?;
    Terminal(world.browser()).types(field.id(), &text).await
}

#[when("我用屏幕键盘输入经办人手机收到的验证码")]
async fn code_on_screen(world: &mut World) -> Result<()> {
    let code = world.stack.outside.newest_code(world.unit.operator.phone(), Purpose::Sign).await?;
    Terminal(world.browser()).types("sms-code", &code).await
}

#[then(regex = "^屏幕键盘没有遮住(.+)$")]
async fn not_covered(world: &mut World, what: String) -> Result<()> {
    let id = match what.strip_prefix('“').and_then(|rest| rest.strip_suffix('”')) {
        Some(label) => FormPage::field(label)?.id(),
        None => "sms-code",
    };
    Terminal(world.browser()).shows_above_keys(id).await
}

#[when(regex = r"^我连续点击浏览器的后退(\d+)次$")]
async fn back_again(world: &mut World, times: u32) -> Result<()> {
    for _ in 0..times {
        world.browser().back().await?;
    }
    Ok(())
}

#[then("我还在自助终端里")]
async fn still_inside(world: &mut World) -> Result<()> {
    let script = "return location.pathname.startsWith('/nanning/kiosk/') && !!document.getElementById('title')";
    world.browser().until("the terminal", script, vec![]).await
}

/// Cookie, storage and history are empty, and the session is worth nothing any more.
#[then("终端上没有留下任何信息")]
async fn nothing_left(world: &mut World) -> Result<()> {
    let browser = world.browser();
    browser.until("the start", "return location.pathname === '/nanning/kiosk/'", vec![]).await?;
    let script = "return sessionStorage.length === 0 && localStorage.length === 0";
    browser.until("an empty storage", script, vec![]).await?;
    let cookies = browser.cookies().await?;
    if let Some((_, token)) = cookies.iter().find(|(name, _)| name == SESSION) {
        // A fresh page may have begun a session of its own: it knows of nothing.
        let client = Client::new(&world.stack.portal)?;
        client.put_cookie(SESSION, token);
        let list: OrderList = client.get("/api/orders?channel=nanning").await?;
        ensure!(list.unfinished.is_empty() && list.finished.is_empty(), "the session still has orders");
    }
    let old = Terminal(browser).entries_of_others().await?;
    ensure!(old.is_empty(), "the browser remembers {old:?}");
    Ok(())
}
