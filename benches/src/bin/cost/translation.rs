//! Characters that a message has translated in a room of many readers and some languages.

use std::fmt::Write as _;

use benches::support::Phone;
use serde_json::json;

use crate::crowd::{crowd, people};
use crate::stage::Stage;

/// People in the room, the sender among them.
const PEOPLE: usize = 50;
/// Languages they read.
const LANGUAGES: usize = 5;

/// What is said, in this order.
const SAID: [(&str, &str); 8] = [
    ("a sentence that nobody has said before", "I would like to book a table for two people tonight."),
    ("the same words again", "I would like to book a table for two people tonight."),
    ("the same words in other spacing", "I would like to book  a table for two people tonight.\n"),
    (
        "a mention, a link and words",
        "@alexandra.0007 the table is booked, see https://example.com/tables/42 for the way.",
    ),
    ("only emoji", "🎉🎉👍🏽"),
    ("only a link", "https://example.com/tables/42"),
    ("only a number", "+1 (555) 010-4477"),
    (
        "a sentence in one of the others' languages",
        "Quisiera reservar una mesa para dos personas esta noche, por favor.",
    ),
];

/// One message.
struct Count {
    what: &'static str,
    characters: usize,
    texts: usize,
    sent: usize,
    for_each_reader: usize,
}

/// The end of the page.
pub(crate) async fn measured() -> String {
    let stage = Stage::start().await;
    let creator = people(&stage.bench, 1, 1, "pine").await.remove(0);
    let phone = stage.bench.phone(&creator).await;
    let others = crowd(&stage.bench, PEOPLE - 1, LANGUAGES).await;
    let room = group(&stage, &creator, &others).await;
    // The crowd reads the languages in turn, English, the sender's, first.
    let elsewhere = (0..others.len()).filter(|number| number % LANGUAGES != 0).count();
    let other_than_spanish = (0..others.len()).filter(|number| number % LANGUAGES != 1).count();
    let mut counts = Vec::new();
    for (what, words) in SAID {
        let readers = if words.starts_with("Quisiera") { other_than_spanish } else { elsewhere };
        counts.push(count(&stage, &phone, (&room, what, words), readers).await);
    }
    let english: Vec<_> = others.into_iter().step_by(LANGUAGES).collect();
    let room = group(&stage, &creator, &english).await;
    let words = "Has anybody seen the keys of the small van this morning?";
    counts.push(count(&stage, &phone, (&room, "among people who all read its language", words), 0).await);
    section(&counts, elsewhere)
}

async fn group(stage: &Stage, creator: &benches::support::Person, others: &[Phone]) -> String {
    let ids: Vec<_> = others.iter().map(|phone| phone.actor.user.to_string()).collect();
    stage.bench.conversation(creator, &json!({ "type": "group", "name": "All", "participantIds": ids })).await
}

async fn count(stage: &Stage, phone: &Phone, (room, what, words): (&str, &'static str, &str), readers: usize) -> Count {
    let before = stage.bench.services.translator.asked().len();
    stage.say(phone, json!({ "conversationId": room, "content": words })).await;
    let asked = stage.bench.services.translator.asked();
    let sent = asked[before..].iter().map(|asked| asked.text.chars().count()).sum();
    let characters = words.chars().count();
    Count { what, characters, texts: asked.len() - before, sent, for_each_reader: readers * characters }
}

fn section(counts: &[Count], elsewhere: usize) -> String {
    let mut section = format!(
        "\n## Characters translated

What the translator was sent when one of {PEOPLE} connected people, who read {LANGUAGES} languages, says something in
English; {elsewhere} of them read another language than that. *For each reader* is what one request for each of those would
send. Marks around what must stay as it is (mentions, links, names) count like other characters.

| message | characters | requests | characters sent | for each reader |
|---|---|---|---|---|
"
    );
    let mut line = |what: &str, of: [usize; 4]| {
        writeln!(section, "| {what} | {} | {} | {} | {} |", of[0], of[1], of[2], of[3]).expect("memory");
    };
    let mut all = [0; 4];
    for Count { what, characters, texts, sent, for_each_reader } in counts {
        let row = [*characters, *texts, *sent, *for_each_reader];
        line(what, row);
        all.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
    }
    line("all of them", all);
    section
}
