//! YAML (and so JSON) as a tree of located nodes.
//!
//! The short forms of CloudFormation (`!Ref x`, `!GetAtt a.b`, `!Sub …`) become their long forms here (`{Ref: x}`,
//! `{Fn::GetAtt: a.b}`), so that everything after this file knows one spelling.

use std::collections::BTreeMap;

use saphyr_parser::{Event, Parser, ScalarStyle, Span, StrInput, Tag};

use super::node::{Entry, Kind, Mark, Mistake, Node};

/// Nesting allowed in a template; `CloudFormation`'s own templates stay far below.
const MAX_DEPTH: usize = 64;
/// Nodes allowed in a template once its aliases are written out; `CloudFormation` takes templates of 1 MB.
const MAX_NODES: usize = 250_000;
/// Functions whose short form is the part after `Fn::`; `Ref` and `Condition` have no prefix.
const FUNCTIONS: [&str; 19] = [
    "And",
    "Base64",
    "Cidr",
    "Equals",
    "FindInMap",
    "GetAZs",
    "GetAtt",
    "GetStackOutput",
    "If",
    "ImportValue",
    "Join",
    "Length",
    "Not",
    "Or",
    "Select",
    "Split",
    "Sub",
    "ToJsonString",
    "Transform",
];

/// A document with what there is to say about it.
pub(crate) struct Parsed {
    pub(crate) root: Node,
    /// Unknown tags and the like.
    pub(crate) mistakes: Vec<Mistake>,
    /// Keys that stand twice: the last one counts, as it does for `sam deploy`.
    pub(crate) doubled: Vec<Mistake>,
}

/// Parses one document. A syntax error ends the reading; other mistakes are collected beside the tree.
pub(crate) fn parse(text: &str) -> Result<Parsed, Mistake> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut builder = Builder {
        events: Parser::new_from_str(text),
        anchors: BTreeMap::new(),
        nodes: 0,
        last: Mark::START,
        mistakes: Vec::new(),
        doubled: Vec::new(),
    };
    let root = builder.document()?;
    Ok(Parsed { root, mistakes: builder.mistakes, doubled: builder.doubled })
}

struct Builder<'t> {
    events: Parser<'t, StrInput<'t>>,
    /// Anchored nodes and the number of nodes each holds.
    anchors: BTreeMap<usize, (Node, usize)>,
    nodes: usize,
    last: Mark,
    mistakes: Vec<Mistake>,
    doubled: Vec<Mistake>,
}

impl<'t> Builder<'t> {
    fn document(&mut self) -> Result<Node, Mistake> {
        let mut root = None;
        loop {
            let (event, at) = self.next()?;
            match event {
                Event::StreamEnd => break,
                Event::StreamStart | Event::DocumentEnd | Event::Nothing => {}
                Event::DocumentStart(_) if root.is_some() => {
                    return Err(mistake(at, "a template is one YAML document, and a second one begins here"));
                }
                Event::DocumentStart(_) => {
                    let (event, at) = self.next()?;
                    root = Some(self.node(event, at, 0)?);
                }
                _ => return Err(mistake(at, "unexpected YAML content outside a document")),
            }
        }
        root.ok_or_else(|| mistake(Mark::START, "the template is empty"))
    }

    fn next(&mut self) -> Result<(Event<'t>, Mark), Mistake> {
        match self.events.next_event() {
            Some(Ok((event, span))) => {
                self.last = start(span);
                Ok((event, self.last))
            }
            Some(Err(error)) => {
                let at = Mark { line: error.marker().line().max(1), column: error.marker().col() + 1 };
                Err(mistake(at, format!("invalid YAML: {}", error.info())))
            }
            None => Err(mistake(self.last, "invalid YAML: the document ends too early")),
        }
    }

    /// Builds the node that begins with this event. Recursion is bounded by [`MAX_DEPTH`].
    fn node(&mut self, event: Event<'t>, at: Mark, depth: usize) -> Result<Node, Mistake> {
        self.count(1, at)?;
        if depth > MAX_DEPTH {
            return Err(mistake(at, format!("nested more than {MAX_DEPTH} levels deep")));
        }
        let before = self.nodes;
        let (node, anchor, tag) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                let plain = style == ScalarStyle::Plain;
                (Node { at, kind: Kind::Scalar { text: text.into_owned(), plain } }, anchor, tag)
            }
            Event::SequenceStart(anchor, tag) => {
                let mut items = Vec::new();
                loop {
                    let (event, at) = self.next()?;
                    if event == Event::SequenceEnd {
                        break;
                    }
                    items.push(self.node(event, at, depth + 1)?);
                }
                (Node::list(at, items), anchor, tag)
            }
            Event::MappingStart(anchor, tag) => (Node::map(at, self.mapping(depth)?), anchor, tag),
            Event::Alias(id) => {
                let Some((node, size)) = self.anchors.get(&id).cloned() else {
                    return Err(mistake(at, "this alias stands inside the value it names"));
                };
                self.count(size, at)?;
                return Ok(node);
            }
            _ => return Err(mistake(at, "invalid YAML: a value is missing")),
        };
        let node = match tag {
            Some(tag) => self.tagged(node, &tag),
            None => node,
        };
        if anchor > 0 {
            self.anchors.insert(anchor, (node.clone(), self.nodes - before + 1));
        }
        Ok(node)
    }

    fn mapping(&mut self, depth: usize) -> Result<Vec<Entry>, Mistake> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        loop {
            let (event, at) = self.next()?;
            if event == Event::MappingEnd {
                return Ok(entries);
            }
            let key = self.node(event, at, depth + 1)?;
            let (event, value_at) = self.next()?;
            let value = self.node(event, value_at, depth + 1)?;
            match key.kind {
                Kind::Scalar { text, .. } if text == "<<" => {
                    self.mistakes.push(mistake(at, "CloudFormation does not support YAML merge keys (`<<`)"));
                }
                Kind::Scalar { text, .. } => {
                    if let Some(entry) = seen.get(&text).and_then(|place| entries.get_mut(*place)) {
                        let message = format!("`{text}` stands again in line {}, and the last one counts", at.line);
                        self.doubled.push(mistake(entry.at, message));
                        *entry = Entry { key: text, at, value };
                    } else {
                        seen.insert(text.clone(), entries.len());
                        entries.push(Entry { key: text, at, value });
                    }
                }
                _ => self.mistakes.push(mistake(at, format!("a key must be a single value, not {}", key.describe()))),
            }
        }
    }

    /// Turns a tag into the long form of the function it names.
    fn tagged(&mut self, node: Node, tag: &Tag) -> Node {
        if tag.is_yaml_core_schema() {
            return match node.kind {
                Kind::Scalar { text, .. } if tag.suffix == "str" => Node::text(node.at, text),
                kind => Node { at: node.at, kind },
            };
        }
        let name = if tag.handle == "!" { tag.suffix.clone() } else { format!("{}{}", tag.handle, tag.suffix) };
        let key = match name.as_str() {
            // The "non-specific" tag: text, whatever it looks like.
            "" | "!" | "!!" => {
                return match node.kind {
                    Kind::Scalar { text, .. } => Node::text(node.at, text),
                    kind => Node { at: node.at, kind },
                };
            }
            "Ref" | "Condition" => name,
            function if FUNCTIONS.contains(&function) => format!("Fn::{function}"),
            unknown => {
                self.mistakes.push(mistake(node.at, format!("unknown function `!{unknown}`")));
                return Node::broken(node.at);
            }
        };
        let at = node.at;
        Node::map(at, vec![Entry { key, at, value: node }])
    }

    fn count(&mut self, more: usize, at: Mark) -> Result<(), Mistake> {
        self.nodes = self.nodes.saturating_add(more);
        if self.nodes > MAX_NODES {
            return Err(mistake(at, format!("the template has more than {MAX_NODES} values")));
        }
        Ok(())
    }
}

fn start(span: Span) -> Mark {
    Mark { line: span.start.line().max(1), column: span.start.col() + 1 }
}

fn mistake(at: Mark, message: impl Into<String>) -> Mistake {
    Mistake { at, message: message.into() }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use std::fmt::Write;

    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn read(text: &str) -> Node {
        let Parsed { root: node, mistakes, .. } = parse(text).unwrap();
        assert_eq!(mistakes, []);
        node
    }

    /// Every mistake as `line:column: message`.
    fn mistakes(text: &str) -> Vec<String> {
        let found = match parse(text) {
            Ok(parsed) => parsed.mistakes,
            Err(mistake) => vec![mistake],
        };
        found.into_iter().map(|m| format!("{}:{}: {}", m.at.line, m.at.column, m.message)).collect()
    }

    #[test]
    fn scalars_are_what_they_look_like() {
        let node = read("a: 1\nb: '1'\nc: 0123\nd: true\ne: ~\nf:\ng: 1.5\nh: 2012-10-17\ni: !!str 5\nj: ! 6\nk: on\n");
        let expected = json!({"a": 1, "b": "1", "c": "0123", "d": true, "e": null, "f": null, "g": 1.5,
            "h": "2012-10-17", "i": "5", "j": "6", "k": "on"});
        assert_eq!(node.to_json(), expected);
    }

    #[test]
    fn short_forms_become_long_forms() {
        let node =
            read("a: !Ref X\nb: !GetAtt X.Arn\nc: !Sub\n  - ${x}\n  - x: 1\nd: !If [c, !Ref Y, 2]\ne: !Condition C\n");
        let expected = json!({"a": {"Ref": "X"}, "b": {"Fn::GetAtt": "X.Arn"}, "c": {"Fn::Sub": ["${x}", {"x": 1}]},
            "d": {"Fn::If": ["c", {"Ref": "Y"}, 2]}, "e": {"Condition": "C"}});
        assert_eq!(node.to_json(), expected);
    }

    #[test]
    fn every_node_knows_its_line_and_column() {
        let node = read("# a comment\na:\n  b: !Ref X\n  c: [1, x]\n  d: |\n    text\n");
        let a = node.get("a").unwrap();
        let place = |node: &Node| (node.at.line, node.at.column);
        assert_eq!(place(a), (3, 3));
        assert_eq!(a.entries()[0].at, Mark { line: 3, column: 3 });
        assert_eq!(place(a.get("b").unwrap()), (3, 6));
        let Kind::List(items) = &a.get("c").unwrap().kind else { panic!("not a list") };
        assert_eq!(place(&items[1]), (4, 10));
        // A block begins where its text begins.
        assert_eq!(place(a.get("d").unwrap()), (6, 5));
    }

    #[test]
    fn json_is_yaml() {
        let node = read("{\"a\": {\"Fn::Join\": [\"\", [\"x\", {\"Ref\": \"B\"}]]}, \"n\": 5}");
        assert_eq!(node.to_json(), json!({"a": {"Fn::Join": ["", ["x", {"Ref": "B"}]]}, "n": 5}));
    }

    #[test]
    fn anchors_are_written_out() {
        assert_eq!(read("a: &x {k: 1}\nb: *x\n").to_json(), json!({"a": {"k": 1}, "b": {"k": 1}}));
    }

    #[test]
    fn the_last_of_two_keys_counts() {
        let parsed = parse("a: 1\nb:\n  x: 1\n  x: 2\na: 3\n").unwrap();
        assert_eq!(parsed.root.to_json(), json!({"a": 3, "b": {"x": 2}}));
        let told = parsed.doubled.iter().map(|told| format!("{}:{}: {}", told.at.line, told.at.column, told.message));
        let expected = [
            "3:3: `x` stands again in line 4, and the last one counts",
            "1:1: `a` stands again in line 5, and the last one counts",
        ];
        assert_eq!(told.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn mistakes_are_told_with_line_and_column() {
        let cases = [
            ("", "1:1: the template is empty"),
            ("a: !Reff x\n", "1:4: unknown function `!Reff`"),
            ("a: 1\n---\nb: 2\n", "2:1: a template is one YAML document, and a second one begins here"),
            ("a: &x 1\nb:\n  <<: *x\n", "3:3: CloudFormation does not support YAML merge keys (`<<`)"),
            ("[a]: 1\n", "1:1: a key must be a single value, not a list"),
            ("a: *x\n", "1:4: invalid YAML: while parsing node, found unknown anchor"),
            ("a: &x [*x]\n", "1:8: this alias stands inside the value it names"),
        ];
        for (text, expected) in cases {
            assert_eq!(mistakes(text), [expected], "{text:?}");
        }
    }

    #[test]
    fn a_syntax_error_has_its_place() {
        let cases = [
            ("a: 1\nb: [1, 2}\n", "2:9: invalid YAML: while parsing a flow sequence, expected ',' or ']'"),
            ("a: 1\n\tb: 2\n", "1:4: invalid YAML: while scanning a plain scalar, found a tab"),
            ("a: \"x\n", "1:4: invalid YAML: while scanning a quoted scalar, found unexpected end of stream"),
        ];
        for (text, expected) in cases {
            assert_eq!(mistakes(text), [expected], "{text:?}");
        }
    }

    #[test]
    fn deep_and_multiplied_documents_are_refused() {
        assert_eq!(mistakes(&"[".repeat(100)), ["1:66: nested more than 64 levels deep"]);
        let mut bomb = String::from("a0: &a0 [x, x]\n");
        for level in 1..40 {
            writeln!(bomb, "a{level}: &a{level} [*a{0}, *a{0}]", level - 1).unwrap();
        }
        assert_eq!(mistakes(&bomb).len(), 1);
    }

    proptest! {
        #[test]
        fn arbitrary_text_never_panics(text in "\\PC*") {
            let _ = parse(&text);
        }

        #[test]
        fn arbitrary_yaml_characters_never_panic(text in "[-\\[\\]{}:,!&*#?|>'\"%@`~ \\t\\r\\nab0<\u{0}]{0,80}") {
            let _ = parse(&text);
        }
    }
}
