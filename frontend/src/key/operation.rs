//! One batch on one key, under one consent.

use super::KeyError;
use super::socket::Socket;
use serde::{Deserialize, Serialize};
use shared::bridge::{
    Algorithm, Begun, Cancel, Generate, Generated, Import, Imported, Initialize, Initialized, Limits, Method,
    SealedSecrets, Slot, Stage, Started,
};
use std::rc::Rc;

/// Beyond the bridge's own limits, so that its own error comes first.
const GRACE_SECONDS: u32 = 20;

/// A batch that the bridge accepted. When a call fails the whole batch is over.
#[derive(Clone)]
pub struct Operation {
    socket: Rc<Socket>,
    id: String,
    limits: Limits,
}

/// What an end is awaited for that says nothing more.
#[derive(Deserialize)]
struct Nothing {}

impl Operation {
    pub(super) fn new(socket: Rc<Socket>, id: String, limits: Limits) -> Self {
        Self { socket, id, limits }
    }

    /// Who wants to know what happens inside the calls.
    pub fn watch(&self, watcher: impl Fn(Stage) + 'static) {
        self.socket.watch(watcher);
    }

    async fn end<R: for<'de> Deserialize<'de>>(&self, method: Method, seconds: u32) -> Result<R, KeyError> {
        self.socket.end(&self.id, method, seconds + GRACE_SECONDS).await
    }

    async fn run<R: for<'de> Deserialize<'de>>(&self, method: Method, params: &impl Serialize) -> Result<R, KeyError> {
        let _: Started = self.socket.call(method, params).await?;
        // A slow key takes half a minute for a key pair.
        self.end(method, self.limits.step_seconds.max(60)).await
    }

    /// The person read the window and clicked 同意; the key is held from now on.
    pub async fn consent(&self) -> Result<Begun, KeyError> {
        self.end(Method::OperationBegin, self.limits.consent_seconds).await
    }

    /// Sets PIN, PUK and management key.
    pub async fn initialize(&self, secrets: SealedSecrets) -> Result<Initialized, KeyError> {
        self.run(Method::KeyInitialize, &Initialize { operation_id: self.id.clone(), secrets }).await
    }

    /// Makes the key pair and signs the certificate request.
    pub async fn generate(&self, algorithm: Algorithm) -> Result<Generated, KeyError> {
        let params = Generate { operation_id: self.id.clone(), slot: Slot::default(), algorithm };
        self.run(Method::KeypairGenerate, &params).await
    }

    /// Writes the certificate.
    pub async fn import(&self, certificate: String) -> Result<Imported, KeyError> {
        let params = Import { operation_id: self.id.clone(), slot: Slot::default(), certificate };
        self.run(Method::CertificateImport, &params).await
    }

    /// Gives up; whoever awaits the batch is told `user_cancelled`.
    pub async fn cancel(&self) {
        let _: Result<Nothing, _> =
            self.socket.call(Method::OperationCancel, &Cancel { operation_id: self.id.clone() }).await;
    }
}
