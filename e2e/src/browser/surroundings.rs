//! What surrounds a page: the network, and what the person allowed it before.

use anyhow::Result;
use serde_json::json;

use super::Browser;
use crate::engine::Engine;

impl Browser {
    /// Goes offline, or online again. Chromium only.
    pub async fn set_online(&self, online: bool) -> Result<()> {
        let state = json!({ "offline": !online, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1 });
        self.devtools("Network.enable", json!({})).await?;
        self.devtools("Network.emulateNetworkConditions", state).await.map(drop)
    }

    /// A slow connection: 1.6 Mbit/s, and so many milliseconds there and back. Chromium only.
    pub async fn set_slow(&self, latency: u32) -> Result<()> {
        let slow =
            json!({ "offline": false, "latency": latency, "downloadThroughput": 200_000, "uploadThroughput": 200_000 });
        self.devtools("Network.enable", json!({})).await?;
        self.devtools("Network.emulateNetworkConditions", slow).await.map(drop)
    }

    /// This browser was told earlier that the hall may reach this computer; WebKit never asks.
    pub async fn allow_this_computer(&self) -> Result<()> {
        match self.engine {
            Engine::Chromium => self.reach_this_computer("granted").await,
            Engine::Firefox => {
                let script = "const site = Services.scriptSecurityManager.createContentPrincipalFromOrigin(arguments[0]); \
                              for (const name of ['loopback-network', 'localhost']) \
                              Services.perms.addFromPrincipal(site, name, Services.perms.ALLOW_ACTION)";
                self.run_in_firefox(script, vec![json!(self.portal)]).await
            }
            Engine::WebKit => Ok(()),
        }
    }

    /// The hall may reach this computer, or not: `granted`, `denied`. Chromium only.
    pub async fn reach_this_computer(&self, setting: &str) -> Result<()> {
        let told = json!({ "permission": { "name": "loopback-network" }, "setting": setting, "origin": self.portal });
        self.devtools("Browser.setPermission", told).await.map(drop)
    }
}
