//! 上传资料.

use anyhow::Result;
use serde_json::json;
use shared::channel::DocumentKind;

use crate::browser::Browser;

/// The frames of the papers.
#[derive(Debug)]
pub struct UploadPage<'a>(pub &'a Browser);

impl UploadPage<'_> {
    /// Chooses a file for a frame.
    pub async fn choose(&self, kind: DocumentKind, name: &str, bytes: &[u8]) -> Result<()> {
        let file = self.0.file(name, bytes)?;
        let input = self.0.element(&format!("#file-{}", kind.name())).await?;
        input.send_keys(file.display().to_string()).await?;
        Ok(())
    }

    /// Waits until a frame says these words.
    pub async fn says(&self, kind: DocumentKind, words: &str) -> Result<()> {
        let script = "const f = document.getElementById('file-' + arguments[0]).closest('li'); \
                      return f.innerText.includes(arguments[1])";
        self.0.until(&format!("{} {words}", kind.name()), script, vec![json!(kind.name()), json!(words)]).await
    }

    /// Waits until a frame shows its picture, upright or lying as told.
    pub async fn shows(&self, kind: DocumentKind, upright: bool) -> Result<()> {
        let script = "const i = document.getElementById('file-' + arguments[0]).closest('li').querySelector('img'); \
                      return !!i && i.complete && i.naturalWidth > 0 && (i.naturalHeight > i.naturalWidth) === arguments[1]";
        self.0.until("the picture", script, vec![json!(kind.name()), json!(upright)]).await
    }
}
