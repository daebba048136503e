//! What staff do at the desk.

use anyhow::{Result, ensure};
use cucumber::{given, then, when};
use e2e::pages::StaffDesk;
use e2e::stack::Port;
use serde_json::json;
use shared::api::RejectCategory;

use super::World;

#[given("制证员的电脑插着空白 UKey")]
#[when("制证员的电脑插着空白 UKey")]
async fn workplace(world: &mut World) -> Result<()> {
    world.workplace = Some(world.stack.workplace(Port::Known).await?);
    world.browser().allow_this_computer().await
}

#[given("制证员的电脑插着空白 UKey，浏览器还没有允许访问本机")]
async fn new_workplace(world: &mut World) -> Result<()> {
    world.workplace = Some(world.stack.workplace(Port::Known).await?);
    Ok(())
}

#[when(regex = "^浏览器(不允许|允许)访问本机$")]
async fn permission(world: &mut World, how: String) -> Result<()> {
    world.browser().reach_this_computer(if how == "允许" { "granted" } else { "denied" }).await
}

/// From now on every connection to this computer is counted.
#[when("我打开制证列表，数着网页连接本机的次数")]
async fn making_counted(world: &mut World) -> Result<()> {
    let script = "window.reached = 0; window.WebSocket = new Proxy(WebSocket, \
                  { construct(socket, told) { window.reached++; return new socket(...told); } })";
    world.browser().run(script, vec![]).await?;
    StaffDesk(world.browser()).queue("制证").await
}

#[then(regex = "^网页(还没有|已经)连接本机$")]
async fn reached(world: &mut World, how: String) -> Result<()> {
    let reached = world.browser().run("return window.reached", vec![]).await?.as_u64();
    ensure!((reached > Some(0)) == (how == "已经"), "{reached:?} connections");
    Ok(())
}

/// Rejected for good: what was paid is owed back.
#[when(regex = "^受理点审核不通过并退款，(退款渠道拒绝|退款成功)$")]
async fn reject(world: &mut World, how: String) -> Result<()> {
    if how == "退款渠道拒绝" {
        world.stack.outside.fault(&json!({ "service": "alipay.refund", "kind": "refuse", "code": "ACQ.REFUND_CHARGE_ERROR", "times": 50 })).await?;
    }
    let reviewer = world.stack.reviewer().await?;
    reviewer.rejects(&world.number, RejectCategory::Papers, "营业执照与登记信息不符").await?;
    Ok(())
}

#[given(regex = "^(审核员|制证员)登录工作台$")]
#[when(regex = "^(审核员|制证员)登录工作台$")]
async fn log_in(world: &mut World, who: String) -> Result<()> {
    let account = if who == "审核员" { &world.stack.reviewer } else { &world.stack.maker };
    StaffDesk(world.browser()).log_in(account).await
}

#[when("我退出工作台")]
async fn log_out(world: &mut World) -> Result<()> {
    StaffDesk(world.browser()).log_out().await
}

#[when(regex = "^我打开“(.+)”列表$")]
async fn queue(world: &mut World, word: String) -> Result<()> {
    StaffDesk(world.browser()).queue(&word).await
}

#[when("我打开这个订单审核")]
async fn open(world: &mut World) -> Result<()> {
    StaffDesk(world.browser()).open(&world.number).await
}

#[when("我审核通过")]
async fn approve(world: &mut World) -> Result<()> {
    StaffDesk(world.browser()).approve().await
}

#[when(regex = "^我审核不通过，原因是“(.+)”$")]
async fn refuse(world: &mut World, reason: String) -> Result<()> {
    StaffDesk(world.browser()).refuse(&reason).await
}

#[when("我开始制证，核对确认窗口并同意")]
async fn make(world: &mut World) -> Result<()> {
    let window = StaffDesk(world.browser()).start_making().await?;
    let text = window.text().await?;
    let phrase = &world.workplace.as_ref().expect("a workplace").phrase;
    for words in [world.number.as_str(), phrase, &world.unit.company.name, "广西南宁住房公积金管理中心"] {
        ensure!(text.contains(words), "the window does not show {words:?}:\n{text}");
    }
    let faults = window.accessibility_faults().await?;
    ensure!(faults.is_empty(), "the window has faults: {faults:?}");
    window.agree().await
}

#[when("我开始制证，在确认窗口取消")]
async fn do_not_agree(world: &mut World) -> Result<()> {
    StaffDesk(world.browser()).start_making().await?.cancel().await
}

#[when(regex = "^我发货，运单号“(.+)”$")]
async fn dispatch(world: &mut World, waybill: String) -> Result<()> {
    StaffDesk(world.browser()).dispatch(&waybill).await
}

#[then(regex = "^列表中有这个订单$")]
async fn listed(world: &mut World) -> Result<()> {
    world.browser().reads(&world.number.clone()).await
}
