//! A text on its way to the translator and back.

use super::markup::{self, END, KEEP, Stretch};
use super::pieces::pieces;
use super::segments::segments;

/// A kept part longer than this many characters travels by its beginning alone: characters are what is paid for.
const SENT_CHARACTERS: usize = 32;

/// A text made ready for the translator; made by [`protect`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Protected<'a> {
    text: &'a str,
    /// The whitespace around the text, which stays here.
    before: &'a str,
    after: &'a str,
    source: String,
    parts: Vec<Part<'a>>,
}

/// A part that is not translated.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Part<'a> {
    text: &'a str,
    /// What stands for it in the source.
    sent: String,
    /// The characters around it in the text.
    before: Option<char>,
    after: Option<char>,
}

/// Makes a text ready: mentions, links, addresses, emoticons and code go between do-not-translate tags, and everything
/// else that could be taken for markup is escaped.
///
/// A text without any of that goes as it is, since tags and entities are paid for like letters.
pub fn protect(text: &str) -> Protected<'_> {
    let body = text.trim();
    let start = text.len() - text.trim_start().len();
    let (before, after) = (&text[..start], &text[start + body.len()..]);
    let stretches = segments(body);
    let mut parts: Vec<Part<'_>> = Vec::new();
    for (index, segment) in stretches.iter().enumerate().filter(|(_, segment)| segment.kept) {
        let before = index.checked_sub(1).and_then(|index| stretches[index].text.chars().next_back());
        let after = stretches.get(index + 1).and_then(|next| next.text.chars().next());
        parts.push(Part { text: segment.text, sent: shortened(segment.text), before, after });
    }
    make_distinct(&mut parts);

    let source = if parts.is_empty() && !body.contains('<') && markup::unescape(body) == body {
        body.to_owned()
    } else {
        let mut sent = parts.iter().map(|part| part.sent.as_str());
        let content = stretches.iter().map(|segment| {
            if segment.kept {
                [KEEP, &markup::escape(sent.next().unwrap_or(segment.text)), END].concat()
            } else {
                markup::escape(segment.text)
            }
        });
        content.collect()
    };
    Protected { text, before, after, source, parts }
}

/// [`protect`] in as many pieces as it takes for each source to have at most `max_bytes` (security G3), which is 500 or
/// more. The restored pieces, joined, are the translation.
pub fn protect_within(text: &str, max_bytes: usize) -> Vec<Protected<'_>> {
    let mut found = Vec::new();
    // Large code blocks need no translation: on their own they are not sent and not cut.
    let mut from = 0;
    let mut at = 0;
    for segment in segments(text) {
        let end = at + segment.text.len();
        if segment.kept && text.len() > max_bytes && segment.text.len() > max_bytes / 4 {
            fit(&text[from..at], max_bytes, &mut found);
            found.push(protect(segment.text));
            from = end;
        }
        at = end;
    }
    fit(&text[from..], max_bytes, &mut found);
    found
}

/// Adds the protected pieces of a text; halves again what grew too large by tags and entities.
fn fit<'a>(text: &'a str, max_bytes: usize, found: &mut Vec<Protected<'a>>) {
    for piece in pieces(text, max_bytes) {
        let protected = protect(piece);
        if protected.source.len() <= max_bytes || piece.len() <= 16 {
            found.push(protected);
        } else {
            fit(piece, piece.len().div_ceil(2), found);
        }
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(SENT_CHARACTERS).collect()
}

/// Two parts that begin alike, but are not the same, travel in full.
fn make_distinct(parts: &mut [Part<'_>]) {
    for index in 0..parts.len() {
        let (text, sent) = (parts[index].text, normalised(&shortened(parts[index].text)));
        if parts.iter().any(|other| other.text != text && normalised(&other.sent) == sent) {
            text.clone_into(&mut parts[index].sent);
        }
    }
}

/// What an engine leaves of a part that it was told to leave alone.
fn normalised(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

impl Protected<'_> {
    /// What to send: HTML if there is something to protect, else plain text.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The text this was made from.
    pub fn original(&self) -> &str {
        self.text
    }

    /// Whether there is anything to translate in it (see [`super::needs_translation`]).
    pub fn needs_translation(&self) -> bool {
        super::needs_translation(self.text)
    }

    /// The translation, from the translator's answer to [`Self::source`].
    ///
    /// Every kept part is in it, whatever the engine did: parts are recognised by their content, wherever they were moved
    /// to, then by their order; one that lost its tags is found in the words; one that was dropped is put back at the end
    /// (or the start, if it stood there). Spaces between words and parts are as they were.
    pub fn restore(&self, answer: &str) -> String {
        let restored = if self.parts.is_empty() {
            markup::unescape(answer)
        } else {
            let mut chunks = self.recognise(markup::stretches(answer));
            self.find_untagged(&mut chunks);
            self.put_back_dropped(&mut chunks);
            self.join(&chunks)
        };
        [self.before, restored.trim(), self.after].concat()
    }

    /// Which part each tagged stretch is.
    fn recognise(&self, stretches: Vec<Stretch>) -> Vec<Chunk> {
        let mut used = vec![false; self.parts.len()];
        let mut chunks: Vec<Chunk> = stretches
            .into_iter()
            .map(|stretch| match stretch {
                Stretch::Words(words) => Chunk::Words(words),
                Stretch::Kept(content) => match self.part_like(&content, &used) {
                    Some(index) => {
                        used[index] = true;
                        Chunk::Part(index)
                    }
                    None => Chunk::Unknown(content),
                },
            })
            .collect();
        let unused: Vec<usize> = (0..used.len()).filter(|index| !used[*index]).collect();
        let unknown = chunks.iter().filter(|chunk| matches!(chunk, Chunk::Unknown(_))).count();
        let mut by_order = if unknown == unused.len() { unused } else { Vec::new() }.into_iter();
        for chunk in &mut chunks {
            if let Chunk::Unknown(content) = chunk {
                *chunk = by_order.next().map_or_else(|| Chunk::Words(std::mem::take(content)), Chunk::Part);
            }
        }
        chunks
    }

    /// The part with this content: exactly, else but for case and spacing; one not seen yet before a repeated one.
    fn part_like(&self, content: &str, used: &[bool]) -> Option<usize> {
        let seen = normalised(content);
        let exact = |part: &Part<'_>| part.sent == content;
        let alike = |part: &Part<'_>| normalised(&part.sent) == seen;
        let find = |like: &dyn Fn(&Part<'_>) -> bool, fresh: bool| {
            self.parts.iter().enumerate().position(|(index, part)| like(part) && !(fresh && used[index]))
        };
        find(&exact, true).or_else(|| find(&alike, true)).or_else(|| find(&exact, false))
    }

    /// Finds parts among the words, for engines that drop the tags and keep what is in them.
    fn find_untagged(&self, chunks: &mut Vec<Chunk>) {
        for index in self.missing(chunks) {
            let sent = self.parts[index].sent.as_str();
            let found = chunks.iter().enumerate().find_map(|(place, chunk)| match chunk {
                Chunk::Words(words) => whole(words, sent).map(|at| (place, at)),
                _ => None,
            });
            let Some((place, at)) = found else { continue };
            if let Chunk::Words(words) = &chunks[place] {
                let (before, after) = (words[..at].to_owned(), words[at + sent.len()..].to_owned());
                chunks.splice(place..=place, [Chunk::Words(before), Chunk::Part(index), Chunk::Words(after)]);
            }
        }
    }

    fn put_back_dropped(&self, chunks: &mut Vec<Chunk>) {
        let mut leading = 0;
        for index in self.missing(chunks) {
            let space = Chunk::Words(" ".to_owned());
            if self.parts[index].before.is_none() {
                chunks.splice(leading..leading, [Chunk::Part(index), space]);
                leading += 2;
            } else {
                chunks.extend([space, Chunk::Part(index)]);
            }
        }
    }

    fn missing(&self, chunks: &[Chunk]) -> Vec<usize> {
        (0..self.parts.len()).filter(|index| !chunks.contains(&Chunk::Part(*index))).collect()
    }

    /// The text of the chunks, with spaces around parts where the original has them, and none before the punctuation that
    /// followed a part at once.
    fn join(&self, chunks: &[Chunk]) -> String {
        let mut joined = String::new();
        let mut last: Option<&Part<'_>> = None;
        for chunk in chunks {
            match chunk {
                Chunk::Words(words) | Chunk::Unknown(words) => {
                    let mut words = words.as_str();
                    if words.is_empty() {
                        continue;
                    }
                    if let Some(after) = last.take().and_then(|part| part.after) {
                        let spaceless = words.trim_start();
                        if !after.is_whitespace() && !after.is_alphanumeric() && spaceless.starts_with(after) {
                            words = spaceless;
                        } else if after.is_whitespace() && words.starts_with(char::is_alphanumeric) {
                            joined.push(after);
                        }
                    }
                    joined.push_str(words);
                }
                Chunk::Part(index) => {
                    let part = &self.parts[*index];
                    let touching = |end: char| end.is_alphanumeric() || (last.is_some() && !end.is_whitespace());
                    if let Some(space) = part.before.filter(|before| before.is_whitespace())
                        && joined.ends_with(touching)
                    {
                        joined.push(space);
                    }
                    joined.push_str(part.text);
                    last = Some(part);
                }
            }
        }
        joined
    }
}

/// A stretch of the translation.
#[derive(Debug, PartialEq, Eq)]
enum Chunk {
    Words(String),
    /// The kept part with this index.
    Part(usize),
    /// Something between our tags that is none of the parts.
    Unknown(String),
}

/// Where a word stands in a text as a whole word.
fn whole(text: &str, word: &str) -> Option<usize> {
    let in_word = |character: char| character.is_alphanumeric() || character == '_';
    let alone = |at: &usize| {
        let (before, after) = (&text[..*at], &text[at + word.len()..]);
        let longer_before = word.starts_with(in_word) && before.ends_with(in_word);
        let longer_after = word.ends_with(in_word) && after.starts_with(in_word);
        !longer_before && !longer_after
    };
    text.match_indices(word).map(|(at, _)| at).find(alone)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn plain_text_goes_as_it_is() {
        for text in ["Hello, how are you?", "Salt & pepper", "R&D > 5%", "one\ntwo"] {
            assert_eq!(protect(text).source(), text);
        }
        assert_eq!(protect("  Hello\n").source(), "Hello");
        assert_eq!(protect("  Hello\n").restore("Hola"), "  Hola\n");
        assert_eq!(protect("Salt & pepper").restore("Sal &amp; pimienta"), "Sal & pimienta");
    }

    #[test]
    fn markup_of_the_sender_is_text() {
        let protected = protect("a <b>bold</b> &amp; <script>x</script>");
        assert_eq!(protected.source(), "a &lt;b&gt;bold&lt;/b&gt; &amp;amp; &lt;script&gt;x&lt;/script&gt;");
        assert_eq!(protected.restore(protected.source()), protected.original());
        let imitation = "<span translate=\"no\">hello</span> @ana";
        assert_eq!(protect(imitation).restore(protect(imitation).source()), imitation);
    }

    #[test]
    fn parts_stay_as_they_are() {
        let protected = protect("@ana look at `x` on https://example.com/a?b=1&c=2!");
        assert_eq!(
            protected.source(),
            "<span translate=\"no\">@ana</span> look at <span translate=\"no\">`x`</span> on \
             <span translate=\"no\">https://example.com/a?b=1&amp;c=2</span>!"
        );
        let moved = "en <span translate=\"no\">https://example.com/a?b=1&amp;c=2</span> mira \
                     <span translate=\"no\">`x`</span>, <span translate=\"no\">@ana</span>";
        assert_eq!(protected.restore(moved), "en https://example.com/a?b=1&c=2 mira `x`, @ana");
    }

    #[test]
    fn survives_what_engines_do() {
        let protected = protect("Hi @ana, see (@bob) now");
        let kept = |name: &str| format!("{KEEP}{name}{END}");
        let (ana, bob) = (kept("@ana"), kept("@bob"));
        for (answer, expected) in [
            (format!("Hola{ana} , mira ({bob})ahora"), "Hola @ana, mira (@bob)ahora"),
            (format!("Hola < SPAN translate='no' > @Ana </ span >, mira ({bob})"), "Hola @ana, mira (@bob)"),
            (format!("Hola {}, mira ({})", kept("a1"), kept("b2")), "Hola @ana, mira (@bob)"),
            (format!("Hola @ana, mira ({bob}) ahora"), "Hola @ana, mira (@bob) ahora"),
            ("Hola, mira".to_owned(), "Hola, mira @ana @bob"),
            (format!("Hola {ana}, {ana}, {bob}"), "Hola @ana, @ana, @bob"),
            (format!("Hola {}, mira {ana} {bob}", kept("eh")), "Hola eh, mira @ana @bob"),
            (String::new(), "@ana @bob"),
        ] {
            assert_eq!(protected.restore(&answer), expected, "{answer}");
        }
        assert_eq!(protect("@ana come").restore("Ven"), "@ana Ven");
        assert_eq!(protect("ask @an or @ana").restore("pregunta a @ana o @an"), "pregunta a @ana o @an");
    }

    #[test]
    fn long_parts_travel_by_their_beginning() {
        let address = format!("https://example.com/{}", "a".repeat(500));
        let text = format!("see {address} please");
        let protected = protect(&text);
        assert!(protected.source().len() < 100, "{}", protected.source());
        assert_eq!(protected.restore(protected.source()), text);
        assert_eq!(protected.restore("mira"), format!("mira {address}"));

        let alike = format!("{address}b or {address}c");
        let protected = protect(&alike);
        assert_eq!(protected.restore(protected.source()), alike);
        let swapped = format!("{KEEP}{address}c{END} o {KEEP}{address}b{END}");
        assert_eq!(protected.restore(&swapped), format!("{address}c o {address}b"));
    }

    #[test]
    fn a_long_text_goes_in_requests_of_the_allowed_size() {
        let text = "Всем привет & до встречи <завтра>, @ana. ".repeat(300);
        let found = protect_within(&text, 10_000);
        assert!(found.len() > 2);
        assert!(found.iter().all(|piece| piece.source().len() <= 10_000));
        assert_eq!(found.iter().map(|piece| piece.restore(piece.source())).collect::<String>(), text);
        assert_eq!(protect_within("Hello", 10_000), [protect("Hello")]);
    }

    #[test]
    fn a_large_code_block_is_not_sent() {
        let block = format!("```\n{}\n```", "let x = 1;\n".repeat(1_500));
        let text = format!("Look:\n{block}\nWhat do you think?");
        let found = protect_within(&text, 10_000);
        let sent: Vec<&str> = found.iter().filter(|piece| piece.needs_translation()).map(Protected::source).collect();
        assert_eq!(sent, ["Look:", "What do you think?"]);
        assert_eq!(found.iter().map(Protected::original).collect::<String>(), text);
    }

    /// Texts of so many bits, of which many are kept or look like markup.
    fn chat(bits: usize) -> impl Strategy<Value = String> {
        let bit =
            r"([a-zA-Zé語 ,.!?\n]{0,8}|@[a-c]{1,2}|https://[xy]\.z/[a-b]{0,40}|`[<>&a]{1,3}`|<b>|</span>|&lt;|&| :D )";
        proptest::string::string_regex(&format!("{bit}{{0,{bits}}}")).unwrap()
    }

    proptest! {
        #[test]
        fn an_echo_is_the_original(text in chat(10)) {
            let protected = protect(&text);
            prop_assert_eq!(protected.restore(protected.source()), text.clone());
        }

        #[test]
        fn an_echo_of_anything_is_the_original(text in ".{0,80}") {
            let protected = protect(&text);
            prop_assert_eq!(protected.restore(protected.source()), text.clone());
        }

        #[test]
        fn nothing_kept_is_ever_lost(text in chat(10), answer in chat(10), cut in 0usize..200) {
            let protected = protect(&text);
            let damaged: String = protected.source().chars().skip(cut).collect();
            let reversed: String = protected.source().chars().rev().collect();
            for answer in [answer.as_str(), damaged.as_str(), reversed.as_str()] {
                let restored = protected.restore(answer);
                for part in &protected.parts {
                    prop_assert!(restored.contains(part.text), "{:?} in {:?}", part.text, restored);
                }
            }
        }

        #[test]
        fn requests_are_small_enough_and_complete(text in chat(60), max in 500usize..700) {
            let found = protect_within(&text, max);
            prop_assert!(found.iter().all(|piece| piece.source().len() <= max || !piece.needs_translation()));
            prop_assert_eq!(found.iter().map(|piece| piece.restore(piece.source())).collect::<String>(), text.clone());
        }
    }
}
