//! Parameter mappings of HTTP APIs (gateway facts H-60, H-63).

use std::collections::BTreeMap;

use super::{IntegrationPart, Linker, Parameter};
use crate::http_api::mapping::read::{Side, change};
use crate::model::{Change, Mapping};

impl Linker<'_> {
    pub(super) fn mapping(&self, integration: &IntegrationPart) -> Mapping {
        let mut responses = BTreeMap::new();
        for (status, parameters) in &integration.responses {
            let changes = self.changes(integration, Side::Response, parameters);
            match status.parse::<u16>() {
                Ok(status) if (100..600).contains(&status) => drop(responses.insert(status, changes)),
                _ => {
                    let location = parameters.first().map_or(&integration.location, |parameter| &parameter.location);
                    let message = format!("{}: `{status}` of `ResponseParameters` is no status", integration.owner);
                    self.reader.report_at(location, message);
                }
            }
        }
        Mapping { requests: self.changes(integration, Side::Request, &integration.requests), responses }
    }

    fn changes(&self, integration: &IntegrationPart, side: Side, parameters: &[Parameter]) -> Vec<Change> {
        let read = |parameter: &Parameter| {
            change(side, &parameter.key, &parameter.value).unwrap_or_else(|message| {
                self.reader.report_at(&parameter.location, format!("{}: {message}", integration.owner));
                None
            })
        };
        parameters.iter().filter_map(read).collect()
    }
}
