//! What the features' sentences mean.

mod applicant;
pub mod desk;
mod faults;
mod look;
mod pages;
mod places;
mod service;
mod staff;

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use e2e::applicant::Applicant;
use e2e::browser::Browser;
use e2e::cast::Unit;
use e2e::engine::{Engine, Window};
use e2e::partner::Partner;
use e2e::stack::{Stack, Wish, Workplace};
use shared::order::Status;
use tempfile::TempDir;
use thirtyfour::WindowHandle;

/// The cookie that an applicant's session hangs on.
pub const SESSION: &str = "certhall_applicant";

/// One scenario: a hall, a browser, a unit that applies. Fields are dropped in this order.
#[derive(cucumber::World)]
#[world(init = Self::begin)]
pub struct World {
    browser: Option<Browser>,
    pub workplace: Option<Workplace>,
    pub stack: Stack,
    pub unit: Unit,
    /// The order, once there is one.
    pub number: String,
    /// Somebody else's browser, without a page.
    pub other: Option<Applicant>,
    /// The window before another was opened.
    pub first_window: Option<WindowHandle>,
    /// The image code that was seen last.
    pub image: String,
    /// What the QR code said that was read last.
    pub code: String,
    /// A site that may show the hall in a frame.
    pub partner: Partner,
    /// The partner's certificate.
    _folder: TempDir,
}

impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "World({} {})", self.stack.portal, self.number)
    }
}

impl World {
    pub async fn begin() -> Result<Self> {
        let engine = Engine::wanted()?;
        let (folder, tls) = (tempfile::tempdir()?, engine.needs_tls());
        let mut partner = Partner::start(folder.path(), tls).await?;
        // The computation is tried, not how long a phone takes for it.
        let settings = "gate.work_bits = 8".to_owned();
        let stack = Stack::start_as(Wish { tls, parents: vec![partner.origin()], settings }).await?;
        partner.embed(&stack.portal);
        let browser = Browser::start(engine, Window::Desktop, &stack.portal).await?;
        let unit = stack.unit(0)?;
        Ok(Self {
            browser: Some(browser),
            workplace: None,
            stack,
            unit,
            number: String::new(),
            other: None,
            first_window: None,
            image: String::new(),
            code: String::new(),
            partner,
            _folder: folder,
        })
    }

    /// Another browser in place of the ordinary one.
    pub async fn open_another(&mut self, window: Window) -> Result<()> {
        let Some(before) = self.browser.take() else { return Ok(()) };
        let engine = before.engine();
        before.quit().await?;
        self.browser = Some(Browser::start(engine, window, &self.stack.portal).await?);
        Ok(())
    }

    pub fn browser(&self) -> &Browser {
        self.browser.as_ref().expect("the browser is open until the scenario ends")
    }

    /// Closes the browser; first takes a picture of what went wrong.
    pub async fn end(&mut self, picture: Option<PathBuf>) {
        let Some(browser) = self.browser.take() else { return };
        if let Some(file) = picture {
            if let (Some(folder), Ok(png)) = (file.parent(), browser.picture(3000).await) {
                let _ = std::fs::create_dir_all(folder);
                let _ = std::fs::write(&file, png);
            }
            println!("Picture: {}", file.display());
            println!("The backend's log ends:\n{}", last_lines(&self.stack.backend_log()));
        }
        let _ = browser.quit().await;
    }

    /// The order's number, taken from the address bar.
    pub async fn note_number(&mut self) -> Result<()> {
        let address = self.browser().address().await?;
        let number = address.split('/').find(|part| part.len() == 15 && part.starts_with("20"));
        number.with_context(|| format!("no order number in {address}"))?.clone_into(&mut self.number);
        Ok(())
    }

    /// Comes to a point of the flow without the page; the browser takes over the session.
    pub async fn skip_to(&mut self, status: Status) -> Result<()> {
        let applicant = self.stack.applicant()?;
        let unit = &self.unit;
        let order = match status {
            Status::AwaitingDocuments => applicant.applies(unit).await?,
            Status::AwaitingSignature => applicant.hands_in(unit).await?,
            Status::AwaitingPayment => applicant.applies_and_signs(unit).await?,
            Status::AwaitingReview
            | Status::ReviewRefused
            | Status::AwaitingMaking
            | Status::AwaitingDispatch
            | Status::Dispatched
            | Status::Completed
            | Status::Cancelled
            | Status::Returned => applicant.applies_and_pays(unit).await?,
        };
        self.number = order.number;
        if status == Status::AwaitingMaking {
            self.stack.reviewer().await?.approves(&self.number).await?;
        }
        self.browser().adopt(&applicant.client, SESSION).await
    }
}

fn last_lines(log: &str) -> String {
    let lines: Vec<&str> = log.lines().collect();
    lines[lines.len().saturating_sub(20)..].join("\n")
}
