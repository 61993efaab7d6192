//! Mapping templates: the part of Velocity that API Gateway's templates are made of (gateway facts W-37, W-54).
//!
//! Text; references, also quiet (`$!a`) and in braces; `#set`, `#if`, `#elseif`, `#else`, `#end`, `#foreach`, `#stop`,
//! comments, `#[[text as it is]]#`; expressions; methods of texts, lists and maps; `$input`, `$context`,
//! `$stageVariables` and `$util`. What else Velocity has (macros, includes) is refused where the template is read.
//!
//! The crates there are for Velocity are first attempts (`vtl-rs` 0.0.3, `velocity_template` 0.0.2). A template comes from
//! whoever runs the gateway, but what it is rendered with comes from clients: how deep it may be nested, how much work and
//! how much text it may make is bounded.

mod evaluate;
mod expression;
mod lookup;
mod methods;
mod operators;
mod parse;
mod reference;
mod syntax;
mod util;

use std::collections::BTreeMap;

use serde_json::Value;

use syntax::Node;

/// Bytes a rendered template may have: what a message may have (W-27).
const LARGEST: usize = 128 * 1024;
/// How deep blocks, expressions and values may be nested.
const DEEPEST: usize = 24;

/// A template, read.
#[derive(Debug, Clone, PartialEq)]
pub struct Template(Vec<Node>);

/// What a template can refer to.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'a> {
    /// `$input`: a message, or what a backend answered; empty for `$connect` and `$disconnect`.
    pub body: &'a str,
    /// The event that a function would get; its `requestContext` is `$context`, its headers and query are
    /// `$input.params`.
    pub event: &'a Value,
    /// `$stageVariables`.
    pub stage_variables: &'a BTreeMap<String, String>,
}

/// A template that cannot be rendered with what it refers to: too large, too much work, or no sense in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unrendered(pub &'static str);

impl Template {
    /// Reads a template; the error names what is not Velocity, or not supported here.
    pub fn read(text: &str) -> Result<Self, String> {
        parse::template(text).map(Self)
    }

    /// The text it makes.
    pub fn render(&self, scope: Scope<'_>) -> Result<String, Unrendered> {
        evaluate::render(&self.0, scope)
    }
}

#[cfg(test)]
mod tests;
