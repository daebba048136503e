//! 付款结算.

use anyhow::Result;

use crate::browser::Browser;

/// The pay page with its QR code.
#[derive(Debug)]
pub struct PayPage<'a>(pub &'a Browser);

impl PayPage<'_> {
    /// 支付宝: the QR code appears.
    pub async fn alipay(&self) -> Result<()> {
        self.0.press("支付宝").await?;
        self.code_is_shown().await
    }

    /// Waits for the QR code.
    pub async fn code_is_shown(&self) -> Result<()> {
        self.0.element(".qr-box svg").await?;
        self.0.reads("扫一扫付款").await
    }

    /// The text of the QR code, which the link beside it opens.
    pub async fn code(&self) -> Result<String> {
        Ok(self.0.element(".qr a").await?.attr("href").await?.unwrap_or_default())
    }

    /// Opens the code on this computer, pays in the provider's page, and comes back.
    pub async fn pay(&self) -> Result<()> {
        let (here, before) = (self.0.window().await?, self.0.windows().await?);
        self.0.press("在本机打开支付宝").await?;
        self.0.look_at_new(&before).await?;
        self.0.press("支付").await?;
        self.0.reads("已支付成功").await?;
        self.0.close_and_look_at(here).await
    }
}
