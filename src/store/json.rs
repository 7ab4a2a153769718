//! Values of the domain as JSON and back: the form in which structured columns are kept.
//!
//! The domain carries no serde; this room converts. The names in a column are written here and in `rows`, never
//! taken from Rust, so that renaming a field changes nothing that is stored. A field that is absent is refused, as
//! anything unknown is, unless its type is an `Option`: a field that is added later has to be one, or a migration
//! has to write it into what is there. Known limit: instants are whole seconds.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use serde_json::Value;

use crate::domain::message::{Address, MessageId};

/// What a clock on the wall shows, whole seconds.
const LOCAL_TIME: &str = "%Y-%m-%dT%H:%M:%S";

/// A value that can be kept in a column.
pub(super) trait Json: Sized {
    fn to_json(&self) -> Value;
    /// `None`: the value is not of this type.
    fn from_json(value: &Value) -> Option<Self>;

    /// What a field is that is not there at all; `None`: it has to be.
    fn absent() -> Option<Self> {
        None
    }

    fn to_column(&self) -> String {
        self.to_json().to_string()
    }

    fn from_column(column: &str) -> Option<Self> {
        Self::from_json(&serde_json::from_str(column).ok()?)
    }
}

impl Json for String {
    fn to_json(&self) -> Value {
        Value::String(self.clone())
    }
    fn from_json(value: &Value) -> Option<Self> {
        value.as_str().map(str::to_owned)
    }
}

impl Json for bool {
    fn to_json(&self) -> Value {
        Value::Bool(*self)
    }
    fn from_json(value: &Value) -> Option<Self> {
        value.as_bool()
    }
}

impl Json for u32 {
    fn to_json(&self) -> Value {
        Value::from(*self)
    }
    fn from_json(value: &Value) -> Option<Self> {
        value.as_u64()?.try_into().ok()
    }
}

impl Json for u8 {
    fn to_json(&self) -> Value {
        Value::from(*self)
    }
    fn from_json(value: &Value) -> Option<Self> {
        value.as_u64()?.try_into().ok()
    }
}

impl Json for DateTime<Utc> {
    fn to_json(&self) -> Value {
        Value::from(self.timestamp())
    }
    fn from_json(value: &Value) -> Option<Self> {
        DateTime::from_timestamp(value.as_i64()?, 0)
    }
}

impl Json for NaiveDate {
    fn to_json(&self) -> Value {
        Value::String(self.to_string())
    }
    fn from_json(value: &Value) -> Option<Self> {
        value.as_str()?.parse().ok()
    }
}

impl Json for NaiveDateTime {
    fn to_json(&self) -> Value {
        Value::String(self.format(LOCAL_TIME).to_string())
    }
    fn from_json(value: &Value) -> Option<Self> {
        NaiveDateTime::parse_from_str(value.as_str()?, LOCAL_TIME).ok()
    }
}

impl Json for MessageId {
    fn to_json(&self) -> Value {
        Value::from(self.as_str())
    }
    fn from_json(value: &Value) -> Option<Self> {
        MessageId::new(value.as_str()?)
    }
}

impl Json for Address {
    fn to_json(&self) -> Value {
        Value::from(self.as_str())
    }
    fn from_json(value: &Value) -> Option<Self> {
        Address::new(value.as_str()?)
    }
}

impl<T: Json> Json for Option<T> {
    fn to_json(&self) -> Value {
        self.as_ref().map_or(Value::Null, Json::to_json)
    }
    fn from_json(value: &Value) -> Option<Self> {
        if value.is_null() { Some(None) } else { T::from_json(value).map(Some) }
    }
    fn absent() -> Option<Self> {
        Some(None)
    }
}

impl<T: Json> Json for Vec<T> {
    fn to_json(&self) -> Value {
        Value::Array(self.iter().map(Json::to_json).collect())
    }
    fn from_json(value: &Value) -> Option<Self> {
        value.as_array()?.iter().map(T::from_json).collect()
    }
}

impl<T: Json + Ord> Json for BTreeSet<T> {
    fn to_json(&self) -> Value {
        Value::Array(self.iter().map(Json::to_json).collect())
    }
    fn from_json(value: &Value) -> Option<Self> {
        value.as_array()?.iter().map(T::from_json).collect()
    }
}

impl<A: Json, B: Json> Json for (A, B) {
    fn to_json(&self) -> Value {
        Value::Array(vec![self.0.to_json(), self.1.to_json()])
    }
    fn from_json(value: &Value) -> Option<Self> {
        match value.as_array()?.as_slice() {
            [first, second] => Some((A::from_json(first)?, B::from_json(second)?)),
            _ => None,
        }
    }
}

/// A field of an object by its stored name.
pub(super) fn field<T: Json>(object: &Value, name: &str) -> Option<T> {
    match object.as_object()?.get(name) {
        Some(value) => T::from_json(value),
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
            fn from_json(value: &serde_json::Value) -> Option<Self> {
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
            fn from_json(value: &serde_json::Value) -> Option<Self> {
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
