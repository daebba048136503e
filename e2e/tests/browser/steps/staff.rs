//! What staff do at the desk.

use anyhow::{Result, ensure};
use cucumber::{given, then, when};
use e2e::pages::StaffDesk;
use e2e::stack::Port;

use super::World;

#[given("制证员的电脑插着空白 UKey")]
#[when("制证员的电脑插着空白 UKey")]
async fn workplace(world: &mut World) -> Result<()> {
    world.workplace = Some(world.stack.workplace(Port::Known).await?);
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
