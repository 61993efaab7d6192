//! What interpreters load before a function's code, so that the names of AWS lead here: `{apiId}.execute-api.…` (T-05).

use std::collections::BTreeMap;

use tempfile::TempDir;

use crate::model::{Application, Function};
use crate::origin;

/// The scripts, in a folder that goes with it.
#[derive(Debug)]
pub struct Preload {
    folder: TempDir,
    names: String,
    port: u16,
}

impl Preload {
    /// For the APIs of an application, which a gateway at this port serves by TLS.
    pub fn new(application: &Application, port: u16) -> std::io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("gateway-preload-").tempdir()?;
        std::fs::write(folder.path().join("names.cjs"), include_str!("preload/names.cjs"))?;
        std::fs::write(folder.path().join("sitecustomize.py"), include_str!("preload/sitecustomize.py"))?;
        let names: Vec<_> = application.api_ids().map(|id| origin::on_aws(id, &application.region)).collect();
        Ok(Self { folder, names: names.join(","), port })
    }

    /// Has an interpreted function load them, beside what its template has it load.
    pub(super) fn add(&self, function: &Function, environment: &mut BTreeMap<String, String>) {
        let set = |name: &str| environment.get(name).or_else(|| function.environment.get(name)).cloned();
        let node = format!("--require {}", self.folder.path().join("names.cjs").display());
        let options = set("NODE_OPTIONS").map_or(node.clone(), |options| format!("{options} {node}"));
        let python = self.folder.path().display();
        let path = set("PYTHONPATH").map_or(python.to_string(), |path| format!("{path}:{python}"));
        let more = [
            ("NODE_OPTIONS", options),
            ("PYTHONPATH", path),
            ("GATEWAY_NAMES", self.names.clone()),
            ("GATEWAY_PORT", self.port.to_string()),
        ];
        environment.extend(more.map(|(name, value)| (name.to_owned(), value)));
    }
}
