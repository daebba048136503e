//! One page's socket: it is challenged, says hello with a ticket, and then may ask.

mod call;
mod outbox;
mod serve;

pub use call::value;
pub use outbox::Outbox;
pub use serve::run;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::Value;
use shared::bridge::{
    Begin, Cancel, Challenge, ErrorCode, Generate, Hello, Import, InOperation, Initialize, KeyRef, KeyTarget, Method,
    OperationChallenge, ReadCertificate, ReadCertificateResult, SHORTEST_CHALLENGE, SessionTicket, SignChallenge,
    Started, VERSION, Welcome,
};
use tokio::time::Instant;

use self::call::{Call, parameters};
use crate::clock;
use crate::config::Portal;
use crate::fault::Fault;
use crate::ops::{Operation, Site, Step};
use crate::pcsc::{Lease, detail};
use crate::random::token;
use crate::seal::SealKey;
use crate::server::Bridge;
use crate::text::{base64, from_base64, from_base64url};
use crate::ticket;

/// Challenges that may wait for their ticket at one time.
const MOST_NONCES: usize = 4;

/// Most bytes of a server's challenge.
const LONGEST_CHALLENGE: usize = 512;

/// Every method that a page may call.
const CAPABILITIES: [Method; 15] = [
    Method::SessionHello,
    Method::KeyList,
    Method::KeyInfo,
    Method::CertificateRead,
    Method::WindowPrepare,
    Method::OperationChallenge,
    Method::OperationBegin,
    Method::OperationCancel,
    Method::KeyInitialize,
    Method::KeypairGenerate,
    Method::CertificateImport,
    Method::PinVerify,
    Method::PinChange,
    Method::ChallengeSign,
    Method::SelftestRun,
];

static SESSIONS: AtomicU64 = AtomicU64::new(1);

/// What the bridge knows about one socket. Its end cancels its operation and closes its windows.
struct Session {
    bridge: Arc<Bridge>,
    portal: Portal,
    number: u64,
    outbox: Outbox,
    challenge: Challenge,
    seal: Arc<SealKey>,
    ticket: Option<SessionTicket>,
    nonces: Vec<(String, Instant)>,
    operation: Option<Operation>,
}

impl Session {
    fn new(bridge: Arc<Bridge>, portal: Portal, outbox: Outbox) -> Self {
        let seal = Arc::new(SealKey::new(&*bridge.random));
        let challenge = Challenge { nonce: token(&*bridge.random), hpke_key: seal.public().to_owned() };
        Self {
            number: SESSIONS.fetch_add(1, Ordering::Relaxed),
            bridge,
            portal,
            outbox,
            challenge,
            seal,
            ticket: None,
            nonces: Vec::new(),
            operation: None,
        }
    }

    fn is_open(&self) -> bool {
        self.ticket.is_some()
    }

    async fn answer(&mut self, call: &Call<'_>) -> Result<Value, Fault> {
        if !self.is_open() && call.method != Method::SessionHello {
            return Err(Fault::new(ErrorCode::NotReady, "session.hello comes first"));
        }
        match call.method {
            Method::SessionHello => self.hello(&parameters(call)?),
            Method::KeyList => value(&self.bridge.hub.list()),
            Method::KeyInfo => self.key_info(parameters(call)?).await,
            Method::CertificateRead => self.read_certificate(parameters(call)?).await,
            Method::WindowPrepare => value(&self.bridge.windows.prepare(self.number, self.bridge.patience.window)?),
            Method::OperationChallenge => self.challenge_operation(),
            Method::OperationBegin => self.begin(&parameters(call)?),
            Method::OperationCancel => self.cancel(&parameters(call)?),
            Method::KeyInitialize => {
                let Initialize { operation_id, secrets } = parameters(call)?;
                self.step(&operation_id, Step::Initialize(secrets))
            }
            Method::KeypairGenerate => {
                let Generate { operation_id, slot, algorithm } = parameters(call)?;
                self.step(&operation_id, Step::Generate { slot, algorithm })
            }
            Method::CertificateImport => {
                let Import { operation_id, slot, certificate } = parameters(call)?;
                let certificate =
                    from_base64(&certificate).ok_or_else(|| Fault::params("certificate is not base64"))?;
                self.step(&operation_id, Step::Import { slot, certificate })
            }
            Method::PinVerify => self.step(&parameters::<InOperation>(call)?.operation_id, Step::VerifyPin),
            Method::PinChange => self.step(&parameters::<InOperation>(call)?.operation_id, Step::ChangePin),
            Method::ChallengeSign => {
                let SignChallenge { operation_id, slot, challenge } = parameters(call)?;
                let challenge = from_base64url(&challenge)
                    .filter(|challenge| (SHORTEST_CHALLENGE..=LONGEST_CHALLENGE).contains(&challenge.len()))
                    .ok_or_else(|| Fault::params("a challenge is 32 to 512 bytes, base64url"))?;
                self.step(&operation_id, Step::SignChallenge { slot, challenge })
            }
            Method::SelftestRun => self.step(&parameters::<InOperation>(call)?.operation_id, Step::SelfTest),
            Method::SessionChallenge | Method::OperationProgress | Method::OperationResult | Method::DeviceEvent => {
                Err(Fault::unknown_method())
            }
        }
    }

    fn hello(&mut self, hello: &Hello) -> Result<Value, Fault> {
        if self.is_open() {
            return Err(Fault::params("hello was said already"));
        }
        if !hello.versions.contains(&VERSION) {
            return Err(ErrorCode::UnsupportedVersion.into());
        }
        let ticket =
            ticket::session(&self.portal, &self.challenge, &hello.session_ticket).ok_or(ErrorCode::TicketInvalid)?;
        let client: String = hello.client.chars().filter(char::is_ascii_graphic).take(60).collect();
        tracing::info!(session = self.number, client, channel = ticket.channel, "session");
        self.ticket = Some(ticket);
        value(&Welcome {
            version: VERSION,
            bridge_version: env!("CARGO_PKG_VERSION").to_owned(),
            capabilities: CAPABILITIES.to_vec(),
            limits: self.bridge.patience.limits(),
        })
    }

    async fn key_info(&self, KeyRef { serial }: KeyRef) -> Result<Value, Fault> {
        let (reservation, _) = self.bridge.hub.reserve(&KeyTarget::Serial(serial))?;
        let reader = reservation.reader().to_owned();
        let lease = Lease::open(reservation).await?;
        let key = lease.run(move |token| detail(&reader, token)).await;
        lease.close().await;
        value(&key?)
    }

    async fn read_certificate(&self, read: ReadCertificate) -> Result<Value, Fault> {
        let (reservation, _) = self.bridge.hub.reserve(&KeyTarget::Serial(read.serial))?;
        let lease = Lease::open(reservation).await?;
        let der = lease.run(move |token| token.read_certificate(read.slot)).await;
        lease.close().await;
        let der = der?.ok_or(ErrorCode::NotFound)?;
        value(&ReadCertificateResult { certificate: base64(&der) })
    }

    fn challenge_operation(&mut self) -> Result<Value, Fault> {
        let good_for = self.bridge.patience.ticket;
        self.nonces.retain(|(_, given)| given.elapsed() < good_for);
        if self.nonces.len() >= MOST_NONCES {
            self.nonces.remove(0);
        }
        let nonce = token(&*self.bridge.random);
        self.nonces.push((nonce.clone(), clock::now()));
        value(&OperationChallenge { nonce })
    }

    fn begin(&mut self, begin: &Begin) -> Result<Value, Fault> {
        let session = self.ticket.as_ref().ok_or(ErrorCode::NotReady)?;
        let ticket =
            ticket::operation(&self.portal, session, &begin.operation_ticket).ok_or(ErrorCode::TicketInvalid)?;
        // The nonce is spent whatever happens next, so that a ticket works at most once.
        let at = self.nonces.iter().position(|(nonce, _)| *nonce == ticket.nonce);
        let (_, given) = self.nonces.remove(at.ok_or(ErrorCode::TicketInvalid)?);
        if given.elapsed() >= self.bridge.patience.ticket {
            return Err(Fault::new(ErrorCode::TicketInvalid, "the ticket came too late"));
        }
        if self.operation.as_ref().is_some_and(|operation| !operation.is_over()) {
            return Err(Fault::new(ErrorCode::Busy, "this session has an operation under way"));
        }
        let window = self
            .bridge
            .windows
            .claim(&begin.window, self.number)
            .ok_or_else(|| Fault::new(ErrorCode::NotFound, "no such window"))?;
        let site = Site {
            name: self.portal.name.clone(),
            origin: self.portal.origin.clone(),
            channel: session.channel_name.clone(),
        };
        let operation =
            Operation::start(self.bridge.clone(), self.outbox.clone(), self.seal.clone(), site, ticket, window);
        let started = Started { operation_id: operation.id().to_owned() };
        self.operation = Some(operation);
        value(&started)
    }

    fn operation(&self, id: &str) -> Result<&Operation, Fault> {
        self.operation
            .as_ref()
            .filter(|operation| operation.id() == id && !operation.is_over())
            .ok_or_else(|| Fault::new(ErrorCode::NotFound, "no such operation"))
    }

    fn cancel(&self, Cancel { operation_id }: &Cancel) -> Result<Value, Fault> {
        self.operation(operation_id)?.cancel();
        Ok(Value::Object(serde_json::Map::new()))
    }

    fn step(&self, id: &str, step: Step) -> Result<Value, Fault> {
        self.operation(id)?.submit(step)?;
        value(&Started { operation_id: id.to_owned() })
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if let Some(operation) = &self.operation {
            operation.cancel();
        }
        self.bridge.windows.forget(self.number);
    }
}
