//! The template, and whether it says the same as the table.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use gateway::model::{Application, TemplateErrors};
use gateway::template::Settings;

use crate::operation::{Kind, Operation};

/// Reads the template. Its keys are the deployer's to give; these open nothing.
pub(crate) fn read(path: &Path) -> Result<Application, TemplateErrors> {
    let nothing = "A".repeat(43);
    let keys = [
        ("TokenPublicKeys".to_owned(), format!("none={nothing}")),
        ("TokenSigningKey".to_owned(), format!(r#"{{"kid":"none","seed":"{nothing}"}}"#)),
    ];
    gateway::template::read(path, &Settings { parameters: BTreeMap::from(keys), ..Settings::default() })
}

/// What only one of the two has, a line each.
pub(crate) fn differences(application: &Application, described: &[Operation]) -> Vec<String> {
    let described: BTreeSet<String> = described.iter().map(|row| line(row.function, &row.kind.to_string())).collect();
    let deployed: BTreeSet<String> = deployed(application).into_iter().collect();
    let undescribed = deployed.difference(&described).map(|line| format!("{line}: not described"));
    let undeployed = described.difference(&deployed).map(|line| format!("{line}: not in the template"));
    undescribed.chain(undeployed).collect()
}

fn line(function: &str, route: &str) -> String {
    format!("{route} ({function})")
}

/// Every route of the template with the name of its function, and every function that has none.
fn deployed(application: &Application) -> Vec<String> {
    let mut routed = Vec::new();
    for api in application.http_apis.values() {
        routed.extend(api.routes.iter().map(|route| {
            let key = route.key();
            (&route.function, if key == "$default" { Kind::HttpDefault.to_string() } else { key })
        }));
    }
    for api in application.websocket_apis.values() {
        routed.extend(api.routes.iter().map(|(key, route)| {
            (&route.function, if key == "$default" { Kind::SocketDefault.to_string() } else { key.clone() })
        }));
        routed.extend(api.authorizer.iter().map(|it| (&it.function, Kind::Authorizer.to_string())));
    }
    let reached: BTreeSet<_> = routed.iter().map(|(function, _)| *function).collect();
    let idle: Vec<_> = application.functions.keys().filter(|function| !reached.contains(function)).collect();
    routed.extend(idle.into_iter().map(|function| (function, Kind::Invoked.to_string())));
    routed.into_iter().map(|(logical_id, route)| line(&name(application, logical_id), &route)).collect()
}

/// The function's name without the stack's in front.
fn name(application: &Application, logical_id: &str) -> String {
    let Some(function) = application.functions.get(logical_id) else { return logical_id.to_owned() };
    let prefix = format!("{}-", Settings::default().stack_name);
    function.name.strip_prefix(&prefix).unwrap_or(&function.name).to_owned()
}
