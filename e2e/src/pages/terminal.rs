//! A terminal in a service hall.

use anyhow::{Result, bail};
use serde_json::json;

use crate::browser::Browser;

/// Whatever screen the terminal shows.
#[derive(Debug)]
pub struct Terminal<'a>(pub &'a Browser);

impl Terminal<'_> {
    /// Everything that can be touched and is lower or narrower than so many pixels. A label counts with its box.
    pub async fn smaller_than(&self, pixels: u32) -> Result<Vec<String>> {
        let script = r"
            const scope = [...document.querySelectorAll('dialog[open]')].pop() || document;
            const all = [...scope.querySelectorAll('button, a[href], input, select, summary')];
            const shown = (e) => e.checkVisibility({ visibilityProperty: true, opacityProperty: false }) &&
              e.getClientRects().length > 0 && !e.closest('.skip');
            const small = [];
            for (const e of all.filter(shown)) {
              // What is touched is the label with the box, or the card that the link spreads over.
              const whole = e.closest('label') || e;
              const spread = getComputedStyle(e, '::after');
              const card = spread.content !== 'none' && spread.position === 'absolute' ? e.closest('.service') : null;
              const r = (card || whole).getBoundingClientRect();
              let [w, h] = [r.width, r.height];
              if (!card && spread.content !== 'none' && spread.position === 'absolute') {
                w = Math.max(w, parseFloat(spread.width) || 0); h = Math.max(h, parseFloat(spread.height) || 0);
              }
              if (w < arguments[0] - 0.5 || h < arguments[0] - 0.5)
                small.push(`${e.outerHTML.slice(0, 120)} ${Math.round(w)}×${Math.round(h)}`);
            }
            return small;
        ";
        Ok(serde_json::from_value(self.0.run(script, vec![json!(pixels)]).await?)?)
    }

    /// Links that lead out of the terminal, or save a file.
    pub async fn ways_out(&self) -> Result<Vec<String>> {
        let script = "return [...document.querySelectorAll('a[href]')].filter((a) => a.origin !== location.origin \
                      || !a.pathname.includes('/kiosk/') || a.target || a.hasAttribute('download')).map((a) => a.outerHTML)";
        Ok(serde_json::from_value(self.0.run(script, vec![]).await?)?)
    }

    /// Types into a field with the keys on the screen, instead of what stands there.
    pub async fn types(&self, id: &str, text: &str) -> Result<()> {
        let field = self.0.element(&format!("#{id}")).await?;
        field.scroll_into_view().await?;
        field.click().await?;
        self.0.element(".keys:not([hidden])").await?;
        self.key("清空").await?;
        for letter in text.chars() {
            self.key(&letter.to_string()).await?;
        }
        let script = "return document.activeElement.id === arguments[0] && \
                      document.activeElement.value.toUpperCase() === arguments[1].toUpperCase()";
        self.0.until(&format!("{text} in {id}"), script, vec![json!(id), json!(text)]).await
    }

    async fn key(&self, name: &str) -> Result<()> {
        let script = "return [...document.querySelectorAll('.keys:not([hidden]) button')]\
                      .find((key) => key.innerText.toUpperCase() === arguments[0].toUpperCase()) || null";
        let Ok(key) = self.0.found(script, vec![json!(name)]).await else { bail!("there is no key {name:?}") };
        key.click().await?;
        Ok(())
    }

    /// The field that has the focus lies between the head and the keys, and nothing lies over it.
    pub async fn shows_above_keys(&self, id: &str) -> Result<()> {
        let script = "const e = document.getElementById(arguments[0]), r = e.getBoundingClientRect(), \
                      keys = document.querySelector('.keys:not([hidden])').getBoundingClientRect(); \
                      const top = document.elementFromPoint(r.left + r.width / 2, r.top + r.height / 2); \
                      return document.activeElement === e && r.bottom <= keys.top && r.top >= 0 && \
                      keys.height > 100 && Math.abs(keys.bottom - innerHeight) <= 1 && top === e";
        self.0.until(&format!("{id} above the keys"), script, vec![json!(id)]).await
    }

    /// Addresses in this window's history that are not the terminal's start.
    pub async fn entries_of_others(&self) -> Result<Vec<String>> {
        let entries = self.0.history().await?;
        Ok(entries
            .into_iter()
            .filter(|entry| !entry.ends_with("/nanning/kiosk/") && entry.starts_with("http"))
            .collect())
    }
}
