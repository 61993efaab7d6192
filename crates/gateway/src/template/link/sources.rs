//! Event source mappings and schedules: to their function, and to the table or queue that is polled.

use super::{Linker, MappingPart, SchedulePart};
use crate::model::{Application, Source};

impl Linker<'_> {
    pub(super) fn sources(
        &self,
        application: &mut Application,
        mappings: Vec<MappingPart>,
        schedules: Vec<SchedulePart>,
    ) {
        for MappingPart { owner, mut mapping } in mappings {
            match &mut mapping.source {
                Source::DynamoDb(stream) => stream.table = self.polled.get(&stream.arn).cloned(),
                Source::Sqs(queue) => queue.queue = self.polled.get(&queue.arn).cloned(),
            }
            if let Some(function) = self.function(&mapping.function, &owner, &mapping.location) {
                mapping.function = function;
                application.event_source_mappings.insert(mapping.logical_id.clone(), mapping);
            }
        }
        for SchedulePart { owner, mut schedule } in schedules {
            if let Some(function) = self.function(&schedule.function, &owner, &schedule.location) {
                schedule.function = function;
                application.schedules.insert(schedule.logical_id.clone(), schedule);
            }
        }
    }
}
