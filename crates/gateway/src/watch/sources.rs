//! Which files a program is made of: the folders of a Cargo package and of those of its workspace that it uses.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::Deserialize;

/// Output of `cargo metadata --no-deps`, as far as it is needed.
#[derive(Deserialize)]
pub(super) struct Metadata {
    packages: Vec<Package>,
    target_directory: PathBuf,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    manifest_path: PathBuf,
    dependencies: Vec<Dependency>,
    targets: Vec<Target>,
}

#[derive(Deserialize)]
struct Dependency {
    kind: Option<String>,
    path: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
    src_path: PathBuf,
}

impl Metadata {
    /// Names of the packages with a program of one of these names.
    pub(super) fn packages_of(&self, programs: &BTreeSet<&str>) -> Vec<String> {
        let has = |package: &&Package| {
            let mut targets = package.targets.iter();
            targets.any(|target| target.kind.iter().any(|kind| kind == "bin") && programs.contains(&*target.name))
        };
        self.packages.iter().filter(has).map(|package| package.name.clone()).collect()
    }

    /// What to watch for these packages, and for that of the program that watches.
    pub(super) fn sources(&self, names: &[String], host: Option<&str>) -> Sources {
        let functions = self.folders(names);
        let mut host = host.map(|host| self.folders(&[host.to_owned()])).unwrap_or_default();
        host.retain(|folder, _| !functions.contains_key(folder));
        Sources { functions, host }
    }

    /// Folders to watch for these packages and what they are made of; `true` with everything below.
    fn folders(&self, names: &[String]) -> BTreeMap<PathBuf, bool> {
        let root = |package: &Package| package.manifest_path.parent().map(Path::to_owned);
        let mut wanted: Vec<&Package> = self.packages.iter().filter(|package| names.contains(&package.name)).collect();
        let mut seen = BTreeSet::new();
        let mut folders = BTreeMap::new();
        while let Some(package) = wanted.pop() {
            let Some(folder) = root(package) else { continue };
            if !seen.insert(folder.clone()) {
                continue;
            }
            // Its manifest, and `build.rs`.
            folders.entry(folder.clone()).or_insert(false);
            let built = |target: &&Target| target.kind.iter().any(|kind| kind == "bin" || kind.ends_with("lib"));
            for source in package.targets.iter().filter(built).filter_map(|target| target.src_path.parent()) {
                // What is built into lies below some packages.
                let deep = !self.target_directory.starts_with(source);
                *folders.entry(source.to_owned()).or_insert(deep) |= deep;
            }
            let paths = package.dependencies.iter().filter(|dependency| dependency.kind.as_deref() != Some("dev"));
            let paths: Vec<&PathBuf> = paths.filter_map(|dependency| dependency.path.as_ref()).collect();
            wanted.extend(self.packages.iter().filter(|other| root(other).is_some_and(|root| paths.contains(&&root))));
        }
        folders
    }
}

/// Folders that are watched.
#[derive(Debug, Clone, Default)]
pub(super) struct Sources {
    /// Of the functions; `true` with everything below.
    functions: BTreeMap<PathBuf, bool>,
    /// Of the program that watches alone.
    host: BTreeMap<PathBuf, bool>,
}

impl Sources {
    /// With these too, and everything below them.
    pub(super) fn add<'a>(&mut self, folders: impl Iterator<Item = &'a PathBuf>) {
        self.functions.extend(folders.map(|folder| (folder.clone(), true)));
        for folders in [&mut self.functions, &mut self.host] {
            folders.retain(|folder, _| folder.is_dir());
        }
    }

    /// Whether nothing can be built anew.
    pub(super) fn are_none(&self) -> bool {
        self.functions.is_empty()
    }

    /// All of them; `true` with everything below.
    pub(super) fn folders(&self) -> impl Iterator<Item = (&PathBuf, bool)> {
        self.functions.iter().chain(&self.host).map(|(folder, deep)| (folder, *deep))
    }

    /// Whether only the program that watches is made of this file.
    pub(super) fn of_host(&self, path: &Path) -> bool {
        let depth = |folders: &BTreeMap<PathBuf, bool>| {
            let above = folders.keys().filter(|folder| path.starts_with(folder));
            above.map(|folder| folder.components().count()).max()
        };
        depth(&self.host) > depth(&self.functions)
    }

    /// Whether a change of this file can change a program. In a folder that is watched alone, a package's, only Rust
    /// files and manifests can: logs, data and `Cargo.lock`, which the build itself writes, lie there too. Editors leave
    /// other files beside those they save.
    pub(super) fn matter(&self, path: &Path) -> bool {
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { return false };
        let extension = path.extension().and_then(|extension| extension.to_str());
        let temporary = name.starts_with('.') || name.ends_with('~') || extension == Some("swp") || name == "4913";
        let inside = |folder: &str| path.components().any(|part| part.as_os_str() == folder);
        // A changed folder is told with the file in it.
        let ours = extension.is_some() && !inside("target") && !inside("node_modules") && !inside("__pycache__");
        let deep = self.folders().any(|(folder, deep)| deep && path.starts_with(folder));
        ours && !temporary && (deep || name == "Cargo.toml" || extension == Some("rs"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_is_watched_with_what_it_uses() {
        let text = r#"{"target_directory": "/w/target", "packages": [
            {"name": "app", "manifest_path": "/w/Cargo.toml", "targets": [
                {"name": "app", "kind": ["bin"], "src_path": "/w/main.rs"},
                {"name": "more", "kind": ["bin"], "src_path": "/w/src/more.rs"},
                {"name": "all", "kind": ["test"], "src_path": "/w/tests/all.rs"}],
             "dependencies": [
                {"kind": null, "path": "/w/domain"}, {"kind": "dev", "path": "/w/testkit"}, {"kind": null, "path": null}]},
            {"name": "domain", "manifest_path": "/w/domain/Cargo.toml", "dependencies": [], "targets": [
                {"name": "domain", "kind": ["lib"], "src_path": "/w/domain/src/lib.rs"}]},
            {"name": "testkit", "manifest_path": "/w/testkit/Cargo.toml", "dependencies": [], "targets": []}]}"#;
        let metadata: Metadata = serde_json::from_str(text).unwrap();
        assert_eq!(metadata.packages_of(&BTreeSet::from(["more", "domain"])), ["app"]);
        let folders = metadata.folders(&["app".to_owned()]);
        let expected = [("/w", false), ("/w/domain", false), ("/w/domain/src", true), ("/w/src", true)];
        assert_eq!(folders, expected.map(|(folder, deep)| (PathBuf::from(folder), deep)).into());
    }

    #[test]
    fn what_only_the_program_that_watches_is_made_of_is_told_apart() {
        let text = r#"{"target_directory": "/w/target", "packages": [
            {"name": "all", "manifest_path": "/w/functions/all/Cargo.toml", "targets": [],
             "dependencies": [{"kind": null, "path": "/w/functions"}]},
            {"name": "functions", "manifest_path": "/w/functions/Cargo.toml", "dependencies": [], "targets": [
                {"name": "functions", "kind": ["lib"], "src_path": "/w/functions/src/lib.rs"}]},
            {"name": "local", "manifest_path": "/w/local/Cargo.toml", "targets": [
                {"name": "local", "kind": ["lib"], "src_path": "/w/local/src/lib.rs"}],
             "dependencies": [{"kind": null, "path": "/w/functions"}]}]}"#;
        let metadata: Metadata = serde_json::from_str(text).unwrap();
        let sources = metadata.sources(&["all".to_owned()], Some("local"));
        for path in ["/w/local/src/lib.rs", "/w/local/Cargo.toml"] {
            assert!(sources.matter(Path::new(path)) && sources.of_host(Path::new(path)), "{path}");
        }
        for path in ["/w/functions/src/auth/me.rs", "/w/functions/all/main.rs", "/w/Cargo.toml"] {
            assert!(sources.matter(Path::new(path)) && !sources.of_host(Path::new(path)), "{path}");
        }
    }

    #[test]
    fn what_editors_and_builds_leave_beside_a_file_does_not_matter() {
        let functions = BTreeMap::from([(PathBuf::from("/w"), false), (PathBuf::from("/w/src"), true)]);
        let sources = Sources { functions, ..Sources::default() };
        for path in ["/w/src/main.rs", "/w/src/text.json", "/w/Cargo.toml", "/w/build.rs"] {
            assert!(sources.matter(Path::new(path)), "{path}");
        }
        let others =
            ["/w/src/.main.rs.swp", "/w/src/main.rs~", "/w/src/4913", "/w/target/debug/a.d", "/w/src", "/w/a.log"];
        for path in others.into_iter().chain(["/w/Cargo.lock"]) {
            assert!(!sources.matter(Path::new(path)), "{path}");
        }
    }
}
