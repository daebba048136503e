//! 签名确认 and 订单查询.

use anyhow::Result;

use super::ProofField;
use crate::browser::Browser;

/// 证书申请签名确认.
#[derive(Debug)]
pub struct SignDialog<'a>(pub &'a Browser);

impl SignDialog<'_> {
    /// Asks for a code.
    pub async fn ask(&self) -> Result<()> {
        ProofField(self.0).compute().await?;
        self.0.press("点击获取验证码").await?;
        self.0.reads("验证码已发送至手机").await
    }

    /// Types the code.
    pub async fn code(&self, code: &str) -> Result<()> {
        self.0.type_into("#sms-code", code).await
    }

    /// Ticks the consent.
    pub async fn agree(&self) -> Result<()> {
        let tick = self.0.element("#sign-agreed").await?;
        if !tick.is_selected().await? {
            tick.click().await?;
        }
        Ok(())
    }

    /// 确定.
    pub async fn confirm(&self) -> Result<()> {
        self.0.press("确定").await
    }
}

/// 订单查询.
#[derive(Debug)]
pub struct OrdersPage<'a>(pub &'a Browser);

impl OrdersPage<'_> {
    /// Asks for a unit's orders; a code is sent.
    pub async fn query(&self, credit_code: &str) -> Result<()> {
        self.0.type_into("#creditCode", credit_code).await?;
        self.0.press("查询").await?;
        self.0.element("#sms-code").await?;
        ProofField(self.0).compute().await?;
        self.0.press("点击获取验证码").await?;
        self.0.reads("验证码已发送至手机").await
    }

    /// Types the code.
    pub async fn code(&self, code: &str) -> Result<()> {
        self.0.type_into("#sms-code", code).await?;
        self.0.press("确定").await
    }
}
