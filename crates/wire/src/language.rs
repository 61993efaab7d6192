//! Languages.

use domain::Language;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::schema;

/// A language that can be read here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LanguageView {
    /// Its code.
    #[schemars(with = "schema::LanguageCode")]
    pub code: String,
    /// What English calls it.
    pub name: String,
    /// What its own speakers call it.
    pub native_name: String,
}

/// Answer of `GET /api/languages`, by English name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LanguagesBody {
    /// Every language.
    pub languages: Vec<LanguageView>,
}

impl LanguagesBody {
    /// Every language that can be read here.
    pub fn all() -> Self {
        let view = |language: Language| LanguageView {
            code: language.as_str().to_owned(),
            name: language.english_name().to_owned(),
            native_name: language.native_name().to_owned(),
        };
        Self { languages: Language::all().map(view).collect() }
    }
}
