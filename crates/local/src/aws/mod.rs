//! The AWS services that functions call, embedded: each listens on its own loopback port and can be started alone.
//!
//! All of them sit behind one thin layer ([`account`]) that knows who calls by access key, and notes which IAM action
//! was used on which resource, so that a test can compare what a function does with what its policy allows.

pub mod account;
pub mod dynamodb;
pub mod elsewhere;
pub mod endpoint;
mod protocol;
pub mod s3;
pub mod sdk;
pub mod secrets_manager;
pub mod stand_in_sns;
pub mod translate;

pub use account::{AccessKey, Account, Capacity, Permission, Usage};
pub use elsewhere::Elsewhere;
pub use endpoint::Endpoint;
