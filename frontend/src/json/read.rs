//! From a browser's object to a Rust value.

use super::Mismatch;
use js_sys::{Array, Object, Reflect};
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, MapAccess, SeqAccess, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;
use wasm_bindgen::{JsCast, JsValue};

/// One value.
pub struct Reader(pub JsValue);

impl Reader {
    fn number(&self) -> Result<f64, Mismatch> {
        self.0.as_f64().ok_or(Mismatch)
    }

    fn array(self) -> Result<Items, Mismatch> {
        Ok(Items { array: self.0.dyn_into().map_err(|_| Mismatch)?, next: 0 })
    }
}

/// Numbers arrive as f64, exact up to 2^53: microseconds of the year 2255, ninety billion million yuan.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
impl<'de> Deserializer<'de> for Reader {
    type Error = Mismatch;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        if self.0.is_undefined() || self.0.is_null() {
            visitor.visit_unit()
        } else if let Some(text) = self.0.as_string() {
            visitor.visit_string(text)
        } else if let Some(number) = self.0.as_f64() {
            visitor.visit_i64(number as i64)
        } else {
            visitor.visit_bool(self.0.as_bool().ok_or(Mismatch)?)
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        visitor.visit_bool(self.0.as_bool().ok_or(Mismatch)?)
    }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        visitor.visit_i64(self.number()? as i64)
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        visitor.visit_u64(self.number()? as u64)
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_u16<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_u8<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        visitor.visit_string(self.0.as_string().ok_or(Mismatch)?)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        self.deserialize_string(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        if self.0.is_undefined() || self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Mismatch> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        visitor.visit_seq(self.array()?)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Mismatch> {
        visitor.visit_seq(self.array()?)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        let object: Object = self.0.dyn_into().map_err(|_| Mismatch)?;
        visitor.visit_map(Entries { entries: Object::entries(&object), next: 0 })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        if !self.0.is_object() {
            return Err(Mismatch);
        }
        visitor.visit_seq(Fields { object: self.0, names: fields.iter() })
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        if let Some(name) = self.0.as_string() {
            return visitor.visit_enum(Variant { name, content: JsValue::UNDEFINED });
        }
        let entry: Array =
            Object::entries(self.0.dyn_ref().ok_or(Mismatch)?).get(0).dyn_into().map_err(|_| Mismatch)?;
        visitor.visit_enum(Variant { name: entry.get(0).as_string().ok_or(Mismatch)?, content: entry.get(1) })
    }

    forward_to_deserialize_any! {
        i8 i16 i32 f32 f64 char bytes byte_buf unit unit_struct tuple_struct identifier ignored_any
    }
}

/// A struct's fields in the order in which serde expects them; one that is missing reads as nothing.
struct Fields {
    object: JsValue,
    names: std::slice::Iter<'static, &'static str>,
}

impl<'de> SeqAccess<'de> for Fields {
    type Error = Mismatch;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Mismatch> {
        let Some(name) = self.names.next() else { return Ok(None) };
        let value = Reflect::get(&self.object, &JsValue::from_str(name)).map_err(|_| Mismatch)?;
        seed.deserialize(Reader(value)).map(Some)
    }
}

struct Items {
    array: Array,
    next: u32,
}

impl<'de> SeqAccess<'de> for Items {
    type Error = Mismatch;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Mismatch> {
        if self.next >= self.array.length() {
            return Ok(None);
        }
        self.next += 1;
        seed.deserialize(Reader(self.array.get(self.next - 1))).map(Some)
    }
}

struct Entries {
    entries: Array,
    next: u32,
}

impl Entries {
    fn part(&self, entry: u32, part: u32) -> Result<Reader, Mismatch> {
        let entry: Array = self.entries.get(entry).dyn_into().map_err(|_| Mismatch)?;
        Ok(Reader(entry.get(part)))
    }
}

impl<'de> MapAccess<'de> for Entries {
    type Error = Mismatch;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Mismatch> {
        if self.next >= self.entries.length() {
            return Ok(None);
        }
        self.next += 1;
        seed.deserialize(self.part(self.next - 1, 0)?).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Mismatch> {
        seed.deserialize(self.part(self.next - 1, 1)?)
    }
}

struct Variant {
    name: String,
    content: JsValue,
}

impl<'de> EnumAccess<'de> for Variant {
    type Error = Mismatch;
    type Variant = Reader;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Reader), Mismatch> {
        let name: serde::de::value::StringDeserializer<Mismatch> = self.name.into_deserializer();
        Ok((seed.deserialize(name)?, Reader(self.content)))
    }
}

impl<'de> VariantAccess<'de> for Reader {
    type Error = Mismatch;

    fn unit_variant(self) -> Result<(), Mismatch> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Mismatch> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Mismatch> {
        visitor.visit_seq(self.array()?)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        self.deserialize_struct("", fields, visitor)
    }
}
