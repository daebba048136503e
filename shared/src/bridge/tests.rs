#![allow(clippy::unwrap_used)]

use super::{Head, InitialSecrets, KeyTarget, Method, OperationTicket, SessionTicket, vectors};

#[test]
fn the_vectors_are_what_serde_writes() {
    let session: SessionTicket = serde_json::from_str(vectors::SESSION_PAYLOAD).unwrap();
    assert_eq!(serde_json::to_string(&session).unwrap(), vectors::SESSION_PAYLOAD);
    let operation: OperationTicket = serde_json::from_str(vectors::OPERATION_PAYLOAD).unwrap();
    assert_eq!(operation.key, KeyTarget::Blank);
    assert_eq!(serde_json::to_string(&operation).unwrap(), vectors::OPERATION_PAYLOAD);
    let secrets: InitialSecrets = serde_json::from_str(vectors::SECRETS).unwrap();
    assert_eq!(serde_json::to_string(&secrets).unwrap(), vectors::SECRETS);
}

#[test]
fn secrets_never_print() {
    let secrets: InitialSecrets = serde_json::from_str(vectors::SECRETS).unwrap();
    assert_eq!(format!("{secrets:?}"), "InitialSecrets([hidden])");
}

#[test]
fn a_method_is_written_as_it_is_named() {
    for method in [
        Method::SessionChallenge,
        Method::SessionHello,
        Method::KeyList,
        Method::KeyInfo,
        Method::CertificateRead,
        Method::WindowPrepare,
        Method::OperationChallenge,
        Method::OperationBegin,
        Method::OperationCancel,
        Method::OperationProgress,
        Method::OperationResult,
        Method::KeyInitialize,
        Method::KeypairGenerate,
        Method::CertificateImport,
        Method::DeviceEvent,
    ] {
        let json = serde_json::to_string(&method).unwrap();
        assert_eq!(json, format!("\"{}\"", method.name()));
        assert_eq!(serde_json::from_str::<Method>(&json).unwrap(), method);
    }
}

#[test]
fn a_message_is_known_by_its_head() {
    let notice: Head = serde_json::from_str(r#"{"jsonrpc":"2.0","method":"key.list","params":{}}"#).unwrap();
    assert_eq!((notice.id, notice.method), (None, Some(Method::KeyList)));
    let answer: Head = serde_json::from_str(r#"{"jsonrpc":"2.0","id":7,"result":{}}"#).unwrap();
    assert_eq!((answer.id, answer.method), (Some(7), None));
}
