//! Cursors that clients give back as they got them. What they name is checked when they come back (security G4).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The text of a cursor that is made of this.
pub(crate) fn written(plain: &str) -> String {
    URL_SAFE_NO_PAD.encode(plain)
}

/// What the text of a cursor was made of; none if it is no such text.
pub(crate) fn read(text: &str) -> Option<String> {
    String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()
}
