//! A real browser, driven over WebDriver.

mod screen;
mod surroundings;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};
use thirtyfour::common::command::FormatRequestData;
use thirtyfour::prelude::*;
use thirtyfour::{Cookie, RequestData, SessionId, WindowHandle};

use crate::client::Client;
use crate::engine::{Driver, Engine, Window};

const PAUSE: Duration = Duration::from_millis(100);
/// Pauses before something that must appear is given up: 30 s, because the machine may be busy.
const PATIENCE: u32 = 300;

/// One browser with a profile of its own.
#[derive(Debug)]
pub struct Browser {
    driver: WebDriver,
    engine: Engine,
    portal: String,
    program: Driver,
    /// The page in the frame is meant.
    in_frame: AtomicBool,
}

/// Firefox: which part the next scripts are for, `content` or `chrome`, the browser's own.
#[derive(Debug)]
struct SetContext(&'static str);

impl FormatRequestData for SetContext {
    fn format_request(&self, session: &SessionId) -> RequestData {
        let path = format!("/session/{session}/moz/context");
        RequestData::new(http::Method::POST, path).add_body(json!({ "context": self.0 }))
    }
}

impl Browser {
    /// Opens a window on nothing yet.
    pub async fn start(engine: Engine, window: Window, portal: &str) -> Result<Self> {
        let program = Driver::start(engine).await?;
        let driver = program.browser(window).await?;
        let browser = Self { driver, engine, portal: portal.to_owned(), program, in_frame: AtomicBool::new(false) };
        if engine == Engine::WebKit {
            browser.set_width(1280).await?;
        }
        Ok(browser)
    }

    /// Whose browser it is.
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// Closes it.
    pub async fn quit(self) -> Result<()> {
        self.driver.quit().await?;
        Ok(())
    }

    /// A file in the browser's own folder, for uploads.
    pub fn file(&self, name: &str, bytes: &[u8]) -> Result<PathBuf> {
        let file = self.program.folder().join(name);
        std::fs::write(&file, bytes)?;
        Ok(file)
    }

    /// Opens an address of the hall.
    pub async fn open(&self, path: &str) -> Result<()> {
        self.driver.goto(format!("{}{path}", self.portal)).await?;
        Ok(())
    }

    /// Opens any address.
    pub async fn open_site(&self, address: &str) -> Result<()> {
        self.driver.goto(address).await?;
        Ok(())
    }

    /// From now on the page in the first frame is meant.
    pub async fn enter_frame(&self) -> Result<()> {
        let frame = self.element("iframe").await?;
        frame.enter_frame().await?;
        self.in_frame.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// From now on the whole window's page is meant again.
    pub async fn leave_frame(&self) -> Result<()> {
        self.driver.enter_default_frame().await?;
        self.in_frame.store(false, Ordering::Relaxed);
        Ok(())
    }

    /// Scrolls until an element can be seen, as a person does before touching it. WebKit's driver scrolls the page of the
    /// element only, not the one around its frame.
    pub async fn bring(&self, element: &WebElement) -> Result<()> {
        element.scroll_into_view().await?;
        if self.engine == Engine::WebKit && self.in_frame.load(Ordering::Relaxed) {
            let script = "const r = arguments[0].getBoundingClientRect(); return r.top + r.height / 2";
            let middle = self.run(script, vec![element.to_json()?]).await?;
            self.leave_frame().await?;
            let script = "const top = document.querySelector('iframe').getBoundingClientRect().top; \
                          window.scrollBy(0, top + arguments[0] - innerHeight / 2)";
            self.run(script, vec![middle]).await?;
            self.enter_frame().await?;
        }
        Ok(())
    }

    /// Path, query and fragment of the page's (or the frame's) address.
    pub async fn address(&self) -> Result<String> {
        let url = self.run("return location.href", vec![]).await?;
        let url = url.as_str().unwrap_or_default().to_owned();
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
        if self.engine == Engine::WebKit {
            // Its driver waits for the window to load, which does not happen when only a frame goes back.
            return self.run("setTimeout(() => history.back(), 0)", vec![]).await.map(drop);
        }
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

    /// The element that a script finds.
    pub async fn found(&self, script: &str, arguments: Vec<Value>) -> Result<WebElement> {
        Ok(self.driver.execute(script, arguments).await?.element()?)
    }

    /// Names and values of the cookies for this page, those too that scripts can't see.
    pub async fn cookies(&self) -> Result<Vec<(String, String)>> {
        let all = self.driver.get_all_cookies().await?;
        Ok(all.into_iter().map(|cookie| (cookie.name, cookie.value)).collect())
    }

    /// The addresses in this window's history; Chromium only.
    pub async fn history(&self) -> Result<Vec<String>> {
        let history = self.devtools("Page.getNavigationHistory", json!({})).await?;
        let entries = history.get("entries").and_then(Value::as_array).context("no history")?;
        Ok(entries.iter().filter_map(|entry| Some(entry.get("url")?.as_str()?.to_owned())).collect())
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
        self.bring(&element).await?;
        element.click().await?;
        Ok(())
    }

    /// Types a text into an input, instead of what stands there.
    pub async fn type_into(&self, css: &str, text: &str) -> Result<()> {
        let input = self.element(css).await?;
        self.bring(&input).await?;
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

    /// Runs a script in Firefox' own part.
    async fn run_in_firefox(&self, script: &str, arguments: Vec<Value>) -> Result<()> {
        self.driver.handle().cmd(SetContext("chrome")).await?;
        let done = self.run(script, arguments).await;
        self.driver.handle().cmd(SetContext("content")).await?;
        done.map(drop)
    }

    async fn devtools(&self, command: &str, parameters: Value) -> Result<Value> {
        Ok(self.driver.cdp().send_raw(command, parameters).await?)
    }

    /// Opens another window beside this one, and looks at it.
    pub async fn open_window(&self, address: &str) -> Result<()> {
        let new = self.driver.new_window().await?;
        self.look_at(new).await?;
        self.open_site(address).await
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
