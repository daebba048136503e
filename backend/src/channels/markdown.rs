//! The channel's own texts: Markdown in its folder, HTML in the page. Raw HTML in them is shown as text.

use super::ChannelError;
use pulldown_cmark::{Event, Parser, Tag, TagEnd, html};
use shared::api::Text;
use std::path::Path;

/// Reads a text. Its first heading is its title and is left out of the HTML (the page has its own h1).
pub fn read(file: &Path) -> Result<Text, ChannelError> {
    let markdown = std::fs::read_to_string(file).map_err(|error| ChannelError::new(file, "", error.to_string()))?;
    let text = render(&markdown);
    if text.title.is_empty() {
        return Err(ChannelError::new(file, "# …", "the text needs a title: one line that begins with “# ”"));
    }
    Ok(text)
}

fn render(markdown: &str) -> Text {
    let mut title = String::new();
    let mut in_title = false;
    let mut body = Vec::new();
    for event in Parser::new(markdown) {
        match event {
            Event::Start(Tag::Heading { level: pulldown_cmark::HeadingLevel::H1, .. }) => in_title = true,
            Event::End(TagEnd::Heading(pulldown_cmark::HeadingLevel::H1)) => in_title = false,
            Event::Text(text) if in_title => title.push_str(&text),
            Event::Html(raw) | Event::InlineHtml(raw) => body.push(Event::Text(raw)),
            other => {
                if !in_title {
                    body.push(other);
                }
            }
        }
    }
    let mut html = String::with_capacity(markdown.len() * 3 / 2);
    html::push_html(&mut html, body.into_iter());
    Text { title, html }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_heading_is_the_title() {
        let text = render("# 办理指南\n\n## 证书新办\n\n- 一\n");
        assert_eq!(text.title, "办理指南");
        assert_eq!(text.html, "<h2>证书新办</h2>\n<ul>\n<li>一</li>\n</ul>\n");
    }

    #[test]
    fn raw_html_stays_text() {
        let text = render("# t\n\na <script>alert(1)</script> b\n\n<img src=x onerror=y>\n");
        assert!(!text.html.contains("<script"), "{}", text.html);
        assert!(!text.html.contains("<img"), "{}", text.html);
    }
}
