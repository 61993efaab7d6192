//! A stack's resources, resolved and turned into parts.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::node::{Entry, Mark, Mistake, Node};
use super::stack::{Declared, Outputs, Stack, located_text};
use super::{cycles, doubts, elsewhere, events, functions, http, nested, raw, schedules, similar, sources, websocket};
use crate::model::Resource;

impl Stack<'_> {
    /// Resolves every resource and output, and leaves the parts with the reader. Returns the outputs.
    pub(super) fn build(&self) -> Outputs {
        for name in self.conditions.keys() {
            self.condition(name, Mark::START);
        }
        let mut active = Vec::new();
        for declared in self.resources.iter().filter(|declared| !declared.generated) {
            self.check_dependencies(declared);
            if self.is_active(declared) {
                events::depend(self, declared);
                active.push((declared, self.resolve(declared)));
            } else {
                self.check_references(&declared.properties);
            }
        }
        self.edges.borrow().check(self);
        for (declared, properties) in &active {
            self.build_one(declared, properties);
        }
        let mut outputs = BTreeMap::new();
        for output in self.outputs.entries() {
            if let Some(value) = self.output(&output.value, &output.key, output.at) {
                outputs.insert(output.key.clone(), value);
            }
        }
        Rc::new(outputs)
    }

    /// The properties of a resource with everything in them resolved; notes what the resource depends on.
    fn resolve(&self, declared: &Declared) -> Node {
        let entries = declared.properties.entries().iter().filter_map(|entry| {
            *self.owner.borrow_mut() = (!cycles::is_apart(&declared.kind, &entry.key)).then(|| declared.id.clone());
            let value = self.evaluate(&entry.value)?;
            if doubts::matters(&declared.kind, &entry.key, &value) {
                let message =
                    format!("{}: `{}` cannot be known here, and routes may rest on it", declared.id, entry.key);
                self.reader.doubt(&self.file, Mistake { at: entry.at, message });
            }
            Some(Entry { key: entry.key.clone(), at: entry.at, value })
        });
        let resolved = Node::map(declared.properties.at, entries.collect());
        *self.owner.borrow_mut() = None;
        resolved
    }

    fn check_dependencies(&self, declared: &Declared) {
        for (name, at) in &declared.depends_on {
            if self.find(name).is_some() {
                self.edges.borrow_mut().add(&declared.id, name, *at);
            } else {
                let hint = similar::hint(name, self.resource_ids());
                self.report(*at, format!("{}: DependsOn names an unknown resource `{name}`{hint}", declared.id));
            }
        }
    }

    fn build_one(&self, declared: &Declared, properties: &Node) {
        match declared.kind.as_str() {
            "AWS::Serverless::Function" => functions::serverless(self, declared, properties),
            "AWS::Lambda::Function" => functions::lambda(self, declared, properties),
            "AWS::Serverless::HttpApi" => http::api(self, declared, properties),
            "AWS::Serverless::WebSocketApi" => websocket::api(self, declared, properties),
            kind if kind.starts_with("AWS::ApiGatewayV2::") && raw::read(self, declared, properties) => {}
            kind => {
                if nested::is_nested(kind) {
                    nested::outputs(self, &declared.id);
                }
                elsewhere::tell(self, declared);
                functions::note_role(self, declared, properties);
                match kind {
                    "AWS::Lambda::EventSourceMapping" => sources::mapping(self, declared, properties),
                    "AWS::Events::Rule" => schedules::rule(self, declared, properties),
                    "AWS::Scheduler::Schedule" => schedules::schedule(self, declared, properties),
                    _ => sources::note_polled(self, declared),
                };
                let resource = Resource {
                    kind: kind.to_owned(),
                    properties: properties.to_json(),
                    location: self.location(declared.at),
                };
                self.reader.parts.borrow_mut().resources.insert(self.full_id(&declared.id), resource);
            }
        }
    }

    fn output(&self, node: &Node, name: &str, at: Mark) -> Option<Node> {
        if let Some((condition, at)) = node.get("Condition").and_then(located_text)
            && !self.condition(&condition, at)
        {
            self.check_references(node.get("Value")?);
            return None;
        }
        let Some(value) = node.get("Value") else {
            if !node.is_broken() {
                self.report(at, format!("output `{name}` has no `Value`"));
            }
            return None;
        };
        if let Some(export) = node.get("Export") {
            self.evaluate(export);
        }
        self.evaluate(value)
    }
}
