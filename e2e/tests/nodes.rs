//! Several backends on one PostgreSQL and one bucket behind nginx: any request goes to any of them, one is killed at a
//! time, and every job is done once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result};
use e2e::applicant::Applicant;
use e2e::cast::Unit;
use e2e::client::{Answer, Client, Refused};
use e2e::house::House;
use e2e::outside::{Outside, Purpose};
use e2e::papers;
use e2e::staff::Clerk;
use shared::order::Status;

const NODES: usize = 3;
/// Applicants at once; each with a company and an operator of its own.
const APPLICANTS: usize = 4;
/// Looks of each applicant at their order, when all backends are up.
const LOOKS: usize = 15;

/// What a page does when a backend dies under it: it asks again.
async fn again<T, F: Future<Output = Answer<T>>>(mut ask: impl FnMut() -> F) -> Result<T> {
    for _ in 0..60 {
        match ask().await {
            Ok(answer) => return Ok(answer),
            Err(refused) if passing(&refused) => tokio::time::sleep(Duration::from_millis(250)).await,
            Err(refused) => return Err(refused.into()),
        }
    }
    anyhow::bail!("nobody answers")
}

/// No answer, or nginx says that the backend it had chosen is gone.
fn passing(refused: &Refused) -> bool {
    matches!(refused.status, 0 | 502 | 503 | 504)
}

/// One application, from the form to the paid order.
async fn applies(portal: String, outside: Outside, unit: Unit) -> Result<(Applicant, String)> {
    let one = Applicant::new(&portal, &outside)?;
    let draft = unit.draft();
    let checked = again(|| one.checks(&draft)).await.context("check")?;
    let number = again(|| one.confirms(&checked)).await.context("confirm")?.number;
    for paper in papers::scans(&unit, &outside).await? {
        again(|| one.uploads(&number, paper.kind, paper.bytes.clone())).await.context("upload")?;
    }
    // A repeated 确认申请 finds the order signed for: what counts is where it stands.
    if again(|| one.order(&number)).await?.status == Status::AwaitingDocuments {
        let submitted = again(|| one.submits(&number)).await;
        if submitted.is_err() {
            assert_eq!(again(|| one.order(&number)).await?.status, Status::AwaitingSignature);
        }
    }
    let proof = again(|| one.client.proof()).await.context("proof")?;
    let sent = again(|| one.asks_code_with(&number, &proof)).await.context("code")?;
    let code = outside.message(unit.operator.phone(), Purpose::Sign, 1).await?;
    let code = code.param("code")?.to_owned();
    let signed = again(|| one.signs_with(&number, &sent.ticket, &code)).await;
    if signed.is_err() {
        assert_eq!(again(|| one.order(&number)).await?.status, Status::AwaitingPayment);
    }
    let cashier = again(|| one.opens_payment(&number)).await.context("cashier")?;
    let trade = outside.trade(&cashier.qr).await?;
    outside.pay(&trade.out_trade_no).await?;
    for _ in 0..200 {
        if again(|| one.order(&number)).await?.status == Status::AwaitingReview {
            return Ok((one, number));
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    anyhow::bail!("{number} was paid and never waits for its review")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_backend_after_the_other_dies_and_nothing_is_lost_or_done_twice() {
    let mut house = House::start(NODES).await.unwrap();
    let mut running = Vec::new();
    for number in 0..APPLICANTS {
        let unit = house.unit(number).unwrap();
        running.push(tokio::spawn(applies(house.portal.clone(), house.outside.clone(), unit)));
    }
    let done = Arc::new(AtomicBool::new(false));
    let all_done = done.clone();
    let applied = tokio::spawn(async move {
        let mut applied = Vec::new();
        for one in running {
            applied.push(one.await.unwrap());
        }
        all_done.store(true, Ordering::SeqCst);
        applied
    });
    // Two of three are always there.
    let mut kills = 0;
    while !done.load(Ordering::SeqCst) {
        let victim = kills % NODES;
        house.kill_node(victim).unwrap();
        tokio::time::sleep(Duration::from_millis(400)).await;
        house.start_node(victim).await.unwrap();
        kills += 1;
        tokio::time::sleep(Duration::from_millis(600)).await;
    }
    let applied: Vec<(Applicant, String)> = applied.await.unwrap().into_iter().map(|one| one.unwrap()).collect();
    assert!(kills >= NODES, "each backend was killed once at least, not {kills} times in all");

    // Any session at any backend, papers from the one bucket.
    for (one, number) in &applied {
        for node in 0..NODES {
            let there = Client::new(&house.node(node).unwrap()).unwrap();
            there.put_cookie("certhall_applicant", &one.client.cookie("certhall_applicant").unwrap());
            let there = Applicant::at(there, &house.outside);
            let order = there.order(number).await.unwrap();
            assert_eq!(order.status, Status::AwaitingReview);
            assert_eq!(order.documents.len(), 3);
            for paper in &order.documents {
                let path = format!("/api/orders/{number}/documents/{}", paper.id);
                let image = there.client.bytes(reqwest::Method::GET, &path, None).await.unwrap();
                assert_eq!(image.len() as u64, paper.bytes, "{number} {:?} at backend {node}", paper.kind);
            }
        }
    }
    let papers = house.papers().await.unwrap();
    assert!(papers.len() >= 3 * APPLICANTS, "papers are in the bucket: {papers:?}");

    // Each job once: one text message for each approved order, and no second signature code.
    let reviewer = Clerk::logs_in(&house.portal, &house.reviewer).await.unwrap();
    for (_, number) in &applied {
        reviewer.approves(number).await.unwrap();
    }
    for number in 0..APPLICANTS {
        let unit = house.unit(number).unwrap();
        house.outside.message(unit.operator.phone(), Purpose::Approved, 1).await.unwrap();
    }
    tokio::time::sleep(Duration::from_secs(3)).await;
    for number in 0..APPLICANTS {
        let phone = house.unit(number).unwrap().operator.phone().to_owned();
        assert_eq!(house.outside.messages(&phone, Purpose::Approved).await.unwrap().len(), 1, "{phone}");
        assert_eq!(house.outside.messages(&phone, Purpose::Sign).await.unwrap().len(), 1, "{phone}");
    }
    let trades = house.outside.trades().await.unwrap();
    let paid = trades.iter().filter(|trade| trade.standing == "paid").count();
    assert_eq!(paid, APPLICANTS, "each order is paid once: {trades:?}");

    // While they died, who was up longest got most. Now that all are up, each gets its share of every session's requests.
    let before = house.shares().unwrap();
    for _ in 0..LOOKS {
        for (one, number) in &applied {
            assert_eq!(one.order(number).await.unwrap().number, *number);
        }
    }
    let shares: Vec<usize> =
        house.shares().unwrap().iter().zip(&before).map(|(after, before)| after - before).collect();
    let fair = LOOKS * APPLICANTS / NODES;
    assert!(shares.iter().all(|share| *share > fair / 2), "every backend has its share: {shares:?}");
    assert!(before.iter().all(|share| *share > 0), "every backend worked while the others died: {before:?}");
    house.end().await.unwrap();
}
