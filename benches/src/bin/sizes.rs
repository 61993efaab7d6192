//! Size of each function's release binary, and of the same compressed, as it is uploaded; those alike in one line.
#![allow(clippy::disallowed_methods, reason = "a measurement has its own clock and environment")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use clap::Parser;

#[derive(Parser)]
struct Arguments {
    /// Folder of the functions' release binaries; without it they are built.
    #[arg(long)]
    binaries: Option<PathBuf>,
}

/// Bytes within which functions stand in one line.
const STEP: u64 = 500_000;

fn main() {
    let folder = Arguments::parse().binaries.unwrap_or_else(benches::release_binaries);
    let mut sizes: Vec<_> = functions::NAMES.iter().map(|name| measured(&folder.join(name), name)).collect();
    sizes.sort_unstable();
    println!("| binary, MB | gzip -9, MB | functions |");
    println!("|---|---|---|");
    for alike in sizes.chunk_by(|(one, ..), (other, ..)| one / STEP == other / STEP) {
        let (first, last) = (alike[0], alike[alike.len() - 1]);
        let packed = alike.iter().map(|(_, packed, _)| *packed);
        let (small, large) = (packed.clone().min().expect("some"), packed.max().expect("some"));
        let names: Vec<_> = alike.iter().map(|(.., name)| *name).collect();
        println!("| {} | {} | {} |", span(first.0, last.0), span(small, large), names.join(", "));
    }
    let sum = |part: fn(&(u64, u64, &str)) -> u64| sizes.iter().map(part).sum();
    println!("| {} | {} | all {} |", megabytes(sum(|all| all.0)), megabytes(sum(|all| all.1)), sizes.len());
}

fn measured(path: &Path, name: &'static str) -> (u64, u64, &'static str) {
    (std::fs::metadata(path).expect("a binary").len(), packed(path), name)
}

fn span(least: u64, most: u64) -> String {
    let (least, most) = (megabytes(least), megabytes(most));
    if least == most { least } else { format!("{least}–{most}") }
}

fn packed(path: &Path) -> u64 {
    let gzip = Command::new("gzip").arg("-9").stdin(File::open(path).unwrap()).stdout(Stdio::piped()).output();
    gzip.expect("gzip").stdout.len().try_into().unwrap()
}

fn megabytes(bytes: u64) -> String {
    format!("{}.{:02}", bytes / 1_000_000, bytes % 1_000_000 / 10_000)
}
