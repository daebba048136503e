//! From a Rust value to a browser's object.

use super::Mismatch;
use js_sys::{Array, Object, Reflect};
use serde::Serialize;
use serde::ser::{
    Impossible, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple, Serializer,
};
use wasm_bindgen::JsValue;

/// Writes one value.
pub struct Writer;

type Written = Result<JsValue, Mismatch>;

/// What the page never sends is refused, so that its code is not compiled.
macro_rules! never {
    ($($method:ident($($argument:ty),*);)*) => {
        $(fn $method(self, $(_: $argument),*) -> Written { Err(Mismatch) })*
    };
}

/// Numbers are exact up to 2^53, as in `read`.
#[expect(clippy::cast_precision_loss)]
impl Serializer for Writer {
    type Ok = JsValue;
    type Error = Mismatch;
    type SerializeSeq = Items;
    type SerializeTuple = Items;
    type SerializeTupleStruct = Impossible<JsValue, Mismatch>;
    type SerializeTupleVariant = Impossible<JsValue, Mismatch>;
    type SerializeMap = Entries;
    type SerializeStruct = Fields;
    type SerializeStructVariant = Fields;

    never! {
        serialize_i8(i8); serialize_i16(i16); serialize_u8(u8); serialize_f32(f32); serialize_char(char);
        serialize_bytes(&[u8]); serialize_unit_struct(&'static str);
    }

    fn serialize_bool(self, value: bool) -> Written {
        Ok(JsValue::from_bool(value))
    }

    fn serialize_f64(self, value: f64) -> Written {
        Ok(JsValue::from_f64(value))
    }

    fn serialize_i32(self, value: i32) -> Written {
        Ok(JsValue::from_f64(f64::from(value)))
    }

    fn serialize_i64(self, value: i64) -> Written {
        Ok(JsValue::from_f64(value as f64))
    }

    fn serialize_u16(self, value: u16) -> Written {
        Ok(JsValue::from_f64(f64::from(value)))
    }

    fn serialize_u32(self, value: u32) -> Written {
        Ok(JsValue::from_f64(f64::from(value)))
    }

    fn serialize_u64(self, value: u64) -> Written {
        Ok(JsValue::from_f64(value as f64))
    }

    fn serialize_str(self, value: &str) -> Written {
        Ok(JsValue::from_str(value))
    }

    fn serialize_unit(self) -> Written {
        Ok(JsValue::NULL)
    }

    fn serialize_none(self) -> Written {
        Ok(JsValue::NULL)
    }

    fn serialize_some<T: ?Sized + Serialize>(self, value: &T) -> Written {
        value.serialize(self)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Written {
        Ok(JsValue::from_str(variant))
    }

    fn serialize_newtype_struct<T: ?Sized + Serialize>(self, _: &'static str, value: &T) -> Written {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: ?Sized + Serialize>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Written {
        tagged(variant, &value.serialize(Self)?)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Items, Mismatch> {
        Ok(Items(Array::new()))
    }

    fn serialize_tuple(self, _: usize) -> Result<Items, Mismatch> {
        Ok(Items(Array::new()))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeTupleStruct, Mismatch> {
        Err(Mismatch)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Mismatch> {
        Err(Mismatch)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Entries, Mismatch> {
        Ok(Entries { object: Object::new(), key: JsValue::UNDEFINED })
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Fields, Mismatch> {
        Ok(Fields { object: Object::new(), variant: "" })
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Fields, Mismatch> {
        Ok(Fields { object: Object::new(), variant })
    }
}

fn tagged(variant: &str, content: &JsValue) -> Written {
    let object = Object::new();
    Reflect::set(&object, &JsValue::from_str(variant), content).map_err(|_| Mismatch)?;
    Ok(object.into())
}

/// An array being written.
pub struct Items(Array);

impl SerializeSeq for Items {
    type Ok = JsValue;
    type Error = Mismatch;

    fn serialize_element<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), Mismatch> {
        self.0.push(&value.serialize(Writer)?);
        Ok(())
    }

    fn end(self) -> Written {
        Ok(self.0.into())
    }
}

impl SerializeTuple for Items {
    type Ok = JsValue;
    type Error = Mismatch;

    fn serialize_element<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), Mismatch> {
        SerializeSeq::serialize_element(self, value)
    }

    fn end(self) -> Written {
        SerializeSeq::end(self)
    }
}

/// An object being written.
pub struct Fields {
    object: Object,
    variant: &'static str,
}

impl Fields {
    fn set(&mut self, name: &str, value: &JsValue) -> Result<(), Mismatch> {
        Reflect::set(&self.object, &JsValue::from_str(name), value).map_err(|_| Mismatch)?;
        Ok(())
    }
}

impl SerializeStruct for Fields {
    type Ok = JsValue;
    type Error = Mismatch;

    fn serialize_field<T: ?Sized + Serialize>(&mut self, name: &'static str, value: &T) -> Result<(), Mismatch> {
        let value = value.serialize(Writer)?;
        self.set(name, &value)
    }

    fn end(self) -> Written {
        Ok(self.object.into())
    }
}

impl SerializeStructVariant for Fields {
    type Ok = JsValue;
    type Error = Mismatch;

    fn serialize_field<T: ?Sized + Serialize>(&mut self, name: &'static str, value: &T) -> Result<(), Mismatch> {
        SerializeStruct::serialize_field(self, name, value)
    }

    fn end(self) -> Written {
        tagged(self.variant, &self.object.into())
    }
}

/// An object with keys of its own being written.
pub struct Entries {
    object: Object,
    key: JsValue,
}

impl SerializeMap for Entries {
    type Ok = JsValue;
    type Error = Mismatch;

    fn serialize_key<T: ?Sized + Serialize>(&mut self, key: &T) -> Result<(), Mismatch> {
        self.key = key.serialize(Writer)?;
        Ok(())
    }

    fn serialize_value<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), Mismatch> {
        Reflect::set(&self.object, &self.key, &value.serialize(Writer)?).map_err(|_| Mismatch)?;
        Ok(())
    }

    fn end(self) -> Written {
        Ok(self.object.into())
    }
}
