//! `$util`.

use std::fmt::Write as _;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::Unrendered;
use crate::json_path::shown;

/// Its functions; each takes one text.
pub(super) const NAMES: [&str; 6] =
    ["escapeJavaScript", "base64Encode", "base64Decode", "urlEncode", "urlDecode", "parseJson"];

/// What a function makes of its argument.
pub(super) fn call(name: &str, argument: Option<&Value>) -> Result<Value, Unrendered> {
    let text = shown(argument);
    Ok(match name {
        "escapeJavaScript" => escaped(&text).into(),
        "base64Encode" => STANDARD.encode(text).into(),
        "base64Decode" => {
            let bytes = STANDARD.decode(text).map_err(|_| Unrendered("base64Decode: no base64"))?;
            String::from_utf8_lossy(&bytes).into_owned().into()
        }
        "urlEncode" => form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().into(),
        "urlDecode" => {
            let plain = text.replace('+', " ");
            percent_encoding::percent_decode_str(&plain).decode_utf8_lossy().into_owned().into()
        }
        "parseJson" => serde_json::from_str(&text).map_err(|_| Unrendered("parseJson: no JSON"))?,
        _ => return Err(Unrendered("no such function of $util")),
    })
}

/// As in a JavaScript text: quotes, control characters and what is not ASCII.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for unit in text.encode_utf16() {
        match unit {
            0x22 => escaped += "\\\"",
            0x27 => escaped += "\\'",
            0x2f => escaped += "\\/",
            0x5c => escaped += "\\\\",
            0x08 => escaped += "\\b",
            0x09 => escaped += "\\t",
            0x0a => escaped += "\\n",
            0x0c => escaped += "\\f",
            0x0d => escaped += "\\r",
            0x20..0x7f => escaped.push(char::from_u32(u32::from(unit)).unwrap_or(' ')),
            _ => {
                // Writing to a String cannot fail.
                let _ = write!(escaped, "\\u{unit:04X}");
            }
        }
    }
    escaped
}
