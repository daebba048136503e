//! The queue: claimed once, leased, repeated, given up.

use backend::clock::{MINUTE, SECOND};
use backend::outbox::Job;
use backend::store::{JobState, StoreError};
use std::collections::HashSet;

fn query(payment: &str) -> Job {
    Job::QueryPayment { payment_id: payment.into() }
}

both! {
    async fn a_job_waits_for_its_time_and_is_claimed_once(world: World) {
        let mut tx = world.tx().await;
        tx.enqueue(&query("p"), world.now() + SECOND).await.unwrap();
        assert!(!tx.has_due_jobs().await.unwrap());
        assert!(tx.claim_jobs("w1", world.now() + MINUTE, 10).await.unwrap().is_empty());
        world.clock.advance(SECOND);
        assert!(tx.has_due_jobs().await.unwrap());
        let claimed = tx.claim_jobs("w1", world.now() + MINUTE, 10).await.unwrap();
        assert_eq!(claimed.len(), 1);
        assert_eq!(claimed[0].job().unwrap(), query("p"));
        assert_eq!((claimed[0].state, claimed[0].attempts), (JobState::Running, 1));
        assert!(tx.claim_jobs("w2", world.now() + MINUTE, 10).await.unwrap().is_empty());
        assert!(!tx.finish_job(&claimed[0].id, "w2").await.unwrap(), "another's lease");
        assert!(tx.finish_job(&claimed[0].id, "w1").await.unwrap());
        let done = tx.job(&claimed[0].id).await.unwrap().unwrap();
        assert_eq!((done.state, done.done_at), (JobState::Done, Some(world.now())));
    }
}

both! {
    async fn enqueueing_again_brings_a_waiting_job_forward(world: World) {
        let mut tx = world.tx().await;
        tx.enqueue(&query("p"), world.now() + MINUTE).await.unwrap();
        tx.enqueue(&query("p"), world.now()).await.unwrap();
        tx.enqueue(&query("p"), world.now() + MINUTE).await.unwrap();
        let jobs = tx.jobs_about("p").await.unwrap();
        assert_eq!((jobs.len(), jobs[0].run_at), (1, world.now()));
    }
}

both! {
    async fn many_workers_never_share_a_job(world: World) {
        let mut tx = world.tx().await;
        for n in 0..40 {
            tx.enqueue(&query(&format!("p{n}")), world.now()).await.unwrap();
        }
        tx.commit().await.unwrap();
        let workers = (0..8).map(|n| {
            let (store, until) = (world.store.clone(), world.now() + MINUTE);
            tokio::spawn(async move {
                let mut mine = Vec::new();
                loop {
                    let mut tx = store.begin().await.unwrap();
                    let claimed = tx.claim_jobs(&format!("w{n}"), until, 3).await.unwrap();
                    tx.commit().await.unwrap();
                    if claimed.is_empty() {
                        return mine;
                    }
                    mine.extend(claimed.into_iter().map(|row| row.id));
                }
            })
        });
        let mut all = Vec::new();
        for worker in workers.collect::<Vec<_>>() {
            all.extend(worker.await.unwrap());
        }
        assert_eq!(all.len(), 40);
        assert_eq!(all.iter().collect::<HashSet<_>>().len(), 40);
    }
}

both! {
    async fn a_job_of_a_dead_worker_is_taken_over(world: World) {
        let mut tx = world.tx().await;
        tx.enqueue(&query("p"), world.now()).await.unwrap();
        let first = tx.claim_jobs("dead", world.now() + MINUTE, 1).await.unwrap();
        world.clock.advance(MINUTE - 1);
        assert!(!tx.has_due_jobs().await.unwrap());
        assert!(tx.claim_jobs("w2", world.now() + MINUTE, 1).await.unwrap().is_empty());
        world.clock.advance(1);
        assert!(tx.has_due_jobs().await.unwrap());
        let second = tx.claim_jobs("w2", world.now() + MINUTE, 1).await.unwrap();
        assert_eq!((second[0].id.as_str(), second[0].attempts), (first[0].id.as_str(), 2));
        assert!(!tx.finish_job(&first[0].id, "dead").await.unwrap(), "it is too late for the dead");
    }
}

both! {
    async fn a_message_that_was_being_sent_stays_so(world: World) {
        let order = world.order().await;
        let mut tx = world.tx().await;
        let id = tx.new_id();
        let job = Job::NotifyDispatch { order_id: order.id.clone() };
        tx.enqueue_sealed(&id, &job, world.now(), b"secret").await.unwrap();
        tx.claim_jobs("dead", world.now() + MINUTE, 1).await.unwrap();
        assert!(tx.mark_sending(&id, "dead").await.unwrap());
        assert!(!tx.mark_sending(&id, "dead").await.unwrap(), "only once");
        world.clock.advance(MINUTE);
        let taken = tx.claim_jobs("w2", world.now() + MINUTE, 1).await.unwrap();
        assert_eq!(taken[0].state, JobState::Sending);
        assert!(tx.retry_job(&id, "w2", world.now() + SECOND, "asked", false).await.unwrap());
        assert!(tx.claim_jobs("w2", world.now() + MINUTE, 1).await.unwrap().is_empty());
        world.clock.advance(SECOND);
        let again = tx.claim_jobs("w2", world.now() + MINUTE, 1).await.unwrap();
        assert_eq!(again[0].state, JobState::Sending);
        assert_eq!(again[0].payload_sealed.as_deref(), Some(b"secret".as_slice()));
        assert!(tx.finish_job(&id, "w2").await.unwrap());
        assert_eq!(tx.job(&id).await.unwrap().unwrap().payload_sealed, None, "wiped once sent");
    }
}

both! {
    async fn a_sealed_job_is_enqueued_once(world: World) {
        let order = world.order().await;
        let mut tx = world.tx().await;
        let job = Job::NotifyDispatch { order_id: order.id.clone() };
        tx.enqueue_sealed("j1", &job, world.now(), b"1").await.unwrap();
        let second = tx.enqueue_sealed("j2", &job, world.now(), b"2").await;
        assert!(matches!(second, Err(StoreError::Conflict)));
    }
}

both! {
    async fn a_failed_try_counts_and_waiting_does_not(world: World) {
        let mut tx = world.tx().await;
        tx.enqueue(&query("p"), world.now()).await.unwrap();
        let id = tx.claim_jobs("w", world.now() + MINUTE, 1).await.unwrap()[0].id.clone();
        assert!(tx.retry_job(&id, "w", world.now(), "timeout", true).await.unwrap());
        let second = tx.claim_jobs("w", world.now() + MINUTE, 1).await.unwrap();
        assert_eq!((second[0].attempts, second[0].last_error.as_deref()), (2, Some("timeout")));
        assert!(tx.retry_job(&id, "w", world.now(), "waiting", false).await.unwrap());
        let third = tx.claim_jobs("w", world.now() + MINUTE, 1).await.unwrap();
        assert_eq!(third[0].attempts, 1);
    }
}

both! {
    async fn a_job_enqueued_while_another_runs_takes_its_place(world: World) {
        let mut tx = world.tx().await;
        tx.enqueue(&query("p"), world.now()).await.unwrap();
        let id = tx.claim_jobs("w", world.now() + MINUTE, 1).await.unwrap()[0].id.clone();
        tx.enqueue(&query("p"), world.now()).await.unwrap();
        assert!(tx.retry_job(&id, "w", world.now() + MINUTE, "waiting", false).await.unwrap());
        assert_eq!(tx.job(&id).await.unwrap().unwrap().state, JobState::Done);
        let next = tx.claim_jobs("w", world.now() + MINUTE, 9).await.unwrap();
        assert_eq!(next.len(), 1);
        assert_ne!(next[0].id, id);
    }
}

both! {
    async fn a_job_that_is_given_up_is_listed_for_staff(world: World) {
        let mut tx = world.tx().await;
        tx.enqueue(&query("p"), world.now()).await.unwrap();
        let id = tx.claim_jobs("w", world.now() + MINUTE, 1).await.unwrap()[0].id.clone();
        assert!(tx.fail_job(&id, "w", "nothing helps").await.unwrap());
        let failed = tx.failed_jobs(10).await.unwrap();
        assert_eq!(failed[0].last_error.as_deref(), Some("nothing helps"));
        assert!(tx.claim_jobs("w", world.now() + MINUTE, 9).await.unwrap().is_empty());
    }
}

both! {
    async fn a_message_that_the_provider_refused_may_be_sent_again(world: World) {
        let order = world.order().await;
        let mut tx = world.tx().await;
        let job = Job::NotifyDispatch { order_id: order.id.clone() };
        tx.enqueue_sealed("j1", &job, world.now(), b"1").await.unwrap();
        tx.claim_jobs("w", world.now() + MINUTE, 1).await.unwrap();
        assert!(!tx.unmark_sending("j1", "w").await.unwrap(), "it was not marked");
        assert!(tx.mark_sending("j1", "w").await.unwrap());
        assert_eq!(tx.job("j1").await.unwrap().unwrap().sending_at, Some(world.now()));
        assert!(tx.unmark_sending("j1", "w").await.unwrap());
        assert!(tx.retry_job("j1", "w", world.now(), "refused", true).await.unwrap());
        let again = tx.claim_jobs("w", world.now() + MINUTE, 1).await.unwrap();
        assert_eq!((again[0].state, again[0].sending_at), (JobState::Running, None));
    }
}
