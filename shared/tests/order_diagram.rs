//! docs/ORDER.md is drawn from the table of legal steps. After a change of the table: `UPDATE_DOCS=1 cargo test -p certhall-shared`.
#![allow(clippy::unwrap_used)]

use shared::order::{Actor, EventKind, Status};
use std::fmt::Write;

fn diagram() -> String {
    let mut text = String::from(
        "# The order's states\n\nDrawn from `shared::order` by a test (`shared/tests/order_diagram.rs`); do not edit.\n\n\
         ```mermaid\nstateDiagram-v2\n",
    );
    for status in Status::ALL {
        writeln!(text, "    {} : {}", status.name(), status.label()).unwrap();
    }
    let actor = |by: Actor| match by {
        Actor::Applicant => "申请人",
        Actor::Reviewer => "审核",
        Actor::Maker => "制证",
        Actor::Admin => "管理",
        Actor::System => "系统",
    };
    for event in EventKind::ALL {
        let rule = event.rule();
        let label = format!("{} ({})", event.label(), actor(rule.by));
        let Some(to) = rule.to else { continue };
        if rule.from.is_empty() {
            writeln!(text, "    [*] --> {} : {label}", to.name()).unwrap();
        }
        for from in rule.from {
            writeln!(text, "    {} --> {} : {label}", from.name(), to.name()).unwrap();
        }
    }
    text.push_str("```\n\n| event | from | to | by |\n| --- | --- | --- | --- |\n");
    for event in EventKind::ALL {
        let rule = event.rule();
        let from: Vec<_> = rule.from.iter().map(|status| status.name()).collect();
        let from = if from.is_empty() { "–".to_owned() } else { from.join(", ") };
        let to = rule.to.map_or("stays", Status::name);
        writeln!(text, "| `{}` {} | {from} | {to} | {} |", event.name(), event.label(), rule.by.name()).unwrap();
    }
    text
}

#[test]
fn the_document_shows_the_table() {
    // Asked when it runs: the compiled test may come from another checkout.
    let file = std::env::var("CARGO_MANIFEST_DIR").unwrap() + "/../docs/ORDER.md";
    let drawn = diagram();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&file, &drawn).unwrap();
    }
    let kept = std::fs::read_to_string(file).unwrap_or_default();
    assert!(kept == drawn, "docs/ORDER.md is out of date: run `UPDATE_DOCS=1 cargo test -p certhall-shared`");
}
