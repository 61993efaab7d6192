//! What each operation costs: requests and capacity units, by the handlers themselves on the embedded services, and
//! dollars at list prices. Writes `docs/cost.md`; with `--check` it only says whether that still holds. A function of
//! the template without a row fails both.
#![allow(clippy::disallowed_methods, reason = "a measurement has its own clock and environment")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod accounts;
mod crowd;
mod erasure;
mod friends;
mod groups;
mod notifications;
mod page;
mod presence;
mod prices;
mod profiles;
mod pushes;
mod rooms;
mod sockets;
mod stage;
mod talking;
mod translation;
mod used;

use std::process::ExitCode;

use clap::Parser;

use crate::page::Section;
use crate::stage::Stage;

#[derive(Parser)]
struct Arguments {
    /// Changes nothing; fails when `docs/cost.md` says something else.
    #[arg(long)]
    check: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    let check = Arguments::parse().check;
    let sections = measured().await;
    if let Some(missing) = missing(&sections).await {
        eprintln!("no row for {missing}: every function of template.yaml has one (benches/src/bin/cost)");
        return ExitCode::FAILURE;
    }
    let page = page::write(&sections) + &translation::measured().await;
    let path = benches::workspace().join("docs/cost.md");
    if !check {
        std::fs::write(path, page).expect("docs/cost.md");
        return ExitCode::SUCCESS;
    }
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    let (before, now): (Vec<_>, Vec<_>) = (kept.lines().collect(), page.lines().collect());
    if before.len() == now.len() && before.iter().zip(&now).all(|(before, now)| page::alike(before, now)) {
        return ExitCode::SUCCESS;
    }
    eprintln!("docs/cost.md says something else; `cargo run -p benches --bin cost` writes it anew:\n");
    for line in before.iter().filter(|line| !now.iter().any(|other| page::alike(line, other))) {
        eprintln!("- {line}");
    }
    for line in now.iter().filter(|line| !before.iter().any(|other| page::alike(line, other))) {
        eprintln!("+ {line}");
    }
    ExitCode::FAILURE
}

async fn measured() -> Vec<Section> {
    let (rooms, groups) = rooms::measured().await;
    let plain = String::new;
    let mut sections = vec![
        Section { title: "Accounts", about: plain(), rows: accounts::measured().await },
        Section { title: "Users, devices, languages", about: plain(), rows: people().await },
        Section { title: "Friends", about: plain(), rows: friends::measured().await },
        Section { title: "Notifications", about: plain(), rows: notifications::measured().await },
        Section { title: "Pushing", about: plain(), rows: pushes::measured().await },
        Section { title: "Conversations", about: plain(), rows: groups },
        Section { title: "Messages and attachments", about: page::about_messages(&rooms), rows: rooms },
        Section { title: "Connections", about: plain(), rows: connections().await },
    ];
    for section in &mut sections {
        section.rows = used::by_function(std::mem::take(&mut section.rows));
    }
    sections
}

async fn people() -> Vec<used::Row> {
    let mut rows = profiles::measured().await;
    rows.extend(presence::shown().await);
    rows.extend(erasure::measured().await);
    rows
}

async fn connections() -> Vec<used::Row> {
    let mut rows = sockets::measured().await;
    rows.extend(presence::measured().await);
    rows
}

/// Functions of the template that no row is about.
async fn missing(sections: &[Section]) -> Option<String> {
    let rows: Vec<_> = sections.iter().flat_map(|section| &section.rows).map(|row| row.function).collect();
    let mut missing = Stage::start().await.functions();
    missing.retain(|name| !rows.contains(&name.as_str()));
    (!missing.is_empty()).then(|| missing.join(", "))
}
