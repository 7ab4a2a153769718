//! Values of the domain as JSON and back: the form in which structured columns are kept.
//!
//! The domain carries no serde; this room converts. The names in a column are written here and in `rows`, never
//! taken from Rust, so that renaming a field changes nothing that is stored. A field that is absent is refused, as
//! anything unknown is, unless its type is an `Option`: a field that is added later has to be one, or a migration
//! has to write it into what is there. What is read is `StoredValue`, which keeps to the text that it stands in: a judgement
//! reads some dozen columns, most of them text. Known limit: instants are whole seconds.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use crate::domain::message::{Address, MessageId};

/// What a clock on the wall shows, whole seconds.
const LOCAL_TIME: &str = "%Y-%m-%dT%H:%M:%S";

/// What stands in a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum StoredValue<'t> {
    Null,
    Bool(bool),
    Whole(i64),
    /// A number that nothing is ever stored as.
    OtherNumber,
    Text(Cow<'t, str>),
    List(Vec<StoredValue<'t>>),
    /// Names and values as they stand there.
    Object(Vec<(Cow<'t, str>, StoredValue<'t>)>),
}

impl<'t> StoredValue<'t> {
    /// `None`: it is no JSON.
    pub(super) fn read(column: &'t str) -> Option<Self> {
        serde_json::from_str(column).ok()
    }

    pub(super) fn as_str(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    fn as_bool(&self) -> Option<bool> {
        if let Self::Bool(value) = self { Some(*value) } else { None }
    }

    fn as_whole(&self) -> Option<i64> {
        if let Self::Whole(value) = self { Some(*value) } else { None }
    }

    fn as_list(&self) -> Option<&[Self]> {
        if let Self::List(values) = self { Some(values) } else { None }
    }

    fn as_object(&self) -> Option<&[(Cow<'t, str>, Self)]> {
        if let Self::Object(fields) = self { Some(fields) } else { None }
    }
}

impl<'de> Deserialize<'de> for StoredValue<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StoredValueVisitor)
    }
}

struct StoredValueVisitor;

impl<'de> Visitor<'de> for StoredValueVisitor {
    type Value = StoredValue<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<StoredValue<'de>, E> {
        Ok(StoredValue::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<StoredValue<'de>, E> {
        Ok(StoredValue::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<StoredValue<'de>, E> {
        Ok(StoredValue::Whole(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<StoredValue<'de>, E> {
        Ok(i64::try_from(value).map_or(StoredValue::OtherNumber, StoredValue::Whole))
    }

    fn visit_f64<E>(self, _: f64) -> Result<StoredValue<'de>, E> {
        Ok(StoredValue::OtherNumber)
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<StoredValue<'de>, E> {
        Ok(StoredValue::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<StoredValue<'de>, E> {
        Ok(StoredValue::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<StoredValue<'de>, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element()? {
            values.push(value);
        }
        Ok(StoredValue::List(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<StoredValue<'de>, A::Error> {
        let mut fields = Vec::new();
        while let Some(Name(name)) = object.next_key()? {
            fields.push((name, object.next_value()?));
        }
        Ok(StoredValue::Object(fields))
    }
}

/// The name of a field. serde makes any other `Cow` an owned one.
struct Name<'t>(Cow<'t, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match deserializer.deserialize_str(StoredValueVisitor)? {
            StoredValue::Text(name) => Ok(Self(name)),
            _ => Err(serde::de::Error::custom("a name is a text")),
        }
    }
}

/// A value that can be kept in a column.
pub(super) trait Json: Sized {
    fn to_json(&self) -> Value;
    /// `None`: the value is not of this type.
    fn from_json(value: &StoredValue<'_>) -> Option<Self>;

    /// What a field is that is not there at all; `None`: it has to be.
    fn absent() -> Option<Self> {
        None
    }

    fn to_column(&self) -> String {
        self.to_json().to_string()
    }

    fn from_column(column: &str) -> Option<Self> {
        Self::from_json(&StoredValue::read(column)?)
    }
}

impl Json for String {
    fn to_json(&self) -> Value {
        Value::String(self.clone())
    }
    fn from_json(value: &StoredValue<'_>) -> Option<Self> {
        value.as_str().map(str::to_owned)
    }
}

impl Json for bool {
    fn to_json(&self) -> Value {
        Value::Bool(*self)
    }
    fn from_json(value: &StoredValue<'_>) -> Option<Self> {
        value.as_bool()
    }
}

impl Json for u32 {
    fn to_json(&self) -> Value {
        Value::from(*self)
    }
    fn from_json(value: &StoredValue<'_>) -> Option<Self> {
        value.as_whole()?.try_into().ok()
    }
}

impl Json for u8 {
    fn to_json(&self) -> Value {
        Value::from(*self)
    }
    fn from_json(value: &StoredValue<'_>) -> Option<Self> {
        value.as_whole()?.try_into().ok()
    }
}

impl Json for DateTime<Utc> {
    fn to_json(&self) -> Value {
        Value::from(self.timestamp())
    }
    fn from_json(value: &StoredValue<'_>) -> Option<Self> {
        DateTime::from_timestamp(value.as_whole()?, 0)
    }
}

impl Json for NaiveDate {
    fn to_json(&self) -> Value {
        Value::String(self.to_string())
    }
    fn from_json(value: &StoredValue<'_>) -> Option<Self> {
        value.as_str()?.parse().ok()
    }
}

impl Json for NaiveDateTime {
    fn to_json(&self) -> Value {
        Value::String(self.format(LOCAL_TIME).to_string())
    }
    fn from_json(value: &StoredValue<'_>) -> Option<Self> {
        NaiveDateTime::parse_from_str(value.as_str()?, LOCAL_TIME).ok()
    }
}

impl Json for MessageId {
    fn to_json(&self) -> Value {
        Value::from(self.as_str())
    }
    fn from_json(value: &StoredValue<'_>) -> Option<Self> {
        MessageId::new(value.as_str()?)
    }
}

impl Json for Address {
    fn to_json(&self) -> Value {
        Value::from(self.as_str())
    }
    fn from_json(value: &StoredValue<'_>) -> Option<Self> {
        Address::new(value.as_str()?)
    }
}

impl<T: Json> Json for Option<T> {
    fn to_json(&self) -> Value {
        self.as_ref().map_or(Value::Null, Json::to_json)
    }
    fn from_json(value: &StoredValue<'_>) -> Option<Self> {
        if *value == StoredValue::Null { Some(None) } else { T::from_json(value).map(Some) }
    }
    fn absent() -> Option<Self> {
        Some(None)
    }
}

impl<T: Json> Json for Vec<T> {
    fn to_json(&self) -> Value {
        Value::Array(self.iter().map(Json::to_json).collect())
    }
    fn from_json(value: &StoredValue<'_>) -> Option<Self> {
        value.as_list()?.iter().map(T::from_json).collect()
    }
}

impl<T: Json + Ord> Json for BTreeSet<T> {
    fn to_json(&self) -> Value {
        Value::Array(self.iter().map(Json::to_json).collect())
    }
    fn from_json(value: &StoredValue<'_>) -> Option<Self> {
        value.as_list()?.iter().map(T::from_json).collect()
    }
}

impl<A: Json, B: Json> Json for (A, B) {
    fn to_json(&self) -> Value {
        Value::Array(vec![self.0.to_json(), self.1.to_json()])
    }
    fn from_json(value: &StoredValue<'_>) -> Option<Self> {
        match value.as_list()? {
            [first, second] => Some((A::from_json(first)?, B::from_json(second)?)),
            _ => None,
        }
    }
}

/// A field of an object by its stored name.
pub(super) fn field<T: Json>(object: &StoredValue<'_>, name: &str) -> Option<T> {
    // Of two of one name the last one counts.
    match object.as_object()?.iter().rev().find(|(own, _)| own == name) {
        Some((_, value)) => T::from_json(value),
        None => T::absent(),
    }
}

/// `Json` for a struct whose fields all have it, by stored names. A field that is missing here does not compile.
macro_rules! object {
    ($type:ty { $($field:ident: $name:literal),* $(,)? }) => {
        impl Json for $type {
            fn to_json(&self) -> serde_json::Value {
                let Self { $($field),* } = self;
                let mut object = serde_json::Map::new();
                $(object.insert($name.to_owned(), $field.to_json());)*
                serde_json::Value::Object(object)
            }
            fn from_json(value: &$crate::store::json::StoredValue<'_>) -> Option<Self> {
                Some(Self { $($field: $crate::store::json::field(value, $name)?),* })
            }
        }
    };
}

/// `Json` for an enum without data, by stored names. A variant that is missing here does not compile.
macro_rules! names {
    ($type:ty { $($variant:ident: $name:literal),* $(,)? }) => {
        impl Json for $type {
            fn to_json(&self) -> serde_json::Value {
                serde_json::Value::from(match self { $(Self::$variant => $name),* })
            }
            fn from_json(value: &$crate::store::json::StoredValue<'_>) -> Option<Self> {
                match value.as_str()? { $($name => Some(Self::$variant),)* _ => None }
            }
        }

        #[cfg(test)]
        impl $crate::store::json::StoredNames for $type {
            const NAMES: &'static [&'static str] = &[$($name),*];
        }
    };
}

/// Every name that an enum's variants are stored under.
#[cfg(test)]
pub(super) trait StoredNames {
    const NAMES: &'static [&'static str];
}

pub(super) use {names, object};
