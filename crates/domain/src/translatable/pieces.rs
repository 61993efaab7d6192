//! Long texts in pieces.

use unicode_segmentation::UnicodeSegmentation;

use super::segments::segments;

/// Cuts a text into pieces of at most `max_bytes`, which joined are the text: between sentences where possible, else
/// between words, else between what a reader takes for characters (extended grapheme clusters), and only inside such a one
/// when it is larger than a piece. Links, mentions and code are cut only when they are larger than a piece.
///
/// A limit under 4 bytes counts as 4, the largest character.
pub fn pieces(text: &str, max_bytes: usize) -> Vec<&str> {
    let max_bytes = max_bytes.max(4);
    let mut found = Vec::new();
    let mut rest = text;
    while rest.len() > max_bytes {
        let (piece, after) = rest.split_at(cut(rest, max_bytes));
        found.push(piece);
        rest = after;
    }
    if !rest.is_empty() {
        found.push(rest);
    }
    found
}

/// Where to cut: over 0 and at most `max_bytes`, which the text is longer than.
fn cut(text: &str, max_bytes: usize) -> usize {
    let end = text.floor_char_boundary(max_bytes);
    // One character more, to see whether there is a border at the very end.
    let window = &text[..text.ceil_char_boundary(end + 1)];
    let last = |borders: &mut dyn Iterator<Item = (usize, &str)>| {
        borders.map(|(at, _)| at).filter(|at| *at > 0 && *at <= end).last()
    };
    let at = last(&mut window.split_sentence_bound_indices())
        .or_else(|| last(&mut window.split_word_bound_indices()))
        .or_else(|| last(&mut window.grapheme_indices(true)))
        .unwrap_or(end);
    before_kept(text, at)
}

/// The same place, or the start of the kept part that it lies in.
fn before_kept(text: &str, at: usize) -> usize {
    let mut start = 0;
    for segment in segments(text) {
        let end = start + segment.text.len();
        if start < at && at < end {
            return if segment.kept && start > 0 { start } else { at };
        }
        start = end;
    }
    at
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn cuts_between_sentences_then_words_then_characters() {
        assert_eq!(pieces("One two. Three four. Five.", 15), ["One two. ", "Three four. ", "Five."]);
        assert_eq!(pieces("one two three", 9), ["one two ", "three"]);
        assert_eq!(pieces("aaaaaaaaaa", 4), ["aaaa", "aaaa", "aa"]);
        assert_eq!(pieces("今日は。元気ですか。", 15), ["今日は。", "元気ですか", "。"]);
        assert!(pieces("", 10).is_empty());
    }

    #[test]
    fn keeps_characters_and_links_whole() {
        assert_eq!(pieces("ne\u{301}e\u{301}", 5), ["ne\u{301}", "e\u{301}"]);
        assert_eq!(pieces("see https://example.com/a.b ok", 29), ["see https://example.com/a.b ", "ok"]);
        assert_eq!(pieces("see https://example.com/a.b ok", 20), ["see ", "https://example.com/", "a.b ok"]);
    }

    proptest! {
        #[test]
        fn joined_they_are_the_text(text in r"([A-Za-zé語👩‍👧. !?\n]|https://x\.yz|`a b`|e\x{301}){0,60}", max in 0usize..40) {
            let found = pieces(&text, max);
            prop_assert_eq!(found.concat(), text.clone());
            prop_assert!(found.iter().all(|piece| !piece.is_empty() && piece.len() <= max.max(4)));
        }
    }
}
