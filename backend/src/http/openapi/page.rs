//! The document as a page to read: plain HTML made once, no script, nothing from outside.

use super::operations;
use axum::body::Bytes;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sha2::{Digest, Sha256};

const STYLE: &str = include_str!("page.css");

/// The finished page.
pub struct Page {
    html: Bytes,
    policy: HeaderValue,
}

impl Page {
    /// Renders a document.
    pub fn of(document: &Value) -> Self {
        let hash = STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
        let policy = format!(
            "default-src 'none'; style-src 'sha256-{hash}'; img-src 'self'; base-uri 'none'; form-action 'none'; \
             frame-ancestors 'none'"
        );
        let policy = HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'none'"));
        Self { html: render(document).into(), policy }
    }

    /// The page as an answer.
    pub fn response(&self) -> Response {
        let headers = [
            (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
            (header::CONTENT_SECURITY_POLICY, self.policy.clone()),
            (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
            (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        ];
        (headers, self.html.clone()).into_response()
    }
}

fn render(document: &Value) -> String {
    let title = escape(text(&document["info"]["title"]));
    let mut contents = String::new();
    let mut sections = String::new();
    for tag in document["tags"].as_array().into_iter().flatten() {
        let name = text(&tag["name"]);
        let mut links = String::new();
        let mut parts = String::new();
        for (path, method, operation) in operations(document).filter(|(.., one)| one["tags"][0] == name) {
            let id = escape(text(&operation["operationId"]));
            let shown = format!("<span class=\"method {method}\">{}</span> {}", method.to_uppercase(), breakable(path));
            links.push_str(&format!("<li><a href=\"#{id}\">{shown}</a></li>"));
            let body = self::operation(operation);
            parts.push_str(&format!("<section id=\"{id}\"><h3><code>{shown}</code></h3>{body}</section>"));
        }
        if parts.is_empty() {
            continue;
        }
        let heading = format!("<h2 id=\"tag-{name}\">{name}</h2><p>{}</p>", words(&tag["description"]));
        contents.push_str(&format!("<li><a href=\"#tag-{name}\">{name}</a><ul>{links}</ul></li>"));
        sections.push_str(&format!("{heading}{parts}"));
    }
    let mut types = String::new();
    for (name, schema) in document["components"]["schemas"].as_object().into_iter().flatten() {
        types.push_str(&format!(
            "<section id=\"type-{name}\"><h3><code>{name}</code></h3>{}</section>",
            described(schema)
        ));
    }
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>{title} API</title>\
         <link rel=\"icon\" type=\"image/svg+xml\" href=\"/favicon.svg\"><style>{STYLE}</style></head><body>\
         <a class=\"skip\" href=\"#content\">To the content</a>\
         <header><h1>{title} API <small>{version}</small></h1><p>{about}</p>\
         <p>For programs: <a href=\"/api/openapi.json\">openapi.json</a></p></header>\
         <nav aria-label=\"Contents\"><ul>{contents}<li><a href=\"#types\">types</a></li></ul></nav>\
         <main id=\"content\">{sections}<h2 id=\"types\">types</h2>{types}</main></body></html>",
        version = escape(text(&document["info"]["version"])),
        about = words(&document["info"]["description"]),
    )
}

/// Summary, parameters, body, answers.
fn operation(operation: &serde_json::Map<String, Value>) -> String {
    let get = |key: &str| operation.get(key).unwrap_or(&Value::Null);
    let mut html = String::new();
    for key in ["summary", "description"] {
        if !text(get(key)).is_empty() {
            html.push_str(&format!("<p>{}</p>", words(get(key))));
        }
    }
    let cookies = get("security").as_array().into_iter().flatten().filter_map(Value::as_object);
    let cookies: Vec<_> = cookies.flat_map(|schemes| schemes.keys().map(|name| escape(name))).collect();
    if !cookies.is_empty() {
        html.push_str(&format!("<p class=\"note\">Cookie: {}</p>", cookies.join(", ")));
    }
    let parameters = get("parameters").as_array().into_iter().flatten().map(|parameter| {
        let place = text(&parameter["in"]);
        let name = format!("<code>{}</code> <small>{place}</small>", escape(text(&parameter["name"])));
        (name, meaning(&parameter["schema"], &parameter["description"]))
    });
    html.push_str(&list("Parameters", parameters));
    let body = get("requestBody")["content"].as_object().into_iter().flatten();
    html.push_str(&list("Body", body.map(|(mime, content)| (code(mime), kind(&content["schema"])))));
    let answers = get("responses").as_object().into_iter().flatten().map(|(status, answer)| {
        let status = if status == "default" { "otherwise".to_owned() } else { code(status) };
        let contents = answer["content"].as_object().into_iter().flatten();
        let bodies: Vec<_> = contents.map(|(mime, one)| format!("{} {}", code(mime), kind(&one["schema"]))).collect();
        let refusal = if answer.get("$ref").is_some() { "<a href=\"#type-ApiError\">ApiError</a>" } else { "" };
        let said = if bodies.is_empty() && refusal.is_empty() { words(&answer["description"]) } else { String::new() };
        (status, format!("{}{refusal}{said}", bodies.join("<br>")))
    });
    html.push_str(&list("Answers", answers));
    html
}

/// A schema with its members.
fn described(schema: &Value) -> String {
    let mut html = format!("<p>{}</p>", words(&schema["description"]));
    let required: Vec<_> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let members = schema["properties"].as_object().into_iter().flatten().map(|(name, member)| {
        let optional = if required.contains(&name.as_str()) { "" } else { " <small>optional</small>" };
        (format!("{}{optional}", code(name)), meaning(member, &member["description"]))
    });
    let list = list("Members", members);
    if list.is_empty() {
        html.push_str(&format!("<p>{}</p>", kind(schema)));
    }
    html + &list
}

/// Terms and what they mean, under a small heading; nothing when there is none.
fn list(heading: &str, entries: impl Iterator<Item = (String, String)>) -> String {
    let entries: String =
        entries.map(|(term, meaning)| format!("<div><dt>{term}</dt><dd>{meaning}</dd></div>")).collect();
    if entries.is_empty() { entries } else { format!("<h4>{heading}</h4><dl>{entries}</dl>") }
}

/// What a value is and what it means.
fn meaning(schema: &Value, description: &Value) -> String {
    let words = words(description);
    if words.is_empty() { kind(schema) } else { format!("{} – {words}", kind(schema)) }
}

/// What a value is, in a few words, with links to named types.
fn kind(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        let name = escape(name);
        return format!("<a href=\"#type-{name}\">{name}</a>");
    }
    for key in ["oneOf", "anyOf", "allOf"] {
        if let Some(choices) = schema[key].as_array() {
            return choices.iter().map(kind).collect::<Vec<_>>().join(" or ");
        }
    }
    if let Some(names) = schema["enum"].as_array() {
        return names.iter().map(|name| code(text(name))).collect::<Vec<_>>().join(" ");
    }
    let types: Vec<_> = match &schema["type"] {
        Value::Array(types) => types.iter().map(text).collect(),
        one => vec![text(one)],
    };
    let names: Vec<_> = types
        .into_iter()
        .map(|name| match name {
            "array" => format!("list of {}", kind(&schema["items"])),
            "string" if schema["format"] == "binary" => "bytes".to_owned(),
            "null" => "nothing".to_owned(),
            "" => "anything".to_owned(),
            name => escape(name),
        })
        .collect();
    names.join(" or ")
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn code(text: &str) -> String {
    format!("<code>{}</code>", breakable(text))
}

/// Long words may break after a slash or an underscore, so that nothing is wider than a phone.
fn breakable(text: &str) -> String {
    escape(text).replace('/', "/<wbr>").replace('_', "_<wbr>")
}

/// A doc comment as HTML: `code` as code, links of Rust as their name.
fn words(value: &Value) -> String {
    let text = escape(text(value)).replace("[`", "`").replace("`]", "`");
    let mut html = String::new();
    for (number, part) in text.split('`').enumerate() {
        if number % 2 == 1 {
            html.push_str(&format!("<code>{}</code>", part.replace('/', "/<wbr>")));
        } else {
            html.push_str(part);
        }
    }
    html
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn nothing_of_the_document_becomes_markup() {
        assert_eq!(words(&json!("<b> `a<c>` & [`X`]")), "&lt;b&gt; <code>a&lt;c&gt;</code> &amp; <code>X</code>");
        assert_eq!(kind(&json!({ "type": "<i>" })), "&lt;i&gt;");
    }

    #[test]
    fn a_value_is_told_in_a_few_words() {
        assert_eq!(kind(&json!({ "type": ["string", "null"] })), "string or nothing");
        assert_eq!(
            kind(&json!({ "type": "array", "items": { "$ref": "#/components/schemas/QueueRow" } })),
            "list of <a href=\"#type-QueueRow\">QueueRow</a>"
        );
        assert_eq!(kind(&json!({ "type": "string", "enum": ["new"] })), "<code>new</code>");
    }
}
