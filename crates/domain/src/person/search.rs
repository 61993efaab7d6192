//! Finding people by the beginning of any word of their names or address, whatever its case and accents.

use std::collections::BTreeSet;
use std::fmt;

use crate::folding::plain;
use crate::problem::Problem;

/// Characters that a phrase is kept with: more tells nobody apart.
const LONGEST: usize = 64;
/// Characters that a query has at least, and by which phrases are put together.
const SHORTEST: usize = 2;
/// Phrases of one person: they are written in one transaction with the rest of an account.
const MOST: usize = 40;

/// What somebody is found by: from the beginning of a word to the end of the name, folded, so that it begins with every
/// query that finds it. Letters, digits, single spaces and `@ . _ + - '` only, never a `#`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Phrase(String);

impl Phrase {
    /// The folded text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its first two characters: phrases that share them are kept together.
    pub fn beginning(&self) -> &str {
        beginning(&self.0)
    }
}

impl fmt::Display for Phrase {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// What somebody is looked for by: at least two characters, folded like a [`Phrase`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchQuery(String);

impl SearchQuery {
    /// Reads a query.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let query = folded(text);
        if text.chars().count() > 254 {
            return Err(Problem::new("must be at most 254 characters long"));
        }
        if query.chars().count() < SHORTEST {
            return Err(Problem::new("must have at least 2 letters or digits"));
        }
        Ok(Self(query))
    }

    /// The folded text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its first two characters.
    pub fn beginning(&self) -> &str {
        beginning(&self.0)
    }

    /// Whether this phrase is the first of somebody's that the query finds, so that they are found once.
    pub fn finds_first(&self, phrase: &str, others: impl IntoIterator<Item = impl AsRef<str>>) -> bool {
        let earlier = |other: &str| other < phrase && other.starts_with(&self.0);
        phrase.starts_with(&self.0) && !others.into_iter().any(|other| earlier(other.as_ref()))
    }
}

/// Everything somebody is found by: username, display name and address, from each of their words on. Of an address, the
/// words before the `@`: by its domain one would find everybody of one provider. A phrase that another one begins with
/// is left out, as that one is found by the same queries.
pub fn phrases(username: &str, display_name: &str, email: &str) -> BTreeSet<Phrase> {
    let name = |text: &str| from_each_word(text, text.len());
    let local = folded_fully(email).find('@').unwrap_or_default();
    let all: BTreeSet<String> = [name(&folded_fully(username)), name(&folded_fully(display_name))]
        .into_iter()
        .chain([from_each_word(&folded_fully(email), local)])
        .flatten()
        .collect();
    // In order, whatever begins with a phrase comes right after it.
    let mut kept: Vec<String> = Vec::new();
    for phrase in all {
        if kept.last().is_some_and(|last| phrase.starts_with(last)) {
            kept.pop();
        }
        kept.push(phrase);
    }
    kept.into_iter().take(MOST).map(Phrase).collect()
}

/// The text from each word on that begins before `end`.
fn from_each_word(text: &str, end: usize) -> Vec<String> {
    let mut starts = Vec::new();
    let mut inside = false;
    for (place, letter) in text.char_indices().take_while(|(place, _)| *place < end) {
        if letter.is_alphanumeric() && !inside {
            starts.push(place);
        }
        inside = letter.is_alphanumeric();
    }
    let cut = |start: usize| text[start..].chars().take(LONGEST).collect::<String>().trim_end().to_owned();
    starts.into_iter().map(cut).filter(|phrase| phrase.chars().count() >= SHORTEST).collect()
}

fn beginning(text: &str) -> &str {
    let end = text.char_indices().nth(SHORTEST).map_or(text.len(), |(place, _)| place);
    &text[..end]
}

/// Folded and cut to the length that is kept.
fn folded(text: &str) -> String {
    folded_fully(text).chars().take(LONGEST).collect::<String>().trim_end().to_owned()
}

/// Without case, accents and compatibility forms; what is neither letter nor digit nor part of an address is a space.
fn folded_fully(text: &str) -> String {
    plain(text, "@._+-'")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found_by(username: &str, display_name: &str, email: &str) -> Vec<String> {
        phrases(username, display_name, email).iter().map(ToString::to_string).collect()
    }

    fn finds(query: &str, phrases: &[String]) -> bool {
        let query = SearchQuery::parse(query).unwrap();
        phrases.iter().any(|phrase| phrase.starts_with(query.as_str()))
    }

    #[test]
    fn somebody_is_found_by_the_beginning_of_any_word() {
        let phrases = found_by("johnny_5", "José  Łukasz O'Brien", "john.smith@example.com");
        let queries =
            ["john", "JOHNNY_5", "jose", "JOSÉ ŁUK", "lukasz", "o'b", "brien", "smith@", "john.smith@example.com"];
        for query in queries {
            assert!(finds(query, &phrases), "{query}: {phrases:?}");
        }
        for query in ["ohn", "example", "com", "mith", "josé b"] {
            assert!(!finds(query, &phrases), "{query}: {phrases:?}");
        }
    }

    #[test]
    fn what_another_phrase_begins_with_is_not_kept() {
        assert_eq!(found_by("ana", "Ana", "ana@example.com"), ["ana@example.com"]);
        assert_eq!(found_by("ana", "Ana Ruiz", "x@example.com"), ["ana ruiz", "ruiz", "x@example.com"]);
    }

    #[test]
    fn spellings_of_one_word_are_one() {
        for text in ["Straße", "STRASSE", "strasse"] {
            assert_eq!(SearchQuery::parse(text).unwrap().as_str(), "strasse");
        }
        assert_eq!(SearchQuery::parse("Ｓøren").unwrap().as_str(), "soren");
        assert_eq!(SearchQuery::parse("李小龙").unwrap().beginning(), "李小");
        for text in ["", "a", " a ", "##", "é"] {
            assert!(SearchQuery::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn somebody_is_found_once() {
        let query = SearchQuery::parse("an").unwrap();
        let all = ["ana maria", "anita", "maria"];
        assert!(query.finds_first("ana maria", all));
        assert!(!query.finds_first("anita", all));
        assert!(SearchQuery::parse("ani").unwrap().finds_first("anita", all));
    }

    proptest! {
        #[test]
        fn i3_a_phrase_has_no_separator_and_its_beginnings_find_it(name in "\\PC{1,50}", at in 0_usize..50) {
            for phrase in phrases("user", &name, "user@example.com") {
                prop_assert!(!phrase.as_str().contains('#'));
                prop_assert!(phrase.as_str().starts_with(phrase.beginning()));
                let beginning: String = phrase.as_str().chars().take(at.max(2)).collect();
                if let Ok(query) = SearchQuery::parse(&beginning) {
                    prop_assert!(phrase.as_str().starts_with(query.as_str()), "{} by {}", phrase, query.as_str());
                }
            }
        }
    }
}
