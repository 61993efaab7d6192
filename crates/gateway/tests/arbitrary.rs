//! Whatever clients and functions send, the pure parts answer something and never panic: the targets that are fuzzed
//! (`fuzz/src`), with everything the fuzzer ever found worth keeping, and with new inputs at every run.
#![allow(clippy::disallowed_methods, reason = "a test has its own clock and environment")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(unreachable_pub, reason = "the targets are a crate of their own for the fuzzer")]

use std::fmt::Write;
use std::path::Path;

use gateway::http_api::authorizer::jwt;
use gateway::socket::select;
use proptest::prelude::*;

#[path = "../fuzz/src/lib.rs"]
mod targets;

/// Every input of the corpus, through the target it was found with.
#[test]
fn the_corpus_is_read() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    for (name, run) in targets::TARGETS {
        let mut inputs = 0;
        for input in std::fs::read_dir(corpus.join(name)).unwrap() {
            let path = input.unwrap().path();
            // Which one it was, when it fails.
            eprintln!("{}", path.display());
            run(&std::fs::read(path).unwrap());
            inputs += 1;
        }
        assert!(inputs > 0, "{name} has no corpus");
    }
}

/// Text made of the characters that mean something to one of the readers.
fn meaningful() -> impl Strategy<Value = String> {
    "[-${}\\\\./%@:=&?+a-c0-9\"\\[\\]é ]{0,60}"
}

/// Replies that are nearly right.
fn reply() -> impl Strategy<Value = Vec<u8>> {
    let field = prop_oneof![
        Just("\"statusCode\":200".to_owned()),
        Just("\"isBase64Encoded\":true".to_owned()),
        meaningful().prop_map(|text| format!("\"body\":{}", serde_json::json!(text))),
        meaningful().prop_map(|text| format!(
            "\"headers\":{{{}:{}}}",
            serde_json::json!(text),
            serde_json::json!(text)
        )),
        meaningful().prop_map(|text| format!("\"cookies\":[{}]", serde_json::json!(text))),
        meaningful().prop_map(|text| format!("\"statusCode\":{text}")),
    ];
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..80),
        proptest::collection::vec(field, 0..5).prop_map(|fields| format!("{{{}}}", fields.join(",")).into_bytes()),
    ]
}

fn headers() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec![
        "accept",
        "cookie",
        "content-type",
        "content-length",
        "content-encoding",
        "host",
        "user-agent",
        "x-forwarded-for",
        "x-amzn-trace-id",
        "x-a",
        "x-amz-date",
        "authorization",
        "connection",
        "origin",
    ]);
    let value = prop_oneof![
        meaningful(),
        Just("a=1; b=2".to_owned()),
        Just("text/plain".to_owned()),
        meaningful().prop_map(|text| format!("AWS4-HMAC-SHA256 Credential={text}")),
    ];
    proptest::collection::vec((name, value), 0..8).prop_map(|headers| {
        headers.iter().fold(String::new(), |mut text, (name, value)| {
            writeln!(text, "{name}: {value}").unwrap();
            text
        })
    })
}

/// A request as the targets read it, of parts that mean something.
fn request() -> impl Strategy<Value = Vec<u8>> {
    let encoded = |text: String| text.replace(' ', "%20").replace('"', "%22").replace('é', "%C3%A9");
    let body = proptest::collection::vec(any::<u8>(), 0..40);
    (meaningful(), meaningful(), headers(), body).prop_map(move |(path, query, headers, body)| {
        let head = format!("GET /{}?{} HTTP/1.1\n{headers}\n", encoded(path), encoded(query));
        [head.as_bytes(), &body].concat()
    })
}

/// Pieces of mapping templates, put together as they come: most are wrong, some are nearly right.
fn template() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "$a",
        "$!{a",
        "}",
        ".b",
        "[0]",
        "[$a]",
        "(",
        ")",
        "'x'",
        "\"y$a\"",
        "1",
        "-2.5",
        "..",
        "[1..9]",
        ", ",
        ": ",
        "{",
        " == ",
        " && ",
        " + ",
        "!",
        "$input.path('$')",
        "$input.json('$.a')",
        "$input.body",
        "$util.urlEncode(",
        "$context.connectionId",
        "#set($a = ",
        "#if(",
        "#elseif(",
        "#else",
        "#end",
        "#foreach($i in ",
        "$foreach.index",
        "#stop",
        "#break",
        "#[[",
        "]]#",
        "#*",
        "*#",
        "##",
        "\n",
        ".size()",
        ".add(",
        ".put('k', ",
        ".replaceAll('.', ",
        ".substring(1)",
        ".split(",
        ".keySet()",
        "é",
        "\\$",
    ]);
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn every_mapping_template_is_read(template in template(), body in reply()) {
        let body: Vec<u8> = body.into_iter().filter(|byte| *byte != b'\n').collect();
        targets::velocity::run(&[&body, &b"\n"[..], template.as_bytes()].concat());
    }

    #[test]
    fn every_request_is_an_event(
        key in prop::sample::select(vec!["$default", "ANY /{a}/{b+}", "GET /{proxy+}"]),
        request in request(),
    ) {
        targets::request::run(&[key.as_bytes(), b"\n", &request].concat());
    }

    #[test]
    fn every_call_of_a_function_is_read(
        path in prop::sample::select(vec!["", "dev/@connections/", "2015-03-31/functions/"]),
        request in request(),
    ) {
        let request = [b"GET /", path.as_bytes(), request.strip_prefix(b"GET /").unwrap()].concat();
        targets::management::run(&request);
    }

    #[test]
    fn every_reply_is_an_answer_that_can_be_written(payload in reply()) {
        targets::reply::run(&payload);
    }

    #[test]
    fn every_byte_on_a_socket_is_a_message_or_an_end(sent in proptest::collection::vec(any::<u8>(), 0..200)) {
        targets::frames::run(&sent);
    }

    #[test]
    fn every_expression_has_a_value(expression in meaningful(), body in meaningful()) {
        let _ = select::evaluate(&expression, &body);
        let _ = select::evaluate(&format!("$request.body.{expression}"), &format!("{{\"a\":{body}}}"));
    }

    #[test]
    fn every_token_is_read(token in meaningful(), set in meaningful()) {
        let _ = jwt::key_id(jwt::token(&token));
        let _ = jwt::keys(set.as_bytes());
        let _ = jwt::keys_address(set.as_bytes());
    }
}
