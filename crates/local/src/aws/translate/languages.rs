//! The languages that Amazon Translate supports.

/// A language as Amazon Translate names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Language {
    /// Code in requests, e.g. `es`, `es-MX`.
    pub code: &'static str,
    /// English name.
    pub name: &'static str,
    /// ISO 639-3 code of the language (of the macrolanguage's usual form), by which other engines know it.
    pub iso: &'static str,
}

const fn language(name: &'static str, code: &'static str, iso: &'static str) -> Language {
    Language { code, name, iso }
}

/// All of them, by English name. Variants follow the language that their ISO code stands for first.
pub const LANGUAGES: [Language; 75] = [
    language("Afrikaans", "af", "afr"),
    language("Albanian", "sq", "sqi"),
    language("Amharic", "am", "amh"),
    language("Arabic", "ar", "ara"),
    language("Armenian", "hy", "hye"),
    language("Azerbaijani", "az", "aze"),
    language("Bengali", "bn", "ben"),
    language("Bosnian", "bs", "bos"),
    language("Bulgarian", "bg", "bul"),
    language("Catalan", "ca", "cat"),
    language("Chinese (Simplified)", "zh", "cmn"),
    language("Chinese (Traditional)", "zh-TW", "cmn"),
    language("Croatian", "hr", "hrv"),
    language("Czech", "cs", "ces"),
    language("Danish", "da", "dan"),
    language("Dari", "fa-AF", "prs"),
    language("Dutch", "nl", "nld"),
    language("English", "en", "eng"),
    language("Estonian", "et", "est"),
    language("Farsi (Persian)", "fa", "pes"),
    language("Filipino, Tagalog", "tl", "tgl"),
    language("Finnish", "fi", "fin"),
    language("French", "fr", "fra"),
    language("French (Canada)", "fr-CA", "fra"),
    language("Georgian", "ka", "kat"),
    language("German", "de", "deu"),
    language("Greek", "el", "ell"),
    language("Gujarati", "gu", "guj"),
    language("Haitian Creole", "ht", "hat"),
    language("Hausa", "ha", "hau"),
    language("Hebrew", "he", "heb"),
    language("Hindi", "hi", "hin"),
    language("Hungarian", "hu", "hun"),
    language("Icelandic", "is", "isl"),
    language("Indonesian", "id", "ind"),
    language("Irish", "ga", "gle"),
    language("Italian", "it", "ita"),
    language("Japanese", "ja", "jpn"),
    language("Kannada", "kn", "kan"),
    language("Kazakh", "kk", "kaz"),
    language("Korean", "ko", "kor"),
    language("Latvian", "lv", "lav"),
    language("Lithuanian", "lt", "lit"),
    language("Macedonian", "mk", "mkd"),
    language("Malay", "ms", "zlm"),
    language("Malayalam", "ml", "mal"),
    language("Maltese", "mt", "mlt"),
    language("Marathi", "mr", "mar"),
    language("Mongolian", "mn", "khk"),
    language("Norwegian (Bokmål)", "no", "nob"),
    language("Pashto", "ps", "pus"),
    language("Polish", "pl", "pol"),
    language("Portuguese (Brazil)", "pt", "por"),
    language("Portuguese (Portugal)", "pt-PT", "por"),
    language("Punjabi", "pa", "pan"),
    language("Romanian", "ro", "ron"),
    language("Russian", "ru", "rus"),
    language("Serbian", "sr", "srp"),
    language("Sinhala", "si", "sin"),
    language("Slovak", "sk", "slk"),
    language("Slovenian", "sl", "slv"),
    language("Somali", "so", "som"),
    language("Spanish", "es", "spa"),
    language("Spanish (Mexico)", "es-MX", "spa"),
    language("Swahili", "sw", "swa"),
    language("Swedish", "sv", "swe"),
    language("Tamil", "ta", "tam"),
    language("Telugu", "te", "tel"),
    language("Thai", "th", "tha"),
    language("Turkish", "tr", "tur"),
    language("Ukrainian", "uk", "ukr"),
    language("Urdu", "ur", "urd"),
    language("Uzbek", "uz", "uzb"),
    language("Vietnamese", "vi", "vie"),
    language("Welsh", "cy", "cym"),
];

/// The language of a code.
pub(super) fn find(code: &str) -> Option<&'static Language> {
    LANGUAGES.iter().find(|language| language.code == code)
}

/// The language, not a regional variant of it, of an ISO 639-3 code.
pub(super) fn by_iso(iso: &str) -> Option<&'static Language> {
    LANGUAGES.iter().find(|language| language.iso == iso)
}

/// The same for a code of two or three letters.
pub(super) fn by_any_code(code: &str) -> Option<&'static Language> {
    by_iso(code).or_else(|| find(code))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn codes_are_unique_and_names_in_order() {
        let codes: BTreeSet<_> = LANGUAGES.iter().map(|language| language.code).collect();
        assert_eq!(codes.len(), LANGUAGES.len());
        assert!(LANGUAGES.is_sorted_by_key(|language| language.name));
    }

    #[test]
    fn an_iso_code_means_the_language_before_its_variants() {
        for (iso, code) in [("spa", "es"), ("fra", "fr"), ("por", "pt"), ("cmn", "zh")] {
            assert_eq!(by_iso(iso).unwrap().code, code);
        }
    }
}
