//! Event source mappings and schedules: to their function, and to the table or queue that is polled.

use super::{Linker, MappingPart, SchedulePart};
use crate::model::{Application, Source};

/// What becomes of those whose function is none of this application.
const LEFT_OUT: &str = "it is left out";

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
            match self.function(&mapping.function) {
                Some(function) => {
                    mapping.function = function;
                    application.event_source_mappings.insert(mapping.logical_id.clone(), mapping);
                }
                None => self.elsewhere(&mapping.function, &owner, &mapping.location, LEFT_OUT),
            }
        }
        for SchedulePart { owner, mut schedule } in schedules {
            match self.function(&schedule.function) {
                Some(function) => {
                    schedule.function = function;
                    application.schedules.insert(schedule.logical_id.clone(), schedule);
                }
                None => self.elsewhere(&schedule.function, &owner, &schedule.location, LEFT_OUT),
            }
        }
    }
}
