//! Languages a person can read and countries they can live in.

mod country;
mod detect;
mod known;

use std::fmt;

pub use country::Country;
pub use detect::detect;

use crate::problem::Problem;
use known::{KNOWN, Known};

/// A language that Amazon Translate reads and writes (75 of them), named by its code: ISO 639-1, with a country where a
/// regional variant exists, such as `es-MX`.
///
/// Ordered by code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Language(&'static Known);

impl Language {
    /// Reads a code in any case (codes are case-insensitive by RFC 5646); `ES-mx` becomes `es-MX`.
    pub fn parse(code: &str) -> Result<Self, Problem> {
        Self::find(code).ok_or_else(|| Problem::new("must be a supported language code such as en, es or zh-TW"))
    }

    /// The default: who says nothing reads English.
    pub fn english() -> Self {
        const ENGLISH: &Known = known::english();
        Self(ENGLISH)
    }

    /// Every language, ordered by English name.
    pub fn all() -> impl ExactSizeIterator<Item = Self> {
        KNOWN.iter().map(Self)
    }

    /// The code, spelled as Amazon Translate spells it.
    pub fn as_str(self) -> &'static str {
        self.0.code
    }

    /// What English calls it, such as `Spanish (Mexico)`.
    pub fn english_name(self) -> &'static str {
        self.0.english
    }

    /// What its own speakers call it, such as `Español (México)`.
    pub fn native_name(self) -> &'static str {
        self.0.native
    }

    /// The language without its country: `es` for `es-MX`.
    pub fn base(self) -> &'static str {
        self.0.code.split_once('-').map_or(self.0.code, |(base, _)| base)
    }

    /// The variant spoken in a country, where there is one (contract, row users-language): es+MX is es-MX, fr+CA is
    /// fr-CA, pt+PT is pt-PT, fa+AF is fa-AF, and Chinese is written in traditional characters in Taiwan, Hong Kong and
    /// Macao. Whoever already chose a variant keeps it.
    #[must_use]
    pub fn regional(self, country: Country) -> Self {
        let variant = match (self.as_str(), country.as_str()) {
            ("es", "MX") => "es-MX",
            ("fr", "CA") => "fr-CA",
            ("pt", "PT") => "pt-PT",
            ("fa", "AF") => "fa-AF",
            ("zh", "TW" | "HK" | "MO") => "zh-TW",
            _ => return self,
        };
        Self::find(variant).unwrap_or(self)
    }

    /// Whether a reader of one can be given a text written in the other as it is, so that no translation is paid for.
    ///
    /// True within one language: an Argentine message needs no translation for a Mexican (es, es-MX), and likewise for
    /// fr, pt and fa. Not for zh and zh-TW, which are written in different characters.
    pub fn same_text(self, other: Self) -> bool {
        self == other || (self.base() == other.base() && self.base() != "zh")
    }

    fn find(code: &str) -> Option<Self> {
        KNOWN.iter().find(|known| known.code.eq_ignore_ascii_case(code)).map(Self)
    }
}

impl Default for Language {
    /// English.
    fn default() -> Self {
        Self::english()
    }
}

impl fmt::Display for Language {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0.code)
    }
}

impl fmt::Debug for Language {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Language({})", self.0.code)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn language(code: &str) -> Language {
        Language::parse(code).unwrap()
    }

    #[test]
    fn knows_each_language_once() {
        let codes: BTreeSet<&str> = Language::all().map(Language::as_str).collect();
        assert_eq!(codes.len(), 75);
        assert_eq!(Language::all().len(), 75);
        let names: Vec<&str> = Language::all().map(Language::english_name).collect();
        assert!(names.is_sorted(), "ordered by English name");
    }

    #[test]
    fn knows_the_sixteen_of_the_first_clients() {
        for code in ["en", "es", "fr", "de", "it", "zh", "ja", "ko", "ar", "hi", "pt", "ru", "nl", "pl", "tr", "vi"] {
            assert_eq!(language(code).as_str(), code);
        }
    }

    #[test]
    fn reads_any_case_and_writes_one() {
        assert_eq!(language("ES-mx").to_string(), "es-MX");
        assert_eq!(Language::english().native_name(), "English");
        assert_eq!(language("es-MX").native_name(), "Español (México)");
        for code in ["", "xx", "english", "es_MX", "en-GB", " en", "auto"] {
            assert!(Language::parse(code).is_err(), "{code:?}");
        }
    }

    #[test]
    fn the_country_picks_the_variant() {
        let pairs = [
            ("es", "MX", "es-MX"),
            ("es", "AR", "es"),
            ("fr", "CA", "fr-CA"),
            ("fr", "FR", "fr"),
            ("pt", "PT", "pt-PT"),
            ("pt", "BR", "pt"),
            ("zh", "TW", "zh-TW"),
            ("zh", "HK", "zh-TW"),
            ("zh", "CN", "zh"),
            ("fa", "AF", "fa-AF"),
            ("en", "MX", "en"),
            ("pt-PT", "BR", "pt-PT"),
        ];
        for (spoken, country, variant) in pairs {
            let country = Country::parse(country).unwrap();
            assert_eq!(language(spoken).regional(country), language(variant), "{spoken} {country}");
        }
    }

    #[test]
    fn one_language_needs_no_translation_but_another_script_does() {
        for (a, b, same) in [
            ("es", "es-MX", true),
            ("pt", "pt-PT", true),
            ("fr-CA", "fr", true),
            ("fa", "fa-AF", true),
            ("zh", "zh", true),
            ("zh", "zh-TW", false),
            ("en", "es", false),
            ("hr", "sr", false),
        ] {
            assert_eq!(language(a).same_text(language(b)), same, "{a} {b}");
            assert_eq!(language(b).same_text(language(a)), same, "{b} {a}");
        }
    }
}
