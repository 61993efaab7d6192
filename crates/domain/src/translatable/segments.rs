//! The parts of a text that stay as they are in every language: links, addresses, mentions, code, emoticons.

/// A stretch of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Segment<'a> {
    pub(super) text: &'a str,
    /// Whether it stays as it is.
    pub(super) kept: bool,
}

/// The text in order and without gaps; no two neighbours are both words.
pub(super) fn segments(text: &str) -> Vec<Segment<'_>> {
    let mut found = Vec::new();
    let mut words_from = 0;
    let mut at = 0;
    let mut previous = None;
    while let Some(character) = text[at..].chars().next() {
        let length = kept_length(&text[at..], character, previous);
        if length == 0 {
            at += character.len_utf8();
            previous = Some(character);
            continue;
        }
        if words_from < at {
            found.push(Segment { text: &text[words_from..at], kept: false });
        }
        let kept = &text[at..at + length];
        found.push(Segment { text: kept, kept: true });
        at += length;
        words_from = at;
        previous = kept.chars().next_back();
    }
    if words_from < text.len() {
        found.push(Segment { text: &text[words_from..], kept: false });
    }
    found
}

/// Bytes at the start of `text` that are kept; 0 if none. `previous` is the character before.
fn kept_length(text: &str, first: char, previous: Option<char>) -> usize {
    if first == '`' {
        return code(text);
    }
    if previous.is_none_or(char::is_whitespace) {
        let token = text.split(char::is_whitespace).next().unwrap_or_default();
        if EMOTICONS.contains(&token) {
            return token.len();
        }
    }
    // Not only whitespace may come before: in Chinese and Japanese, a mention follows a word without a space.
    if previous.is_some_and(|before| is_word(before) || "@.-+%/".contains(before)) {
        return 0;
    }
    if first == '@' {
        return mention(text);
    }
    if !first.is_ascii_alphanumeric() {
        return 0;
    }
    [link, mail, domain].into_iter().map(|kind| kind(text)).find(|length| *length > 0).unwrap_or(0)
}

const EMOTICONS: [&str; 24] = [
    ":D", ":-D", ";D", "=D", "xD", "XD", ":P", ":-P", ":p", ":-p", ";P", ";-P", "xP", "XP", ":O", ":-O", ":o", ":-o",
    ":S", ":-S", ":x", ":X", "<3", "</3",
];

fn is_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_'
}

/// Code between equal runs of backticks, as in Markdown; less than three of them span one line only.
fn code(text: &str) -> usize {
    let run = run_of_backticks(text);
    let mut at = run;
    while let Some(skipped) = text[at..].find('`') {
        at += skipped;
        let closing = run_of_backticks(&text[at..]);
        if closing == run {
            let inside = &text[run..at];
            let whole = !inside.trim().is_empty() && (run >= 3 || !inside.contains('\n'));
            return if whole { at + run } else { 0 };
        }
        at += closing;
    }
    0
}

fn run_of_backticks(text: &str) -> usize {
    text.bytes().take_while(|byte| *byte == b'`').count()
}

/// `@` and a username: letters of any script and digits, with dots, dashes and underscores inside. A name that starts in
/// a script that sets spaces ends where one that sets none begins: `@ana你好` mentions `@ana`.
fn mention(text: &str) -> usize {
    let name = &text[1..];
    let Some(first) = name.chars().next().filter(|first| first.is_alphanumeric() || *first == '_') else { return 0 };
    let ends = |character: char| {
        !(character.is_alphanumeric() || "._-".contains(character)) || (!is_spaceless(first) && is_spaceless(character))
    };
    1 + name.split(ends).next().unwrap_or_default().trim_end_matches(['.', '-']).len()
}

/// Thai, Lao, Khmer, kana and Han: written without spaces between words.
fn is_spaceless(character: char) -> bool {
    matches!(character, '\u{0E00}'..='\u{0EFF}' | '\u{1780}'..='\u{17FF}' | '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}')
}

/// A scheme or `www.` and what follows up to whitespace, without the punctuation of the sentence around it.
fn link(text: &str) -> usize {
    let scheme = text.bytes().take(20).take_while(|byte| byte.is_ascii_alphanumeric() || b"+.-".contains(byte)).count();
    let rest = &text[scheme..];
    let named = text[..scheme].to_ascii_lowercase();
    let start = if rest.starts_with("://") {
        scheme + 3
    } else if rest.starts_with(':') && ["mailto", "tel"].contains(&named.as_str()) {
        scheme + 1
    } else if named.starts_with("www.") {
        4
    } else {
        return 0;
    };
    let end = start + extent(&text[start..]);
    if end > start { end } else { 0 }
}

/// Bytes of an address up to whitespace, quotes or the punctuation of scripts that set no space after it.
fn extent(text: &str) -> usize {
    let stop = |character: char| {
        character.is_whitespace()
            || matches!(character, '<' | '>' | '"' | '`' | '«' | '»' | '“' | '”' | '\u{3000}'..='\u{303F}' | '\u{FF00}'..='\u{FF0F}' | '\u{FF1A}'..='\u{FF1F}')
    };
    let mut address = text.split(stop).next().unwrap_or_default();
    while let Some(last) = address.chars().next_back() {
        let closes = match last {
            ')' => Some('('),
            ']' => Some('['),
            '}' => Some('{'),
            _ => None,
        };
        let outside = match closes {
            Some(open) => address.matches(last).count() > address.matches(open).count(),
            None => matches!(last, '.' | ',' | ';' | ':' | '!' | '?' | '\'' | '*' | '_' | '~' | '…' | '’' | '‘'),
        };
        if !outside {
            break;
        }
        address = &address[..address.len() - last.len_utf8()];
    }
    address.len()
}

/// An e-mail address; the local part has at most 64 characters (RFC 5321).
fn mail(text: &str) -> usize {
    let local =
        text.bytes().take(65).take_while(|byte| byte.is_ascii_alphanumeric() || b"._%+-".contains(byte)).count();
    if local > 64 || !text[local..].starts_with('@') {
        return 0;
    }
    let host = host(&text[local + 1..]);
    if text[local + 1..][..host].contains('.') { local + 1 + host } else { 0 }
}

/// A host under a well-known top-level domain, with a path if there is one: `example.com/path`. Others are taken for two
/// sentences without a space between them.
fn domain(text: &str) -> usize {
    const WELL_KNOWN: [&str; 9] = ["com", "org", "net", "edu", "gov", "io", "app", "dev", "ai"];
    let host = host(text);
    let Some((_, top)) = text[..host].rsplit_once('.') else { return 0 };
    if !WELL_KNOWN.contains(&top.to_ascii_lowercase().as_str()) {
        return 0;
    }
    if text[host..].starts_with(['/', ':', '?', '#']) { host + extent(&text[host..]) } else { host }
}

/// Bytes of a host name: labels of letters, digits and dashes (at most 253 in all); the last is of two letters or more.
fn host(text: &str) -> usize {
    let name = text.bytes().take(253).take_while(|byte| byte.is_ascii_alphanumeric() || b".-".contains(byte)).count();
    let name = text[..name].trim_end_matches(['.', '-']);
    let top = name.rsplit('.').next().unwrap_or_default();
    let whole = name.split('.').all(|label| !label.is_empty());
    if whole && top.len() >= 2 && top.bytes().all(|byte| byte.is_ascii_alphabetic()) { name.len() } else { 0 }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn kept(text: &str) -> Vec<&str> {
        segments(text).into_iter().filter(|segment| segment.kept).map(|segment| segment.text).collect()
    }

    #[test]
    fn finds_mentions() {
        assert_eq!(kept("Hi @ana, @bob.smith. (@c_3) @-x @ @@d"), ["@ana", "@bob.smith", "@c_3"]);
        assert_eq!(kept("你好@ana你在吗 @ñandú_7"), ["@ana", "@ñandú_7"]);
        assert!(kept("a@b").is_empty());
    }

    #[test]
    fn finds_links_without_the_sentence_around_them() {
        assert_eq!(
            kept("See https://example.com/a_(b)?c=d#e, or (http://x.org/)."),
            ["https://example.com/a_(b)?c=d#e", "http://x.org/"]
        );
        assert_eq!(
            kept("www.example.com! example.com/x. Done.Start app://open/5"),
            ["www.example.com", "example.com/x", "app://open/5"]
        );
        assert_eq!(kept("看https://example.com/中文。好"), ["https://example.com/中文"]);
        assert_eq!(
            kept("mailto:a@b.example tel:+34-600 write to ana+x@mail.example.com."),
            ["mailto:a@b.example", "tel:+34-600", "ana+x@mail.example.com"]
        );
        assert!(kept("http:// and www. and 3.14 and e.g. this").is_empty());
    }

    #[test]
    fn finds_code_and_emoticons() {
        assert_eq!(kept("run `cargo run` or ``a`b`` now"), ["`cargo run`", "``a`b``"]);
        assert_eq!(kept("```rust\nfn a() {}\n``` yes"), ["```rust\nfn a() {}\n```"]);
        assert!(kept("it`s his\n it`s hers").is_empty());
        assert!(kept("`` ` ```").is_empty());
        assert_eq!(kept("nice :D I <3 it xD"), [":D", "<3", "xD"]);
        assert!(kept("key:Value").is_empty());
    }

    proptest! {
        #[test]
        fn loses_nothing(text in r"[ a-z@.:/`<>&;\n_()語é]{0,60}") {
            let found = segments(&text);
            prop_assert_eq!(found.iter().map(|segment| segment.text).collect::<String>(), text.clone());
            prop_assert!(found.iter().all(|segment| !segment.text.is_empty()));
            prop_assert!(found.windows(2).all(|pair| pair[0].kept || pair[1].kept));
        }

        #[test]
        fn kept_parts_have_no_whitespace_around_them(text in r"[ a@.:/`\n()]{0,40}|.{0,40}") {
            for segment in segments(&text).iter().filter(|segment| segment.kept) {
                prop_assert_eq!(segment.text, segment.text.trim());
            }
        }
    }
}
