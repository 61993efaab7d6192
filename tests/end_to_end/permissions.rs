//! What each function really does against what its role may do, in both directions (security J5): nothing it uses is
//! missing from the template, and nothing stands there that it does not use. The contract tests hold the first direction
//! too, for every function by itself; here the whole stack is played.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use gateway::model::Application;
use local::aws::Permission;

use crate::play::{self, Stage};

/// What each function used, by its logical id.
type Used = BTreeMap<String, BTreeSet<Permission>>;

fn used(stage: &Stage) -> Used {
    let mut used = Used::new();
    for usage in stage.stack.usage() {
        used.entry(usage.caller).or_default().extend(usage.permissions);
    }
    used
}

/// What was used and is not allowed.
fn missing(application: &Application, used: &Used) -> Vec<String> {
    let acts = application.functions.iter().flat_map(|(id, function)| {
        used.get(id).into_iter().flatten().map(move |permission| (id, &function.policies, permission))
    });
    let refused = acts
        .filter(|(_, policies, Permission { action, resource })| !gateway::policy::allows(policies, action, resource));
    refused.map(|(id, _, Permission { action, resource })| format!("{id} {action} {resource}")).collect()
}

/// What is allowed and was not used, resource by resource.
fn unused(application: &Application, used: &Used) -> Vec<String> {
    let mut unused = Vec::new();
    for (id, function) in &application.functions {
        for statement in &function.policies {
            assert_eq!(statement.actions.len(), 1, "{id}: one statement for each action");
            for resource in &statement.resources {
                let alone = gateway::model::Statement { resources: vec![resource.clone()], ..statement.clone() };
                let covers = |used: &Permission| gateway::policy::covers(&alone, &used.action, &used.resource);
                if !used.get(id).is_some_and(|permissions| permissions.iter().any(covers)) {
                    unused.push(format!("{id} {} {resource}", statement.actions[0]));
                }
            }
        }
    }
    unused
}

#[tokio::test]
async fn j5_roles_allow_what_is_used_and_nothing_else() {
    let stage = Stage::start().await;
    play::everything(&stage).await;
    let application = stage.stack.application();
    // Some functions work on when everybody has got what they wait for.
    let settled = async {
        while !unused(application, &used(&stage)).is_empty() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let settled = tokio::time::timeout(testkit::PATIENCE, settled).await;
    let used = used(&stage);
    let missing = missing(application, &used);
    assert!(missing.is_empty(), "used and not allowed: {missing:#?}");
    assert!(settled.is_ok(), "allowed, and used by nothing that is played: {:#?}", unused(application, &used));
    stage.stack.stop().await;
}
