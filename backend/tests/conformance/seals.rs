//! The seals over the chains, and whatever somebody with the database's password may try.

use crate::world::World as W;
use backend::audit::export::export;
use backend::audit::sealer::SealError;
use backend::audit::verify::{Finding, Report, check_file, check_store};
use backend::audit::{AuditKeys, Break, Chain, PublicKeys, Sealer};
use backend::clock::{MINUTE, SECOND};
use backend::entropy::SeededEntropy;
use serde_json::json;
use shared::order::Status;
use std::sync::Arc;

/// Always the same key: a hall's backends have one.
fn keys() -> AuditKeys {
    AuditKeys::generate(&SeededEntropy::new(1))
}

fn trusted() -> PublicKeys {
    keys().public()
}

fn sealer(world: &W, owner: &str) -> Arc<Sealer> {
    Sealer::new(world.store.clone(), keys(), owner.to_owned())
}

async fn seal(world: &W) -> i64 {
    let checkpoint = sealer(world, "sealer").seal_all().await.unwrap().expect("something waited");
    checkpoint.number
}

async fn check(world: &W) -> Report {
    check_store(&world.store, trusted(), None).await.unwrap()
}

async fn check_since(world: &W, number: i64) -> Report {
    check_store(&world.store, trusted(), Some(number)).await.unwrap()
}

async fn found(world: &W) -> Vec<Finding> {
    check(world).await.findings
}

/// An exported file, and what its check says.
async fn exported(world: &W) -> Vec<u8> {
    let mut file = Vec::new();
    export(&world.store, &mut file).await.unwrap();
    file
}

fn check_export(file: &[u8]) -> Report {
    check_file(|| Ok(std::io::Cursor::new(file.to_vec())), trusted()).unwrap()
}

async fn note(world: &W, who: &str) {
    let mut tx = world.tx().await;
    tx.note(Chain::Staff(who), "login", "staff", who, &json!({})).await.unwrap();
    tx.commit().await.unwrap();
}

/// Two orders, sealed several times as they go on; the first one's chain.
async fn history(world: &W) -> String {
    let order = world.order_in(Status::AwaitingPayment).await;
    note(world, "s1").await;
    seal(world).await;
    let order = world.carry(order, Status::AwaitingMaking).await;
    seal(world).await;
    world.order_in(Status::AwaitingReview).await;
    seal(world).await;
    Chain::Order(&order.id).name()
}

both! {
    async fn what_was_sealed_is_whole(world: World) {
        assert!(check(&world).await.is_whole(), "an empty hall is whole");
        history(&world).await;
        let report = check(&world).await;
        assert_eq!(report.findings, []);
        assert_eq!((report.checkpoints, report.leaves, report.chains, report.events, report.unsealed), (3, 4, 3, 10, 0));
        let report = check_export(&exported(&world).await);
        assert_eq!(report.findings, []);
        assert_eq!((report.checkpoints, report.leaves, report.chains, report.events, report.unsealed), (3, 4, 3, 10, 0));
        note(&world, "s1").await;
        assert_eq!(check(&world).await.unsealed, 1);
        assert_eq!(check_export(&exported(&world).await).unsealed, 1);
    }
}

both! {
    async fn nothing_is_sealed_when_nothing_moved(world: World) {
        history(&world).await;
        let sealer = sealer(&world, "sealer");
        assert_eq!(sealer.seal_all().await.unwrap(), None);
        note(&world, "s1").await;
        assert_eq!(sealer.seal_all().await.unwrap().map(|made| (made.number, made.size)), Some((4, 5)));
        assert_eq!(sealer.seal_all().await.unwrap(), None);
    }
}

both! {
    async fn many_chains_take_several_checkpoints(world: World) {
        let mut tx = world.tx().await;
        for n in 0..600 {
            tx.note(Chain::Staff(&format!("s{n}")), "login", "staff", "s", &json!({})).await.unwrap();
        }
        tx.commit().await.unwrap();
        assert_eq!(seal(&world).await, 3);
        let report = check(&world).await;
        assert_eq!((report.findings.clone(), report.checkpoints, report.leaves), (vec![], 3, 600));
        // Several pages of chains, too.
        world.raw("DELETE FROM events WHERE chain = 'staff:s444'").await;
        world.raw("DELETE FROM chain_heads WHERE chain = 'staff:s444'").await;
        assert_eq!(found(&world).await, [Finding::Cut { chain: "staff:s444".into(), sealed: 1, found: 0 }]);
    }
}

both! {
    async fn one_backend_seals_at_a_time(world: World) {
        note(&world, "s1").await;
        let (one, two) = (sealer(&world, "one"), sealer(&world, "two"));
        assert!(one.seal_all().await.unwrap().is_some());
        note(&world, "s1").await;
        assert_eq!(two.seal_all().await.unwrap(), None, "the first one's lease runs");
        world.clock.advance(MINUTE);
        assert!(two.seal_all().await.unwrap().is_some());
        note(&world, "s1").await;
        assert_eq!(one.seal_all().await.unwrap(), None);
        assert_eq!(found(&world).await, []);
    }
}

both! {
    async fn many_sealers_and_writers_at_once_leave_it_whole(world: World) {
        let work = (0..12).map(|n| {
            let world = world.clone();
            tokio::spawn(async move {
                for _ in 0..5 {
                    note(&world, &format!("s{}", n % 4)).await;
                    let _ = sealer(&world, &format!("sealer {}", n % 2)).seal_all().await.unwrap();
                    world.clock.advance(20 * SECOND);
                }
            })
        });
        for one in work.collect::<Vec<_>>() {
            one.await.unwrap();
        }
        world.clock.advance(MINUTE);
        let _ = sealer(&world, "last").seal_all().await.unwrap();
        let report = check(&world).await;
        assert_eq!((report.findings.clone(), report.events, report.unsealed), (vec![], 60, 0));
    }
}

both! {
    async fn the_lag_is_that_of_the_longest_waiting_link(world: World) {
        let since = async |world: &W| world.store.read().await.unwrap().unsealed_since().await.unwrap();
        assert_eq!(since(&world).await, None);
        let first = world.now();
        note(&world, "s1").await;
        world.clock.advance(SECOND);
        note(&world, "s1").await;
        note(&world, "s2").await;
        assert_eq!(since(&world).await, Some(first));
        seal(&world).await;
        assert_eq!(since(&world).await, None);
        world.clock.advance(SECOND);
        note(&world, "s2").await;
        assert_eq!(since(&world).await, Some(world.now()));
    }
}

both! {
    async fn an_edited_field_is_found(world: World) {
        let chain = history(&world).await;
        for column in ["kind = 'cancelled'", "actor_id = 'x'", "at = at - 1", "status_to = 'cancelled'", "data = '{} '"] {
            let (name, value) = column.split_once(" = ").unwrap();
            world.raw(&format!("CREATE TABLE kept AS SELECT {name} AS was FROM events WHERE chain = '{chain}' AND seq = 3")).await;
            world.raw(&format!("UPDATE events SET {name} = {value} WHERE chain = '{chain}' AND seq = 3")).await;
            let expected = vec![Finding::Chain(Break::Content { chain: chain.clone(), seq: 3 })];
            assert_eq!(found(&world).await, expected, "{column}");
            assert_eq!(check_export(&exported(&world).await).findings, expected, "{column}");
            world.raw(&format!("UPDATE events SET {name} = (SELECT was FROM kept) WHERE chain = '{chain}' AND seq = 3")).await;
            world.raw("DROP TABLE kept").await;
        }
        assert_eq!(found(&world).await, []);
    }
}

both! {
    /// Whoever can write all columns can make a chain that is right in itself; the seal tells.
    async fn a_chain_that_was_written_anew_is_found(world: World) {
        let chain = history(&world).await;
        let (order, mut read) = (chain.clone(), world.store.read().await.unwrap());
        let mut events = read.events(Chain::Order(order.strip_prefix("order:").unwrap())).await.unwrap();
        drop(read);
        events[2].actor_id = "somebody else".into();
        let mut previous = backend::audit::GENESIS;
        for event in &mut events {
            event.prev_hash = previous.to_vec();
            let entry = event.stored().entry;
            previous = entry.hash(&previous);
            event.hash = previous.to_vec();
            world.raw(&format!(
                "UPDATE events SET actor_id = '{}', prev_hash = {}, hash = {} WHERE chain = '{chain}' AND seq = {}",
                event.actor_id, bytes(&world, &event.prev_hash), bytes(&world, &event.hash), event.seq
            )).await;
        }
        world.raw(&format!("UPDATE chain_heads SET hash = {} WHERE chain = '{chain}'", bytes(&world, &previous))).await;
        let order_id = chain.strip_prefix("order:").unwrap();
        let chain_alone = world.store.read().await.unwrap().verify_chain(&Chain::Order(order_id).name()).await.unwrap();
        assert!(chain_alone.is_ok(), "the chain in itself is right");
        // Link 3 was the end of the chain when it was sealed first.
        let expected = vec![Finding::Rewritten { chain: chain.clone(), seq: 3 }];
        assert_eq!(found(&world).await, expected);
        assert_eq!(check_export(&exported(&world).await).findings, expected);
    }
}

both! {
    async fn the_last_event_cut_off_is_found(world: World) {
        let chain = history(&world).await;
        world.raw(&format!("DELETE FROM events WHERE chain = '{chain}' AND seq = 5")).await;
        let cut = vec![Finding::Cut { chain: chain.clone(), sealed: 5, found: 4 }];
        assert_eq!(found(&world).await, cut);
        // Also when the head is made to fit.
        world.raw(&format!(
            "UPDATE chain_heads SET seq = 4, sealed_seq = 4,
                hash = (SELECT hash FROM events WHERE chain = '{chain}' AND seq = 4) WHERE chain = '{chain}'"
        )).await;
        assert_eq!(found(&world).await, cut);
        let named = check_export(&exported(&world).await).findings;
        let cut = Finding::Cut { chain: chain.clone(), sealed: 5, found: 0 };
        assert!(named.contains(&cut), "the file names the sealed link: {named:?}");
        // And when the leaf goes, too: then the signed root does not fit.
        world.raw(&format!("DELETE FROM audit_leaves WHERE chain = '{chain}' AND seq = 5")).await;
        assert!(matches!(found(&world).await[0], Finding::Leaves { number: 2, .. }), "{:?}", found(&world).await);
    }
}

both! {
    async fn a_chain_that_vanished_as_a_whole_is_found(world: World) {
        let chain = history(&world).await;
        world.raw(&format!("DELETE FROM events WHERE chain = '{chain}'")).await;
        world.raw(&format!("DELETE FROM chain_heads WHERE chain = '{chain}'")).await;
        let expected = Finding::Cut { chain: chain.clone(), sealed: 5, found: 0 };
        assert_eq!(found(&world).await, [expected]);
        let report = check_export(&exported(&world).await);
        let cut = |sealed| Finding::Cut { chain: chain.clone(), sealed, found: 0 };
        assert_eq!(report.findings, [cut(3), cut(5)]);
    }
}

both! {
    async fn reordered_events_are_found(world: World) {
        let chain = history(&world).await;
        for (from, to) in [(2, 99), (3, 2), (99, 3)] {
            world.raw(&format!("UPDATE events SET seq = {to} WHERE chain = '{chain}' AND seq = {from}")).await;
        }
        let expected = vec![Finding::Chain(Break::Previous { chain, seq: 2 })];
        assert_eq!(found(&world).await, expected);
        assert_eq!(check_export(&exported(&world).await).findings, expected);
    }
}

both! {
    async fn a_lost_head_and_a_wrong_mark_are_found(world: World) {
        let chain = history(&world).await;
        world.raw(&format!("UPDATE chain_heads SET sealed_seq = 4 WHERE chain = '{chain}'")).await;
        assert_eq!(found(&world).await, [Finding::SealMark { chain: chain.clone(), marked: 4, sealed: 5 }]);
        world.raw(&format!("DELETE FROM chain_heads WHERE chain = '{chain}'")).await;
        assert_eq!(found(&world).await, [Finding::Headless { chain, found: 5 }]);
    }
}

both! {
    /// Marking a link as sealed would keep it out of every checkpoint.
    async fn a_link_that_is_kept_from_the_sealer_is_found(world: World) {
        note(&world, "s1").await;
        world.raw("UPDATE chain_heads SET sealed_seq = seq").await;
        assert_eq!(sealer(&world, "s").seal_all().await.unwrap(), None);
        assert_eq!(found(&world).await, [Finding::SealMark { chain: "staff:s1".into(), marked: 1, sealed: 0 }]);
    }
}

both! {
    async fn a_replaced_checkpoint_is_found(world: World) {
        history(&world).await;
        for (column, value) in [("at", "at + 1"), ("size", "size - 1"), ("key_version", "2")] {
            world.raw(&format!("CREATE TABLE kept AS SELECT {column} AS was FROM audit_checkpoints WHERE number = 2")).await;
            world.raw(&format!("UPDATE audit_checkpoints SET {column} = {value} WHERE number = 2")).await;
            let named = found(&world).await;
            assert!(matches!(named[0], Finding::CheckpointSignature { number: 2, .. }), "{column}: {named:?}");
            let named = check_export(&exported(&world).await).findings;
            assert!(matches!(named[0], Finding::CheckpointSignature { number: 2, .. }), "{column}: {named:?}");
            world.raw(&format!("UPDATE audit_checkpoints SET {column} = (SELECT was FROM kept) WHERE number = 2")).await;
            world.raw("DROP TABLE kept").await;
        }
        assert_eq!(found(&world).await, []);
        // A genuine one in another's place.
        world.raw("UPDATE audit_checkpoints SET number = 20 WHERE number = 2").await;
        assert!(found(&world).await.contains(&Finding::CheckpointMissing { number: 2 }));
    }
}

both! {
    async fn cut_off_checkpoints_are_found(world: World) {
        history(&world).await;
        let newest = check(&world).await.newest.unwrap();
        assert_eq!(newest.0, 3);
        world.raw("DELETE FROM audit_checkpoints WHERE number = 3").await;
        let named = found(&world).await;
        assert!(matches!(named[0], Finding::Beyond { position: 3, .. }), "{named:?}");
        let named = check_export(&exported(&world).await).findings;
        assert!(matches!(named[0], Finding::Beyond { position: 3, .. }), "{named:?}");
        // With everything that hung on it, only somebody who noted the number knows.
        world.raw("DELETE FROM events WHERE chain IN (SELECT chain FROM audit_leaves WHERE position = 3)").await;
        world.raw("DELETE FROM chain_heads WHERE chain IN (SELECT chain FROM audit_leaves WHERE position = 3)").await;
        world.raw("DELETE FROM audit_leaves WHERE position = 3").await;
        assert_eq!(found(&world).await, []);
        assert_eq!(check_since(&world, 3).await.findings, [Finding::CheckpointMissing { number: 3 }]);
    }
}

both! {
    async fn a_check_since_a_checkpoint_reads_what_came_after_it(world: World) {
        let chain = history(&world).await;
        assert_eq!(check_since(&world, 1).await.findings, []);
        let report = check_since(&world, 2).await;
        assert_eq!((report.findings.clone(), report.checkpoints, report.leaves, report.events), (vec![], 1, 1, 4));
        note(&world, "s1").await;
        assert_eq!(check_since(&world, 3).await.unsealed, 1);
        world.raw(&format!("UPDATE events SET data = 'x' WHERE chain = '{chain}' AND seq = 4")).await;
        assert_eq!(check_since(&world, 2).await.findings, [], "that was before");
        assert_eq!(check_since(&world, 1).await.findings, [Finding::Chain(Break::Content { chain, seq: 4 })]);
        world.raw("UPDATE audit_checkpoints SET frontier = prev.other FROM (SELECT root AS other FROM audit_checkpoints WHERE number = 1) AS prev WHERE number = 2").await;
        let named = check_since(&world, 2).await.findings;
        assert!(matches!(named[0], Finding::Leaves { number: 2, .. }), "{named:?}");
    }
}

both! {
    async fn the_sealer_puts_no_signature_under_a_tree_of_somebody_elses(world: World) {
        history(&world).await;
        let running = sealer(&world, "sealer");
        note(&world, "s1").await;
        running.seal_all().await.unwrap();
        note(&world, "s1").await;
        world.raw("DELETE FROM audit_checkpoints WHERE number = 4").await;
        let refused = running.seal_all().await;
        assert!(matches!(refused, Err(SealError::LastCheckpoint { number: 4 })), "{refused:?}");
        world.raw("UPDATE audit_checkpoints SET at = at + 1 WHERE number = 3").await;
        let refused = sealer(&world, "sealer").seal_all().await;
        assert!(matches!(refused, Err(SealError::LastCheckpoint { number: 3 })), "{refused:?}");
    }
}

both! {
    async fn a_backend_with_another_key_seals_nothing(world: World) {
        history(&world).await;
        note(&world, "s1").await;
        let stranger = AuditKeys::generate(&SeededEntropy::new(2));
        let public = stranger.public();
        let refused = Sealer::new(world.store.clone(), stranger, "sealer".into()).seal_all().await;
        assert!(matches!(refused, Err(SealError::ForeignKey)), "{refused:?}");
        let named = check_store(&world.store, public, None).await.unwrap().findings;
        assert!(named.contains(&Finding::Key { version: 1 }), "{named:?}");
        assert!(named.contains(&Finding::CheckpointSignature { number: 1, key_version: 1 }), "{named:?}");
    }
}

both! {
    async fn an_exported_file_that_was_changed_or_cut_off_is_refused(world: World) {
        history(&world).await;
        let file = exported(&world).await;
        assert!(check_export(&file).is_whole());
        let text = String::from_utf8(file).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        for left_out in 0..lines.len() {
            let mut fewer = lines.clone();
            fewer.remove(left_out);
            let report = check_export(fewer.join("\n").as_bytes());
            // Trusted keys come from elsewhere: the file's own are told for those who rotate.
            let is_key = lines[left_out].contains("\"record\":\"key\"");
            assert_eq!(report.is_whole(), is_key, "without line {left_out}: {}", lines[left_out]);
        }
        for bytes in [text.len() / 3, text.len() / 2, text.len() - 5] {
            assert!(!check_export(&text.as_bytes()[..bytes]).is_whole(), "cut at {bytes}");
        }
    }
}

/// Bytes as the engine writes them in SQL.
fn bytes(world: &W, bytes: &[u8]) -> String {
    let digits = hex::encode(bytes);
    if world.store.is_shared() { format!("'\\x{digits}'::bytea") } else { format!("x'{digits}'") }
}
