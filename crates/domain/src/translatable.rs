//! What of a text is sent to the translator, and how its answer becomes a text again.
//!
//! Translation is nearly the whole bill of a message, and its answers come from outside. So the rules here decide what
//! need not be translated at all ([`needs_translation`]), keep what must stay as it is ([`protect`]), keep requests under
//! the service's size ([`protect_within`]), name what was translated before ([`Fingerprint`]), and refuse answers that
//! cannot be right ([`accept`]).

mod fingerprint;
mod markup;
mod mentions;
mod pieces;
mod protect;
mod segments;

pub use fingerprint::Fingerprint;
pub use mentions::mentioned;
pub use pieces::pieces;
pub use protect::{Protected, protect, protect_within};

use segments::segments;

/// Most bytes of text that one request to Amazon Translate may hold (its quota for real-time translation; security G3).
pub const REQUEST_BYTES: usize = 10_000;

/// Whether there is anything to translate: not in a text of only emoji, numbers, punctuation, links, mentions and code.
pub fn needs_translation(text: &str) -> bool {
    segments(text).iter().any(|segment| !segment.kept && segment.text.chars().any(is_letter))
}

/// A letter of a word. Circled and squared letters are alphabetic in Unicode, but used as emoji (🅱, Ⓜ, ℹ).
fn is_letter(character: char) -> bool {
    character.is_alphabetic() && !matches!(character, '\u{2139}' | '\u{24B6}'..='\u{24E9}' | '\u{1F100}'..='\u{1F1FF}')
}

/// The words alone: every kept part is replaced by a space.
pub(crate) fn prose(text: &str) -> String {
    segments(text).iter().map(|segment| if segment.kept { " " } else { segment.text }).collect()
}

/// The translator's answer if it can be a translation of the source; it is untrusted text (security H5).
///
/// Refused, so that the original is shown: an answer without anything visible, and one of more than ten times the
/// source's characters and 200. Control characters that the source does not have are dropped.
pub fn accept(source: &str, answer: &str) -> Option<String> {
    let allowed = |character: &char| {
        !character.is_control() || matches!(character, '\n' | '\r' | '\t') || source.contains(*character)
    };
    let text: String = answer.chars().filter(allowed).collect();
    let longest = source.chars().count().saturating_mul(10).saturating_add(200);
    (!text.trim().is_empty() && text.chars().nth(longest).is_none()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_need_translation_and_signs_do_not() {
        for text in ["Hello", "¿?  sí", "你好", "see https://example.com", "@ana look", "I ❤️ it", "`x` is wrong", "K"]
        {
            assert!(needs_translation(text), "{text}");
        }
        for text in [
            "",
            "  \n",
            "👍🏽👩‍👩‍👧",
            "🇪🇸🇲🇽",
            "🅱️🅰️ Ⓜ️ ℹ️",
            "12:30 - 14,5 €",
            "?!…",
            "https://example.com/a?b=c",
            "www.example.com, example.com/path!",
            "@ana @bob.smith",
            "ana@example.com",
            "`let x = 1;`",
            "```\nfn main() {}\n```",
            ":D xD :-P <3",
            "@ana 👍 https://example.com 100%",
        ] {
            assert!(!needs_translation(text), "{text}");
        }
    }

    #[test]
    fn refuses_answers_that_cannot_be_right() {
        assert_eq!(accept("Hello", "Hola").as_deref(), Some("Hola"));
        assert_eq!(accept("Hello", " \n"), None);
        assert_eq!(accept("Hello", "\u{0}"), None);
        assert_eq!(accept("Hello", &"a".repeat(250)).map(|text| text.len()), Some(250));
        assert_eq!(accept("Hello", &"a".repeat(251)), None);
        assert_eq!(accept("a\u{1b}b", "c\u{1b}d\u{7}\n").as_deref(), Some("c\u{1b}d\n"));
    }
}
