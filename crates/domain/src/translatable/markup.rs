//! The little of HTML that travels to the translator and back.

/// What stands before a part that must not be translated (Amazon Translate, do-not-translate tags).
pub(super) const KEEP: &str = "<span translate=\"no\">";
/// What stands after it.
pub(super) const END: &str = "</span>";

/// Text as HTML content.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// HTML content as text: the entities that [`escape`] writes, those that engines are known to add, and numeric ones.
pub(super) fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        plain.push_str(&rest[..at]);
        rest = &rest[at..];
        let (character, length) = entity(rest).unwrap_or(('&', 1));
        plain.push(character);
        rest = &rest[length..];
    }
    plain.push_str(rest);
    plain
}

/// The character an entity at the start of `text` stands for, and the bytes it takes.
fn entity(text: &str) -> Option<(char, usize)> {
    let length = text.bytes().take(10).position(|byte| byte == b';')?;
    let name = &text[1..length];
    let character = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => '\u{a0}',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?)?
        }
    };
    Some((character, length + 1))
}

/// A stretch of an answer, as text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Stretch {
    /// Outside all tags.
    Words(String),
    /// Between our tags.
    Kept(String),
}

/// Reads an answer. Our tags are recognised however the engine respaced, requoted or recased them; a tag that lost its
/// other half is dropped. Anything else that looks like a tag is text.
pub(super) fn stretches(answer: &str) -> Vec<Stretch> {
    let mut found = Vec::new();
    let mut opened = false;
    let mut rest = answer;
    loop {
        let (text, tag, after) = next_tag(rest);
        let closed = opened && tag == Some(Tag::Close);
        let text = unescape(text);
        match found.last_mut() {
            _ if closed => found.push(Stretch::Kept(text)),
            Some(Stretch::Words(words)) => words.push_str(&text),
            _ => found.push(Stretch::Words(text)),
        }
        opened = tag == Some(Tag::Open);
        if tag.is_none() {
            return found;
        }
        rest = after;
    }
}

#[derive(Debug, PartialEq, Eq, Clone, Copy)]
enum Tag {
    Open,
    Close,
}

/// The text before the next of our tags, the tag, and what follows it.
fn next_tag(text: &str) -> (&str, Option<Tag>, &str) {
    for (at, _) in text.match_indices('<') {
        // No tag of ours is longer, even respaced.
        let Some(length) = text[at..].bytes().take(64).position(|byte| byte == b'>') else { continue };
        let inside = text[at + 1..at + length].trim();
        let tag = if let Some(name) = inside.strip_prefix('/') {
            name.trim().eq_ignore_ascii_case("span").then_some(Tag::Close)
        } else {
            let name = inside.get(..4).is_some_and(|name| name.eq_ignore_ascii_case("span"));
            (name && inside[4..].starts_with(char::is_whitespace)).then_some(Tag::Open)
        };
        if tag.is_some() {
            return (&text[..at], tag, &text[at + length + 1..]);
        }
    }
    (text, None, "")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_entities_and_leaves_the_rest() {
        assert_eq!(unescape("&lt;b&gt; &amp;amp; &#39;&#x27;&quot; &nbsp;"), "<b> &amp; ''\" \u{a0}");
        assert_eq!(unescape("AT&T; R&D & co &unknown; &#xD800; &#;"), "AT&T; R&D & co &unknown; &#xD800; &#;");
    }

    #[test]
    fn reads_tags_in_any_spelling() {
        let words = |text: &str| Stretch::Words(text.to_owned());
        let kept = |text: &str| Stretch::Kept(text.to_owned());
        assert_eq!(
            stretches("a <SPAN translate='no'>@x</span> b < span translate = no >&lt;y</ span >"),
            [words("a "), kept("@x"), words(" b "), kept("<y"), words("")]
        );
        assert_eq!(stretches("a <span translate=\"no\">@x b"), [words("a @x b")]);
        assert_eq!(stretches("a</span> <b>b</b> 1 < 2"), [words("a <b>b</b> 1 < 2")]);
    }

    proptest! {
        #[test]
        fn comes_back(text in r"[a-z&<>;#x0-9 ]{0,40}|.{0,40}") {
            prop_assert_eq!(unescape(&escape(&text)), text);
        }
    }
}
