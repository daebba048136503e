//! The screens point by point: ways back, prefilled inputs, countdowns, expired codes, money given back, changed texts.

use std::time::Duration;

use anyhow::{Result, ensure};
use cucumber::{then, when};
use e2e::outside::Purpose;
use e2e::pages::{FormPage, SignDialog};
use serde_json::{Value, json};
use shared::form::{Field, Section};

use super::World;

/// Presses 修改 in the row of a field; its label is what a reader announces beside it.
async fn change(world: &World, field: Field) -> Result<()> {
    const FIND: &str =
        "return [...document.querySelectorAll('main a')].find((e) => e.textContent === '修改' + arguments[0])";
    let label = vec![json!(field.label())];
    world.browser().until(&format!("修改 {}", field.label()), &format!("{FIND} !== undefined"), label.clone()).await?;
    let link = world.browser().found(FIND, label).await?;
    world.browser().bring(&link).await?;
    link.click().await?;
    Ok(())
}

async fn focus_is_on(world: &World, field: Field) -> Result<()> {
    let script = "return document.activeElement.id === arguments[0] && \
                  (({ top, bottom }) => top >= 0 && bottom <= innerHeight)(document.activeElement.getBoundingClientRect())";
    world.browser().until(&format!("{} in sight with the focus", field.label()), script, vec![field.id().into()]).await
}

#[when(regex = "^我在确认页点击“(.+)”的修改$")]
async fn press_change(world: &mut World, label: String) -> Result<()> {
    change(world, FormPage::field(&label)?).await
}

#[then(regex = "^焦点在“(.+)”的输入框上$")]
async fn focus_on_input(world: &mut World, label: String) -> Result<()> {
    focus_is_on(world, FormPage::field(&label)?).await
}

#[then("确认页的每一栏都有修改，都带到它的输入框")]
async fn each_row_leads(world: &mut World) -> Result<()> {
    let asked = Field::ALL.into_iter().filter(|field| Section::Agreement.fields().all(|other| other != *field));
    for field in asked {
        change(world, field).await?;
        world.browser().arrives("填写申请信息").await?;
        focus_is_on(world, field).await?;
        world.browser().back().await?;
        world.browser().arrives("确认订单").await?;
    }
    Ok(())
}

#[then(regex = "^确认页的“(.+)”是“(.+)”$")]
async fn row_says(world: &mut World, label: String, words: String) -> Result<()> {
    let script = "return [...document.querySelectorAll('dt')].some((e) => e.innerText.trim() === arguments[0] && \
                  e.parentElement.innerText.includes(arguments[1]))";
    world.browser().until(&format!("{label}: {words}"), script, vec![label.clone().into(), words.clone().into()]).await
}

#[when(regex = "^我(勾选|取消勾选)“(同单位信息|同法定代表人)”$")]
async fn same_as(world: &mut World, how: String, which: String) -> Result<()> {
    let css = if which == "同单位信息" { "#sameAsUnit" } else { "#sameAsLegalRep" };
    let tick = world.browser().element(css).await?;
    world.browser().bring(&tick).await?;
    ensure!(tick.is_selected().await? != (how == "勾选"), "{which} stands already as wished");
    tick.click().await?;
    Ok(())
}

#[then(regex = "^“(同单位信息|同法定代表人)”(已勾选|没有勾选)$")]
async fn is_ticked(world: &mut World, which: String, how: String) -> Result<()> {
    let id = if which == "同单位信息" { "sameAsUnit" } else { "sameAsLegalRep" };
    let script = "return document.getElementById(arguments[0]).checked === arguments[1]";
    world.browser().until(&format!("{which} {how}"), script, vec![id.into(), json!(how == "已勾选")]).await
}

/// What a reader finds on the page: every text that is shown and not hidden from it.
const READ: &str = r"
    const texts = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
        const e = walk.currentNode.parentElement;
        if (e.checkVisibility() && !e.closest('[aria-hidden=true]')) texts.push(walk.currentNode.data);
    }
    return texts.join('|');
";

#[then(regex = "^“(.+)”每秒变化，但不会被朗读$")]
async fn counts_silently(world: &mut World, words: String) -> Result<()> {
    let browser = world.browser();
    browser.reads(&words).await?;
    let line = "return document.body.innerText.split('\\n').filter((line) => line.includes(arguments[0])).join('|')";
    let before = browser.run(line, vec![json!(words)]).await?;
    let read = browser.run(READ, vec![]).await?;
    let changed = format!("{} !== arguments[1]", line.replacen("return ", "return (", 1) + ")");
    browser.until("a countdown that runs", &changed, vec![json!(words), before]).await?;
    let after = browser.run(READ, vec![]).await?;
    ensure!(read == after, "what is read out changes with each second:\n{read}\n{after}");
    Ok(())
}

/// The page's clock goes ahead of the hall's, by as much as the hall's past grew older.
#[when(regex = r"^我在付款页等了(\d+)分钟$")]
async fn wait_at_the_code(world: &mut World, minutes: u64) -> Result<()> {
    world.stack.let_time_pass(Duration::from_mins(minutes)).await?;
    let script = "const { Date } = window, now = Date.now; window.clockAgain = () => { Date.now = now; }; \
                  const ahead = arguments[0]; Date.now = () => now() + ahead; \
                  document.querySelector('.qr-box svg').dataset.seen = 'old'";
    world.browser().run(script, vec![json!(minutes * 60_000)]).await.map(drop)
}

#[then("二维码换成了新的，没有过期")]
async fn fresh_code(world: &mut World) -> Result<()> {
    let browser = world.browser();
    let script = "const code = document.querySelector('.qr-box svg'); return !!code && code.dataset.seen !== 'old'";
    browser.until("another code", script, vec![]).await?;
    browser.run("window.clockAgain()", vec![]).await?;
    let script =
        "return !document.querySelector('.qr-box.expired') && !document.body.innerText.includes('二维码已过期')";
    browser.until("a code that works", script, vec![]).await
}

#[then(regex = "^订单页说明“(.+)”$")]
async fn order_says(world: &mut World, words: String) -> Result<()> {
    // Money is given back a moment later, by the outbox.
    for _ in 0..30 {
        world.browser().open(&format!("/nanning/orders/{}", world.number)).await?;
        world.browser().reads("退款信息").await?;
        if world.browser().text().await?.contains(&words) {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    world.browser().reads(&words).await
}

#[when("签名时要确认的内容更新了")]
async fn another_consent(world: &mut World) -> Result<()> {
    world.stack.change_profile("nanning-2021-09", "nanning-2026-12").await?;
    world.stack.change_profile("虚假失实而导致的一切后果", "虚假失实而导致的法律责任").await
}

#[then("要确认的内容是新的，还没有勾选，焦点在勾选框上")]
async fn new_consent(world: &mut World) -> Result<()> {
    let script = "const tick = document.getElementById('sign-agreed'); \
                  return !tick.checked && tick === document.activeElement && tick.getAttribute('aria-invalid') === 'true' \
                  && tick.closest('label').innerText.includes('虚假失实而导致的法律责任')";
    world.browser().until("the new text", script, vec![]).await
}

#[when("我再次勾选同意并确定")]
async fn agree_again(world: &mut World) -> Result<()> {
    let typed = world.browser().run("return document.getElementById('sms-code').value", vec![]).await?;
    ensure!(typed.as_str().is_some_and(|code| code.len() == 6), "the code is gone: {typed}");
    let dialog = SignDialog(world.browser());
    dialog.agree().await?;
    dialog.confirm().await
}

#[then("短信验证码还在")]
async fn code_is_there(world: &mut World) -> Result<()> {
    let typed = world.browser().run("return document.getElementById('sms-code').value", vec![]).await?;
    ensure!(matches!(&typed, Value::String(code) if code.len() == 6), "the code is gone: {typed}");
    Ok(())
}

#[then(regex = r"^步骤条指出现在是第(\d)步“(.+)”$")]
async fn step_bar(world: &mut World, number: usize, words: String) -> Result<()> {
    let script = "const all = [...document.querySelectorAll('ol.steps li')]; \
                  const at = all.findIndex((e) => e.getAttribute('aria-current') === 'step'); \
                  return at + 1 === arguments[0] && all[at].textContent.includes(arguments[1]) \
                  && all.every((e, i) => e.textContent.includes('已完成') === (i < at))";
    world.browser().until(&format!("step {number} {words}"), script, vec![json!(number), json!(words)]).await
}

#[then("“打印本页”打印本页")]
async fn printed(world: &mut World) -> Result<()> {
    // Nobody is there to close the browser's dialog.
    let script = "window.print = () => { window.printed = true; }; \
                  [...document.querySelectorAll('button')].find((e) => e.innerText.trim() === '打印本页').click(); \
                  return window.printed === true";
    let printed = world.browser().run(script, vec![]).await?;
    ensure!(printed == true, "nothing is printed");
    Ok(())
}

#[then("短信验证码是一个输入框，手机可以自动填入")]
async fn one_field(world: &mut World) -> Result<()> {
    let script = "const all = [...document.querySelectorAll('dialog[open] input[inputmode=numeric]')]; \
                  return all.length === 1 && all[0].getAttribute('autocomplete') === 'one-time-code' && all[0].type === 'text'";
    world.browser().until("one input for the code", script, vec![]).await
}

#[when("我粘贴中间带空格的验证码，勾选同意并确定")]
async fn paste(world: &mut World) -> Result<()> {
    let code = world.stack.outside.newest_code(world.unit.operator.phone(), Purpose::Sign).await?;
    let script = "document.getElementById('sms-code').focus(); \
                  return document.execCommand('insertText', false, arguments[0])";
    let pasted = world.browser().run(script, vec![json!(format!(" {} {} ", &code[..3], &code[3..]))]).await?;
    ensure!(pasted == true, "nothing can be pasted");
    let dialog = SignDialog(world.browser());
    dialog.agree().await?;
    dialog.confirm().await
}

#[then("订单列表没有横向滚动")]
async fn whole_list(world: &mut World) -> Result<()> {
    let script = "return [...document.querySelectorAll('.scroll')].every((e) => e.scrollWidth <= e.clientWidth)";
    world.browser().until("lists that fit", script, vec![]).await
}
