//! How far the streams of mappings were handled, kept over restarts (gateway fact E-09).
//!
//! AWS keeps a checkpoint for each shard of a mapping: what was handled does not come again, what was not comes, at least
//! once. Here a file holds them, written anew after every batch: it is a few hundred bytes.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::wire::Position;

/// A file of progress that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("cannot use the progress of streams in {}: {source}; without that file they are read from where the template says", file.display())]
pub struct BadProgress {
    /// The file.
    pub file: PathBuf,
    /// Why.
    pub source: io::Error,
}

/// The checkpoints of all mappings.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    /// None when nothing outlives the gateway.
    file: Option<PathBuf>,
    mappings: Mutex<BTreeMap<String, Mapped>>,
}

/// What is known of one mapping.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Mapped {
    /// ARN of the stream; another one has nothing to do with these shards.
    stream: String,
    /// When the mapping first read it, in seconds of Unix time.
    since: i64,
    /// Sequence number of the last record up to which all are handled, by shard.
    shards: BTreeMap<String, String>,
}

/// Since when a mapping has read its stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Since {
    /// This is its first time.
    Now,
    /// It did so before a restart.
    Before(Timestamp),
}

impl Progress {
    /// What a file holds, if there is one; what comes is kept there.
    pub(crate) fn open(file: Option<&Path>) -> Result<Self, BadProgress> {
        let Some(file) = file else { return Ok(Self::default()) };
        let bad = |source| BadProgress { file: file.to_owned(), source };
        let mappings = match std::fs::read(file) {
            Ok(text) => serde_json::from_slice(&text).map_err(|error| bad(error.into()))?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => BTreeMap::new(),
            Err(error) => return Err(bad(error)),
        };
        Ok(Self { file: Some(file.to_owned()), mappings: Mutex::new(mappings) })
    }

    /// A mapping reads a stream.
    pub(super) fn begin(&self, mapping: &str, stream: &str, now: Timestamp) -> io::Result<Since> {
        let mut mappings = self.lock();
        if let Some(known) = mappings.get(mapping).filter(|known| known.stream == stream) {
            return Ok(Since::Before(Timestamp::from_second(known.since).unwrap_or(now)));
        }
        let begun = Mapped { stream: stream.to_owned(), since: now.as_second(), shards: BTreeMap::new() };
        mappings.insert(mapping.to_owned(), begun);
        self.keep(&mappings).map(|()| Since::Now)
    }

    /// Where a shard is to be read on, if any of it was handled.
    pub(super) fn position(&self, mapping: &str, shard: &str) -> Option<Position> {
        self.lock().get(mapping)?.shards.get(shard).cloned().map(Position::After)
    }

    /// Forgets the shards that a stream no longer has.
    pub(super) fn retain(&self, mapping: &str, shards: &BTreeSet<&str>) -> io::Result<()> {
        let mut mappings = self.lock();
        let Some(known) = mappings.get_mut(mapping) else { return Ok(()) };
        let before = known.shards.len();
        known.shards.retain(|shard, _| shards.contains(shard.as_str()));
        if known.shards.len() == before { Ok(()) } else { self.keep(&mappings) }
    }

    fn handled(&self, mapping: &str, stream: &str, shard: &str, number: String) -> io::Result<()> {
        let mut mappings = self.lock();
        match mappings.get_mut(mapping).filter(|known| known.stream == stream) {
            Some(known) => known.shards.insert(shard.to_owned(), number),
            None => return Ok(()),
        };
        self.keep(&mappings)
    }

    /// Whole or not at all: a crash in the middle leaves the file of before.
    fn keep(&self, mappings: &BTreeMap<String, Mapped>) -> io::Result<()> {
        let Some(file) = &self.file else { return Ok(()) };
        let beside = file.with_extension("new");
        std::fs::write(&beside, serde_json::to_vec_pretty(mappings)?)?;
        std::fs::rename(&beside, file)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Mapped>> {
        self.mappings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The records of one shard that were read and not yet handled. Parallel lanes end theirs in any order; the checkpoint
/// is before the first that is not handled.
#[derive(Debug)]
pub(super) struct Checkpoint {
    progress: Arc<Progress>,
    mapping: String,
    stream: String,
    shard: String,
    /// Sequence numbers in order, and whether they are handled.
    under_way: Mutex<VecDeque<(String, bool)>>,
}

impl Checkpoint {
    pub(super) fn new(progress: &Arc<Progress>, mapping: &str, stream: &str, shard: &str) -> Self {
        let (mapping, stream, shard) = (mapping.to_owned(), stream.to_owned(), shard.to_owned());
        Self { progress: Arc::clone(progress), mapping, stream, shard, under_way: Mutex::default() }
    }

    /// A record was read and is not handled yet; called in the order of the shard.
    pub(super) fn read(&self, number: &str) {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner).push_back((number.to_owned(), false));
    }

    /// Records are handled, given up, or passed over.
    pub(super) fn handled<'n>(&self, numbers: impl IntoIterator<Item = &'n str>) -> io::Result<()> {
        let numbers: BTreeSet<&str> = numbers.into_iter().collect();
        if numbers.is_empty() {
            return Ok(());
        }
        let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        for (number, handled) in under_way.iter_mut() {
            *handled |= numbers.contains(number.as_str());
        }
        let mut last = None;
        while let Some((number, _)) = under_way.pop_front_if(|(_, handled)| *handled) {
            last = Some(number);
        }
        match last {
            Some(number) => self.progress.handled(&self.mapping, &self.stream, &self.shard, number),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(number: &str) -> Position {
        Position::After(number.to_owned())
    }

    #[test]
    fn e_09_the_checkpoint_is_before_the_first_record_that_is_not_handled() {
        let progress = Arc::new(Progress::default());
        assert_eq!(progress.begin("M", "stream", Timestamp::UNIX_EPOCH).unwrap(), Since::Now);
        let checkpoint = Checkpoint::new(&progress, "M", "stream", "shard");
        for number in ["1", "2", "3", "4"] {
            checkpoint.read(number);
        }
        checkpoint.handled(["3"]).unwrap();
        assert_eq!(progress.position("M", "shard"), None);
        checkpoint.handled(["1"]).unwrap();
        assert_eq!(progress.position("M", "shard"), Some(after("1")));
        checkpoint.handled(["2"]).unwrap();
        assert_eq!(progress.position("M", "shard"), Some(after("3")));
        checkpoint.handled(["4"]).unwrap();
        assert_eq!(progress.position("M", "shard"), Some(after("4")));
    }

    #[test]
    fn e_09_a_file_keeps_it_and_another_stream_begins_anew() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("progress.json");
        let (begun, later) = (Timestamp::from_second(7).unwrap(), Timestamp::from_second(9).unwrap());
        let progress = Arc::new(Progress::open(Some(&file)).unwrap());
        assert_eq!(progress.begin("M", "stream", begun).unwrap(), Since::Now);
        for shard in ["old", "new"] {
            let checkpoint = Checkpoint::new(&progress, "M", "stream", shard);
            checkpoint.read("5");
            checkpoint.handled(["5"]).unwrap();
        }

        let progress = Arc::new(Progress::open(Some(&file)).unwrap());
        assert_eq!(progress.begin("M", "stream", later).unwrap(), Since::Before(begun));
        progress.retain("M", &BTreeSet::from(["new"])).unwrap();
        assert_eq!((progress.position("M", "old"), progress.position("M", "new")), (None, Some(after("5"))));
        // A table that was made anew.
        assert_eq!(progress.begin("M", "another", later).unwrap(), Since::Now);
        assert_eq!(progress.position("M", "new"), None);
        // What is still told of the old stream is of no use.
        let checkpoint = Checkpoint::new(&progress, "M", "stream", "new");
        checkpoint.read("6");
        checkpoint.handled(["6"]).unwrap();
        assert_eq!(progress.position("M", "new"), None);
    }

    #[test]
    fn e_09_a_damaged_file_is_told_and_not_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("progress.json");
        std::fs::write(&file, "{").unwrap();
        let told = Progress::open(Some(&file)).unwrap_err().to_string();
        assert!(told.contains("progress.json") && told.contains("line 1"), "{told}");
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "{");
    }
}
