//! Readers, by the language they read.

use domain::{Country, Language};
use store::presence::Presence;

/// The language to translate into for this person: the preferred one, in the variant of their country.
pub(crate) fn language(reader: &Presence) -> Language {
    let preferred = preferred(reader);
    Country::parse(&reader.country).map_or(preferred, |country| preferred.regional(country))
}

/// The language this person chose. What cannot be read any more is English.
pub(crate) fn preferred(reader: &Presence) -> Language {
    Language::parse(&reader.language).unwrap_or_else(|_| Language::english())
}
