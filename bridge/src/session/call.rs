//! Reading requests. Whatever comes, the answer is a request or a fault, never a panic.

use serde::Deserialize;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;
use shared::bridge::Method;

use crate::fault::Fault;

/// A request whose parameters have not been read yet.
pub struct Call<'a> {
    pub id: u64,
    pub method: Method,
    params: &'a RawValue,
}

#[derive(Deserialize)]
struct Shape<'a> {
    jsonrpc: &'a str,
    id: u64,
    method: &'a str,
    #[serde(borrow)]
    params: &'a RawValue,
}

/// Reads a frame. With a fault comes the request's number, as far as there was one.
pub fn read(frame: &str) -> Result<Call<'_>, (Option<u64>, Fault)> {
    let shape: Shape<'_> = match serde_json::from_str(frame) {
        Ok(shape) => shape,
        Err(error) if error.is_data() => return Err((None, Fault::not_a_request())),
        Err(_) => return Err((None, Fault::not_json())),
    };
    if shape.jsonrpc != "2.0" {
        return Err((Some(shape.id), Fault::not_a_request()));
    }
    let method = Method::deserialize(serde::de::value::StrDeserializer::<serde::de::value::Error>::new(shape.method))
        .map_err(|_| (Some(shape.id), Fault::unknown_method()))?;
    Ok(Call { id: shape.id, method, params: shape.params })
}

/// The parameters as the method wants them.
pub fn parameters<T: DeserializeOwned>(call: &Call<'_>) -> Result<T, Fault> {
    // The parser's message could quote what was sent: it stays here.
    serde_json::from_str(call.params.get()).map_err(|_| Fault::params("the parameters do not fit the method"))
}

/// A result as JSON.
pub fn value<T: Serialize>(result: &T) -> Result<Value, Fault> {
    serde_json::to_value(result).map_err(|_| Fault::internal("unwritable result"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    fn fault(frame: &str) -> (Option<u64>, i32) {
        let (id, fault) = read(frame).err().unwrap();
        (id, shared::bridge::RpcError::from(fault).code)
    }

    #[test]
    fn each_kind_of_nonsense_has_its_number() {
        assert_eq!(fault("{"), (None, -32700));
        assert_eq!(fault("[]"), (None, -32600));
        assert_eq!(fault(r#"{"jsonrpc":"2.0","method":"key.list","params":{}}"#), (None, -32600));
        assert_eq!(fault(r#"{"jsonrpc":"1.0","id":1,"method":"key.list","params":{}}"#), (Some(1), -32600));
        assert_eq!(fault(r#"{"jsonrpc":"2.0","id":1,"method":"key.eat","params":{}}"#), (Some(1), -32601));
    }

    #[test]
    fn a_request_is_read() {
        let call = read(r#"{"jsonrpc":"2.0","id":9,"method":"key.info","params":{"serial":"A"}}"#).unwrap();
        assert_eq!((call.id, call.method), (9, Method::KeyInfo));
        let params: shared::bridge::KeyRef = parameters(&call).unwrap();
        assert_eq!(params.serial, "A");
    }

    proptest! {
        #[test]
        fn nothing_that_is_sent_can_hurt(frame in ".{0,400}") {
            let _ = read(&frame);
        }
    }
}
