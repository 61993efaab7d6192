//! The documents under `docs/api` against the types, the template and themselves.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod agreement;
mod examples;

use std::sync::LazyLock;

use describe::Documents;

/// As they would be written now.
static DOCUMENTS: LazyLock<Documents> =
    LazyLock::new(|| describe::documents(&describe::repository()).unwrap_or_else(|error| panic!("{error}")));

#[test]
fn the_documents_are_up_to_date() {
    for (path, text) in DOCUMENTS.files() {
        let kept = std::fs::read_to_string(describe::repository().join(path)).unwrap_or_default();
        assert!(kept == text, "{path} is stale: run `cargo run -p describe`");
    }
}
