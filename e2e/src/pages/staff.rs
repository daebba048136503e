//! 受理点工作台.

use anyhow::{Context as _, Result};
use serde_json::json;

use crate::browser::Browser;
use crate::pages::ConsentWindow;
use crate::staff::Account;

/// The desk of whoever is logged in.
#[derive(Debug)]
pub struct StaffDesk<'a>(pub &'a Browser);

impl<'a> StaffDesk<'a> {
    /// Opens the desk and logs in.
    pub async fn log_in(&self, account: &Account) -> Result<()> {
        self.0.open("/staff/").await?;
        self.0.type_into("#name", &account.name).await?;
        self.0.type_into("#password", &account.password).await?;
        self.0.type_into("#code", &account.fresh_code().await?).await?;
        self.0.press("登录").await?;
        self.0.reads(&account.name).await
    }

    /// 退出.
    pub async fn log_out(&self) -> Result<()> {
        self.0.press("退出").await?;
        self.0.element("#password").await.map(drop)
    }

    /// A queue by its word in the navigation: its badge does not belong to the word.
    pub async fn queue(&self, word: &str) -> Result<()> {
        let name = match word {
            "审核" => "review",
            "制证" => "making",
            "寄送" => "dispatch",
            "已发货" => "dispatched",
            "订单查询" => "search",
            "发送失败" => "messages",
            "对账" => "bills",
            _ => "refunds",
        };
        let link = self.0.element(&format!("nav.menu a[href='/staff/nanning/{name}']")).await?;
        link.click().await?;
        self.0.arrives(word).await
    }

    /// Opens an order of the queue.
    pub async fn open(&self, number: &str) -> Result<()> {
        self.0.reads(number).await?;
        self.0.press(number).await?;
        self.0.reads("请核对照片").await
    }

    /// Any order, looked at.
    pub async fn look_at(&self, number: &str) -> Result<()> {
        self.0.open(&format!("/staff/nanning/orders/{number}")).await?;
        self.0.reads("办理记录").await
    }

    /// 查询 in 订单查询; an empty text lists all.
    pub async fn search(&self, text: &str) -> Result<()> {
        self.0.type_into("#search", text).await?;
        self.0.press("查询").await
    }

    /// Writes into the input whose label begins so.
    pub async fn write(&self, label: &str, text: &str) -> Result<()> {
        self.0.type_into(&format!("#{}", self.id(label).await?), text).await
    }

    /// Waits until the input whose label begins so holds this.
    pub async fn holds(&self, label: &str, text: &str) -> Result<()> {
        let id = self.id(label).await?;
        let script = "return document.getElementById(arguments[0])?.value === arguments[1]";
        self.0.until(&format!("{text:?} in {label}"), script, vec![json!(id), json!(text)]).await
    }

    /// The id of the input whose label begins so, once it is there.
    pub async fn id(&self, label: &str) -> Result<String> {
        const FIND: &str = "const all = [...document.querySelectorAll('label[for]')]; \
            return all.find((l) => l.checkVisibility() && l.innerText.startsWith(arguments[0]))?.htmlFor ?? null";
        let there = FIND.replace("?? null", "!== undefined");
        self.0.until(&format!("an input {label:?}"), &there, vec![json!(label)]).await?;
        let id = self.0.run(FIND, vec![json!(label)]).await?;
        id.as_str().map(str::to_owned).with_context(|| format!("no input {label:?}"))
    }

    /// Logs in again above what was being done.
    pub async fn log_in_again(&self, account: &Account) -> Result<()> {
        self.0.type_into("#password", &account.password).await?;
        self.0.type_into("#code", &account.fresh_code().await?).await?;
        self.0.press("登录").await
    }

    /// 审核通过.
    pub async fn approve(&self) -> Result<()> {
        self.0.press("审核通过").await?;
        self.0.press("确认通过").await?;
        self.0.reads("审核通过，已转入制证").await
    }

    /// 审核不通过, for the licence.
    pub async fn refuse(&self, reason: &str) -> Result<()> {
        self.0.press("审核不通过").await?;
        self.0.type_into("#reason", reason).await?;
        self.0.element("#paper-0").await?.click().await?;
        self.0.press("确认不通过").await?;
        self.0.reads("审核不通过，已通知申请人修改资料").await
    }

    /// 开始制证: the bridge's window appears.
    pub async fn start_making(&self) -> Result<ConsentWindow<'a>> {
        self.0.reads("空白 UKey 已就绪").await?;
        let before = self.0.windows().await?;
        self.0.press("开始制证").await?;
        ConsentWindow::appears(self.0, &before).await
    }

    /// 发货.
    pub async fn dispatch(&self, waybill: &str) -> Result<()> {
        self.0.press("发货").await?;
        self.0.type_into("#waybill", waybill).await?;
        self.0.press("确认发货").await?;
        self.0.reads("已发货，证书密码将以短信发送至法定代表人手机").await
    }
}
