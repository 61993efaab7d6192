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
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::OptionFuture;
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
    let sources = Arc::new(build.sources().await?);
    template.know(&running.application().files);
    let (saved, mut changes) = mpsc::unbounded_channel();
    let (watched, is_template) = (Arc::clone(&sources), template.files());
    let mut debouncer = new_debouncer(DEBOUNCE, None, move |result: DebounceEventResult| {
        let paths: Vec<PathBuf> = result
            .into_iter()
            .flatten()
            .filter(|event| !matches!(event.kind, EventKind::Access(_)))
            .flat_map(|event| event.event.paths)
            .filter(|path| is_template(path) || watched.matter(path))
            .collect();
        if !paths.is_empty() {
            // Nobody listens any more when the watch is over.
            let _ = saved.send(paths);
        }
    })?;
    for (folder, deep) in sources.folders() {
        let mode = if deep { RecursiveMode::Recursive } else { RecursiveMode::NonRecursive };
        debouncer.watch(folder, mode)?;
    }
    let mut seen: BTreeSet<PathBuf> = sources.folders().map(|(folder, _)| folder.clone()).collect();
    let deep: Vec<_> = sources.folders().filter(|(_, deep)| *deep).map(|(folder, _)| folder.clone()).collect();
    let mut watch_template = |template: &Template| {
        for folder in template.folders() {
            if !deep.iter().any(|above| folder.starts_with(above)) && seen.insert(folder.clone()) {
                debouncer.watch(&folder, RecursiveMode::NonRecursive)?;
            }
        }
        Ok::<_, notify::Error>(seen.iter().cloned().collect())
    };
    running.tell(&Event::Rebuild(Rebuild::Watching { folders: watch_template(&template)? }));
    let is_template = template.files();
    let mut watch =
        Watch { running, build: &build, template: &template, programs: Programs::of(running), behind: false };
    let mut first = Some(Box::pin(build.first(&sources)));
    loop {
        let mut paths: Vec<PathBuf> = tokio::select! {
            outcome = OptionFuture::from(first.as_mut()), if first.is_some() => {
                first = None;
                if let Some((outcome, duration)) = outcome.flatten() {
                    watch.prepared(outcome, duration);
                }
                continue;
            }
            paths = changes.recv() => match paths {
                Some(paths) => paths,
                None => return Ok(()),
            },
        };
        // What came meanwhile is built with it.
        while let Ok(more) = changes.try_recv() {
            paths.extend(more);
        }
        paths.sort();
        paths.dedup();
        let (host, paths): (Vec<_>, Vec<_>) =
            paths.into_iter().partition(|path| sources.of_host(path) && !is_template(path));
        if !host.is_empty() {
            running.tell(&Event::Rebuild(Rebuild::Restart { changed: host }));
        }
        if paths.is_empty() {
            continue;
        }
        let started = Instant::now();
        running.tell(&Event::Rebuild(Rebuild::Started { changed: paths.clone() }));
        // Two builds at once would wait for each other.
        if let Some(first) = first.take()
            && let Some((outcome, duration)) = first.await
        {
            watch.prepared(outcome, duration);
        }
        if watch.saved(paths, started).await {
            watch_template(&template)?;
        }
    }
}

/// What runs while it is watched.
struct Watch<'a> {
    running: &'a Running,
    build: &'a Build,
    template: &'a Template,
    /// As they were after the last build.
    programs: Programs,
    /// Whether the template changed since it was last gone on with.
    behind: bool,
}

impl Watch<'_> {
    /// After the build before anything was saved.
    fn prepared(&mut self, outcome: Result<(), BuildError>, duration: Duration) {
        let swapped = outcome
            .map_err(|error| error.to_string())
            .and_then(|()| self.built())
            .and_then(|moved| self.swap(moved, &[]));
        self.tell(match swapped {
            Ok(_) => Rebuild::Prepared { duration },
            Err(error) => Rebuild::Failed { error },
        });
    }

    /// Builds, follows and swaps what these files change; whether the template is another one now.
    async fn saved(&mut self, paths: Vec<PathBuf>, started: Instant) -> bool {
        let is_template = self.template.files();
        let (declarations, sources): (Vec<_>, Vec<_>) = paths.into_iter().partition(|path| is_template(path));
        let mut built = None;
        if !sources.is_empty() {
            match self.build.run(&sources).await {
                // Before the template is followed, which may ask for a function that was in no program before.
                Ok(()) => built = Some(self.built()),
                Err(error) => self.tell(Rebuild::Failed { error: error.to_string() }),
            }
        }
        let (mut followed, mut failed) = (false, Vec::new());
        // A function that is new may only now have its program.
        self.behind |= !declarations.is_empty();
        if self.behind {
            match self.template.apply(self.running) {
                Ok(()) => {
                    (self.behind, followed) = (false, true);
                    self.tell(Rebuild::Followed { duration: started.elapsed() });
                    self.programs.learn(Programs::of(self.running));
                }
                Err(error) => failed.push(error),
            }
        }
        match built.map(|moved| moved.and_then(|moved| self.swap(moved, &sources))) {
            Some(Ok(functions)) if failed.is_empty() => {
                self.tell(Rebuild::Swapped { functions, duration: started.elapsed() });
            }
            Some(Err(error)) => failed.push(error),
            Some(Ok(_)) | None => {}
        }
        if !failed.is_empty() {
            self.tell(Rebuild::Failed { error: failed.join("\n") });
        }
        followed
    }

    /// Tells the launcher; whether every function runs from another file now.
    fn built(&self) -> Result<bool, String> {
        self.running.built().map_err(|error| error.to_string())
    }

    /// Has functions go to what was built of these files: which ones, or why some of them stay as they were.
    fn swap(&mut self, moved: bool, sources: &[PathBuf]) -> Result<Vec<String>, String> {
        let mut after = Programs::of(self.running);
        let mut functions = if moved { after.all() } else { after.differing(&self.programs) };
        functions.extend(self.build.interpreted(&self.running.application(), sources));
        let mut failed = BTreeMap::new();
        functions.retain(|function| {
            let swapped = self.running.swap(function);
            swapped.map_err(|error| failed.insert(function.clone(), error.to_string())).is_ok()
        });
        if moved {
            after = Programs::of(self.running);
        }
        // What stays as it was is tried again after the next build.
        after.0.retain(|function, _| !failed.contains_key(function));
        self.programs = after;
        if failed.is_empty() { Ok(functions) } else { Err(failed.into_values().collect::<Vec<_>>().join("\n")) }
    }

    fn tell(&self, what: Rebuild) {
        self.running.tell(&Event::Rebuild(what));
    }
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

    fn all(&self) -> Vec<String> {
        self.0.keys().cloned().collect()
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
