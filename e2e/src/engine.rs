//! The browser engines of the tests, and the programs that drive them: one driver a browser, because two of the three serve
//! one session only.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use serde_json::json;
use tempfile::TempDir;
use thirtyfour::common::capabilities::firefox::FirefoxPreferences;
use thirtyfour::prelude::*;

use crate::ports::take_address;
use crate::program::Program;

/// Whose browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// Chromium, without a screen.
    Chromium,
    /// Firefox ESR, without a screen.
    Firefox,
    /// WebKitGTK's MiniBrowser, on a screen of its own that nobody sees.
    WebKit,
}

/// The window that a browser opens with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// 1280 pixels wide.
    Desktop,
    /// A terminal's upright screen, full: 1080 × 1920. Chromium only.
    Kiosk,
    /// As on a desk, and every cookie is refused. Not in WebKit, which has no such setting.
    WithoutCookies,
}

/// What every Chromium of the tests is started with (as root, without a GPU, without its own network).
const CHROMIUM: [&str; 11] = [
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

/// GTK gives a window at least the width of its tool bar; a phone's is narrower than that.
const NARROW_TOOLBAR: &str = "* { padding: 0; margin: 0; min-width: 0; border-width: 0; font-size: 3px; }\n";
const SMALL_ICONS: &str = "[Settings]\ngtk-icon-sizes=gtk-menu=1,1:gtk-button=1,1:gtk-large-toolbar=1,1\n";

impl Engine {
    /// Every engine.
    pub const ALL: [Self; 3] = [Self::Chromium, Self::Firefox, Self::WebKit];

    /// Its name, as in `CERTHALL_BROWSER`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Chromium => "chromium",
            Self::Firefox => "firefox",
            Self::WebKit => "webkit",
        }
    }

    /// The engine that `CERTHALL_BROWSER` names; Chromium when it is not set.
    pub fn wanted() -> Result<Self> {
        let Ok(name) = std::env::var("CERTHALL_BROWSER") else { return Ok(Self::Chromium) };
        let found = Self::ALL.into_iter().find(|engine| engine.name() == name);
        found.with_context(|| format!("CERTHALL_BROWSER={name}: chromium, firefox or webkit"))
    }

    /// It keeps `Secure` cookies of https pages only. The other two take this machine's own address for safe.
    pub const fn needs_tls(self) -> bool {
        match self {
            Self::Chromium | Self::Firefox => false,
            Self::WebKit => true,
        }
    }
}

/// A running driver, ready for one browser. Fields are dropped in this order.
#[derive(Debug)]
pub struct Driver {
    _program: Program,
    _screen: Option<Program>,
    folder: TempDir,
    address: String,
    engine: Engine,
}

impl Driver {
    /// Starts it on a free port.
    pub async fn start(engine: Engine) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix(engine.name()).tempdir()?;
        let log = folder.path().join("log");
        let (program, screen, address) = match engine {
            Engine::Chromium => {
                let mut command = Command::new("chromedriver");
                command.arg("--port=0");
                let mut program = Program::start("chromedriver", &command, &log)
                    .context("chromedriver: is chromium-driver installed?")?;
                let port = program.says("started successfully on port ").await?;
                (program, None, format!("http://127.0.0.1:{}", port.trim_end_matches('.')))
            }
            Engine::Firefox => {
                let mut command = Command::new("geckodriver");
                // The width of the page and a cut network are set in the browser's own part.
                command.args(["--port=0", "--allow-system-access"]);
                let mut program =
                    Program::start("geckodriver", &command, &log).context("geckodriver: run `cargo xtask setup`")?;
                let address = program.says("Listening on ").await?;
                (program, None, format!("http://{address}"))
            }
            Engine::WebKit => {
                let (screen, display) = screen(folder.path()).await?;
                let address = take_address()?;
                let mut command = Command::new("WebKitWebDriver");
                command.args(["--host=127.0.0.1", &format!("--port={}", address.port())]);
                command.env("DISPLAY", display).env("XDG_CONFIG_HOME", folder.path().join("config"));
                command.env("XDG_CACHE_HOME", folder.path().join("cache")).env("LANG", "C.UTF-8");
                // No GPU here.
                command.env("WEBKIT_DISABLE_DMABUF_RENDERER", "1").env("WEBKIT_DISABLE_COMPOSITING_MODE", "1");
                let mut program = Program::start("WebKitWebDriver", &command, &log)
                    .context("WebKitWebDriver: is webkit2gtk-driver installed?")?;
                program.listens(address).await?;
                (program, Some(screen), format!("http://{address}"))
            }
        };
        Ok(Self { _program: program, _screen: screen, folder, address, engine })
    }

    /// The browser's own folder; it goes when the driver does.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Opens a browser with a profile of its own.
    pub async fn browser(&self, window: Window) -> Result<WebDriver> {
        let wanted: Capabilities = match self.engine {
            Engine::Chromium => {
                let mut wanted = DesiredCapabilities::chrome();
                for flag in CHROMIUM {
                    wanted.add_arg(flag)?;
                }
                match window {
                    Window::Desktop => wanted.add_arg("--window-size=1280,900")?,
                    Window::WithoutCookies => {
                        wanted.add_arg("--window-size=1280,900")?;
                        let refused = json!({ "profile.default_content_setting_values.cookies": 2 });
                        wanted.add_experimental_option("prefs", refused)?;
                    }
                    Window::Kiosk => {
                        wanted.add_arg("--screen-info={1080x1920}")?;
                        wanted.add_arg("--kiosk")?;
                        wanted.add_arg("--touch-events=enabled")?;
                    }
                }
                wanted.add_arg(&format!("--user-data-dir={}", self.folder().join("profile").display()))?;
                // chromedriver would switch the pop-up blocker off, which is part of what is tested.
                wanted.add_exclude_switch("disable-popup-blocking")?;
                wanted.into()
            }
            Engine::Firefox => {
                let mut wanted = DesiredCapabilities::firefox();
                for arg in ["-headless", "--width=1280", "--height=1000"] {
                    wanted.add_arg(arg)?;
                }
                let mut preferences = FirefoxPreferences::new();
                preferences.set("intl.accept_languages", "zh-CN")?;
                preferences.set("dom.disable_open_during_load", true)?;
                if window == Window::WithoutCookies {
                    preferences.set("network.cookie.cookieBehavior", 2)?;
                }
                wanted.set_preferences(preferences)?;
                wanted.into()
            }
            Engine::WebKit => {
                let mut wanted = Capabilities::new();
                wanted.set("acceptInsecureCerts", true)?;
                let options = json!({ "binary": mini_browser()?, "args": ["--automation"] });
                wanted.set("webkitgtk:browserOptions", options)?;
                wanted
            }
        };
        match (window, self.engine) {
            (Window::Kiosk, Engine::Firefox | Engine::WebKit) => {
                bail!("terminals are tried with what they run, Chromium")
            }
            (Window::WithoutCookies, Engine::WebKit) => bail!("WebKit can't be told to refuse cookies"),
            (Window::Desktop | Window::Kiosk | Window::WithoutCookies, _) => {}
        }
        Ok(WebDriver::new(self.address.as_str(), wanted).await?)
    }
}

/// An X server without a screen, and its name. The tool bar on it is small enough for a phone's width.
async fn screen(folder: &Path) -> Result<(Program, String)> {
    let config = folder.join("config/gtk-3.0");
    fs::create_dir_all(&config)?;
    fs::write(config.join("gtk.css"), NARROW_TOOLBAR)?;
    fs::write(config.join("settings.ini"), SMALL_ICONS)?;
    let mut command = Command::new("Xvfb");
    command.args(["-displayfd", "1", "-screen", "0", "1400x1200x24", "-nolisten", "tcp"]);
    let mut program =
        Program::start("Xvfb", &command, &folder.join("screen.log")).context("Xvfb: is xvfb installed?")?;
    // The number that it found free stands between its warnings.
    program
        .says_line(|line| line.parse::<u16>().ok().map(|number| format!(":{number}")))
        .await
        .map(|name| (program, name))
}

fn mini_browser() -> Result<PathBuf> {
    let folders = fs::read_dir("/usr/lib")?.flatten().map(|entry| entry.path());
    let mut found = folders.map(|folder| folder.join("webkit2gtk-4.1/MiniBrowser")).filter(|file| file.is_file());
    found.next().context("no webkit2gtk-4.1/MiniBrowser below /usr/lib: is webkit2gtk-driver installed?")
}
