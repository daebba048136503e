//! The bridge's own pop-up.

use anyhow::Result;
use thirtyfour::WindowHandle;

use crate::browser::Browser;

/// UKey 操作确认.
#[derive(Debug)]
pub struct ConsentWindow<'a> {
    browser: &'a Browser,
    back: WindowHandle,
}

impl<'a> ConsentWindow<'a> {
    /// Waits for it beside the windows that were there before the click, and looks at it.
    pub async fn appears(browser: &'a Browser, before: &[WindowHandle]) -> Result<Self> {
        let back = browser.window().await?;
        browser.look_at_new(before).await?;
        browser.reads("是否允许以下操作？").await?;
        Ok(Self { browser, back })
    }

    /// Everything that it says.
    pub async fn text(&self) -> Result<String> {
        self.browser.text().await
    }

    /// What axe-core finds wrong in it.
    pub async fn accessibility_faults(&self) -> Result<Vec<String>> {
        self.browser.accessibility_faults().await
    }

    /// 同意, once it can be clicked; then the portal's page is looked at again.
    pub async fn agree(self) -> Result<()> {
        self.browser.until("同意", "return !document.getElementById('agree').disabled", vec![]).await?;
        self.browser.press("同意").await?;
        self.browser.look_at(self.back).await
    }

    /// Leaves it as it is.
    pub async fn leave(self) -> Result<()> {
        self.browser.look_at(self.back).await
    }

    /// 取消.
    pub async fn cancel(self) -> Result<()> {
        self.browser.press("取消").await?;
        self.browser.look_at(self.back).await
    }
}
