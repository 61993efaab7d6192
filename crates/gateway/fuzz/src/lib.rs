//! What is fuzzed. Each `run` takes the bytes of one input, passes them through a pure part of the gateway as the shell
//! does, and panics when that panics or says something it must not say.
//!
//! The fuzzer calls them (`../fuzz_targets`), and so does the test `arbitrary` of the gateway: with the corpus, and with
//! inputs of its own making. Inputs are text as far as the thing is text, so that a corpus can be read.

pub mod frames;
pub mod management;
pub mod message;
pub mod pattern;
pub mod reply;
pub mod request;
pub mod sample;
pub mod schedule;
pub mod template;
pub mod velocity;

/// A target's name and what it does with an input.
pub type Target = (&'static str, fn(&[u8]));

/// Every target.
pub const TARGETS: [Target; 8] = [
    ("frames", frames::run),
    ("management", management::run),
    ("pattern", pattern::run),
    ("reply", reply::run),
    ("request", request::run),
    ("schedule", schedule::run),
    ("template", template::run),
    ("velocity", velocity::run),
];
