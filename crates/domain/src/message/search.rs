//! Finding messages by their words, whatever their case and accents.

use crate::folding::plain;
use crate::problem::Problem;

/// Characters that a query has at most.
const LONGEST: usize = 254;

/// What messages are looked for by: words of letters and digits. Each has to be somewhere in the text, in any order, and
/// not only at the beginning of a word: many languages put words together, or have no spaces between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextQuery(Vec<String>);

impl TextQuery {
    /// Reads a query.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        if text.chars().count() > LONGEST {
            return Err(Problem::new(format!("must be at most {LONGEST} characters long")));
        }
        let mut words: Vec<String> = plain(text, "").split(' ').map(str::to_owned).collect();
        words.retain(|word| !word.is_empty());
        words.sort_unstable();
        words.dedup();
        if words.is_empty() {
            return Err(Problem::new("must have at least one letter or digit"));
        }
        Ok(Self(words))
    }

    /// Whether every word is in the text.
    pub fn finds(&self, text: &str) -> bool {
        let text = plain(text, "");
        self.0.iter().all(|word| text.contains(word))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn finds(query: &str, text: &str) -> bool {
        TextQuery::parse(query).unwrap().finds(text)
    }

    #[test]
    fn case_accents_and_marks_between_words_are_no_difference() {
        for query in ["cafe", "CAFÉ", "cafe\u{301}", "the CAFE", "cafe, the!", "corner cafe", "o'clock 9"] {
            assert!(finds(query, "Meet me at 9 o’clock: the Café on the corner?"), "{query}");
        }
        assert!(finds("strasse", "Hauptstraße 7"));
        assert!(finds("soren", "Ｓøren"));
    }

    #[test]
    fn every_word_has_to_be_there() {
        assert!(!finds("café bar", "The café on the corner"));
        assert!(!finds("corn er", "maize"));
        assert!(!finds("a", ""));
    }

    #[test]
    fn words_are_found_within_others_and_where_there_are_no_spaces() {
        assert!(finds("tür", "Die Haustür ist offen."));
        assert!(finds("猫", "私の猫はかわいい"));
        assert!(finds("ราคา", "ขอราคาหน่อย"));
    }

    #[test]
    fn a_query_has_something_to_look_for() {
        for text in ["", "  ", "?!", "👍", "#"] {
            assert_eq!(TextQuery::parse(text), Err(Problem::new("must have at least one letter or digit")), "{text}");
        }
        assert!(TextQuery::parse(&"a".repeat(254)).is_ok());
        assert!(TextQuery::parse(&"a".repeat(255)).is_err());
    }

    proptest! {
        #[test]
        fn a_text_is_found_by_itself(text in "\\PC{1,80}") {
            if let Ok(query) = TextQuery::parse(&text) {
                prop_assert!(query.finds(&text));
            }
        }
    }
}
