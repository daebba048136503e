//! Names and values, read-only.

use leptos::prelude::*;

/// One row; an empty value is shown as a dash.
pub fn row(name: &'static str, value: impl Into<String>) -> AnyView {
    linked(name, value, ().into_any())
}

/// A row with something to do behind it.
pub fn linked(name: &'static str, value: impl Into<String>, action: AnyView) -> AnyView {
    let value = value.into();
    let value = if value.is_empty() { "—".to_owned() } else { value };
    view! { <div><dt>{name}</dt><dd>{value}</dd>{action}</div> }.into_any()
}

/// A list of rows.
pub fn rows(rows: Vec<AnyView>) -> AnyView {
    view! { <dl class="rows">{rows}</dl> }.into_any()
}

/// A part of a page with a heading.
pub fn section(title: &'static str, body: AnyView) -> AnyView {
    view! { <section class="card"><h2>{title}</h2>{body}</section> }.into_any()
}
