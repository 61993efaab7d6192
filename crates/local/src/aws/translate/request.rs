//! Requests to Amazon Translate, checked as the service checks them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use super::fault::Fault;
use super::languages::LANGUAGES;

/// Longest text, in bytes of UTF-8.
pub(super) const MAX_TEXT: usize = 10_000;

/// `TranslateText`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct TranslateText {
    pub(super) text: String,
    /// A code of two to five characters, or `auto`.
    pub(super) source: String,
    pub(super) target: String,
    /// As given; every setting counts as applied.
    pub(super) settings: Option<Value>,
}

const SETTINGS: [(&str, &[&str]); 3] =
    [("Formality", &["FORMAL", "INFORMAL"]), ("Profanity", &["MASK"]), ("Brevity", &["ON"])];

impl TranslateText {
    pub(super) fn parse(input: &Value) -> Result<Self, Fault> {
        let text = required(input, "Text")?;
        if text.is_empty() {
            return Err(Fault::InvalidRequest("Text must have at least one character.".to_owned()));
        }
        if text.len() > MAX_TEXT {
            return Err(Fault::TextSizeLimitExceeded(text.len()));
        }
        let source = code(input, "SourceLanguageCode")?;
        let target = code(input, "TargetLanguageCode")?;
        let settings = settings(&input["Settings"])?;
        terminologies(&input["TerminologyNames"])?;
        Ok(Self { text: text.to_owned(), source: source.to_owned(), target: target.to_owned(), settings })
    }
}

fn required<'a>(input: &'a Value, member: &str) -> Result<&'a str, Fault> {
    input[member].as_str().ok_or_else(|| Fault::InvalidRequest(format!("{member} must be given, as a string.")))
}

fn code<'a>(input: &'a Value, member: &str) -> Result<&'a str, Fault> {
    let code = required(input, member)?;
    if (2..=5).contains(&code.chars().count()) {
        Ok(code)
    } else {
        Err(Fault::InvalidRequest(format!("{member} must have two to five characters.")))
    }
}

fn settings(given: &Value) -> Result<Option<Value>, Fault> {
    let settings = match given {
        Value::Null => return Ok(None),
        Value::Object(settings) => settings,
        _ => return Err(Fault::InvalidRequest("Settings must be an object.".to_owned())),
    };
    let mut applied = Map::new();
    for (name, values) in SETTINGS {
        match settings.get(name) {
            None | Some(Value::Null) => {}
            Some(Value::String(value)) if values.contains(&value.as_str()) => {
                applied.insert(name.to_owned(), value.clone().into());
            }
            Some(_) => {
                return Err(Fault::InvalidRequest(format!("{name} must be one of: {}.", values.join(", "))));
            }
        }
    }
    Ok((!applied.is_empty()).then_some(Value::Object(applied)))
}

fn terminologies(given: &Value) -> Result<(), Fault> {
    let names = match given {
        Value::Null => return Ok(()),
        Value::Array(names) => names,
        _ => return Err(Fault::InvalidRequest("TerminologyNames must be a list.".to_owned())),
    };
    match names.as_slice() {
        [] => Ok(()),
        [Value::String(name)] => Err(Fault::ResourceNotFound(format!("There is no terminology {name}."))),
        _ => Err(Fault::InvalidRequest("TerminologyNames must hold one name.".to_owned())),
    }
}

/// `ListLanguages`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ListLanguages {
    display: String,
    max_results: usize,
    /// Where `NextToken` goes on.
    start: usize,
}

const DISPLAY: [&str; 10] = ["de", "en", "es", "fr", "it", "ja", "ko", "pt", "zh", "zh-TW"];

impl ListLanguages {
    pub(super) fn parse(input: &Value) -> Result<Self, Fault> {
        let display = match &input["DisplayLanguageCode"] {
            Value::Null => "en",
            Value::String(code) if DISPLAY.contains(&code.as_str()) => code,
            Value::String(code) => return Err(Fault::UnsupportedDisplayLanguage(code.clone())),
            _ => return Err(Fault::InvalidParameterValue("DisplayLanguageCode must be a string.".to_owned())),
        };
        let max_results = match &input["MaxResults"] {
            Value::Null => LANGUAGES.len(),
            value => match value.as_u64().and_then(|count| usize::try_from(count).ok()) {
                Some(count @ 1..=500) => count,
                _ => return Err(Fault::InvalidParameterValue("MaxResults must be from 1 to 500.".to_owned())),
            },
        };
        let start = match &input["NextToken"] {
            Value::Null => 0,
            token => token
                .as_str()
                .and_then(|token| String::from_utf8(URL_SAFE_NO_PAD.decode(token).ok()?).ok())
                .and_then(|start| start.parse().ok())
                .filter(|start| *start < LANGUAGES.len())
                .ok_or_else(|| Fault::InvalidParameterValue("NextToken is not one of this service.".to_owned()))?,
        };
        Ok(Self { display: display.to_owned(), max_results, start })
    }

    pub(super) fn answer(&self) -> Value {
        let end = LANGUAGES.len().min(self.start + self.max_results);
        let languages: Vec<_> = LANGUAGES[self.start..end]
            .iter()
            .map(|language| json!({ "LanguageName": language.name, "LanguageCode": language.code }))
            .collect();
        let mut answer = json!({ "Languages": languages, "DisplayLanguageCode": self.display });
        if end < LANGUAGES.len() {
            answer["NextToken"] = URL_SAFE_NO_PAD.encode(end.to_string()).into();
        }
        answer
    }
}
