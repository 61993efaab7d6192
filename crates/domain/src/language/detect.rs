//! Which language a text is in.

use std::cmp::Ordering;

use whatlang::{Detector, Lang, Script};

use super::Language;
use crate::translatable;

/// The language a text is written in, or else the one its sender prefers.
///
/// Statistics over letters say little about a short text, and most of what people send each other is short: of `see
/// you tomorrow` the best guess is Portuguese. A wrong source language garbles the translation, while the sender's own is
/// nearly always right, so the detector is believed only when it is sure. It is also believed on scripts: Cyrillic
/// letters are no English, whoever wrote them. Latin letters rule nothing out, people use them for every language.
///
/// Links, mentions and code are left out of account. A variant stays the sender's: Spanish by someone who prefers es-MX
/// is es-MX.
pub fn detect(text: &str, fallback: Language) -> Language {
    let prose = translatable::prose(text);
    let Some(guess) = whatlang::detect(&prose) else { return fallback };
    let (script, foreign) = (guess.script(), guess.script() != Script::Latin && !writes(fallback, guess.script()));
    if script == Script::Mandarin {
        return if foreign || fallback.base() == "zh" { chinese(&prose, fallback) } else { fallback };
    }
    let sure = if guess.is_reliable() { supported(guess.lang()) } else { None };
    let found = match sure {
        Some(language) => Some(language),
        None if foreign => best_supported(&prose),
        None => None,
    };
    found.filter(|language| language.base() != fallback.base()).unwrap_or(fallback)
}

/// The likeliest of the languages that can be translated.
fn best_supported(prose: &str) -> Option<Language> {
    let candidates = Lang::all().iter().copied().filter(|lang| code(*lang).is_some()).collect();
    Detector::with_allowlist(candidates).detect(prose).and_then(|guess| supported(guess.lang()))
}

/// Simplified or traditional, by the commonest characters that differ; without any of them the sender's own kind.
fn chinese(prose: &str, fallback: Language) -> Language {
    const SIMPLIFIED: &str =
        "们这说时国来会对没为么个后学过还样开见问关车东买卖语话谢请认识让头电爱写听远给吗边儿岁钱岛长门马鸟鱼龙";
    const TRADITIONAL: &str =
        "們這說時國來會對沒為麼個後學過還樣開見問關車東買賣語話謝請認識讓頭電愛寫聽遠給嗎邊兒歲錢島長門馬鳥魚龍";
    let count = |characters: &str| prose.chars().filter(|character| characters.contains(*character)).count();
    let kind = match count(SIMPLIFIED).cmp(&count(TRADITIONAL)) {
        Ordering::Equal if fallback.base() == "zh" => return fallback,
        Ordering::Greater | Ordering::Equal => "zh",
        Ordering::Less => "zh-TW",
    };
    Language::find(kind).unwrap_or(fallback)
}

fn supported(lang: Lang) -> Option<Language> {
    code(lang).and_then(Language::find)
}

/// The translator's code of what the detector knows; the rest (Esperanto, Latin, Belarusian …) cannot be translated.
fn code(lang: Lang) -> Option<&'static str> {
    let code = match lang {
        Lang::Afr => "af",
        Lang::Amh => "am",
        Lang::Ara => "ar",
        Lang::Aze => "az",
        Lang::Ben => "bn",
        Lang::Bul => "bg",
        Lang::Cat => "ca",
        Lang::Ces => "cs",
        Lang::Cmn => "zh",
        Lang::Cym => "cy",
        Lang::Dan => "da",
        Lang::Deu => "de",
        Lang::Ell => "el",
        Lang::Eng => "en",
        Lang::Est => "et",
        Lang::Fin => "fi",
        Lang::Fra => "fr",
        Lang::Guj => "gu",
        Lang::Heb => "he",
        Lang::Hin => "hi",
        Lang::Hrv => "hr",
        Lang::Hun => "hu",
        Lang::Hye => "hy",
        Lang::Ind => "id",
        Lang::Ita => "it",
        Lang::Jpn => "ja",
        Lang::Kan => "kn",
        Lang::Kat => "ka",
        Lang::Kor => "ko",
        Lang::Lav => "lv",
        Lang::Lit => "lt",
        Lang::Mal => "ml",
        Lang::Mar => "mr",
        Lang::Mkd => "mk",
        Lang::Nld => "nl",
        Lang::Nob => "no",
        Lang::Pan => "pa",
        Lang::Pes => "fa",
        Lang::Pol => "pl",
        Lang::Por => "pt",
        Lang::Ron => "ro",
        Lang::Rus => "ru",
        Lang::Sin => "si",
        Lang::Slk => "sk",
        Lang::Slv => "sl",
        Lang::Spa => "es",
        Lang::Srp => "sr",
        Lang::Swe => "sv",
        Lang::Tam => "ta",
        Lang::Tel => "te",
        Lang::Tgl => "tl",
        Lang::Tha => "th",
        Lang::Tur => "tr",
        Lang::Ukr => "uk",
        Lang::Urd => "ur",
        Lang::Uzb => "uz",
        Lang::Vie => "vi",
        _ => return None,
    };
    Some(code)
}

/// Whether a language is written in a script other than Latin.
fn writes(language: Language, script: Script) -> bool {
    match language.base() {
        "ar" | "fa" | "ps" | "ur" => script == Script::Arabic,
        "am" => script == Script::Ethiopic,
        "az" | "bg" | "bs" | "kk" | "mk" | "mn" | "ru" | "sr" | "uk" | "uz" => script == Script::Cyrillic,
        "bn" => script == Script::Bengali,
        "el" => script == Script::Greek,
        "gu" => script == Script::Gujarati,
        "he" => script == Script::Hebrew,
        "hi" | "mr" => script == Script::Devanagari,
        "hy" => script == Script::Armenian,
        "ja" => matches!(script, Script::Hiragana | Script::Katakana | Script::Mandarin),
        "ka" => script == Script::Georgian,
        "kn" => script == Script::Kannada,
        "ko" => matches!(script, Script::Hangul | Script::Mandarin),
        "ml" => script == Script::Malayalam,
        "pa" => matches!(script, Script::Gurmukhi | Script::Arabic),
        "si" => script == Script::Sinhala,
        "ta" => script == Script::Tamil,
        "te" => script == Script::Telugu,
        "th" => script == Script::Thai,
        "zh" => script == Script::Mandarin,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detected(text: &str, fallback: &str) -> &'static str {
        detect(text, Language::parse(fallback).unwrap()).as_str()
    }

    #[test]
    fn believes_the_sender_on_short_texts() {
        for text in ["ok", "see you tomorrow", "nos vemos mañana", "Maria Gonzalez", "kya haal hai bhai", "Привет", ""]
        {
            for preferred in ["ru", "uk", "sr"] {
                assert_eq!(detected(text, preferred), preferred, "{text}");
            }
        }
        assert_eq!(detected("see you tomorrow", "en"), "en");
        assert_eq!(detected("nos vemos mañana", "es-MX"), "es-MX");
        assert_eq!(detected("👍👍", "de"), "de");
    }

    #[test]
    fn recognises_a_longer_text_in_another_language() {
        let german =
            "Ich habe gestern Abend noch lange mit meiner Schwester über die Reise im nächsten Jahr gesprochen.";
        let spanish = "Ayer estuve hablando con mi hermana durante mucho tiempo sobre el viaje que queremos hacer.";
        assert_eq!(detected(german, "en"), "de");
        assert_eq!(detected(spanish, "en"), "es");
        assert_eq!(detected(spanish, "es-MX"), "es-MX", "the sender's own variant");
        let linked = format!("{german} https://example.com/the/english/words/of/this/address/that/is/very/long/indeed");
        assert_eq!(detected(&linked, "en"), "de");
    }

    #[test]
    fn a_script_the_sender_does_not_use_decides() {
        assert_eq!(detected("Привет, как дела? Увидимся завтра вечером", "en"), "ru");
        assert_eq!(detected("안녕하세요", "en"), "ko");
        assert_eq!(detected("こんにちは", "en"), "ja");
        assert_eq!(detected("Γεια σου", "en"), "el");
        assert_ne!(
            detected("Прывітанне, як вашы справы сёння?", "en"),
            "en",
            "Belarusian, the nearest that can be had"
        );
    }

    #[test]
    fn han_characters_alone_may_be_japanese() {
        assert_eq!(detected("了解", "ja"), "ja");
        assert_eq!(detected("你们好吗", "en"), "zh");
        assert_eq!(detected("你們好嗎", "en"), "zh-TW");
        assert_eq!(detected("你們好嗎", "zh"), "zh-TW");
        assert_eq!(detected("好的", "zh-TW"), "zh-TW");
    }

    #[test]
    fn every_answer_is_a_supported_language() {
        for lang in Lang::all() {
            if let Some(code) = code(*lang) {
                assert_eq!(Language::parse(code).unwrap().as_str(), code);
            }
        }
    }
}
