//! `--watch`: builds again when a source file is saved, and swaps just the functions whose program is another one then.
//!
//! New invocations go to the new program, those under way finish in the old one, sockets stay open. While a build
//! fails, everything goes on with the old programs. An edit of the template is followed too; while it has mistakes, the
//! old one goes on.

mod build;
mod sources;
mod template;

use std::collections::{BTreeMap, BTreeSet};
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
pub use template::{Check, Template};

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
}

/// Watches until it is dropped; returns only with an error.
pub async fn run(running: &Running, build: Build, template: Template) -> Result<(), WatchError> {
    let folders = build.sources().await?;
    template.know(&running.application().files);
    let (saved, mut changes) = mpsc::unbounded_channel();
    let (watched, is_template) = (folders.clone(), template.files());
    let mut debouncer = new_debouncer(DEBOUNCE, None, move |result: DebounceEventResult| {
        let paths: Vec<PathBuf> = result
            .into_iter()
            .flatten()
            .filter(|event| !matches!(event.kind, EventKind::Access(_)))
            .flat_map(|event| event.event.paths)
            .filter(|path| is_template(path) || sources::matters(path, &watched))
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
    let mut seen: BTreeSet<PathBuf> = folders.keys().cloned().collect();
    let deep: Vec<_> = folders.into_iter().filter_map(|(folder, deep)| deep.then_some(folder)).collect();
    let mut watch_template = |template: &Template, seen: &mut BTreeSet<PathBuf>| {
        for folder in template.folders() {
            if !deep.iter().any(|above| folder.starts_with(above)) && seen.insert(folder.clone()) {
                debouncer.watch(&folder, RecursiveMode::NonRecursive)?;
            }
        }
        Ok::<_, notify::Error>(())
    };
    watch_template(&template, &mut seen)?;
    running.tell(&Event::Rebuild(Rebuild::Watching { folders: seen.iter().cloned().collect() }));
    let is_template = template.files();
    let mut before = Programs::of(running);
    let mut behind = false;
    while let Some(mut paths) = changes.recv().await {
        // What came meanwhile is built with it.
        while let Ok(more) = changes.try_recv() {
            paths.extend(more);
        }
        paths.sort();
        paths.dedup();
        let started = Instant::now();
        running.tell(&Event::Rebuild(Rebuild::Started { changed: paths.clone() }));
        let (declarations, sources): (Vec<_>, Vec<_>) = paths.into_iter().partition(|path| is_template(path));
        let outcome = if sources.is_empty() { Ok(()) } else { build.run(&sources).await };
        if let Err(error) = &outcome {
            running.tell(&Event::Rebuild(Rebuild::Failed { error: error.to_string() }));
        }
        let mut failed = Vec::new();
        // A function that is new may only now have its program.
        behind |= !declarations.is_empty();
        if behind {
            match template.apply(running) {
                Ok(()) => {
                    behind = false;
                    watch_template(&template, &mut seen)?;
                    running.tell(&Event::Rebuild(Rebuild::Followed { duration: started.elapsed() }));
                    before.learn(Programs::of(running));
                }
                Err(error) => failed.push(error),
            }
        }
        if outcome.is_ok() && !sources.is_empty() {
            let after = Programs::of(running);
            let mut functions = after.differing(&before);
            functions.extend(build.interpreted(&running.application(), &sources));
            functions.retain(|function| running.swap(function).map_err(|error| failed.push(error.to_string())).is_ok());
            before = after;
            if failed.is_empty() {
                let duration = started.elapsed();
                running.tell(&Event::Rebuild(Rebuild::Swapped { functions, duration }));
            }
        }
        if !failed.is_empty() {
            running.tell(&Event::Rebuild(Rebuild::Failed { error: failed.join("\n") }));
        }
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

    /// Takes in functions that were not there before: they started with the program that is there.
    fn learn(&mut self, now: Self) {
        for (function, program) in now.0 {
            self.0.entry(function).or_insert(program);
        }
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
