//! How wide the page is, and pictures of it.

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::Browser;
use crate::engine::Engine;

/// Below so many pixels a screen is a phone's.
const NARROW: u32 = 600;

impl Browser {
    /// Makes the page so many pixels wide, as a phone's if it is narrow.
    pub async fn set_width(&self, width: u32) -> Result<()> {
        let height = if width < NARROW { 844 } else { 900 };
        match self.engine {
            // What a page without a viewport of its own makes of it does not matter.
            Engine::Chromium => return self.set_screen(width, height).await,
            Engine::Firefox => {
                let script = "const page = gBrowser.selectedBrowser.style; \
                              page.minWidth = page.maxWidth = arguments[0] + 'px'";
                self.run_in_firefox(script, vec![json!(width)]).await
            }
            Engine::WebKit => Ok(self.driver.set_window_rect(0, 0, width, height + 40).await?),
        }?;
        self.until("the width", "return window.innerWidth === arguments[0]", vec![json!(width)]).await
    }

    /// Makes the page so many pixels wide and so high that all of it is seen, up to a limit.
    pub async fn unroll(&self, width: u32, highest: u32) -> Result<()> {
        self.set_width(width).await?;
        let height = self.run("return document.documentElement.scrollHeight", vec![]).await?;
        let height = height.as_u64().and_then(|height| u32::try_from(height).ok()).unwrap_or(highest);
        self.set_screen(width, height.clamp(600, highest)).await
    }

    async fn set_screen(&self, width: u32, height: u32) -> Result<()> {
        let screen = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < NARROW });
        self.devtools("Emulation.setDeviceMetricsOverride", screen).await.map(drop)
    }

    /// What is seen of the page, as a PNG.
    pub async fn seen(&self) -> Result<Vec<u8>> {
        Ok(self.driver.screenshot_as_png().await?)
    }

    /// The page as a PNG, from its top, at most so many pixels high.
    pub async fn picture(&self, highest: u32) -> Result<Vec<u8>> {
        use base64::Engine as _;
        if self.engine != Engine::Chromium {
            return self.seen().await;
        }
        let size = self.devtools("Page.getLayoutMetrics", json!({})).await?;
        let of = |name| size.pointer(&format!("/cssContentSize/{name}")).and_then(Value::as_f64).unwrap_or(800.0);
        let clip = json!({
            "x": 0, "y": 0, "width": of("width"), "height": of("height").min(f64::from(highest)), "scale": 1,
        });
        let wanted = json!({ "format": "png", "captureBeyondViewport": true, "clip": clip });
        let shot = self.devtools("Page.captureScreenshot", wanted).await?;
        let data = shot.get("data").and_then(Value::as_str).context("no picture")?;
        Ok(base64::engine::general_purpose::STANDARD.decode(data)?)
    }
}
