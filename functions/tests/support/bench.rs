//! The services that handlers work with, over embedded ones of this test alone.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use edge::{Environment, FromEnvironment};
use local::aws::{Permission, Usage};
use store::Table;
use testkit::Services;

/// Limits that a test would run into, and waits that it would have to sit out; those that test one set their own.
const GENEROUS: [(&str, &str); 11] = [
    ("CheckEmailPerMinute", "10000"),
    ("JoinPerMinute", "10000"),
    ("JoinFromAddressPerMinute", "10000"),
    ("ReportsPerMinute", "10000"),
    ("SignInPerMinute", "10000"),
    ("HttpPerMinute", "10000"),
    ("SocketEventsPerMinute", "10000"),
    ("MessagesPerMinute", "10000"),
    ("TranslationDeadlineMs", "400"),
    ("DepartureDelaySeconds", "0"),
    ("InspectionWaitMs", "0"),
];

/// One test's own table, sockets and translator.
pub struct Bench {
    pub services: Services,
}

impl Bench {
    /// Everything fresh: an empty table, nobody connected, nothing translated.
    pub async fn start() -> Self {
        Self::with(&[]).await
    }

    /// The same, with values for parameters of the template.
    pub async fn with(parameters: &[(&str, &str)]) -> Self {
        let all = GENEROUS.iter().chain(parameters);
        let parameters: BTreeMap<_, _> = all.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Self { services: Services::with_parameters(parameters).await }
    }

    /// What the handler of a function works with: built as in its own process, from the variables and in the name of the
    /// function that the template declares.
    pub async fn of<D: FromEnvironment>(&self, function: &str) -> D {
        let environment = Environment::new(self.services.variables(function), self.services.sdk(function));
        D::build(&environment).await.unwrap_or_else(|error| panic!("{function}: {error}"))
    }

    /// The table, in the test's own name: what it does is not counted.
    pub fn table(&self) -> Table {
        Table::new(self.services.dynamodb(), self.services.table_name())
    }

    /// Forgets what was used so far: what follows is counted alone.
    pub fn start_counting(&self) {
        self.taken();
    }

    /// What was used since, as operations with how often each, e.g. `GetItem 1, Query 2`.
    pub fn used(&self) -> String {
        let mut counts: BTreeMap<String, u32> = BTreeMap::new();
        for usage in self.taken() {
            let name = usage.operation.rsplit(':').next().unwrap_or_default().to_owned();
            *counts.entry(name).or_default() += 1;
        }
        counts.iter().map(|(name, count)| format!("{name} {count}")).collect::<Vec<_>>().join(", ")
    }

    /// What was used since it was last asked for. Whatever a function did, its role in the template allows (security J5).
    #[track_caller]
    fn taken(&self) -> Vec<Usage> {
        let usages = self.services.take_usage();
        // A signed URL acts in its function's name whoever holds it, also when it was tampered with and is refused.
        let signed = |usage: &Usage| usage.caller.ends_with("-url") && usage.operation.starts_with("s3:");
        for usage in usages.iter().filter(|usage| !signed(usage)) {
            let functions = self.services.application.functions.values();
            let mut declared = functions.filter(|function| local::processes::name(function) == Some(&usage.caller));
            let Some(function) = declared.next() else { continue };
            for Permission { action, resource } in &usage.permissions {
                let allowed = gateway::policy::allows(&function.policies, action, resource);
                assert!(allowed, "{} uses {action} on {resource}, which its role does not allow", usage.caller);
            }
        }
        usages
    }

    /// How many items the table has but for counts of use: for tests that look whether anything was written.
    pub async fn items(&self) -> usize {
        let table = self.table();
        let scan = table.client().scan().table_name(table.name()).into_paginator().items().send();
        let items: Vec<_> = scan.collect::<Result<_, _>>().await.unwrap();
        let counts = |item: &HashMap<String, AttributeValue>| {
            item["PK"].as_s().unwrap().starts_with("RATE#") || item["SK"].as_s().unwrap() == "ACCESS"
        };
        items.iter().filter(|item| !counts(item)).count()
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.taken();
        }
    }
}
