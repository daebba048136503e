//! One operation from ticket to end.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use shared::bridge::{Begun, ErrorCode, KeyDetail, KeyTarget, Method, OperationTicket, Outcome, Progress, Stage};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::holder::Holder;
use super::question::{Pins, Question};
use super::step::Step;
use super::steps::Work;
use crate::fault::Fault;
use crate::pcsc::{Lease, Removal, detail};
use crate::random::token;
use crate::seal::SealKey;
use crate::server::Bridge;
use crate::session::{Outbox, value};
use crate::token::TokenError;
use crate::window::{ToWindow, WindowLink};

/// Whom the window names.
pub struct Site {
    /// The portal's configured name.
    pub name: String,
    /// Its origin.
    pub origin: String,
    /// The channel's name, from the session's ticket.
    pub channel: String,
}

/// What may come next.
struct Plan {
    next: VecDeque<Method>,
    /// Begun, and no step is being worked on.
    idle: bool,
}

/// The session's hold on an operation under way. Dropping it lets the operation end by itself.
pub struct Operation {
    id: String,
    plan: Arc<Mutex<Plan>>,
    steps: mpsc::Sender<Step>,
    cancel: CancellationToken,
    over: CancellationToken,
}

impl Operation {
    /// Starts an operation whose ticket has been verified.
    pub fn start(
        bridge: Arc<Bridge>,
        outbox: Outbox,
        seal: Arc<SealKey>,
        site: Site,
        ticket: OperationTicket,
        window: oneshot::Receiver<WindowLink>,
    ) -> Self {
        let (steps, queue) = mpsc::channel(1);
        let operation = Self {
            id: token(&*bridge.random),
            plan: Arc::new(Mutex::new(Plan { next: ticket.operations.iter().copied().collect(), idle: false })),
            steps,
            cancel: CancellationToken::new(),
            over: CancellationToken::new(),
        };
        let run = Run {
            report: Report { id: operation.id.clone(), outbox },
            plan: operation.plan.clone(),
            cancel: operation.cancel.clone(),
            bridge,
            seal,
            site,
            ticket,
        };
        let over = operation.over.clone().drop_guard();
        tokio::spawn(async move {
            let end = run.go(window, queue).await;
            drop(over); // before the page hears of the end, so that it may begin the next at once
            run.tell(end);
        });
        operation
    }

    /// Its name on the wire.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Whether it has ended.
    pub fn is_over(&self) -> bool {
        self.over.is_cancelled()
    }

    /// Ends it as soon as possible.
    pub fn cancel(&self) {
        self.cancel.cancel();
    }

    /// Hands in the next call; refused when the ticket or the order of steps does not allow it.
    pub fn submit(&self, step: Step) -> Result<(), Fault> {
        let mut plan = lock(&self.plan);
        if !plan.next.contains(&step.method()) {
            return Err(Fault::new(ErrorCode::TicketInvalid, "the ticket does not allow this"));
        }
        if !plan.idle || plan.next.front() != Some(&step.method()) {
            return Err(Fault::new(ErrorCode::Busy, "another step comes first"));
        }
        plan.idle = false;
        plan.next.pop_front();
        self.steps.try_send(step).map_err(|_| Fault::new(ErrorCode::NotFound, "the operation has ended"))
    }
}

fn lock(plan: &Mutex<Plan>) -> MutexGuard<'_, Plan> {
    plan.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Tells the page how it goes. Cheap to clone.
#[derive(Clone)]
pub struct Report {
    id: String,
    outbox: Outbox,
}

impl Report {
    /// A part of a call begins.
    pub fn progress(&self, method: Method, stage: Stage) {
        let progress = Progress { operation_id: self.id.clone(), method, stage };
        self.outbox.notify(Method::OperationProgress, progress);
    }

    /// A call has its result.
    fn result(&self, method: Method, result: Value) {
        let outcome = Outcome { operation_id: self.id.clone(), method, result: Some(result), error: None };
        self.outbox.notify(Method::OperationResult, outcome);
    }

    fn failure(&self, method: Method, fault: Fault) {
        let outcome: Outcome<()> =
            Outcome { operation_id: self.id.clone(), method, result: None, error: Some(fault.into()) };
        self.outbox.notify(Method::OperationResult, outcome);
    }
}

/// A running operation.
struct Run {
    bridge: Arc<Bridge>,
    report: Report,
    seal: Arc<SealKey>,
    site: Site,
    ticket: OperationTicket,
    plan: Arc<Mutex<Plan>>,
    cancel: CancellationToken,
}

/// The question, the window that shows it, and the key that it is about.
struct Asked<'a> {
    question: Question,
    link: &'a mut WindowLink,
    removal: Removal,
}

/// A failure and the call that it belongs to.
type Failed = (Method, Fault);

/// The last call and its result.
type Ended = (Method, Value);

/// How it ended, and the window that is still to be told.
struct End {
    link: Option<WindowLink>,
    outcome: Result<Ended, Failed>,
}

fn in_begin(fault: impl Into<Fault>) -> Failed {
    (Method::OperationBegin, fault.into())
}

impl Run {
    /// Works through the batch; the key is free again when this returns.
    async fn go(&self, window: oneshot::Receiver<WindowLink>, queue: mpsc::Receiver<Step>) -> End {
        let mut link = None;
        let outcome = self.work(window, &mut link, queue).await;
        End { link, outcome }
    }

    fn tell(&self, End { link, outcome }: End) {
        let order = &self.ticket.order;
        let message = match &outcome {
            Ok(_) => ToWindow::Done,
            Err((_, fault)) => ToWindow::Failed { code: fault.code },
        };
        tell(link.as_ref(), message);
        match outcome {
            Ok((method, result)) => {
                tracing::info!(order, "operation done");
                self.report.result(method, result);
            }
            Err((method, fault)) => {
                tracing::info!(order, ?fault, "operation failed");
                self.report.failure(method, fault);
            }
        }
    }

    async fn work(
        &self,
        window: oneshot::Receiver<WindowLink>,
        link: &mut Option<WindowLink>,
        queue: mpsc::Receiver<Step>,
    ) -> Result<Ended, Failed> {
        let link = link.insert(self.window(window).await.map_err(in_begin)?);
        self.report.progress(Method::OperationBegin, Stage::ReservingKey);
        let (reservation, key) = self.bridge.hub.reserve(&self.ticket.key).map_err(in_begin)?;
        let removal = reservation.removal();
        let mut asked =
            Asked { question: Question::new(&self.bridge.phrase, &self.site, &self.ticket, key), link, removal };
        let pins = self.consent(&mut asked).await.map_err(in_begin)?;
        let reader = reservation.reader().to_owned();
        let lease = Lease::open(reservation).await.map_err(in_begin)?;
        let outcome = self.batch(&lease, &reader, &mut asked, pins, queue).await;
        lease.close().await;
        outcome
    }

    /// Everything that happens while the key is held. The last call's result is for the caller.
    async fn batch(
        &self,
        lease: &Lease,
        reader: &str,
        asked: &mut Asked<'_>,
        pins: Option<Pins>,
        mut queue: mpsc::Receiver<Step>,
    ) -> Result<Ended, Failed> {
        let key = self.unless_broken(&asked.removal, self.recognized(lease, reader)).await;
        let key = key.and_then(|key| key).map_err(in_begin)?;
        let holder = match pins {
            Some(pins) => {
                let pins = self.verified(lease, asked, pins).await.map_err(in_begin)?;
                let serial = key.serial.clone().unwrap_or_default();
                Some(Holder::new(pins, serial, self.site.origin.clone(), self.bridge.random.clone()))
            }
            None => None,
        };
        let (removal, link) = (&asked.removal, &*asked.link);
        let mut ended = (Method::OperationBegin, value(&Begun { key }).map_err(in_begin)?);
        let mut work = Work::new(&self.ticket, &self.seal, lease, holder);
        while self.expects_more() {
            self.report.result(ended.0, ended.1);
            let waiting = timeout(self.bridge.patience.step, queue.recv());
            let step = self.unless_broken(removal, waiting).await.map_err(in_begin)?;
            let step = step.map_err(|_| in_begin(ErrorCode::Timeout))?;
            let step = step.ok_or_else(|| in_begin(ErrorCode::UserCancelled))?;
            let method = step.method();
            link.tell(ToWindow::Working { method });
            let working = timeout(self.bridge.patience.work, work.run(step, &self.report));
            let result = match self.unless_broken(removal, working).await {
                Ok(Ok(result)) => result,
                Ok(Err(_)) => Err(ErrorCode::Timeout.into()),
                Err(fault) => Err(fault),
            };
            ended = (method, result.map_err(|fault| (method, fault))?);
        }
        Ok(ended)
    }

    /// Whether a step is to come; from now on the session may hand it in.
    fn expects_more(&self) -> bool {
        let mut plan = lock(&self.plan);
        plan.idle = !plan.next.is_empty();
        plan.idle
    }

    /// The bridge's window, when it is there.
    async fn window(&self, window: oneshot::Receiver<WindowLink>) -> Result<WindowLink, Fault> {
        self.report.progress(Method::OperationBegin, Stage::AwaitingWindow);
        tokio::select! {
            link = timeout(self.bridge.patience.popup, window) => match link {
                Ok(Ok(link)) => Ok(link),
                Ok(Err(_)) => Err(ErrorCode::UserCancelled.into()),
                Err(_) => Err(ErrorCode::PopupBlocked.into()),
            },
            () = self.cancel.cancelled() => Err(ErrorCode::UserCancelled.into()),
        }
    }

    /// The PIN, verified once. A wrong one is asked for again, in the same window: nothing is ever tried by itself.
    async fn verified(&self, lease: &Lease, asked: &mut Asked<'_>, mut pins: Pins) -> Result<Pins, Fault> {
        loop {
            // Asking spends nothing, and another program may have spent tries meanwhile.
            let left = self.unless_broken(&asked.removal, lease.run(|token| token.pin_tries_left())).await??;
            if !asked.question.admits(&pins, left) {
                pins = self.asked_for_pins(asked).await?;
                continue;
            }
            self.report.progress(Method::OperationBegin, Stage::VerifyingPin);
            let verifying = lease.run(move |token| {
                let answer = token.verify_pin(&pins.pin);
                Ok((pins, answer))
            });
            let (tried, answer) = self.unless_broken(&asked.removal, verifying).await??;
            match answer {
                Ok(()) => return Ok(tried),
                Err(TokenError::PinWrong(left)) => asked.question.was_wrong(left),
                Err(error) => return Err(error.into()),
            }
            pins = self.asked_for_pins(asked).await?;
        }
    }

    async fn asked_for_pins(&self, asked: &mut Asked<'_>) -> Result<Pins, Fault> {
        self.consent(asked).await?.ok_or_else(|| Fault::internal("no PIN was asked for"))
    }

    /// The person's consent, asked in one window at a time.
    async fn consent(&self, asked: &mut Asked<'_>) -> Result<Option<Pins>, Fault> {
        let _asking = self.bridge.asking.try_acquire().map_err(|_| ErrorCode::Busy)?;
        self.report.progress(Method::OperationBegin, Stage::AwaitingConsent);
        let asking = timeout(self.bridge.patience.consent, asked.question.ask(asked.link));
        match self.unless_broken(&asked.removal, asking).await? {
            Ok(answer) => answer,
            Err(_) => Err(ErrorCode::Timeout.into()),
        }
    }

    /// The key itself, looked at anew: it must still be the one that the ticket and the person meant.
    async fn recognized(&self, lease: &Lease, reader: &str) -> Result<KeyDetail, Fault> {
        let reader = reader.to_owned();
        let key = lease.run(move |token| detail(&reader, token)).await?;
        match &self.ticket.key {
            KeyTarget::Blank if !key.blank => Err(ErrorCode::KeyNotBlank.into()),
            KeyTarget::Serial(serial) if key.serial.as_ref() != Some(serial) => Err(ErrorCode::NoKey.into()),
            KeyTarget::Blank | KeyTarget::Serial(_) => Ok(key),
        }
    }

    /// Waits for something, unless the page cancels or the key is pulled out.
    async fn unless_broken<T>(&self, removal: &Removal, awaited: impl Future<Output = T>) -> Result<T, Fault> {
        tokio::select! {
            done = awaited => Ok(done),
            () = removal.wait() => Err(ErrorCode::KeyRemoved.into()),
            () = self.cancel.cancelled() => Err(ErrorCode::UserCancelled.into()),
        }
    }
}

fn tell(link: Option<&WindowLink>, message: ToWindow) {
    if let Some(link) = link {
        link.tell(message);
    }
}
