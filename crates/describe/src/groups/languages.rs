//! Languages.

use wire::language::{LanguageView, LanguagesBody};

use crate::examples;
use crate::row::{Answer, Route};

const TAG: &str = "Languages";

pub(super) fn routes() -> Vec<Route> {
    vec![list()]
}

fn list() -> Route {
    Route {
        function: "languages-list",
        method: "GET",
        path: "/api/languages",
        tag: TAG,
        summary: "Every language that can be read here",
        description: "By English name.",
        signed_in: false,
        answers: vec![Answer::new(
            200,
            "The languages.",
            &LanguagesBody {
                languages: vec![LanguageView {
                    code: "es".into(),
                    name: "Spanish".into(),
                    native_name: "Español".into(),
                }],
            },
        )],
        errors: vec![examples::defect()],
        limit: "",
        ..Route::default()
    }
}
