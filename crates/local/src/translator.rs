//! Which engine stands behind Amazon Translate.

use std::sync::Arc;

use crate::aws::translate::Engine;
use crate::aws::translate::engine::{Apertium, FirstOf, LibreTranslate, LibreTranslateError};

/// What translates. Pairs of languages that it does not know come out as marked text.
#[derive(Clone)]
pub enum Translator {
    /// Apertium, if it is installed.
    Installed,
    /// A LibreTranslate server, and Apertium for what that does not know.
    LibreTranslate {
        /// Its address.
        url: String,
    },
    /// An engine of the caller's, for tests.
    Engine(Arc<dyn Engine>),
}

impl Translator {
    pub(crate) async fn engine(&self) -> Result<Arc<dyn Engine>, LibreTranslateError> {
        let apertium = async || Apertium::installed().await.map(|engine| Arc::new(engine) as Arc<dyn Engine>);
        Ok(match self {
            Self::Installed => Arc::new(FirstOf::new(apertium().await.into_iter().collect())),
            Self::LibreTranslate { url } => {
                let server: Arc<dyn Engine> = Arc::new(LibreTranslate::connect(url).await?);
                Arc::new(FirstOf::new([server].into_iter().chain(apertium().await).collect()))
            }
            Self::Engine(engine) => Arc::clone(engine),
        })
    }
}
