//! One name, everywhere: a function is a row of the template, a module, a binary, a contract test and an entry of the
//! API description, and none of these exists alone.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use describe::Kind;
use gateway::model::HttpRoute;

use crate::support::{application, root};

fn names() -> BTreeSet<String> {
    functions::NAMES.iter().map(|name| (*name).to_owned()).collect()
}

/// `ws-message-send` is `ws/message_send`.
fn place(name: &str) -> String {
    let (group, rest) = name.split_once('-').expect("a group and a name");
    format!("{group}/{}", rest.replace('-', "_"))
}

/// The functions that have a file in a folder of groups.
fn in_folder(folder: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for group in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()) {
        let group_name = group.file_name().unwrap().to_str().unwrap().to_owned();
        for file in fs::read_dir(&group).unwrap().map(|entry| entry.unwrap().path()) {
            let name = file.file_stem().unwrap().to_str().unwrap().replace('_', "-");
            if name != "mod" && file.extension().is_some_and(|end| end == "rs") {
                found.insert(format!("{group_name}-{name}"));
            }
        }
    }
    found
}

#[test]
fn names_are_sorted_and_unique() {
    assert!(functions::NAMES.is_sorted_by(|one, next| one < next));
}

#[test]
fn every_function_is_in_the_template_under_its_name_and_nothing_else_is() {
    let application = application();
    let mut declared = BTreeSet::new();
    for function in application.functions.values() {
        let name = function.code.file_name().unwrap().to_str().unwrap().to_owned();
        let pascal: String =
            name.split('-').map(|word| word[..1].to_uppercase() + &word[1..]).chain(["Function".to_owned()]).collect();
        assert_eq!(function.logical_id, pascal);
        assert!(function.code.ends_with(format!("target/lambda/{name}")), "{}", function.code.display());
        assert!(function.name.ends_with(&name), "{}", function.name);
        declared.insert(name);
    }
    assert_eq!(declared, names());
}

/// One file of variables does for all of them (`cargo lambda watch --env-file`).
#[test]
fn a_setting_has_the_same_value_for_every_function() {
    let application = application();
    let mut values = BTreeMap::new();
    for function in application.functions.values() {
        for (name, value) in &function.environment {
            assert_eq!(values.entry(name).or_insert(value), &value, "{name} of {}", function.logical_id);
        }
    }
    assert!(values.len() > 10);
}

#[test]
fn every_function_has_a_module_and_every_module_is_a_function() {
    assert_eq!(in_folder(&root().join("functions/src")), names());
}

#[test]
fn every_function_has_a_contract_test_and_every_contract_test_a_function() {
    let mut tested = in_folder(&root().join("functions/tests"));
    // Of no function alone: what tests stand on, and what is tested across all functions.
    tested.retain(|name| !["support-", "authorisation-", "security-"].iter().any(|folder| name.starts_with(folder)));
    assert_eq!(tested, names());
    for name in names() {
        let file = root().join("functions/tests").join(place(&name)).with_extension("rs");
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.contains("#[tokio::test]"), "{name}: a contract test that tests nothing");
    }
}

#[test]
fn every_function_has_a_binary_of_its_own_that_runs_its_handler() {
    let manifest = fs::read_to_string(root().join("functions/bin/Cargo.toml")).unwrap();
    let listed: BTreeSet<String> =
        manifest.split("[[bin]]").skip(1).map(|bin| bin.split('"').nth(1).unwrap().to_owned()).collect();
    assert_eq!(listed, names());
    for name in names() {
        let text = fs::read_to_string(root().join(format!("functions/bin/{name}.rs"))).unwrap();
        let handler = format!("functions::{}::handle", place(&name).replace('/', "::"));
        assert!(text.contains(&handler), "{name}: {text}");
        assert!(text.starts_with(&format!("//! The deployed binary of `{name}`.")), "{name}");
    }
}

#[test]
fn every_module_begins_with_the_route_it_answers_to() {
    let application = application();
    let function = |id: &str| application.functions[id].code.file_name().unwrap().to_str().unwrap().to_owned();
    let mut routes: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for api in application.http_apis.values() {
        for route in &api.routes {
            let key = if route.method == "$default" { "$default (HTTP)".to_owned() } else { HttpRoute::key(route) };
            routes.entry(function(&route.function)).or_default().insert(key);
        }
    }
    for api in application.websocket_apis.values() {
        for (key, route) in &api.routes {
            let key = if key == "$default" { "$default (socket)".to_owned() } else { key.clone() };
            routes.entry(function(&route.function)).or_default().insert(key);
        }
        let authorizer = api.authorizer.as_ref().expect("connections need a token");
        routes.entry(function(&authorizer.function)).or_default().insert("$connect authorizer".to_owned());
    }
    // What other functions invoke has no route, and says so.
    for id in application.functions.keys() {
        routes.entry(function(id)).or_insert_with(|| BTreeSet::from(["no route".to_owned()]));
    }
    assert_eq!(routes.keys().cloned().collect::<BTreeSet<_>>(), names(), "a function without a route, or the reverse");
    for (name, keys) in routes {
        let file = root().join("functions/src").join(place(&name)).with_extension("rs");
        let text = fs::read_to_string(&file).unwrap();
        let first = text.lines().next().unwrap();
        let said = first.strip_prefix("//! ").unwrap();
        assert!(keys.iter().any(|key| said.starts_with(&format!("{key}: "))), "{name}: {first} but {keys:?}");
    }
}

#[test]
fn every_action_is_known_in_the_older_envelope_too() {
    let table = fs::read_to_string(root().join("functions/src/ws/default.rs")).unwrap();
    for api in application().websocket_apis.values() {
        for key in api.routes.keys().filter(|key| !key.starts_with('$')) {
            assert!(table.contains(&format!("\"{key}\" ")), "{key} is not dispatched by ws-default");
        }
    }
}

#[test]
fn every_function_is_in_the_api_description_with_its_route() {
    let described: BTreeSet<String> =
        describe::operations().into_iter().map(|operation| operation.function.to_owned()).collect();
    assert_eq!(described, names());
    let application = application();
    let routes: BTreeSet<String> = application
        .http_apis
        .values()
        .flat_map(|api| &api.routes)
        .filter(|route| route.method != "$default")
        .map(HttpRoute::key)
        .collect();
    let described: BTreeSet<String> = describe::operations()
        .into_iter()
        .filter_map(|operation| match operation.kind {
            Kind::Http { method, path } => Some(format!("{method} {path}")),
            _ => None,
        })
        .filter(|key| !key.contains("$default"))
        .collect();
    assert_eq!(described, routes);
}

#[test]
fn every_key_of_the_table_is_in_the_data_model() {
    let source = fs::read_to_string(root().join("crates/store/src/keys.rs")).unwrap();
    let constructors: BTreeSet<&str> = source
        .lines()
        .filter(|line| line.starts_with("pub fn ") && line.contains("-> Key"))
        .map(|line| line["pub fn ".len()..].split('(').next().unwrap())
        .collect();
    assert!(constructors.len() > 10);
    let model = fs::read_to_string(root().join("docs/data-model.md")).unwrap();
    let listed: BTreeSet<&str> = model
        .lines()
        .skip_while(|line| !line.starts_with("| `"))
        .map_while(|line| line.strip_prefix("| `")?.split_once("` |"))
        .map(|(name, _)| name)
        .collect();
    assert!(constructors.is_subset(&listed), "{constructors:?} are not all among {listed:?}");
    for name in listed {
        assert!(source.contains(&format!("pub fn {name}(")), "{name} is no key");
    }
}
