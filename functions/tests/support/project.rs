//! The project's own files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use gateway::model::Application;
use gateway::template;
use local::signing::TokenKey;

/// The folder of the workspace.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace's folder").to_owned()
}

/// The template as the gateway reads it.
pub fn application() -> Application {
    let key = TokenKey::generate().unwrap();
    let parameters = BTreeMap::from([
        ("TokenPublicKeys".to_owned(), key.public_parameter()),
        ("TokenSigningKey".to_owned(), key.signing_parameter()),
    ]);
    let settings = template::Settings { parameters, ..template::Settings::default() };
    template::read(&root().join("template.yaml"), &settings).unwrap_or_else(|errors| panic!("{errors}"))
}
