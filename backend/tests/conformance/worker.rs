//! The worker's loop: wakes up, works at once, survives, and ends cleanly.

use crate::world::World as W;
use backend::clock::{MINUTE, SECOND};
use backend::outbox::{Ended, Job, JobError, JobHandler, Lease, Outbox, Pace};
use backend::store::{JobRow, JobState};
use futures_util::future::BoxFuture;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

/// Each job waits for a permit, then does what its subject's name says.
struct Hands {
    begun: AtomicUsize,
    done: AtomicUsize,
    gate: Semaphore,
}

impl Hands {
    fn with(permits: usize) -> Arc<Self> {
        Arc::new(Self { begun: AtomicUsize::new(0), done: AtomicUsize::new(0), gate: Semaphore::new(permits) })
    }

    fn begun(&self) -> usize {
        self.begun.load(Ordering::SeqCst)
    }

    fn done(&self) -> usize {
        self.done.load(Ordering::SeqCst)
    }
}

impl JobHandler for Hands {
    fn run<'a>(&'a self, job: &'a Job, _: &'a JobRow, _: &'a Lease) -> BoxFuture<'a, Result<Ended, JobError>> {
        Box::pin(async move {
            self.begun.fetch_add(1, Ordering::SeqCst);
            self.gate.acquire().await.unwrap().forget();
            self.done.fetch_add(1, Ordering::SeqCst);
            match job.subject_id() {
                "fails" => Err(JobError::Outside("in vain".into())),
                "hopeless" => Ok(Ended::GaveUp { why: "hopeless".into() }),
                "panics" => panic!("a fault in a job"),
                _ => Ok(Ended::Done),
            }
        })
    }

    fn ask<'a>(&'a self, _: &'a Job, _: &'a JobRow) -> BoxFuture<'a, Result<Ended, JobError>> {
        Box::pin(async { Ok(Ended::Done) })
    }
}

fn worker(world: &W, hands: &Arc<Hands>, owner: &str, pace: Pace) -> Outbox {
    Outbox::new(world.store.clone(), hands.clone(), owner.into(), pace)
}

async fn enqueue(world: &W, subject: &str) {
    let mut tx = world.tx().await;
    let job = Job::QueryPayment { payment_id: subject.into() };
    tx.enqueue(&job, world.now()).await.unwrap();
    tx.commit().await.unwrap();
}

async fn job(world: &W, subject: &str) -> JobRow {
    world.store.read().await.unwrap().jobs_about(subject).await.unwrap().remove(0)
}

async fn until(what: &str, is_so: impl Fn() -> bool) {
    for _ in 0..1000 {
        if is_so() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("never: {what}")
}

/// A worker that would poll once an hour: what it does quickly, it does because it was woken.
const SLEEPY: Pace = Pace {
    at_once: 2,
    poll: Duration::from_hours(1),
    job_time: Duration::from_secs(30),
    lease: MINUTE,
    grace: Duration::from_secs(5),
};

both! {
    async fn a_committed_job_wakes_the_worker(world: World) {
        let hands = Hands::with(100);
        let outbox = worker(&world, &hands, "w", SLEEPY);
        let stop = CancellationToken::new();
        let running = tokio::spawn({
            let stop = stop.clone();
            async move { outbox.run(stop).await }
        });
        for n in 0..7 {
            enqueue(&world, &format!("p{n}")).await;
        }
        until("all done", || hands.done() == 7).await;
        stop.cancel();
        running.await.unwrap();
        for n in 0..7 {
            assert_eq!(job(&world, &format!("p{n}")).await.state, JobState::Done);
        }
    }
}

both! {
    async fn a_stopped_worker_ends_what_it_began_and_begins_nothing(world: World) {
        let hands = Hands::with(0);
        let outbox = worker(&world, &hands, "w", SLEEPY);
        for n in 0..5 {
            enqueue(&world, &format!("p{n}")).await;
        }
        let stop = CancellationToken::new();
        let running = tokio::spawn({
            let stop = stop.clone();
            async move { outbox.run(stop).await }
        });
        until("two begun", || hands.begun() == 2).await;
        stop.cancel();
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert!(!running.is_finished(), "two jobs are in hand");
        hands.gate.add_permits(100);
        running.await.unwrap();
        assert_eq!(hands.done(), 2);
        let mut states = Vec::new();
        for n in 0..5 {
            states.push(job(&world, &format!("p{n}")).await.state);
        }
        assert_eq!(states.iter().filter(|state| **state == JobState::Done).count(), 2);
        assert_eq!(states.iter().filter(|state| **state == JobState::Ready).count(), 3);
    }
}

both! {
    async fn what_a_killed_worker_held_is_done_by_the_next(world: World) {
        let stuck = Hands::with(0);
        let outbox = worker(&world, &stuck, "killed", SLEEPY);
        enqueue(&world, "p").await;
        let running = tokio::spawn(async move { outbox.run(CancellationToken::new()).await });
        until("begun", || stuck.begun() == 1).await;
        running.abort();
        assert!(running.await.is_err());

        let hands = Hands::with(100);
        let next = worker(&world, &hands, "next", SLEEPY);
        assert_eq!(next.run_due().await.unwrap(), 0, "the lease still runs");
        world.clock.advance(MINUTE);
        assert_eq!(next.run_due().await.unwrap(), 1);
        let done = job(&world, "p").await;
        assert_eq!((done.state, done.attempts), (JobState::Done, 2));
    }
}

both! {
    async fn a_fault_in_a_job_does_not_stop_the_others(world: World) {
        let hands = Hands::with(100);
        let outbox = worker(&world, &hands, "w", SLEEPY);
        for subject in ["panics", "fails", "hopeless", "fine"] {
            enqueue(&world, subject).await;
        }
        assert_eq!(outbox.run_due().await.unwrap(), 4);
        assert_eq!(job(&world, "fine").await.state, JobState::Done);
        assert_eq!(job(&world, "hopeless").await.state, JobState::Failed);
        let failed = job(&world, "fails").await;
        assert_eq!((failed.state, failed.run_at), (JobState::Ready, world.now() + 2 * SECOND));
        assert_eq!(failed.last_error.as_deref(), Some("in vain"));
        assert_eq!(job(&world, "panics").await.state, JobState::Running, "until its lease is over");
    }
}

both! {
    async fn a_job_that_takes_too_long_is_broken_off_and_tried_again(world: World) {
        let hands = Hands::with(0);
        let pace = Pace { job_time: Duration::from_millis(20), ..SLEEPY };
        let outbox = worker(&world, &hands, "w", pace);
        enqueue(&world, "p").await;
        assert_eq!(outbox.run_due().await.unwrap(), 1);
        let row = job(&world, "p").await;
        assert_eq!((row.state, row.attempts), (JobState::Ready, 1));
        hands.gate.add_permits(1);
        world.clock.advance(2 * SECOND);
        assert_eq!(outbox.run_due().await.unwrap(), 1);
        assert_eq!(job(&world, "p").await.state, JobState::Done);
    }
}

both! {
    async fn two_workers_do_each_job_once(world: World) {
        let hands = Hands::with(1000);
        for n in 0..30 {
            enqueue(&world, &format!("p{n}")).await;
        }
        let workers = ["a", "b", "c"].map(|owner| {
            let outbox = worker(&world, &hands, owner, SLEEPY);
            tokio::spawn(async move { outbox.run_due().await.unwrap() })
        });
        let mut done = 0;
        for one in workers {
            done += one.await.unwrap();
        }
        assert_eq!((done, hands.done()), (30, 30));
    }
}
