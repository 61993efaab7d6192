//! Apertium, if it is installed: pairs of languages, and chains of pairs.

use std::collections::{BTreeMap, VecDeque};
use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use super::super::languages::{self, LANGUAGES};
use super::super::markup::{Segment, segments};
use super::{Engine, Fault, Passage};

/// How long one pair may take for one text.
const PATIENCE: Duration = Duration::from_secs(10);
/// Most pairs in a chain: each loses something.
const LONGEST_CHAIN: usize = 3;

/// The `apertium` command and the pairs it has.
#[derive(Debug, Clone)]
pub struct Apertium {
    /// Source and target by ISO 639-3 code, and the mode that translates between them.
    modes: BTreeMap<(&'static str, &'static str), String>,
}

impl Apertium {
    /// Looks for the command and its pairs; none if it is missing or has no pairs.
    pub async fn installed() -> Option<Self> {
        let mut command = Command::new("apertium");
        command.arg("-l").stdin(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
        let output = tokio::time::timeout(PATIENCE, command.output()).await.ok()?.ok()?;
        let found = Self::with_modes(String::from_utf8_lossy(&output.stdout).lines());
        (!found.modes.is_empty()).then_some(found)
    }

    /// From lines of `apertium -l`, e.g. `eng-spa`, `es-pt`, `spa-eng_US`.
    fn with_modes<'a>(lines: impl Iterator<Item = &'a str>) -> Self {
        let mut modes = BTreeMap::new();
        for mode in lines.map(str::trim) {
            let Some((source, target)) = mode.split_once('-') else { continue };
            // A variant (`eng_US`) does for its language if the language itself is missing.
            let iso = |name: &str| Some(languages::by_any_code(name.split('_').next()?)?.iso);
            if let (Some(from), Some(to)) = (iso(source), iso(target)) {
                let plain = !mode.contains('_');
                if plain || !modes.contains_key(&(from, to)) {
                    modes.insert((from, to), mode.to_owned());
                }
            }
        }
        Self { modes }
    }

    /// The shortest chain of modes from one language to another.
    fn chain(&self, source: &'static str, target: &'static str) -> Option<Vec<&str>> {
        let mut queue = VecDeque::from([(source, Vec::new())]);
        let mut seen = vec![source];
        while let Some((at, chain)) = queue.pop_front() {
            if at == target {
                return (!chain.is_empty()).then_some(chain);
            }
            for ((_, to), mode) in self.modes.iter().filter(|((from, _), _)| *from == at) {
                if chain.len() < LONGEST_CHAIN && !seen.contains(to) {
                    seen.push(to);
                    let mut longer = chain.clone();
                    longer.push(mode.as_str());
                    queue.push_back((*to, longer));
                }
            }
        }
        None
    }
}

#[async_trait::async_trait]
impl Engine for Apertium {
    fn describe(&self) -> String {
        let pairs: Vec<_> = self.modes.keys().map(|(from, to)| format!("{from}→{to}")).collect();
        format!("Apertium ({})", pairs.join(", "))
    }

    fn sources(&self, target: &str) -> Vec<&'static str> {
        let Some(target) = languages::find(target) else { return Vec::new() };
        let able = LANGUAGES.iter().filter(|source| self.chain(source.iso, target.iso).is_some());
        able.map(|source| source.code).collect()
    }

    async fn translate(&self, passage: Passage<'_>) -> Result<String, Fault> {
        let iso = |code: &str| languages::find(code).map(|language| language.iso);
        let chain = iso(passage.source).zip(iso(passage.target)).and_then(|(from, to)| self.chain(from, to));
        let Some(chain) = chain else {
            let (source, target) = (passage.source.to_owned(), passage.target.to_owned());
            return Err(Fault::UnsupportedLanguagePair { source, target });
        };
        let mut stream = deformat(passage.text);
        for mode in chain {
            stream = run(mode, &stream).await?;
        }
        Ok(reformat(&stream))
    }
}

/// Runs one mode over text in Apertium's stream format. `-u`: no marks at unknown words.
async fn run(mode: &str, stream: &str) -> Result<String, Fault> {
    let failed = |reason: String| Fault::ServiceUnavailable(format!("apertium {mode}: {reason}"));
    let mut command = Command::new("apertium");
    command.args(["-u", "-f", "none", mode]).kill_on_drop(true);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().map_err(|error| failed(error.to_string()))?;
    let stdin = child.stdin.take();
    let feed = async {
        if let Some(mut stdin) = stdin {
            stdin.write_all(stream.as_bytes()).await?;
        }
        Ok::<_, std::io::Error>(())
    };
    let work = async { tokio::try_join!(feed, child.wait_with_output()) };
    let output = match tokio::time::timeout(PATIENCE, work).await {
        Ok(Ok(((), output))) => output,
        Ok(Err(error)) => return Err(failed(error.to_string())),
        Err(_) => return Err(failed("no answer in time".to_owned())),
    };
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(failed(output.status.to_string()))
    }
}

/// Characters that mean something in the stream format.
const SPECIAL: &str = "[]{}^$/\\@<>";
/// Ends a sentence for the taggers and is taken out again.
const FULL_STOP: &str = ".[]";

/// The stream format: text with special characters escaped, and in square brackets what passes through untouched,
/// which is line breaks and whatever is to be kept.
fn deformat(text: &str) -> String {
    let mut stream = String::with_capacity(text.len() + 16);
    for segment in segments(text) {
        match segment {
            Segment::Keep(kept) => bracket(&mut stream, kept),
            Segment::Translate(text) => {
                let mut rest = text;
                while let Some(start) = rest.find(['\n', '\r', '\t']) {
                    escape(&mut stream, &rest[..start]);
                    let end =
                        rest[start..].find(|c| !matches!(c, '\n' | '\r' | '\t')).map_or(rest.len(), |at| start + at);
                    let blanks = &rest[start..end];
                    if blanks.matches('\n').count() > 1 {
                        stream.push_str(FULL_STOP);
                    }
                    bracket(&mut stream, blanks);
                    rest = &rest[end..];
                }
                escape(&mut stream, rest);
            }
        }
    }
    stream.push_str(FULL_STOP);
    stream
}

fn bracket(stream: &mut String, untouched: &str) {
    stream.push('[');
    escape(stream, untouched);
    stream.push(']');
}

fn escape(stream: &mut String, text: &str) {
    for character in text.chars() {
        if SPECIAL.contains(character) {
            stream.push('\\');
        }
        stream.push(character);
    }
}

fn reformat(stream: &str) -> String {
    let stream = stream.replace(FULL_STOP, "").replace("[]", "");
    let mut text = String::with_capacity(stream.len());
    let mut characters = stream.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => text.extend(characters.next()),
            '[' | ']' => {}
            other => text.push(other),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn apertium(modes: &str) -> Apertium {
        Apertium::with_modes(modes.lines())
    }

    #[test]
    fn modes_are_known_by_two_or_three_letters_and_variants_come_second() {
        let apertium = apertium("  eng-spa\n  spa-eng_US\n  spa-eng\n  es-pt_BR\n  oci-cat\n  nonsense\n");
        assert_eq!(apertium.chain("spa", "eng").unwrap(), ["spa-eng"]);
        assert_eq!(apertium.chain("spa", "por").unwrap(), ["es-pt_BR"]);
        assert_eq!(apertium.sources("es"), ["en"]);
    }

    #[test]
    fn the_shortest_chain_is_found_and_long_ones_are_not() {
        let apertium = apertium("eng-spa\nspa-fra\nfra-cat\nspa-cat\ncat-ita\nita-ron\n");
        assert_eq!(apertium.chain("eng", "cat").unwrap(), ["eng-spa", "spa-cat"]);
        assert_eq!(apertium.chain("eng", "ita").unwrap(), ["eng-spa", "spa-cat", "cat-ita"]);
        assert_eq!(apertium.chain("eng", "ron"), None);
        assert_eq!(apertium.chain("cat", "eng"), None);
        assert_eq!(apertium.chain("eng", "eng"), None);
    }

    #[test]
    fn regional_variants_share_the_pairs_of_their_language() {
        let apertium = apertium("eng-spa\n");
        assert_eq!(apertium.sources("es-MX"), ["en"]);
    }

    #[test]
    fn the_stream_format_gives_back_what_went_in() {
        for text in [
            "Hello [you] {and} ^me$ 1/2 \\ @here <b>x</b>",
            "one\ntwo\n\nthree\r\n\tfour",
            r#"see <span translate="no">[a]@b</span> there"#,
            "",
            "Wait... what?",
        ] {
            assert_eq!(reformat(&deformat(text)), text);
        }
        assert_eq!(deformat("a\n\nb"), "a.[][\n\n]b.[]");
    }
}
