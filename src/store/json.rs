//! Values of the domain as JSON and back: the form in which structured columns are kept.
//!
//! The domain carries no serde; this room converts. A field that is absent reads as null, so that a
//! column written before a field existed can still be read wherever the field may be empty. Known limit:
//! instants are whole seconds.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;

use crate::domain::message::{Address, MessageId};

/// A value that can be kept in a column.
pub(super) trait Json: Sized {
    fn to_json(&self) -> Value;
    /// `None`: the value is not of this type.
    fn from_json(value: &Value) -> Option<Self>;

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
        if value.is_null() { Some(String::new()) } else { value.as_str().map(str::to_owned) }
    }
}

impl Json for bool {
    fn to_json(&self) -> Value {
        Value::Bool(*self)
    }
    fn from_json(value: &Value) -> Option<Self> {
        if value.is_null() { Some(false) } else { value.as_bool() }
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
}

impl<T: Json> Json for Vec<T> {
    fn to_json(&self) -> Value {
        Value::Array(self.iter().map(Json::to_json).collect())
    }
    fn from_json(value: &Value) -> Option<Self> {
        if value.is_null() {
            return Some(Vec::new());
        }
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

/// `Json` for a struct whose fields all have it. A field that is missing here does not compile.
macro_rules! object {
    ($type:ty { $($field:ident),* $(,)? }) => {
        impl Json for $type {
            fn to_json(&self) -> serde_json::Value {
                let Self { $($field),* } = self;
                let mut object = serde_json::Map::new();
                $(object.insert(stringify!($field).to_owned(), $field.to_json());)*
                serde_json::Value::Object(object)
            }
            fn from_json(value: &serde_json::Value) -> Option<Self> {
                let object = value.as_object()?;
                Some(Self {
                    $($field: Json::from_json(object.get(stringify!($field)).unwrap_or(&serde_json::Value::Null))?),*
                })
            }
        }
    };
}

/// `Json` for an enum without data, by names. A variant that is missing here does not compile.
macro_rules! names {
    ($type:ty { $($variant:ident = $name:literal),* $(,)? }) => {
        impl Json for $type {
            fn to_json(&self) -> serde_json::Value {
                serde_json::Value::from(match self { $(Self::$variant => $name),* })
            }
            fn from_json(value: &serde_json::Value) -> Option<Self> {
                match value.as_str()? { $($name => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

pub(super) use {names, object};
