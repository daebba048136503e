//! The desk's lists and what is done from them, each with something in it.

use anyhow::Result;
use e2e::pages::StaffDesk;
use e2e::stack::Stack;
use shared::order::Status;

use super::{Album, WIDTHS};
use crate::steps::World;
use crate::steps::desk;

impl Album {
    /// Another hall, in which nothing has happened yet.
    pub(super) async fn begin_again(&mut self) -> Result<()> {
        self.world.end(None).await;
        self.world = World::begin().await?;
        Ok(())
    }

    /// Search, an order that is ended, refunds, messages, bills, a session's end; then an order whose key is out.
    pub(super) async fn lists(&mut self) -> Result<()> {
        let world = &mut self.world;
        desk::missing_in_bill(world).await?;
        desk::old_orders(world, 60).await?;
        desk::refund_refused(world).await?;
        desk::rejected(world, "失败".to_owned()).await?;
        world.unit = world.stack.unit(1)?;
        world.skip_to(Status::AwaitingReview).await?;
        desk::messages_refused(world).await?;
        world.unit = world.stack.unit(2)?;
        world.skip_to(Status::AwaitingReview).await?;
        let account = world.stack.account("dora", &["reviewer", "maker", "admin"]).await?;
        let number = world.number.clone();

        let browser = self.world.browser();
        let page = StaffDesk(browser);
        page.log_in(&account).await?;
        page.queue("订单查询").await?;
        browser.reads(&number).await?;
        self.shoot_window("staff-search").await?;
        page.search("南宁").await?;
        browser.reads("没有找到订单").await?;
        self.shoot_window("staff-search-vain").await?;
        page.search("").await?;
        for (word, seen, name) in [
            ("退款", "退款失败", "staff-refunds"),
            ("发送失败", "短信平台", "staff-messages"),
            ("对账", "处差异", "staff-bills"),
        ] {
            page.queue(word).await?;
            browser.reads(seen).await?;
            self.shoot_window(name).await?;
        }
        browser.press("登记处理结果").await?;
        page.write("核实的情况和处理结果", "非本系统订单，已转财务核实").await?;
        self.shoot_window("staff-bills-note").await?;
        browser.press("确认登记").await?;
        browser.reads("1 处差异待处理").await?;
        self.shoot_window("staff-bills-noted").await?;
        page.queue("退款").await?;
        browser.press("登记线下退款").await?;
        self.shoot_window("staff-refund-record").await?;
        browser.press("取消").await?;

        page.look_at(&number).await?;
        browser.press("终止办理").await?;
        page.write("终止原因", "营业执照已注销").await?;
        self.shoot_window("staff-reject").await?;
        browser.press("确认终止").await?;
        browser.reads("终止原因：").await?;
        self.shoot_window("staff-rejected").await?;
        desk::idle(&mut self.world, 870).await?;
        self.world.browser().reads("即将自动退出").await?;
        self.shoot_window("staff-session").await?;
        self.world.browser().press("继续工作").await?;
        self.keys_out().await
    }

    async fn keys_out(&mut self) -> Result<()> {
        self.begin_again().await?;
        desk::dispatched(&mut self.world).await?;
        let stack: &Stack = &self.world.stack;
        let (browser, number) = (self.world.browser(), &self.world.number);
        let page = StaffDesk(browser);
        page.log_in(&stack.account("dora", &["maker"]).await?).await?;
        page.look_at(number).await?;
        self.shoot_window("staff-sent").await?;
        browser.press("证书退货").await?;
        self.shoot_window("staff-return").await?;
        browser.press("取消").await?;
        browser.press("重新发送密码").await?;
        self.shoot_window("staff-pin").await?;
        browser.set_width(WIDTHS[0]).await
    }
}
