//! 图片验证码, and the computation instead.

use anyhow::Result;

use crate::browser::Browser;

/// The image code that stands on the page now.
#[derive(Debug)]
pub struct ProofField<'a>(pub &'a Browser);

impl ProofField<'_> {
    /// Lets the page compute instead of reading the image, as whoever can't see it does.
    pub async fn compute(&self) -> Result<()> {
        if !self.0.element(".proof").await?.text().await?.contains("计算验证已") {
            self.0.press("看不清图片？用计算验证代替").await?;
        }
        self.0.reads("✓ 计算验证已完成").await
    }

    /// Waits for the image and types digits.
    pub async fn types(&self, digits: &str) -> Result<()> {
        self.0.element(".proof-picture img").await?;
        self.0.type_into(".proof input", digits).await
    }
}
