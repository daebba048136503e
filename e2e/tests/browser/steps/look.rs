//! What can be read, pressed and where one stands.

use anyhow::{Result, ensure};
use cucumber::{given, then, when};
use e2e::pages::FormPage;
use serde_json::json;

use super::World;

#[given("我打开南宁市住房公积金证书服务大厅")]
async fn open_hall(world: &mut World) -> Result<()> {
    world.browser().open("/nanning/").await?;
    world.browser().arrives("数字证书在线服务").await
}

#[given(regex = "^我打开地址“(.+)”$")]
#[when(regex = "^我打开地址“(.+)”$")]
async fn open_address(world: &mut World, address: String) -> Result<()> {
    world.browser().open(&address.replace("<订单号>", &world.number)).await
}

#[given(regex = r"^屏幕宽(\d+)像素$")]
#[when(regex = r"^屏幕宽(\d+)像素$")]
async fn set_width(world: &mut World, width: u32) -> Result<()> {
    world.browser().set_width(width).await
}

#[when(regex = "^我点击“([^”]+)”$")]
async fn press(world: &mut World, words: String) -> Result<()> {
    if words == "下一步" {
        return FormPage(world.browser()).next().await;
    }
    world.browser().press(&words).await
}

#[when("我刷新页面")]
async fn reload(world: &mut World) -> Result<()> {
    world.browser().reload().await
}

#[when("我点击浏览器的后退")]
async fn back(world: &mut World) -> Result<()> {
    world.browser().back().await
}

#[then(regex = "^我看到标题“(.+)”$")]
async fn heading(world: &mut World, words: String) -> Result<()> {
    world.browser().arrives(&words).await?;
    if words == "填写申请信息" {
        FormPage(world.browser()).is_ready().await?;
    }
    Ok(())
}

#[then(regex = "^我看到“(.+)”$")]
async fn reads(world: &mut World, words: String) -> Result<()> {
    world.browser().reads(&words.replace("<订单号>", &world.number)).await
}

#[then(regex = "^我看不到“(.+)”$")]
async fn does_not_read(world: &mut World, words: String) -> Result<()> {
    let script = "return !document.body.innerText.includes(arguments[0])";
    world.browser().until(&format!("without {words:?}"), script, vec![json!(words)]).await
}

#[then(regex = "^窗口标题以“(.+)”开头$")]
async fn title(world: &mut World, words: String) -> Result<()> {
    let script = "return document.title.startsWith(arguments[0])";
    world.browser().until(&format!("a title with {words:?}"), script, vec![json!(words)]).await
}

#[then(regex = "^地址是“(.+)”$")]
async fn address(world: &mut World, wanted: String) -> Result<()> {
    let wanted = wanted.replace("<订单号>", &world.number);
    let script = "return location.pathname === arguments[0]";
    world.browser().until(&format!("the address {wanted}"), script, vec![json!(wanted)]).await
}

#[then("页面没有无障碍问题")]
async fn accessible(world: &mut World) -> Result<()> {
    let faults = world.browser().accessibility_faults().await?;
    let place = world.browser().address().await?;
    ensure!(faults.is_empty(), "{} faults at {place}:\n{}", faults.len(), faults.join("\n"));
    Ok(())
}

#[then("页面没有横向滚动")]
async fn no_sideways(world: &mut World) -> Result<()> {
    let script = "const d = document.documentElement; return d.scrollWidth <= d.clientWidth";
    world.browser().until("no scrolling sideways", script, vec![]).await
}
