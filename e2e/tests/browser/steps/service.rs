//! Image codes, another computer, the phone, corrections, two windows.

use anyhow::{Context as _, Result, bail, ensure};
use cucumber::{given, then, when};
use e2e::engine::Window;
use e2e::outside::Purpose;
use e2e::pages::{OrdersPage, ProofField, SignDialog};
use serde_json::{Value, json};
use thirtyfour::Key;

use super::World;

/// A phone's width.
const PHONE: u32 = 390;
const DESKTOP: u32 = 1280;

#[when(regex = "^我不[填改]验证码就点击“(.+)”$")]
async fn press_only(world: &mut World, words: String) -> Result<()> {
    world.browser().press(&words).await
}

#[when(regex = "^我填写图片验证码“(.+)”$")]
async fn type_proof(world: &mut World, digits: String) -> Result<()> {
    world.note_image().await?;
    ProofField(world.browser()).types(&digits).await
}

#[when("我完成计算验证")]
async fn compute(world: &mut World) -> Result<()> {
    ProofField(world.browser()).compute().await
}

#[when("我填写错误的图片验证码")]
async fn wrong_proof(world: &mut World) -> Result<()> {
    world.note_image().await?;
    // Right once in ten thousand times; a new image then says so all the same.
    ProofField(world.browser()).types("0000").await
}

#[then("焦点在图片验证码上，图片已更换")]
async fn another_image(world: &mut World) -> Result<()> {
    let script = "const i = document.querySelector('.proof-picture img'); \
                  return !!i && i.src !== arguments[0] && document.activeElement === document.querySelector('.proof input')";
    world.browser().until("another image", script, vec![json!(world.image)]).await?;
    world.note_image().await
}

#[when("我换一台电脑")]
async fn another_computer(world: &mut World) -> Result<()> {
    world.open_another(Window::Desktop).await
}

#[when("我换一台电脑，用订单号查询")]
async fn another_computer_by_number(world: &mut World) -> Result<()> {
    // A code was just sent to the same phone.
    world.stack.let_time_pass(std::time::Duration::from_mins(6)).await?;
    world.open_another(Window::Desktop).await?;
    world.browser().open("/nanning/orders").await?;
    let phone = world.unit.operator.phone();
    let before = world.stack.outside.messages(phone, Purpose::Query).await?.len();
    OrdersPage(world.browser()).query(&world.number).await?;
    let message = world.stack.outside.message(phone, Purpose::Query, before + 1).await?;
    OrdersPage(world.browser()).code(message.param("code")?).await?;
    world.browser().reads(&world.number).await
}

#[when("我用手机扫描二维码")]
async fn scan(world: &mut World) -> Result<()> {
    let address = world.read_code().await?;
    world.open_window(&address).await?;
    world.browser().set_width(PHONE).await
}

#[when(regex = "^我在另一个窗口打开“(.+)”$")]
async fn other_window(world: &mut World, path: String) -> Result<()> {
    let address = format!("{}{}", world.stack.portal, path.replace("<订单号>", &world.number));
    world.open_window(&address).await
}

#[when(regex = "^我回到(?:电脑|原来的窗口)$")]
async fn first_window(world: &mut World) -> Result<()> {
    let first = world.first_window.take().context("there is one window only")?;
    let here = world.browser().window().await?;
    world.browser().look_at(first).await?;
    world.browser().set_width(DESKTOP).await?;
    ensure!(here != world.browser().window().await?, "there is one window only");
    Ok(())
}

#[when("我再次用手机打开已过期的二维码")]
async fn expired_code(world: &mut World) -> Result<()> {
    let address = world.read_code().await?;
    world.stack.let_time_pass(std::time::Duration::from_mins(16)).await?;
    world.browser().open_site(&address).await
}

#[when("我获取修改邮寄信息的验证码并确定")]
async fn correct_mailing(world: &mut World) -> Result<()> {
    let dialog = SignDialog(world.browser());
    dialog.ask().await?;
    let phone = world.unit.operator.phone();
    dialog.code(&world.stack.outside.newest_code(phone, Purpose::CorrectMailing).await?).await?;
    world.browser().press("确定修改").await
}

#[when("我填写经办人的新手机号，获取两个验证码并确定")]
async fn correct_phone(world: &mut World) -> Result<()> {
    let (old, new) = (world.unit.operator.phone().to_owned(), world.unit.operator.other_phone()?.to_owned());
    ensure!(old != new, "the operator has one phone only");
    let browser = world.browser();
    browser.type_into("#phone", &new).await?;
    ProofField(browser).compute().await?;
    browser.press("点击获取验证码").await?;
    browser.reads("验证码已发送至手机").await?;
    let legal = world.stack.outside.newest_code(world.unit.legal.phone(), Purpose::CorrectPhone).await?;
    let operator = world.stack.outside.newest_code(&new, Purpose::CorrectPhone).await?;
    browser.type_into("#legal-code", &legal).await?;
    browser.type_into("#phone-code", &operator).await?;
    browser.press("确定修改").await
}

#[then("只收了一次款")]
async fn paid_once(world: &mut World) -> Result<()> {
    let paid = world.stack.outside.trades().await?.into_iter().filter(|trade| trade.standing == "paid").count();
    ensure!(paid == 1, "{paid} payments");
    Ok(())
}

#[when(regex = "^我用键盘点击“(.+)”$")]
pub async fn press_by_keyboard(world: &mut World, words: String) -> Result<()> {
    let browser = world.browser();
    let script = r"
        const e = document.activeElement, s = getComputedStyle(e);
        const seen = (s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0) || s.boxShadow !== 'none';
        const words = ['A', 'BUTTON'].includes(e.tagName) ? (e.getAttribute('aria-label') || e.innerText || '') : '';
        return { words: words.replace(/\s+/g, ' ').trim(), seen };
    ";
    for _ in 0..120 {
        let focus = browser.run(script, vec![]).await?;
        if focus.get("words").and_then(Value::as_str) == Some(&words) {
            ensure!(focus.get("seen") == Some(&json!(true)), "the focus on {words:?} can't be seen");
            return browser.keys(Key::Enter).await;
        }
        browser.keys(Key::Tab).await?;
    }
    bail!("{words:?} is not reached by Tab at {}:\n{}", browser.address().await?, browser.text().await?)
}

#[when("我用键盘输入收到的签名验证码，勾选同意")]
async fn sign_by_keyboard(world: &mut World) -> Result<()> {
    let code =
        world.stack.outside.message(world.unit.operator.phone(), Purpose::Sign, 1).await?.param("code")?.to_owned();
    let browser = world.browser();
    // The focus went to the code by itself once it was sent.
    browser.until("the focus in the code", "return document.activeElement.id === 'sms-code'", vec![]).await?;
    browser.keys(code.as_str()).await?;
    for _ in 0..10 {
        browser.keys(Key::Tab).await?;
        if browser.run("return document.activeElement.id", vec![]).await? == json!("sign-agreed") {
            return browser.keys(" ").await;
        }
    }
    bail!("the tick is not reached by Tab")
}

#[then("焦点在标题上")]
async fn focus_on_heading(world: &mut World) -> Result<()> {
    world.browser().until("the focus on the heading", "return document.activeElement.id === 'title'", vec![]).await
}

#[then("按钮、输入框和链接都不小于24像素")]
async fn targets(world: &mut World) -> Result<()> {
    // WCAG 2.5.8: links within a sentence are excepted; an input's label counts as its target.
    let script = r"
        const small = [];
        for (const e of document.querySelectorAll('a[href], button, input, select, summary')) {
            if (!e.checkVisibility() || e.closest('.skip') || e.classList.contains('skip')) continue;
            const near = e.closest('label') || e;
            const r = near.getBoundingClientRect();
            if (r.width === 0 || r.height === 0) continue;
            const inline = e.tagName === 'A' && getComputedStyle(e).display === 'inline' && e.parentElement.innerText.trim() !== e.innerText.trim();
            if (!inline && (r.width < 24 || r.height < 24)) small.push(e.outerHTML.slice(0, 120) + ' ' + r.width + 'x' + r.height);
        }
        return small;
    ";
    let small = world.browser().run(script, vec![]).await?;
    ensure!(small == json!([]), "too small: {small}");
    Ok(())
}

#[given("网络很慢")]
async fn slow(world: &mut World) -> Result<()> {
    world.browser().set_slow(150).await
}

#[when(regex = r"^网络每个来回要(\d+)秒$")]
async fn very_slow(world: &mut World, seconds: u32) -> Result<()> {
    world.browser().set_slow(seconds * 1000).await
}

#[when("我填写单位名称，马上点击“换一张”")]
async fn types_and_asks(world: &mut World) -> Result<()> {
    world.browser().type_into("#unitName", "南宁市朱槿信息技术有限公司").await?;
    world.browser().press("换一张").await
}

#[then("验证码图片已经显示")]
async fn image_is_there(world: &mut World) -> Result<()> {
    world.browser().element(".proof-picture img").await.map(drop)
}

#[then("服务器只为这个浏览器开始过一个会话")]
async fn one_session(world: &mut World) -> Result<()> {
    let begun = world.stack.sessions().await?;
    ensure!(begun == 1, "{begun} sessions were begun");
    Ok(())
}

impl World {
    /// Remembers the image code that is shown.
    async fn note_image(&mut self) -> Result<()> {
        self.browser().element(".proof-picture img").await?;
        let src = self.browser().run("return document.querySelector('.proof-picture img').src", vec![]).await?;
        src.as_str().unwrap_or_default().clone_into(&mut self.image);
        Ok(())
    }

    /// What the QR code on the page says, read from its picture as a phone does; remembered once the page has none.
    async fn read_code(&mut self) -> Result<String> {
        if self.code.is_empty() {
            let element = self.browser().element(".qr-box svg").await?;
            element.scroll_into_view().await?;
            let picture = image::load_from_memory(&element.screenshot_as_png().await?)?.to_luma8();
            let (width, height) = (picture.width() as usize, picture.height() as usize);
            let grey = picture.into_raw();
            let mut seen = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| grey[y * width + x]);
            let grids = seen.detect_grids();
            let (_, text) = grids.first().context("no QR code is seen")?.decode()?;
            self.code = text;
        }
        Ok(self.code.clone())
    }

    /// Opens another window, and remembers this one.
    async fn open_window(&mut self, address: &str) -> Result<()> {
        self.first_window = Some(self.browser().window().await?);
        self.browser().open_window(address).await
    }
}
