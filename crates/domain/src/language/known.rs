//! The languages of Amazon Translate (developer guide, "Supported languages and language codes").

/// What is known of a language. The code comes first: it decides the order.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Known {
    pub(super) code: &'static str,
    pub(super) english: &'static str,
    pub(super) native: &'static str,
}

const fn known(code: &'static str, english: &'static str, native: &'static str) -> Known {
    Known { code, english, native }
}

/// The place of `en` in the list below, found at compile time.
pub(super) const fn english() -> &'static Known {
    let mut at = 0;
    while !matches!(KNOWN[at].code.as_bytes(), b"en") {
        at += 1;
    }
    &KNOWN[at]
}

/// Ordered by English name.
pub(super) static KNOWN: [Known; 75] = [
    known("af", "Afrikaans", "Afrikaans"),
    known("sq", "Albanian", "Shqip"),
    known("am", "Amharic", "አማርኛ"),
    known("ar", "Arabic", "العربية"),
    known("hy", "Armenian", "Հայերեն"),
    known("az", "Azerbaijani", "Azərbaycanca"),
    known("bn", "Bengali", "বাংলা"),
    known("bs", "Bosnian", "Bosanski"),
    known("bg", "Bulgarian", "Български"),
    known("ca", "Catalan", "Català"),
    known("zh", "Chinese (Simplified)", "简体中文"),
    known("zh-TW", "Chinese (Traditional)", "繁體中文"),
    known("hr", "Croatian", "Hrvatski"),
    known("cs", "Czech", "Čeština"),
    known("da", "Danish", "Dansk"),
    known("fa-AF", "Dari", "دری"),
    known("nl", "Dutch", "Nederlands"),
    known("en", "English", "English"),
    known("et", "Estonian", "Eesti"),
    known("fa", "Farsi (Persian)", "فارسی"),
    known("tl", "Filipino, Tagalog", "Filipino, Tagalog"),
    known("fi", "Finnish", "Suomi"),
    known("fr", "French", "Français"),
    known("fr-CA", "French (Canada)", "Français (Canada)"),
    known("ka", "Georgian", "ქართული"),
    known("de", "German", "Deutsch"),
    known("el", "Greek", "Ελληνικά"),
    known("gu", "Gujarati", "ગુજરાતી"),
    known("ht", "Haitian Creole", "Kreyòl ayisyen"),
    known("ha", "Hausa", "Hausa"),
    known("he", "Hebrew", "עברית"),
    known("hi", "Hindi", "हिन्दी"),
    known("hu", "Hungarian", "Magyar"),
    known("is", "Icelandic", "Íslenska"),
    known("id", "Indonesian", "Bahasa Indonesia"),
    known("ga", "Irish", "Gaeilge"),
    known("it", "Italian", "Italiano"),
    known("ja", "Japanese", "日本語"),
    known("kn", "Kannada", "ಕನ್ನಡ"),
    known("kk", "Kazakh", "Қазақ тілі"),
    known("ko", "Korean", "한국어"),
    known("lv", "Latvian", "Latviešu"),
    known("lt", "Lithuanian", "Lietuvių"),
    known("mk", "Macedonian", "Македонски"),
    known("ms", "Malay", "Bahasa Melayu"),
    known("ml", "Malayalam", "മലയാളം"),
    known("mt", "Maltese", "Malti"),
    known("mr", "Marathi", "मराठी"),
    known("mn", "Mongolian", "Монгол"),
    known("no", "Norwegian (Bokmål)", "Norsk bokmål"),
    known("ps", "Pashto", "پښتو"),
    known("pl", "Polish", "Polski"),
    known("pt", "Portuguese (Brazil)", "Português (Brasil)"),
    known("pt-PT", "Portuguese (Portugal)", "Português (Portugal)"),
    known("pa", "Punjabi", "ਪੰਜਾਬੀ"),
    known("ro", "Romanian", "Română"),
    known("ru", "Russian", "Русский"),
    known("sr", "Serbian", "Српски"),
    known("si", "Sinhala", "සිංහල"),
    known("sk", "Slovak", "Slovenčina"),
    known("sl", "Slovenian", "Slovenščina"),
    known("so", "Somali", "Soomaali"),
    known("es", "Spanish", "Español"),
    known("es-MX", "Spanish (Mexico)", "Español (México)"),
    known("sw", "Swahili", "Kiswahili"),
    known("sv", "Swedish", "Svenska"),
    known("ta", "Tamil", "தமிழ்"),
    known("te", "Telugu", "తెలుగు"),
    known("th", "Thai", "ไทย"),
    known("tr", "Turkish", "Türkçe"),
    known("uk", "Ukrainian", "Українська"),
    known("ur", "Urdu", "اردو"),
    known("uz", "Uzbek", "Oʻzbekcha"),
    known("vi", "Vietnamese", "Tiếng Việt"),
    known("cy", "Welsh", "Cymraeg"),
];
