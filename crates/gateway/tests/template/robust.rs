//! Hostile and broken templates: always an answer, never a panic, an overflow of the stack or a long wait.

use std::fmt::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use gateway::template::{Settings, read};
use proptest::prelude::*;

use crate::support::{mistakes, try_read};

/// Values that stand where no template has them.
const ODD: &[&str] = &[
    "",
    "[]",
    "{}",
    "null",
    "'",
    "-1",
    "1e99",
    "true",
    "[[]]",
    "{ a: b }",
    "!Ref [a]",
    "!Ref ''",
    "!Sub {}",
    "!Sub []",
    "!GetAtt .",
    "!GetAtt []",
    "!If [IsProduction]",
    "!If []",
    "!Select [-1, []]",
    "!Join [[], {}]",
    "!Split ['', a]",
    "!FindInMap []",
    "${}",
    "${a",
    "!Condition x",
    "!Ref AWS::NoValue",
    "!GetAtt Table.Arn",
    "!Ref ListFunction",
    "!Base64 []",
    "<<",
    "*",
    "&a *a",
    "|",
    "- a",
];

/// The good templates there are; an included definition stands in its place.
fn fixtures() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/templates");
    let text = |path: &str| std::fs::read_to_string(folder.join(path)).unwrap();
    let definition = text("wild/openapi-definition.yaml").replace('\n', "\n        ");
    let include = "Fn::Transform: { Name: AWS::Include, Parameters: { Location: ./openapi-definition.yaml } }";
    let names = ["chat-authorizer", "chat-sam", "crud", "jwt-cognito", "lambda-authorizer", "older-format", "raw-http"];
    let wild = names.map(|name| text(&format!("wild/{name}.yaml")));
    let openapi = text("wild/openapi.yaml").replace(include, &definition);
    wild.into_iter().chain([text("sam/template.yaml"), text("raw/template.yaml"), openapi]).collect()
}

fn fixture() -> impl Strategy<Value = String> {
    prop::sample::select(fixtures())
}

#[test]
fn the_templates_are_good_before_they_are_damaged() {
    let parameters = [("PublicKeys", "a=b"), ("SigningKey", "long enough")];
    for text in fixtures() {
        let given = parameters.iter().filter(|(name, _)| text.contains(name));
        let parameters = given.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let read = try_read(&text, &Settings { parameters, ..Settings::default() });
        assert!(read.is_ok(), "{}\n{text}", read.unwrap_err());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn arbitrary_text(text in "\\PC{0,200}") {
        let _ = try_read(&text, &Settings::default());
    }

    /// A good template with a piece of it replaced by something else.
    #[test]
    fn damaged_templates(text in fixture(), start in 0_usize..6_000, length in 0_usize..60, with in "[ \\n:{}\\[\\]!&*$#'\"a-zA-Z.|>-]{0,12}") {
        let start = start % text.len();
        let end = (start + length).min(text.len());
        prop_assume!(text.is_char_boundary(start) && text.is_char_boundary(end));
        let damaged = format!("{}{with}{}", &text[..start], &text[end..]);
        let _ = try_read(&damaged, &Settings::default());
    }

    /// Any value at the place of any property.
    #[test]
    fn odd_values(text in fixture(), line in 0_usize..180, value in prop::sample::select(ODD)) {
        let line = line % text.lines().count();
        let mut changed = String::new();
        for (number, written) in text.lines().enumerate() {
            let kept = written.split_once(": ").map(|(key, _)| format!("{key}: {value}"));
            changed += kept.as_deref().filter(|_| number == line).unwrap_or(written);
            changed.push('\n');
        }
        let _ = try_read(&changed, &Settings::default());
    }
}

fn quickly(text: &str) -> Vec<String> {
    let began = Instant::now();
    let found = mistakes(text);
    assert!(began.elapsed() < Duration::from_secs(20), "took {:?}", began.elapsed());
    found
}

#[test]
fn names_in_long_chains() {
    let mut text = String::from("Resources:\n");
    for number in 0..3_000 {
        writeln!(text, "  B{number}: {{ Type: AWS::S3::Bucket, Properties: {{ BucketName: !Ref B{} }} }}", number + 1)
            .unwrap();
    }
    text += "  B3000: { Type: AWS::S3::Bucket }\n";
    let found = quickly(&text);
    assert!(found[0].contains("names refer to one another more than 32 deep"), "{}", found[0]);
}

#[test]
fn deep_values_in_deep_chains() {
    let mut text = String::from("Resources:\n");
    for number in 0..40 {
        let (open, close) = ("!Join ['', [".repeat(25), "]]".repeat(25));
        writeln!(
            text,
            "  B{number}: {{ Type: AWS::S3::Bucket, Properties: {{ BucketName: {open}!Ref B{}{close} }} }}",
            number + 1
        )
        .unwrap();
    }
    text += "  B40: { Type: AWS::S3::Bucket }\n";
    let found = quickly(&text);
    assert!(found.iter().any(|line| line.contains("values and references go more than 200 deep here")), "{found:?}");
}

#[test]
fn conditions_in_long_chains() {
    let mut text = String::from("Conditions:\n");
    for number in 0..3_000 {
        writeln!(text, "  C{number}: !Not [!Condition C{}]", number + 1).unwrap();
    }
    text += "  C3000: !Equals [a, a]\nResources:\n  T: { Type: AWS::DynamoDB::Table }\n";
    assert!(quickly(&text)[0].contains("conditions refer to one another more than 32 deep"));
}

#[test]
fn texts_that_double() {
    let mut text = String::from("Resources:\n");
    for number in 0..30 {
        let next = number + 1;
        writeln!(
            text,
            "  B{number}: {{ Type: AWS::S3::Bucket, Properties: {{ BucketName: !Sub '${{B{next}}}${{B{next}}}' }} }}"
        )
        .unwrap();
    }
    text += "  B30: { Type: AWS::S3::Bucket }\n";
    assert!(quickly(&text).iter().any(|line| line.contains("Fn::Sub makes a text of more than 262144 bytes")));
}

#[test]
fn variables_that_double() {
    let inner = (0..25).fold("x".to_owned(), |inner, _| format!("!Sub ['${{a}}${{a}}', {{ a: {inner} }}]"));
    let text = format!("Resources:\n  B: {{ Type: AWS::S3::Bucket, Properties: {{ BucketName: {inner} }} }}\n");
    assert!(quickly(&text)[0].contains("Fn::Sub makes a text of more than 262144 bytes"));
}

#[test]
fn protocols_that_ask_for_themselves() {
    let text =
        "Resources:\n  A: { Type: AWS::ApiGatewayV2::Api, Properties: { ProtocolType: !GetAtt A.ApiEndpoint } }\n";
    assert!(quickly(text).iter().any(|line| line.ends_with("circular reference: A → A")));
}

#[test]
fn a_template_of_many_mistakes() {
    let mut text = String::from("Resources:\n");
    for number in 0..5_000 {
        writeln!(text, "  B{number}: {{ Type: AWS::S3::Bucket, Properties: {{ BucketName: !Ref Missing{number} }} }}")
            .unwrap();
    }
    assert_eq!(quickly(&text).len(), 500);
}

#[test]
fn a_template_that_never_ends() {
    let errors = read(Path::new("/dev/zero"), &Settings::default()).unwrap_err().to_string();
    assert_eq!(errors, "/dev/zero:1:1: the template has more than 1048576 bytes");
}
