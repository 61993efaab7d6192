//! Who is mentioned in a text: `@` and a username, as the segments that no translator changes have it.

use super::segments::segments;

/// Usernames that one text mentions at most; what comes after them is words.
const MOST: usize = 50;

/// The usernames that a text mentions, folded for comparison ([`crate::person::Username::folded`]), each once, in their
/// order. Whether they are anybody's is not known here.
pub fn mentioned(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    if !text.contains('@') {
        return names;
    }
    for segment in segments(text).iter().filter(|segment| segment.kept) {
        let Some(name) = segment.text.strip_prefix('@') else { continue };
        let name = crate::folding::fold(name);
        if names.len() < MOST && !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_each_name_once_and_nothing_in_addresses_and_code() {
        assert_eq!(mentioned("@Ana, see @ben.smith and @ANA."), ["ana", "ben.smith"]);
        assert_eq!(mentioned("你好@ana你在吗"), ["ana"]);
        assert!(mentioned("ana@example.com `@ben` https://x.org/@cem @ @-").is_empty());
    }

    #[test]
    fn g3_a_text_of_nothing_but_mentions_has_so_many() {
        let names: Vec<_> = (0..100).map(|number| format!("@user{number}")).collect();
        let text = names.join(" ");
        assert_eq!(mentioned(&text).len(), MOST);
    }
}
