//! 确认订单 over HTTP, and the bare transaction that writes the same rows.

use crate::engine::Pool;
use crate::fill::{CHANNEL, Waiting};
use crate::load::{Rate, http, now};
use anyhow::{Context, Result};
use sqlx::Executor;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// Each applicant confirms once, over HTTP.
pub async fn ours(address: SocketAddr, clients: usize, applicants: Vec<Waiting>) -> Result<Rate> {
    let count = applicants.len();
    http(address, clients, count, move |number| {
        applicants.get(number).context("more requests than applicants")?.confirms(address)
    })
    .await
}

/// The sizes of what the product writes for one order, taken from one that it wrote.
#[derive(Clone)]
pub struct Template {
    form: Vec<u8>,
    summary: Vec<u8>,
    data: String,
}

impl Template {
    /// Reads the newest order.
    pub async fn of(pool: &Pool) -> Result<Self> {
        let order = "SELECT form_sealed, summary_sealed FROM orders ORDER BY created_at DESC LIMIT 1";
        let event = "SELECT data FROM events WHERE kind = 'confirmed' LIMIT 1";
        let ((form, summary), (data,)) = match pool {
            Pool::Sqlite(pool) => {
                (sqlx::query_as(order).fetch_one(pool).await?, sqlx::query_as(event).fetch_one(pool).await?)
            }
            Pool::Postgres(pool) => {
                (sqlx::query_as(order).fetch_one(pool).await?, sqlx::query_as(event).fetch_one(pool).await?)
            }
        };
        Ok(Self { form, summary, data })
    }
}

/// The statements, in one transaction. A macro, because the two engines' types have nothing in common.
macro_rules! write {
    ($on:expr, $number:expr, $applicant:expr, $template:expr) => {{
        let (number, one, template) = ($number, $applicant, $template);
        let id = format!("bare-{number:032}");
        let (order_number, chain, now) = (format!("B{number:014}"), format!("order:{id}"), 1_800_000_000_000_000_i64);
        sqlx::query(
            "INSERT INTO order_numbers (day, series, last) VALUES ('20261120', 'B', 1)
             ON CONFLICT (day, series) DO UPDATE SET last = order_numbers.last + 1",
        )
        .execute($on)
        .await?;
        sqlx::query(
            "INSERT INTO orders (id, number, channel, profile_version, business, status, version, holder_index, session_id,
                draft_id, data_key_id, form_sealed, summary_sealed, content_hash, product, price_fen, consent_version,
                created_at, pay_until, status_since)
             VALUES ($1, $2, $3, '1', 'new', 'awaiting_documents', 1, $4, $5, $6, $7, $8, $9, $10, 'p', 25000, '1', $11, $11, $11)",
        )
        .bind(&id)
        .bind(&order_number)
        .bind(CHANNEL)
        .bind(&one.content)
        .bind(&one.session)
        .bind(&one.draft)
        .bind(&one.data_key)
        .bind(&template.form)
        .bind(&template.summary)
        .bind(&one.content)
        .bind(now)
        .execute($on)
        .await?;
        sqlx::query("UPDATE drafts SET order_id = $2 WHERE id = $1").bind(&one.draft).bind(&id).execute($on).await?;
        sqlx::query("INSERT INTO chain_heads (chain, seq, hash) VALUES ($1, 1, $2)")
            .bind(&chain)
            .bind(&[0_u8; 32][..])
            .execute($on)
            .await?;
        sqlx::query(
            "INSERT INTO events (chain, seq, id, kind, actor, actor_id, at, status_from, status_to, data, prev_hash, hash)
             VALUES ($1, 1, $2, 'confirmed', 'applicant', $3, $4, NULL, 'awaiting_documents', $5, $6, $6)",
        )
        .bind(&chain)
        .bind(&id)
        .bind(&one.session)
        .bind(now)
        .bind(&template.data)
        .bind(&[0_u8; 32][..])
        .execute($on)
        .await?;
        sqlx::query(
            "INSERT INTO outbox (id, kind, subject_id, order_id, state, attempts, run_at, created_at)
             VALUES ($1, 'expire_order', $1, $1, 'ready', 0, $2, $2)",
        )
        .bind(&id)
        .bind(now)
        .execute($on)
        .await?;
        sqlx::query(
            "INSERT INTO session_tokens (token_hash, session_id, issued_at, used_at, expires_at)
             VALUES ($1, $2, $3, NULL, $3)",
        )
        .bind(id.as_bytes())
        .bind(&one.session)
        .bind(now)
        .execute($on)
        .await?;
        sqlx::query("UPDATE applicant_sessions SET seen_at = seen_at WHERE id = $1").bind(&one.session).execute($on).await?;
    }};
}

async fn one(pool: &Pool, number: usize, applicant: &Waiting, template: &Template) -> Result<()> {
    match pool {
        Pool::Sqlite(pool) => {
            let mut tx = pool.begin_with("BEGIN IMMEDIATE").await?;
            write!(&mut *tx, number, applicant, template);
            tx.commit().await?;
        }
        Pool::Postgres(pool) => {
            let mut tx = pool.begin().await?;
            write!(&mut *tx, number, applicant, template);
            tx.commit().await?;
        }
    }
    Ok(())
}

/// The bare transactions, from so many tasks.
pub async fn bare(pool: &Pool, clients: usize, applicants: Vec<Waiting>, template: &Template) -> Result<Rate> {
    let (next, applicants) = (Arc::new(AtomicUsize::new(0)), Arc::new(applicants));
    let begun = now();
    let mut running = Vec::new();
    for _ in 0..clients {
        let (next, applicants, pool, template) = (next.clone(), applicants.clone(), pool.clone(), template.clone());
        running.push(tokio::spawn(async move {
            let mut each = Vec::<Duration>::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let Some(applicant) = applicants.get(number) else { return anyhow::Ok(each) };
                let at = now();
                one(&pool, number, applicant, &template).await?;
                each.push(at.elapsed());
            }
        }));
    }
    let mut each = Vec::new();
    for task in running {
        each.extend(task.await??);
    }
    Rate::of(begun.elapsed(), each)
}

/// Takes the orders of a round away, so that the next round writes the same rows again.
pub async fn forget(pool: &Pool) -> Result<()> {
    for text in [
        "DELETE FROM session_tokens WHERE issued_at = 1800000000000000",
        "DELETE FROM outbox WHERE id LIKE 'bare-%'",
        "DELETE FROM events WHERE id LIKE 'bare-%'",
        "DELETE FROM chain_heads WHERE chain LIKE 'order:bare-%'",
        "DELETE FROM audit_leaves WHERE chain LIKE 'order:bare-%'",
        "UPDATE drafts SET order_id = NULL WHERE order_id LIKE 'bare-%'",
        "DELETE FROM orders WHERE id LIKE 'bare-%'",
    ] {
        match pool {
            Pool::Sqlite(pool) => pool.execute(text).await.map(drop)?,
            Pool::Postgres(pool) => pool.execute(text).await.map(drop)?,
        }
    }
    Ok(())
}
