//! 填写申请信息.

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};
use shared::form::{Field, Kind};
use thirtyfour::Key;

use super::ProofField;
use crate::browser::Browser;
use crate::cast::Unit;

/// The form.
#[derive(Debug)]
pub struct FormPage<'a>(pub &'a Browser);

impl FormPage<'_> {
    /// Opens it by its address.
    pub async fn open(&self) -> Result<()> {
        self.0.open("/nanning/new").await?;
        self.is_ready().await
    }

    /// Waits until it can be typed into: the draft has been looked for.
    pub async fn is_ready(&self) -> Result<()> {
        self.0.arrives("填写申请信息").await?;
        self.0.element("#unitName").await?;
        // What was kept is restored in a moment; typing before it would be typing against it.
        self.0.until("quiet", "return document.readyState === 'complete'", vec![]).await?;
        tokio::time::sleep(std::time::Duration::from_millis(400)).await;
        Ok(())
    }

    /// Types or chooses one answer.
    pub async fn fill(&self, field: Field, value: &str) -> Result<()> {
        let css = format!("#{}", field.id());
        match field.kind() {
            Kind::Choice => {
                let input = self.0.element(&css).await?;
                ensure!(input.tag_name().await? == "select", "{} is no list", field.id());
                let script =
                    "return [...document.getElementById(arguments[0]).options].some((o) => o.value === arguments[1])";
                self.0.until("the choice", script, vec![json!(field.id()), json!(value)]).await?;
                let option = format!("{css} option[value='{value}']");
                self.0.element(&option).await?.click().await?;
                Ok(())
            }
            Kind::Tick => self.tick(value == "true").await,
            Kind::Name | Kind::Code | Kind::Number | Kind::Line => self.0.type_into(&css, value).await,
        }
    }

    /// Everything that the unit's operator types.
    pub async fn fill_all(&self, unit: &Unit) -> Result<()> {
        for (field, value) in unit.typed() {
            self.fill(field, &value).await?;
        }
        Ok(())
    }

    /// The agreements' tick.
    pub async fn tick(&self, on: bool) -> Result<()> {
        let tick = self.0.element("#agreements").await?;
        if tick.is_selected().await? != on {
            self.0.bring(&tick).await?;
            tick.click().await?;
        }
        Ok(())
    }

    /// 下一步, with the computation for the image code.
    pub async fn next(&self) -> Result<()> {
        ProofField(self.0).compute().await?;
        self.0.press("下一步").await
    }

    /// What stands in an input.
    pub async fn value(&self, field: Field) -> Result<String> {
        let value = self.0.run("return document.getElementById(arguments[0]).value", vec![json!(field.id())]).await?;
        Ok(value.as_str().unwrap_or_default().to_owned())
    }

    /// What is wrong with an input, in words.
    pub async fn error(&self, field: Field) -> Result<String> {
        let script = "const e = document.getElementById(arguments[0] + '-error'); return e ? e.innerText.trim() : ''";
        let text = self.0.run(script, vec![json!(field.id())]).await?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    /// The lines of the error summary, once it is there.
    pub async fn summary(&self) -> Result<Vec<String>> {
        self.0.element("#errors").await?;
        let script = "return [...document.querySelectorAll('#errors li')].map((e) => e.innerText.trim())";
        Ok(serde_json::from_value(self.0.run(script, vec![]).await?)?)
    }

    /// The field that a label of the manual names.
    pub fn field(label: &str) -> Result<Field> {
        Field::ALL.into_iter().find(|field| field.label() == label).with_context(|| format!("no field {label}"))
    }

    /// Fills in everything with the keyboard alone, from the top of the page to 下一步. Each place that the focus comes to
    /// must be visible.
    pub async fn fill_by_keyboard(&self, unit: &Unit) -> Result<()> {
        let mut wanted = unit.typed();
        for _ in 0..150 {
            self.0.keys(Key::Tab).await?;
            let focus = self.focus().await?;
            ensure!(focus.visible, "the focus on {:?} can't be seen", focus.id);
            if focus.words == "下一步" {
                ensure!(
                    wanted.is_empty(),
                    "never came to {:?}",
                    wanted.iter().map(|(field, _)| field.id()).collect::<Vec<_>>()
                );
                return self.0.keys(Key::Enter).await;
            }
            if focus.words == "看不清图片？用计算验证代替" {
                self.0.keys(Key::Enter).await?;
                self.0.reads("✓ 计算验证已完成").await?;
                continue;
            }
            let Some(field) = Field::from_id(&focus.id) else { continue };
            if field == Field::Agreements {
                self.0.keys(" ").await?;
                continue;
            }
            let Some(at) = wanted.iter().position(|(other, _)| *other == field) else { continue };
            let (_, value) = wanted.remove(at);
            if field.kind() == Kind::Choice {
                self.choose_by_keyboard(field, &value).await?;
            } else {
                self.0.keys(value.as_str()).await?;
            }
        }
        bail!("下一步 is not reached by Tab")
    }

    async fn choose_by_keyboard(&self, field: Field, value: &str) -> Result<()> {
        for _ in 0..60 {
            if self.value(field).await? == value {
                return Ok(());
            }
            self.0.keys(Key::Down).await?;
        }
        bail!("{value} is not reached by the arrow keys")
    }

    async fn focus(&self) -> Result<Focus> {
        let script = r"
            const e = document.activeElement, s = getComputedStyle(e);
            const marked = (s) => (s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0) || s.boxShadow !== 'none';
            const near = e.closest('label, .option, .file');
            const r = e.getBoundingClientRect();
            return { id: e.id || '', words: (e.innerText || '').trim(),
                     visible: e === document.body || marked(s) || (!!near && marked(getComputedStyle(near))) && r.width > 0 };
        ";
        let found: Value = self.0.run(script, vec![]).await?;
        let text = |name: &str| found.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        Ok(Focus { id: text("id"), words: text("words"), visible: found.get("visible") == Some(&json!(true)) })
    }
}

/// Where the keyboard is.
struct Focus {
    id: String,
    words: String,
    visible: bool,
}
