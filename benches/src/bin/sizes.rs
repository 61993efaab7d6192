//! Size of each function's release binary, and of the same compressed, as it is uploaded.
#![allow(clippy::disallowed_methods, reason = "a measurement has its own clock and environment")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};

fn main() {
    let folder = benches::release_binaries();
    println!("| function | binary, MB | gzip -9, MB |");
    println!("|---|---|---|");
    let (mut all, mut all_packed) = (0, 0);
    for name in functions::NAMES {
        let path = folder.join(name);
        let (size, packed) = (std::fs::metadata(&path).expect("a binary").len(), packed(&path));
        println!("| {name} | {} | {} |", megabytes(size), megabytes(packed));
        (all, all_packed) = (all + size, all_packed + packed);
    }
    println!("| all | {} | {} |", megabytes(all), megabytes(all_packed));
}

fn packed(path: &Path) -> u64 {
    let gzip = Command::new("gzip").arg("-9").stdin(File::open(path).unwrap()).stdout(Stdio::piped()).output();
    gzip.expect("gzip").stdout.len().try_into().unwrap()
}

fn megabytes(bytes: u64) -> String {
    format!("{}.{:02}", bytes / 1_000_000, bytes % 1_000_000 / 10_000)
}
