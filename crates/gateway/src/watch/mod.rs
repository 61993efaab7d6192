//! `--watch`: builds again when a source file is saved, and swaps just the functions whose program is another one then.
//!
//! New invocations go to the new program, those under way finish in the old one, sockets stay open. While a build
//! fails, everything goes on with the old programs.

mod build;
mod sources;

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use notify_debouncer_full::notify::event::EventKind;
use notify_debouncer_full::notify::{self, RecursiveMode};
use notify_debouncer_full::{DebounceEventResult, new_debouncer};
use tokio::sync::mpsc;

use crate::Running;
use crate::report::{Event, Rebuild};

pub use build::{Build, BuildError};

/// How long a burst of changes, as editors make them, is waited for.
const DEBOUNCE: Duration = Duration::from_millis(40);

/// Why nothing can be watched.
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
    /// Cargo does not say what the program is made of.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The system does not watch files.
    #[error("cannot watch files: {0}")]
    Notify(#[from] notify::Error),
    /// There is nothing to watch.
    #[error("there is nothing to watch: no source file of any function is known here")]
    Nothing,
}

/// Watches until it is dropped; returns only with an error.
pub async fn run(running: &Running, build: Build) -> Result<(), WatchError> {
    let folders = build.sources().await?;
    if folders.is_empty() {
        return Err(WatchError::Nothing);
    }
    let (saved, mut changes) = mpsc::unbounded_channel();
    let watched = folders.clone();
    let mut debouncer = new_debouncer(DEBOUNCE, None, move |result: DebounceEventResult| {
        let paths: Vec<PathBuf> = result
            .into_iter()
            .flatten()
            .filter(|event| !matches!(event.kind, EventKind::Access(_)))
            .flat_map(|event| event.event.paths)
            .filter(|path| sources::matters(path, &watched))
            .collect();
        if !paths.is_empty() {
            // Nobody listens any more when the watch is over.
            let _ = saved.send(paths);
        }
    })?;
    for (folder, deep) in &folders {
        let mode = if *deep { RecursiveMode::Recursive } else { RecursiveMode::NonRecursive };
        debouncer.watch(folder, mode)?;
    }
    running.tell(&Event::Rebuild(Rebuild::Watching { folders: folders.into_keys().collect() }));
    let mut before = Programs::of(running);
    while let Some(mut paths) = changes.recv().await {
        // What came meanwhile is built with it.
        while let Ok(more) = changes.try_recv() {
            paths.extend(more);
        }
        paths.sort();
        paths.dedup();
        let started = Instant::now();
        running.tell(&Event::Rebuild(Rebuild::Started { changed: paths.clone() }));
        if let Err(error) = build.run(&paths).await {
            running.tell(&Event::Rebuild(Rebuild::Failed { error: error.to_string() }));
            continue;
        }
        let after = Programs::of(running);
        let mut functions = after.differing(&before);
        functions.extend(build.interpreted(&running.application(), &paths));
        let mut failed = Vec::new();
        functions.retain(|function| running.swap(function).map_err(|error| failed.push(error.to_string())).is_ok());
        before = after;
        let duration = started.elapsed();
        running.tell(&Event::Rebuild(if failed.is_empty() {
            Rebuild::Swapped { functions, duration }
        } else {
            Rebuild::Failed { error: failed.join("\n") }
        }));
    }
    Ok(())
}

/// The program of each function, as the file it is.
struct Programs(BTreeMap<String, Option<Identity>>);

type Identity = (u64, u64, i64, i64, u64);

impl Programs {
    fn of(running: &Running) -> Self {
        Self(running.programs().into_iter().map(|(function, program)| (function, identity(&program))).collect())
    }

    fn differing(&self, before: &Self) -> Vec<String> {
        let changed = self.0.iter().filter(|(function, now)| now.is_some() && before.0.get(*function) != Some(*now));
        changed.map(|(function, _)| function.clone()).collect()
    }
}

fn identity(program: &Path) -> Option<Identity> {
    let data = program.metadata().ok()?;
    Some((data.dev(), data.ino(), data.mtime(), data.mtime_nsec(), data.len()))
}
