//! Which language a text is in (`SourceLanguageCode: auto`).

use whatlang::{Detector, Lang};

use super::fault::Fault;
use super::languages::{self, LANGUAGES, Language};
use super::markup;

/// Detects the language of `text`. Where that is uncertain, as in most short texts, only the languages are weighed
/// that the engine could translate from (`sources`); where it stays uncertain, `DetectedLanguageLowConfidence`.
pub(super) fn detect(text: &str, sources: &[&str]) -> Result<&'static Language, Fault> {
    let text = markup::translatable(text);
    let supported = LANGUAGES.iter().filter_map(|language| Lang::from_code(language.iso)).collect();
    let first = Detector::with_allowlist(supported).detect(&text);
    if let Some(info) = first.as_ref().filter(|info| info.confidence() >= ENOUGH_AMONG_ALL)
        && let Some(language) = languages::by_iso(info.lang().code())
    {
        return Ok(language);
    }
    let translatable: Vec<_> = sources.iter().filter_map(|code| Lang::from_code(languages::find(code)?.iso)).collect();
    let among = if translatable.is_empty() { None } else { Detector::with_allowlist(translatable).detect(&text) };
    let guess = |info: &whatlang::Info| languages::by_iso(info.lang().code());
    match among.as_ref().filter(|info| info.confidence() >= ENOUGH_AMONG_FEW).and_then(guess) {
        Some(language) => Ok(language),
        None => Err(Fault::DetectedLanguageLowConfidence(
            among.as_ref().or(first.as_ref()).and_then(guess).map(|language| language.code),
        )),
    }
}

/// Confidence, from 0 to 1, that is enough among all languages: chat messages are short, and the detector's own idea of
/// a reliable answer (0.9) rejects most of them; below a fifth the guesses turn wrong.
const ENOUGH_AMONG_ALL: f64 = 0.2;
/// Confidence that is enough when only a few languages come into question.
const ENOUGH_AMONG_FEW: f64 = 0.1;

#[cfg(test)]
mod tests {
    use super::*;

    fn detected(text: &str, sources: &[&str]) -> Result<&'static str, Fault> {
        detect(text, sources).map(|language| language.code)
    }

    #[test]
    fn sentences_are_recognised_among_all_languages() {
        for (code, text) in [
            ("en", "The quick brown fox jumps over the lazy dog while everybody is watching the game tonight."),
            ("es", "Me gustaría reservar una mesa para dos personas esta noche, si es posible, cerca de la ventana."),
            ("de", "Könnten wir uns morgen nach der Arbeit treffen und gemeinsam etwas essen gehen?"),
            ("it", "Qual è il tuo nome?"),
            ("nl", "Hoe gaat het met jou vandaag?"),
            ("ja", "今日はいい天気ですね。散歩に行きませんか。"),
            ("zh", "你好，今天晚上一起吃饭吗？"),
            ("ru", "Привет, как твои дела сегодня вечером?"),
        ] {
            assert_eq!(detected(text, &[]), Ok(code), "{text}");
        }
    }

    #[test]
    fn short_texts_are_weighed_among_what_can_be_translated() {
        assert_eq!(detected("Hello, how are you?", &["en", "es"]), Ok("en"));
        assert_eq!(detected("Hola, ¿cómo estás?", &["en", "es"]), Ok("es"));
        assert_eq!(detected("See you at the station", &["en", "es"]), Ok("en"));
    }

    #[test]
    fn what_is_kept_does_not_count() {
        let text =
            r#"Good evening everybody, where are you all? <span translate="no">Me gustaría reservar una mesa</span>"#;
        assert_eq!(detected(text, &["en", "es"]), Ok("en"));
    }

    #[test]
    fn a_guess_is_not_an_answer() {
        assert!(matches!(detected("ok", &[]), Err(Fault::DetectedLanguageLowConfidence(_))));
        assert_eq!(detected("12345 😀", &["en"]), Err(Fault::DetectedLanguageLowConfidence(None)));
    }
}
