//! Elements with `translate="no"`, which Amazon Translate leaves exactly as they are, also within plain text.

/// A part of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Segment<'a> {
    /// To be translated.
    Translate(&'a str),
    /// To be kept, tags and all.
    Keep(&'a str),
}

/// The parts of a text, in order; together they are the text.
pub fn segments(text: &str) -> Vec<Segment<'_>> {
    let mut segments = Vec::new();
    let (mut start, mut from) = (0, 0);
    while let Some(open) = text[from..].find('<').map(|at| from + at) {
        if let Some(end) = kept_element(&text[open..]).map(|length| open + length) {
            if open > start {
                segments.push(Segment::Translate(&text[start..open]));
            }
            segments.push(Segment::Keep(&text[open..end]));
            (start, from) = (end, end);
        } else {
            from = open + 1;
        }
    }
    if start < text.len() {
        segments.push(Segment::Translate(&text[start..]));
    }
    segments
}

/// The text without what is kept, for detecting its language.
pub(super) fn translatable(text: &str) -> String {
    let parts = segments(text).into_iter().filter_map(|segment| match segment {
        Segment::Translate(text) => Some(text),
        Segment::Keep(_) => None,
    });
    parts.collect::<Vec<_>>().join(" ")
}

/// Length of the element at the start of `text`, if it is one that says `translate="no"`.
fn kept_element(text: &str) -> Option<usize> {
    let tag_end = text.find('>')?;
    let tag = &text[1..tag_end];
    let name = tag.split(|c: char| !c.is_ascii_alphanumeric()).next().filter(|name| !name.is_empty())?;
    if !tag.contains(r#"translate="no""#) && !tag.contains("translate='no'") {
        return None;
    }
    let (opening, closing) = (format!("<{name}"), format!("</{name}>"));
    let (mut depth, mut at) = (1, tag_end + 1);
    while depth > 0 {
        let close = at + text[at..].find(&closing)?;
        (depth, at) = match text[at..close].find(&opening) {
            Some(open) => (depth + 1, at + open + opening.len()),
            None => (depth - 1, close + closing.len()),
        };
    }
    Some(at)
}

#[cfg(test)]
mod tests {
    use super::Segment::{Keep, Translate};
    use super::*;

    #[test]
    fn spans_are_kept_wherever_they_stand() {
        let text = r#"Hi <span translate="no">@Ana</span>, see <code translate='no'>a<b</code>"#;
        let expected = [
            Translate("Hi "),
            Keep(r#"<span translate="no">@Ana</span>"#),
            Translate(", see "),
            Keep("<code translate='no'>a<b</code>"),
        ];
        assert_eq!(segments(text), expected);
    }

    #[test]
    fn an_element_ends_where_it_was_opened() {
        let text = r#"<span translate="no">a<span>b</span>c</span>d"#;
        assert_eq!(segments(text), [Keep(r#"<span translate="no">a<span>b</span>c</span>"#), Translate("d")]);
    }

    #[test]
    fn anything_else_is_text() {
        for text in ["1 < 2", "<b>bold</b>", r#"<span translate="no">never closed"#, "<", "a>b", "é<ü"] {
            assert_eq!(segments(text), [Translate(text)], "{text}");
        }
        assert_eq!(segments(""), []);
    }
}
