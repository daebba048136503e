//! A real browser: Chromium without a screen, driven over WebDriver by a chromedriver of this test's own.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};
use tempfile::TempDir;
use thirtyfour::prelude::*;
use thirtyfour::{Cookie, WindowHandle};

use crate::client::Client;
use crate::program::Program;

const PAUSE: Duration = Duration::from_millis(100);
/// Pauses before something that must appear is given up: 30 s, because the machine may be busy.
const PATIENCE: u32 = 300;

/// Below so many pixels a screen is a phone's.
const NARROW: u32 = 600;

/// What every Chromium of the tests is started with (toolchain facts: as root, without a GPU, without its own network).
const FLAGS: [&str; 11] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--lang=zh-CN",
    // It ends when chromedriver does, however that ends.
    "--remote-debugging-pipe",
];

/// The program that drives browsers; one for a run.
#[derive(Debug)]
pub struct Chromedriver {
    _program: Program,
    _folder: TempDir,
    address: String,
}

impl Chromedriver {
    /// Starts it on a free port.
    pub async fn start() -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("chromedriver-").tempdir()?;
        let mut command = Command::new("chromedriver");
        command.arg("--port=0");
        let mut program = Program::start("chromedriver", &command, &folder.path().join("log"))
            .context("chromedriver: is chromium-driver installed?")?;
        let port = program.says("started successfully on port ").await?;
        let address = format!("http://127.0.0.1:{}", port.trim_end_matches('.'));
        Ok(Self { _program: program, _folder: folder, address })
    }
}

/// One browser with a profile of its own.
#[derive(Debug)]
pub struct Browser {
    driver: WebDriver,
    portal: String,
    profile: TempDir,
}

impl Browser {
    /// Opens a window 1280 pixels wide, on nothing yet.
    pub async fn start(chromedriver: &Chromedriver, portal: &str) -> Result<Self> {
        let profile = tempfile::Builder::new().prefix("chromium-").tempdir()?;
        let mut wanted = DesiredCapabilities::chrome();
        for flag in FLAGS {
            wanted.add_arg(flag)?;
        }
        wanted.add_arg("--window-size=1280,900")?;
        wanted.add_arg(&format!("--user-data-dir={}", profile.path().display()))?;
        // chromedriver would switch the pop-up blocker off, which is part of what is tested.
        wanted.add_exclude_switch("disable-popup-blocking")?;
        let driver = WebDriver::new(chromedriver.address.as_str(), wanted).await?;
        Ok(Self { driver, portal: portal.to_owned(), profile })
    }

    /// Closes it.
    pub async fn quit(self) -> Result<()> {
        self.driver.quit().await?;
        Ok(())
    }

    /// A file in the browser's own folder, for uploads.
    pub fn file(&self, name: &str, bytes: &[u8]) -> Result<PathBuf> {
        let file = self.profile.path().join(name);
        std::fs::write(&file, bytes)?;
        Ok(file)
    }

    /// Opens an address of the hall.
    pub async fn open(&self, path: &str) -> Result<()> {
        self.driver.goto(format!("{}{path}", self.portal)).await?;
        Ok(())
    }

    /// Path, query and fragment of the address bar.
    pub async fn address(&self) -> Result<String> {
        let url = self.driver.current_url().await?.to_string();
        Ok(url.strip_prefix(&self.portal).unwrap_or(&url).to_owned())
    }

    /// The window's title.
    pub async fn title(&self) -> Result<String> {
        Ok(self.driver.title().await?)
    }

    /// F5.
    pub async fn reload(&self) -> Result<()> {
        Ok(self.driver.refresh().await?)
    }

    /// The Back button.
    pub async fn back(&self) -> Result<()> {
        Ok(self.driver.back().await?)
    }

    /// Takes over the session of a client without a page: its cookie.
    pub async fn adopt(&self, client: &Client, cookie: &str) -> Result<()> {
        self.open("/health").await?;
        let value = client.cookie(cookie).with_context(|| format!("no cookie {cookie}"))?;
        let mut cookie = Cookie::new(cookie, value);
        cookie.set_path("/");
        cookie.set_secure(true);
        self.driver.add_cookie(cookie).await?;
        Ok(())
    }

    /// Runs a script and gives its value.
    pub async fn run(&self, script: &str, arguments: Vec<Value>) -> Result<Value> {
        Ok(self.driver.execute(script, arguments).await?.json().clone())
    }

    /// Everything that can be read on the page now.
    pub async fn text(&self) -> Result<String> {
        let text = self.run("return document.body ? document.body.innerText : ''", vec![]).await?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    /// Waits until these words can be read.
    pub async fn reads(&self, words: &str) -> Result<()> {
        for _ in 0..PATIENCE {
            if self.text().await.is_ok_and(|text| text.contains(words)) {
                return Ok(());
            }
            tokio::time::sleep(PAUSE).await;
        }
        bail!("{words:?} can't be read at {}:\n{}", self.address().await?, self.text().await?)
    }

    /// Waits until a script gives `true`.
    pub async fn until(&self, what: &str, script: &str, arguments: Vec<Value>) -> Result<()> {
        for _ in 0..PATIENCE {
            if matches!(self.run(script, arguments.clone()).await, Ok(Value::Bool(true))) {
                return Ok(());
            }
            tokio::time::sleep(PAUSE).await;
        }
        bail!("{what} never came true at {}:\n{}", self.address().await?, self.text().await?)
    }

    /// Waits for the screen with this heading.
    pub async fn arrives(&self, heading: &str) -> Result<()> {
        let script = "const h = document.getElementById('title'); return !!h && h.innerText.trim() === arguments[0]";
        self.until(&format!("the heading {heading:?}"), script, vec![json!(heading)]).await
    }

    /// The first element that a CSS selector finds, once it is there.
    pub async fn element(&self, css: &str) -> Result<WebElement> {
        for _ in 0..PATIENCE {
            if let Ok(element) = self.driver.find(By::Css(css)).await {
                return Ok(element);
            }
            tokio::time::sleep(PAUSE).await;
        }
        bail!("nothing is {css} at {}:\n{}", self.address().await?, self.text().await?)
    }

    /// Clicks the button, link or tab with these words: in the open dialog if there is one.
    pub async fn press(&self, words: &str) -> Result<()> {
        let script = r"
            const scope = [...document.querySelectorAll('dialog[open]')].pop() || document;
            const shown = (e) => e.checkVisibility && e.checkVisibility() && e.getClientRects().length > 0;
            const name = (e) => (e.getAttribute('aria-label') || e.innerText || '').replace(/\s+/g, ' ').trim();
            const all = [...scope.querySelectorAll('button, a, summary')].filter(shown);
            return all.find((e) => name(e) === arguments[0]) || all.find((e) => e.innerText.trim() === arguments[0]) || null;
        ";
        let mut last = String::from("it is not there");
        for _ in 0..PATIENCE {
            match self.driver.execute(script, vec![json!(words)]).await {
                Ok(found) if found.json().is_null() => {}
                Ok(found) => match self.click(found.element()?).await {
                    Ok(()) => return Ok(()),
                    // It may just be redrawn, or something be in its way that goes by itself.
                    Err(error) => last = error.to_string(),
                },
                Err(error) => last = error.to_string(),
            }
            tokio::time::sleep(PAUSE).await;
        }
        bail!("{words:?} can't be pressed at {} ({last}):\n{}", self.address().await?, self.text().await?)
    }

    async fn click(&self, element: WebElement) -> Result<()> {
        element.scroll_into_view().await?;
        element.click().await?;
        Ok(())
    }

    /// Types a text into an input, instead of what stands there.
    pub async fn type_into(&self, css: &str, text: &str) -> Result<()> {
        let input = self.element(css).await?;
        input.scroll_into_view().await?;
        input.click().await?;
        input.send_keys(Key::Control + "a").await?;
        if text.is_empty() {
            input.send_keys(Key::Delete + "").await?;
        } else {
            input.send_keys(text).await?;
        }
        Ok(())
    }

    /// Keys without a target, as a hand on the keyboard.
    pub async fn keys(&self, keys: impl Into<TypingData>) -> Result<()> {
        self.driver.action_chain().send_keys(keys).perform().await?;
        Ok(())
    }

    /// Windows that are open.
    pub async fn windows(&self) -> Result<Vec<WindowHandle>> {
        Ok(self.driver.windows().await?)
    }

    /// This window.
    pub async fn window(&self) -> Result<WindowHandle> {
        Ok(self.driver.window().await?)
    }

    /// Looks at another window.
    pub async fn look_at(&self, window: WindowHandle) -> Result<()> {
        Ok(self.driver.switch_to_window(window).await?)
    }

    /// Closes this window and looks at another.
    pub async fn close_and_look_at(&self, window: WindowHandle) -> Result<()> {
        self.driver.close_window().await?;
        self.look_at(window).await
    }

    /// Waits for a window that was not there before, and looks at it.
    pub async fn look_at_new(&self, before: &[WindowHandle]) -> Result<()> {
        for _ in 0..PATIENCE {
            if let Some(new) = self.windows().await?.into_iter().find(|window| !before.contains(window)) {
                return self.look_at(new).await;
            }
            tokio::time::sleep(PAUSE).await;
        }
        bail!("no window opens")
    }

    async fn devtools(&self, command: &str, parameters: Value) -> Result<Value> {
        Ok(self.driver.cdp().send_raw(command, parameters).await?)
    }

    /// Pulls the network cable, or plugs it in again.
    pub async fn set_online(&self, online: bool) -> Result<()> {
        let state = json!({ "offline": !online, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1 });
        self.devtools("Network.enable", json!({})).await?;
        self.devtools("Network.emulateNetworkConditions", state).await.map(drop)
    }

    /// Makes the page so many pixels wide, as a phone's if it is narrow.
    pub async fn set_width(&self, width: u32) -> Result<()> {
        self.set_screen(width, if width < NARROW { 844 } else { 900 }).await
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

    /// What axe-core finds wrong on the page as it stands: one line a violation and place.
    pub async fn accessibility_faults(&self) -> Result<Vec<String>> {
        let axe = npm_folder().join("node_modules/axe-core/axe.min.js");
        let axe =
            std::fs::read_to_string(&axe).with_context(|| format!("{}: run `cargo xtask setup`", axe.display()))?;
        if self.run("return typeof window.axe === 'object'", vec![]).await? != Value::Bool(true) {
            self.run(&axe, vec![]).await?;
        }
        // Colours in transition are no colours to judge.
        let script = r"
            const done = arguments[arguments.length - 1];
            Promise.all(document.getAnimations().map((a) => { try { a.finish(); } catch (e) {} }))
              .then(() => axe.run(document, { resultTypes: ['violations'] }))
              .then((r) => done(r.violations.flatMap((v) => v.nodes.map((n) => v.id + ': ' + n.html.slice(0, 200) + ' — ' +
                [...n.any, ...n.all, ...n.none].map((c) => c.message).join('; ')))), (e) => done(['axe failed: ' + e]));
        ";
        let found = self.driver.execute_async(script, vec![]).await?;
        Ok(serde_json::from_value(found.json().clone())?)
    }
}

/// Where the tools from npm are installed.
fn npm_folder() -> PathBuf {
    match std::env::var_os("CERTHALL_NPM") {
        Some(folder) => folder.into(),
        None => Path::new(&std::env::var_os("HOME").unwrap_or_default()).join(".cache/certhall/npm"),
    }
}
