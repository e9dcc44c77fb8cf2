//! How Go reads JSON where serde would be stricter: null is the empty value, bytes are base64.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Deserializer, de};

/// Null is the default of the type.
pub(crate) fn or_default<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: Deserialize<'de> + Default,
    D: Deserializer<'de>,
{
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// A string that lies in the document when it has no escapes.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// Null is `None`.
pub(crate) fn base64<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<u8>>, D::Error> {
    let Some(Text(text)) = Option::deserialize(deserializer)? else {
        return Ok(None);
    };
    STANDARD.decode(text.as_bytes()).map(Some).map_err(|e| de::Error::custom(format!("not base64: {e}")))
}
