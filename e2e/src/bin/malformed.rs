//! `malformed --python PROGRAM [--requests N] [--seed N] [--only PART]`: a hall with orders in it, and malformed requests to
//! every route (e2e/schemathesis). Ends with "N passed, M failed".

use std::process::{ExitCode, Stdio};

use anyhow::{Context as _, Result, bail, ensure};
use e2e::program::root;
use e2e::stack::{Stack, Wish};
use shared::order::Status;
use tokio::process::Command;

/// The cookies' names.
const APPLICANT: &str = "certhall_applicant";
const STAFF: &str = "certhall_staff";

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let mut python = None;
    let mut passed_on = Vec::new();
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let value = words.next().with_context(|| format!("{word} takes a value"))?;
        match word.as_str() {
            "--python" => python = Some(value),
            "--requests" | "--seed" | "--only" => passed_on.extend([word, value]),
            _ => bail!("unknown option {word}"),
        }
    }
    let python = python.context("--python names the interpreter that has schemathesis")?;

    // Each request comes from an address of its own, as a proxy tells it.
    let stack = Stack::start_as(Wish { settings: "behind_proxy = true\n".to_owned(), ..Wish::default() }).await?;
    let applicant = stack.applicant()?;
    let confirmed = applicant.applies(&stack.unit(0)?).await?;
    let signed = applicant.applies_and_signs(&stack.unit(1)?).await?;
    let paid = applicant.applies_and_signs(&stack.unit(2)?).await?;
    let paid = applicant.pays(&paid.number).await?;
    ensure!(paid.status == Status::AwaitingReview, "{:?}", paid.status);
    let account = stack.account("mallory", &["reviewer", "maker", "admin"]).await?;
    let clerk = e2e::staff::Clerk::logs_in(&stack.portal, &account).await?;

    let mut run = Command::new(python);
    run.arg(root().join("e2e/schemathesis/run.py")).args(["--url", &stack.portal]).args(passed_on);
    for order in [&confirmed, &signed, &paid] {
        run.args(["--order", &order.number]);
    }
    run.args(["--applicant", &applicant.client.cookie(APPLICANT).context("the applicant has no cookie")?]);
    run.args(["--staff", &clerk.client.cookie(STAFF).context("the clerk has no cookie")?]);
    let status = run.stdin(Stdio::null()).status().await?;

    let log = stack.backend_log();
    let panics: Vec<_> = log.lines().filter(|line| line.contains("panicked at")).collect();
    ensure!(panics.is_empty(), "the backend panicked:\n{}", panics.join("\n"));
    let alive = applicant.channel().await;
    ensure!(alive.is_ok(), "the hall does not answer any more:\n{log}");
    if !status.success() {
        let errors: Vec<_> = log.lines().filter(|line| line.contains(r#""level":"ERROR""#)).take(20).collect();
        eprintln!("the backend's errors:\n{}", errors.join("\n"));
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}
