//! JSON between the page and the backend, through the browser's own `JSON` and serde.
//!
//! serde_json would add about 24 KB to what an applicant loads. Here the browser parses and prints; serde only walks the
//! resulting object. A struct is handed to serde as a sequence in the order of its fields, so the code that matches field
//! names is never compiled. Enough for what `shared` sends: no maps with other keys than strings, no flattening, no
//! internally tagged enums.

mod read;
mod write;

use serde::{Deserialize, Serialize};
use wasm_bindgen::JsValue;

/// A value does not have the shape that was asked for. Without words: nobody can do anything about them in a page, and
/// they weigh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mismatch;

impl std::fmt::Display for Mismatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("mismatch")
    }
}

impl std::error::Error for Mismatch {}

impl serde::de::Error for Mismatch {
    fn custom<T: std::fmt::Display>(_: T) -> Self {
        Self
    }
}

impl serde::ser::Error for Mismatch {
    fn custom<T: std::fmt::Display>(_: T) -> Self {
        Self
    }
}

/// Reads a JSON text.
pub fn parse<T: for<'de> Deserialize<'de>>(text: &str) -> Result<T, Mismatch> {
    let value = js_sys::JSON::parse(text).map_err(|_| Mismatch)?;
    read(value)
}

/// Reads a value that the browser has parsed.
pub fn read<T: for<'de> Deserialize<'de>>(value: JsValue) -> Result<T, Mismatch> {
    T::deserialize(read::Reader(value))
}

/// Writes a JSON text.
pub fn print<T: Serialize>(value: &T) -> Result<String, Mismatch> {
    let value = value.serialize(write::Writer)?;
    js_sys::JSON::stringify(&value).map(String::from).map_err(|_| Mismatch)
}
