//! The sample configuration shows every key, says what it means, and loads.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use backend::config::Config;
use serde::de::value::{Error, StrDeserializer};
use serde::de::{DeserializeSeed, Deserializer, EnumAccess, Error as _, MapAccess, SeqAccess, VariantAccess, Visitor};
use serde::{Deserialize, forward_to_deserialize_any};
use std::collections::BTreeSet;
use std::path::PathBuf;

fn sample() -> String {
    let file = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").unwrap()).join("packaging/certhall.example.toml");
    std::fs::read_to_string(file).unwrap()
}

/// A line that only has to lose its `#` to be in force: `#key = value`, `#[section]`. Prose has a space after the `#`.
fn switched_off(line: &str) -> Option<&str> {
    line.strip_prefix('#').filter(|rest| rest.starts_with(|first: char| first.is_ascii_lowercase() || first == '['))
}

/// The sample with everything switched on.
fn whole() -> String {
    sample().lines().map(|line| format!("{}\n", switched_off(line).unwrap_or(line))).collect()
}

fn load(text: &str) -> Config {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("certhall.toml");
    std::fs::write(&file, text).unwrap();
    Config::load(&file).unwrap()
}

#[test]
fn it_loads_as_it_is_and_with_everything_switched_on() {
    assert!(load(&sample()).gateways.mail.is_none());
    let whole = load(&whole());
    assert!(whole.gateways.mail.is_some());
    assert_eq!(whole.metrics_listen, Some("127.0.0.1:8711".parse().unwrap()));
}

#[test]
fn the_defaults_that_it_tells_are_the_defaults() {
    // Debug hides secrets and shows everything else; what has no default is the same in both.
    let (shown, whole) = (format!("{:#?}", load(&sample())), format!("{:#?}", load(&whole())));
    for section in ["http: HttpConfig", "gate: GateConfig", "retention: Retention"] {
        let of = |text: &str| {
            let (_, rest) = text.split_once(section).unwrap_or_else(|| panic!("no {section}"));
            rest.split_once("\n    }").unwrap().0.to_owned()
        };
        assert_eq!(of(&shown), of(&whole), "{section}");
    }
}

#[test]
fn it_shows_every_key_and_no_other() {
    fn walk(table: &toml::Table, path: &str, keys: &mut BTreeSet<String>) {
        for (key, value) in table {
            let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            if let Some(table) = value.as_table() {
                walk(table, &path, keys);
            }
            keys.insert(path);
        }
    }
    let mut shown = BTreeSet::new();
    walk(&whole().parse().unwrap(), "", &mut shown);
    let mut known = Keys::default();
    Config::deserialize(known.at("")).expect("the configuration tells its keys");
    assert_eq!(shown, known.0, "left: the sample, right: backend::config::Config");
}

#[test]
fn every_key_is_explained() {
    let text = sample();
    let lines: Vec<_> = text.lines().collect();
    for (number, line) in lines.iter().enumerate() {
        let setting = switched_off(line).unwrap_or(line);
        if setting.starts_with(|first: char| first.is_ascii_lowercase() || first == '[') {
            let before = number.checked_sub(1).map(|before| lines[before]).unwrap_or_default();
            assert!(before.starts_with("# "), "line {}: say what `{setting}` means", number + 1);
        }
    }
}

/// The keys that a type asks for, section by section. It is given values that any key of ours takes.
#[derive(Default)]
struct Keys(BTreeSet<String>);

impl Keys {
    fn at(&mut self, path: &str) -> Place<'_> {
        Place { keys: self, path: path.to_owned() }
    }
}

struct Place<'a> {
    keys: &'a mut Keys,
    path: String,
}

impl<'de> Deserializer<'de> for Place<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        Err(Error::custom(format!("{}: teach this test about its type", self.path)))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_map(Fields { place: self, left: fields.iter(), name: "" })
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        // An address where one is asked for, and a text like any other elsewhere.
        visitor.visit_str("127.0.0.1:1")
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_bool(true)
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_u64(10)
    }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_i64(10)
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_u32(10)
    }

    fn deserialize_u16<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_u16(10)
    }

    fn deserialize_u8<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_u8(10)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_f64(0.5)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_seq(One(Some(self)))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_enum(First(variants[0]))
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i128 u128 f32 char bytes byte_buf unit unit_struct tuple tuple_struct map identifier ignored_any
    }
}

struct Fields<'a> {
    place: Place<'a>,
    left: std::slice::Iter<'static, &'static str>,
    name: &'static str,
}

impl<'de> MapAccess<'de> for Fields<'_> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        let Some(field) = self.left.next() else { return Ok(None) };
        self.name = field;
        seed.deserialize(StrDeserializer::new(field)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        let path = match self.place.path.as_str() {
            "" => self.name.to_owned(),
            path => format!("{path}.{}", self.name),
        };
        self.place.keys.0.insert(path.clone());
        seed.deserialize(self.place.keys.at(&path))
    }
}

/// A list with one element, so that the keys of its type are told too.
struct One<'a>(Option<Place<'a>>);

impl<'de> SeqAccess<'de> for One<'_> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        self.0.take().map(|place| seed.deserialize(place)).transpose()
    }
}

struct First(&'static str);

impl<'de> EnumAccess<'de> for First {
    type Error = Error;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Error> {
        Ok((seed.deserialize(StrDeserializer::new(self.0))?, self))
    }
}

impl<'de> VariantAccess<'de> for First {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, _: T) -> Result<T::Value, Error> {
        Err(Error::custom("no settings of ours carry data in a choice"))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, Error> {
        Err(Error::custom("no settings of ours carry data in a choice"))
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], _: V) -> Result<V::Value, Error> {
        Err(Error::custom("no settings of ours carry data in a choice"))
    }
}
