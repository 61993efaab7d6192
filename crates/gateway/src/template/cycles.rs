//! Which resource depends on which, and circles in that: `CloudFormation` cannot create such a stack.

use std::collections::{BTreeMap, BTreeSet};

use super::node::Mark;
use super::stack::Stack;

/// Properties of which the SAM transform makes separate resources: what they refer to is no need of this one.
const APART: [(&str, &[&str]); 3] = [
    ("AWS::Serverless::Function", &["Events", "DeploymentPreference", "EventInvokeConfig", "FunctionUrlConfig"]),
    ("AWS::Serverless::HttpApi", STAGE),
    ("AWS::Serverless::WebSocketApi", STAGE),
];
const STAGE: &[&str] = &[
    "AccessLogSettings",
    "Auth",
    "DefaultRouteSettings",
    "Domain",
    "Routes",
    "RouteSettings",
    "StageName",
    "StageVariables",
];

pub(super) fn is_apart(kind: &str, property: &str) -> bool {
    APART.iter().any(|(apart, properties)| *apart == kind && properties.contains(&property))
}

/// For each resource, what it depends on and where it first says so.
#[derive(Default)]
pub(super) struct Edges(BTreeMap<String, BTreeMap<String, Mark>>);

impl Edges {
    pub(super) fn add(&mut self, from: &str, to: &str, at: Mark) {
        self.0.entry(from.to_owned()).or_default().entry(to.to_owned()).or_insert(at);
    }

    /// Reports each circle once, at a reference that closes it.
    pub(super) fn check(&self, stack: &Stack<'_>) {
        let mut done: BTreeSet<&str> = BTreeSet::new();
        for start in self.0.keys() {
            self.walk(start, &mut done, stack);
        }
    }

    /// Depth-first with its own stack: a template may chain more resources than the call stack has room for.
    fn walk<'e>(&'e self, start: &'e str, done: &mut BTreeSet<&'e str>, stack: &Stack<'_>) {
        let edges_of = |id: &str| self.0.get(id).into_iter().flatten();
        if done.contains(start) {
            return;
        }
        let mut path = vec![start];
        let mut pending = vec![edges_of(start)];
        while let Some(edges) = pending.last_mut() {
            let Some((to, at)) = edges.next() else {
                pending.pop();
                done.extend(path.pop());
                continue;
            };
            if let Some(position) = path.iter().position(|id| id == to) {
                let circle: Vec<&str> = path.iter().skip(position).copied().chain([to.as_str()]).collect();
                stack.report(*at, format!("circular reference: {}", circle.join(" → ")));
            } else if !done.contains(to.as_str()) {
                path.push(to);
                pending.push(edges_of(to));
            }
        }
    }
}
