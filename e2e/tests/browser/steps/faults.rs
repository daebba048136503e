//! What goes wrong outside.

use std::time::Duration;

use anyhow::Result;
use cucumber::{then, when};
use e2e::engine::Engine;
use e2e::pages::StaffDesk;

use super::World;

#[when(regex = "^过了(\\d+)分钟$")]
async fn wait(world: &mut World, minutes: u64) -> Result<()> {
    world.stack.let_time_pass(Duration::from_mins(minutes)).await
}

#[when(regex = "^网络(中断|恢复)$")]
async fn network(world: &mut World, how: String) -> Result<()> {
    let online = how == "恢复";
    match world.browser().engine() {
        Engine::Chromium => world.browser().set_online(online).await,
        // These can't be told to go offline as Chromium can: nobody answers any more.
        Engine::Firefox if online => world.stack.start_backend().await,
        Engine::Firefox => {
            world.stack.stop_backend();
            Ok(())
        }
        Engine::WebKit => world.stack.set_reachable(online),
    }
}

#[when(regex = "^我连续点击两次“(.+)”$")]
async fn double_click(world: &mut World, words: String) -> Result<()> {
    let script = "const b = [...document.querySelectorAll('button')].find((b) => b.innerText.trim() === arguments[0]); \
                  b.click(); b.click()";
    world.browser().run(script, vec![words.into()]).await.map(drop)
}

#[when("制证过程中 UKey 被拔出")]
async fn pull_out(world: &mut World) -> Result<()> {
    // The key is pulled out while the person reads the window: the work then finds it gone.
    let window = StaffDesk(world.browser()).start_making().await?;
    let reader = &world.workplace.as_ref().expect("a workplace").reader;
    reader.remove()?;
    reader.wait_for(false)?;
    window.leave().await
}

#[when("我重新插入 UKey")]
fn put_back(world: &mut World) -> Result<()> {
    let reader = &world.workplace.as_ref().expect("a workplace").reader;
    reader.put_back()
}

#[then("制证没有完成，提示重新插入原来的 UKey")]
async fn told(world: &mut World) -> Result<()> {
    world.browser().reads("制证没有完成").await?;
    world.browser().reads("请重新插入原来的 UKey").await
}
