//! What happens at the desk besides the daily way of an order: searches, money, messages, keys that come back, colleagues.

use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use cucumber::{given, then, when};
use e2e::outside::Purpose;
use e2e::pages::StaffDesk;
use e2e::stack::Port;
use e2e::staff::Clerk;
use serde_json::{Value, json};
use shared::order::{EventKind, Status};
use thirtyfour::Key;
use thirtyfour::components::SelectElement;

use super::World;
use super::service::press_by_keyboard;

const PAUSE: Duration = Duration::from_millis(100);
/// Pauses before something that must happen by itself is given up: 30 s.
const PATIENCE: u32 = 300;

#[given("我有一个待寄送的订单")]
async fn made(world: &mut World) -> Result<()> {
    make(world).await.map(drop)
}

/// Up to the key; its maker is still logged in.
async fn make(world: &mut World) -> Result<Clerk> {
    world.skip_to(Status::AwaitingMaking).await?;
    let maker = world.stack.maker().await?;
    let place = world.stack.workplace(Port::Any).await?;
    place.desk(&maker).await?.makes(&maker, &world.number, |_| {}).await?;
    Ok(maker)
}

#[given("我有一个已发货的订单")]
pub async fn dispatched(world: &mut World) -> Result<()> {
    make(world).await?.dispatches(&world.number, "顺丰速运", "SF1234567890123").await?;
    world.stack.outside.message(world.unit.legal.phone(), Purpose::Pin, 1).await.map(drop)
}

#[given(regex = "^另有(\\d+)个更早的订单$")]
pub async fn old_orders(world: &mut World, count: u32) -> Result<()> {
    world.stack.add_old_orders(&world.number, count).await
}

#[given("管理员登录工作台")]
#[when("管理员登录工作台")]
async fn admin(world: &mut World) -> Result<()> {
    let account = world.stack.account("carl", &["admin"]).await?;
    StaffDesk(world.browser()).log_in(&account).await
}

#[when("我打开这个订单")]
async fn look(world: &mut World) -> Result<()> {
    StaffDesk(world.browser()).look_at(&world.number).await
}

/// Words for what a scenario does not know.
fn said(world: &World, words: &str) -> Result<String> {
    Ok(match words {
        "<订单号>" => world.number.clone(),
        "<统一社会信用代码>" => world.unit.company.credit_code.clone(),
        "<经办人手机号>" => world.unit.operator.phone().to_owned(),
        "<法定代表人手机号>" => world.unit.legal.phone().to_owned(),
        "<单位名称>" => world.unit.company.name.clone(),
        other if other.starts_with('<') => bail!("nobody knows {other}"),
        other => other.to_owned(),
    })
}

#[when(regex = "^我在工作台查询“(.*)”$")]
async fn search(world: &mut World, words: String) -> Result<()> {
    let words = said(world, &words)?;
    StaffDesk(world.browser()).search(&words).await
}

#[then(regex = "^查询框里是“(.+)”，列表中只有这个订单$")]
async fn searched(world: &mut World, words: String) -> Result<()> {
    let words = said(world, &words)?;
    StaffDesk(world.browser()).holds("订单号", &words).await?;
    let script = "return [...document.querySelectorAll('tbody th')].map((e) => e.innerText).join() === arguments[0]";
    world.browser().until("this order alone", script, vec![json!(world.number)]).await
}

#[when(regex = "^我在“(.+)”中填写“(.*)”$")]
async fn write(world: &mut World, label: String, text: String) -> Result<()> {
    StaffDesk(world.browser()).write(&label, &text).await
}

#[then(regex = "^“(.+)”中是“(.+)”$")]
async fn holds(world: &mut World, label: String, text: String) -> Result<()> {
    StaffDesk(world.browser()).holds(&label, &text).await
}

#[when(regex = "^我在“(.+)”中选择“(.+)”$")]
async fn choose(world: &mut World, label: String, words: String) -> Result<()> {
    let id = StaffDesk(world.browser()).id(&label).await?;
    let input = world.browser().element(&format!("#{id}")).await?;
    Ok(SelectElement::new(&input).await?.select_by_visible_text(&words).await?)
}

#[when(regex = "^我勾选“营业执照”$")]
async fn tick(world: &mut World) -> Result<()> {
    Ok(world.browser().element("#paper-0").await?.click().await?)
}

#[then("法定代表人手机收到同一个密码的第二条短信")]
async fn pin_again(world: &mut World) -> Result<()> {
    let (outside, phone) = (&world.stack.outside, world.unit.legal.phone());
    let (first, second) =
        (outside.message(phone, Purpose::Pin, 1).await?, outside.message(phone, Purpose::Pin, 2).await?);
    ensure!(first.param("pin")? == second.param("pin")?, "another PIN was sent");
    ensure!(outside.messages(phone, Purpose::Pin).await?.len() == 2, "more than two messages");
    Ok(())
}

#[given("密码已经重新发送了3次")]
#[when("密码已经重新发送了3次")]
async fn pin_three_times(world: &mut World) -> Result<()> {
    let account = world.stack.account("mia", &["maker"]).await?;
    let mia = Clerk::logs_in(&world.stack.portal, &account).await?;
    let (outside, phone) = (&world.stack.outside, world.unit.legal.phone());
    loop {
        let sent = outside.messages(phone, Purpose::Pin).await?.len();
        if sent > 3 {
            return Ok(());
        }
        // The job is done a moment after its message came.
        for attempt in 0.. {
            match mia.sends_pin_again(&world.number, "回拨登记电话，本人确认").await {
                Ok(()) => break,
                Err(refused) if attempt < PATIENCE && refused.message().contains("还在发送") => {
                    tokio::time::sleep(PAUSE).await;
                }
                Err(refused) => bail!("{refused}"),
            }
        }
        outside.message(phone, Purpose::Pin, sent + 1).await?;
    }
}

#[when("我填写收回的 UKey 的介质号")]
async fn key_serial(world: &mut World) -> Result<()> {
    let serial = world.stack.reviewer().await?.order(&world.number).await?.order.key_serial;
    StaffDesk(world.browser()).write("收回的 UKey 介质号", &serial.context("the order has a key")?).await
}

#[then("证书在吊销列表中")]
async fn revoked(world: &mut World) -> Result<()> {
    let client = world.stack.applicant()?.client;
    let list = client.bytes(reqwest::Method::GET, "/ca/issuing.crl", None).await?;
    let account = world.stack.account("rita", &["reviewer"]).await?;
    let seen = Clerk::logs_in(&world.stack.portal, &account).await?.order(&world.number).await?;
    let serial = seen.order.certificate_serial.context("the order has a certificate")?;
    let serials = e2e::card::revoked(&list)?;
    ensure!(serials.iter().any(|one| one.eq_ignore_ascii_case(&serial)), "{serial} is not among {serials:?}");
    Ok(())
}

#[then("费用只退回了一次")]
async fn refunded_once(world: &mut World) -> Result<()> {
    for _ in 0..PATIENCE {
        let sums: Vec<i64> = world.stack.outside.trades().await?[0].refunds.iter().map(|one| one.amount_fen).collect();
        match sums.as_slice() {
            [] => tokio::time::sleep(PAUSE).await,
            [25_000] => return Ok(()),
            other => bail!("given back: {other:?}"),
        }
    }
    bail!("nothing was given back")
}

#[then(regex = "^经办人手机收到“(审核不通过|退款成功)”的短信$")]
async fn operator_told(world: &mut World, what: String) -> Result<()> {
    let purpose = if what == "退款成功" { Purpose::Refunded } else { Purpose::Rejected };
    let message = world.stack.outside.message(world.unit.operator.phone(), purpose, 1).await?;
    ensure!(!message.text.contains("注销"), "the reviewer's words are in the message: {}", message.text);
    Ok(())
}

#[given("支付宝拒绝退款")]
#[when("支付宝拒绝退款")]
pub async fn refund_refused(world: &mut World) -> Result<()> {
    let refuse = json!({ "service": "alipay.refund", "kind": "refuse", "code": "ACQ.SELLER_BALANCE_NOT_ENOUGH" });
    world.stack.outside.fault(&refuse).await
}

#[given(regex = "^这个订单已被终止，退款(成功|失败)$")]
pub async fn rejected(world: &mut World, how: String) -> Result<()> {
    let reviewer = world.stack.reviewer().await?;
    reviewer.rejects(&world.number, shared::api::RejectCategory::Papers, "营业执照已注销").await?;
    let account = world.stack.account("adam", &["admin"]).await?;
    let adam = Clerk::logs_in(&world.stack.portal, &account).await?;
    let wanted = if how == "成功" { "Settled" } else { "Refused" };
    for _ in 0..PATIENCE {
        let rows = adam.refunds(how != "成功").await?;
        if rows.iter().any(|row| format!("{:?}", row.state) == wanted) {
            return Ok(());
        }
        tokio::time::sleep(PAUSE).await;
    }
    bail!("the refund never came to {wanted}")
}

#[given("审核通过的短信和邮件都被拒收")]
pub async fn messages_refused(world: &mut World) -> Result<()> {
    let outside = &world.stack.outside;
    outside.fault(&json!({ "service": "sms.send", "kind": "refuse", "code": "isv.MOBILE_NUMBER_ILLEGAL" })).await?;
    outside.fault(&json!({ "service": "mail", "kind": "refuse", "code": "550" })).await?;
    let reviewer = world.stack.reviewer().await?;
    reviewer.approves(&world.number).await?;
    let account = world.stack.account("mia", &["maker"]).await?;
    let mia = Clerk::logs_in(&world.stack.portal, &account).await?;
    for _ in 0..PATIENCE {
        if mia.failed_messages().await?.len() == 2 {
            return Ok(());
        }
        tokio::time::sleep(PAUSE).await;
    }
    bail!("the messages never failed: {:?}", mia.failed_messages().await?)
}

#[given("我有一个两天前付款的订单，支付宝的账单漏了它")]
pub async fn missing_in_bill(world: &mut World) -> Result<()> {
    let (outside, applicant) = (&world.stack.outside, world.stack.applicant()?);
    world.number = applicant.applies_and_signs(&world.unit).await?.number;
    let cashier = applicant.opens_payment(&world.number).await?;
    let trade = outside.trade(&cashier.qr).await?.out_trade_no;
    // The provider says that it was paid two days ago: that day's bill is there at any hour.
    outside.suppress_notices().await?;
    outside.clock(-2 * 86_400).await?;
    outside.pay(&trade).await?;
    outside.clock(0).await?;
    outside.notify(&trade, "genuine", false).await?;
    applicant.awaits(&world.number, Status::AwaitingReview).await?;
    outside
        .bill_lies(&json!({ "missing": [trade], "extra": [{ "out_trade_no": "STRANGER_1", "amount_fen": 700 }] }))
        .await?;
    let today: jiff::civil::Date = world.number.get(..8).context("a number begins with its day")?.parse()?;
    let day = today.yesterday()?.yesterday()?.to_string();
    let account = world.stack.account("alma", &["admin"]).await?;
    let alma = Clerk::logs_in(&world.stack.portal, &account).await?;
    alma.compares(&day).await?;
    for _ in 0..PATIENCE {
        if alma.reconciliations().await?.iter().any(|row| row.day == day && row.compared_at.is_some()) {
            return Ok(());
        }
        tokio::time::sleep(PAUSE).await;
    }
    bail!("{day} was never compared")
}

#[when("支付宝的账单改正了")]
async fn bill_is_right(world: &mut World) -> Result<()> {
    world.stack.outside.bill_lies(&json!({})).await
}

#[when("另一名审核员通过了这个订单的审核")]
async fn colleague(world: &mut World) -> Result<()> {
    let account = world.stack.account("bella", &["reviewer"]).await?;
    Ok(Clerk::logs_in(&world.stack.portal, &account).await?.approves(&world.number).await?)
}

#[when("另一名制证员登记了发货")]
async fn colleague_dispatches(world: &mut World) -> Result<()> {
    let account = world.stack.account("mia", &["maker"]).await?;
    let mia = Clerk::logs_in(&world.stack.portal, &account).await?;
    Ok(mia.dispatches(&world.number, "顺丰速运", "SF1234567890123").await?)
}

#[then(regex = "^法定代表人手机只收到一次密码，运单号是“(.+)”$")]
async fn one_pin(world: &mut World, waybill: String) -> Result<()> {
    let (outside, unit) = (&world.stack.outside, &world.unit);
    let told = outside.message(unit.operator.phone(), Purpose::Dispatched, 1).await?;
    ensure!(told.param("waybill")? == waybill, "{}", told.text);
    outside.message(unit.legal.phone(), Purpose::Pin, 1).await?;
    let pins = outside.messages(unit.legal.phone(), Purpose::Pin).await?.len();
    ensure!(pins == 1, "the PIN came {pins} times");
    Ok(())
}

#[then("这个订单只审核通过了一次")]
async fn approved_once(world: &mut World) -> Result<()> {
    let account = world.stack.account("rita", &["reviewer"]).await?;
    let order = Clerk::logs_in(&world.stack.portal, &account).await?.order(&world.number).await?.order;
    let times = order.timeline.iter().filter(|step| step.event == EventKind::ReviewApproved).count();
    ensure!(order.status == Status::AwaitingMaking && times == 1, "{:?}, approved {times} times", order.status);
    Ok(())
}

/// The page's clock and the session's last use go that far apart, as if nobody had touched anything.
#[when(regex = "^(\\d+)秒没有人操作$")]
pub async fn idle(world: &mut World, seconds: u64) -> Result<()> {
    world.stack.let_staff_idle(Duration::from_secs(seconds)).await?;
    let script = "const own = window.Date.now, by = arguments[0] * 1000; window.Date.now = () => own() + by";
    world.browser().run(script, vec![json!(seconds)]).await.map(drop)
}

#[when(regex = "^本次登录只剩(\\d+)秒$")]
async fn ends_soon(world: &mut World, seconds: u64) -> Result<()> {
    world.stack.let_staff_end_in(Duration::from_secs(seconds)).await
}

#[then(regex = "^焦点在“(.+)”上$")]
async fn focus_on(world: &mut World, words: String) -> Result<()> {
    let script = "return document.activeElement.innerText.trim() === arguments[0]";
    world.browser().until(&format!("the focus on {words}"), script, vec![json!(words)]).await
}

#[when("我重新登录")]
async fn log_in_again(world: &mut World) -> Result<()> {
    StaffDesk(world.browser()).log_in_again(&world.stack.reviewer).await
}

#[then("工作台没有留下写过的内容")]
async fn nothing_kept(world: &mut World) -> Result<()> {
    let kept = world.browser().run("return Object.keys(sessionStorage).filter((k) => k.startsWith('desk:'))", vec![]);
    let kept = kept.await?;
    ensure!(kept == json!([]), "kept: {kept}");
    Ok(())
}

#[when("我用键盘打开这个订单")]
async fn open_by_keyboard(world: &mut World) -> Result<()> {
    world.browser().reads(&world.number.clone()).await?;
    press_by_keyboard(world, world.number.clone()).await?;
    world.browser().reads("请核对照片").await
}

#[when(regex = "^我用键盘在“(.+)”中填写“(.+)”$")]
async fn write_by_keyboard(world: &mut World, label: String, text: String) -> Result<()> {
    let id = StaffDesk(world.browser()).id(&label).await?;
    world.tab_to(&id).await?;
    world.browser().keys(text.as_str()).await
}

#[when("我用键盘勾选“营业执照”")]
async fn tick_by_keyboard(world: &mut World) -> Result<()> {
    world.tab_to("paper-0").await?;
    world.browser().keys(" ").await
}

impl World {
    /// Tab until the focus is on this element, which then can be seen to have it.
    async fn tab_to(&self, id: &str) -> Result<()> {
        let script = r"
            const e = document.activeElement, s = getComputedStyle(e);
            const seen = (s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0) || s.boxShadow !== 'none';
            return { id: e.id, seen };
        ";
        for _ in 0..60 {
            let focus = self.browser().run(script, vec![]).await?;
            if focus.get("id").and_then(Value::as_str) == Some(id) {
                ensure!(focus.get("seen") == Some(&json!(true)), "the focus on {id} can't be seen");
                return Ok(());
            }
            self.browser().keys(Key::Tab).await?;
        }
        bail!("{id} is not reached by Tab")
    }
}
