//! Whoever is erased is found nowhere afterwards: the whole table and the whole bucket are looked through.

pub(super) mod life;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use app::erasure::{Erasing, Erasure};
use aws_sdk_dynamodb::config::interceptors::BeforeSerializationInterceptorContextRef;
use aws_sdk_dynamodb::config::{ConfigBag, Intercept};
use aws_sdk_dynamodb::error::BoxError;
use domain::UserId;
use serde_json::json;
use store::{Table, erasing};

use self::life::Life;
use super::delete::gone;
use crate::support::{Bench, Person, now};

const LIMIT: Duration = Duration::from_mins(2);
/// Nothing is under way any more when these tests erase.
pub const AT_ONCE: [(&str, &str); 1] = [("EraseAfterSeconds", "0")];

pub async fn erase(bench: &Bench, id: &str) -> bool {
    let services: Erasure = bench.of("users-erase").await;
    bench.start_counting();
    let erasing = Erasing { user_id: Some(id.to_owned()) };
    edge::invocation::run(&services, &functions::users::erase::handle, erasing, "r", LIMIT).await
}

async fn is_marked(bench: &Bench, person: &Person) -> bool {
    erasing::mark(&bench.table(), &person.actor.user).await.unwrap().is_some()
}

#[tokio::test]
async fn j2_f9_nothing_of_the_person_is_left_and_what_was_said_stays() {
    let bench = Bench::with(&AT_ONCE).await;
    let life = Box::pin(Life::lived(&bench)).await;
    assert!(!life.found(&bench).await.is_empty(), "she is everywhere");
    gone(&bench, &life.ana).await;
    assert!(erase(&bench, &life.ana.id).await);
    let found = life.found(&bench).await;
    assert!(found.is_empty(), "{found:#?}");
    life.is_remembered_by_others(&bench).await;
    // Lambda delivers at least once.
    assert!(erase(&bench, &life.ana.id).await);
    assert_eq!(bench.used(), "GetItem 1, Query 1");
}

/// Lets so many requests through, and none after.
#[derive(Debug, Clone)]
struct Until(Arc<AtomicUsize>);

impl Intercept for Until {
    fn name(&self) -> &'static str {
        "Until"
    }

    fn read_before_execution(
        &self,
        _: &BeforeSerializationInterceptorContextRef<'_>,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let taken = self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        taken.map(drop).map_err(|_| "the process was killed".into())
    }
}

/// What `users-erase` works with, until its process is killed: after so many requests to the table and the bucket.
async fn mortal(bench: &Bench, requests: usize) -> Erasure {
    let until = Until(Arc::new(AtomicUsize::new(requests)));
    let sdk = bench.services.sdk("users-erase");
    let dynamodb = aws_sdk_dynamodb::config::Builder::from(&sdk).interceptor(until.clone()).build();
    let s3 = aws_sdk_s3::config::Builder::from(&sdk).interceptor(until).build();
    let bucket = bench.services.variables("users-erase")["BUCKET_NAME"].clone();
    Erasure {
        table: Table::new(aws_sdk_dynamodb::Client::from_conf(dynamodb), bench.services.table_name()),
        files: app::files::Files::new(aws_sdk_s3::Client::from_conf(s3), bucket),
        ..bench.of("users-erase").await
    }
}

#[tokio::test]
async fn j2_wherever_it_is_interrupted_it_is_finished_when_it_is_done_again() {
    let bench = Bench::with(&AT_ONCE).await;
    let life = Box::pin(Life::lived(&bench)).await;
    gone(&bench, &life.ana).await;
    let (before, user) = (bench.snapshot().await, &life.ana.actor.user);
    for requests in 1.. {
        bench.restore(&before).await;
        life.keep_pictures(&bench).await;
        let killed = app::erasure::erase(&mortal(&bench, requests).await, Some(user), now()).await;
        if killed.is_ok() {
            assert!(requests > 30, "it was interrupted often: {requests}");
            break;
        }
        let forgotten = !is_marked(&bench, &life.ana).await;
        assert!(!forgotten || life.found(&bench).await.is_empty(), "after {requests} requests it is not forgotten");
        assert!(erase(&bench, &life.ana.id).await);
        let found = life.found(&bench).await;
        assert!(found.is_empty(), "interrupted after {requests} requests: {found:#?}");
    }
    life.is_remembered_by_others(&bench).await;
}

#[tokio::test]
async fn one_that_is_too_much_for_one_invocation_goes_on_where_it_was() {
    let bench = Bench::with(&[AT_ONCE[0], ("ErasePages", "1")]).await;
    let life = Box::pin(Life::lived(&bench)).await;
    gone(&bench, &life.ana).await;
    let mut invocations = 0;
    while is_marked(&bench, &life.ana).await {
        assert!(erase(&bench, &life.ana.id).await);
        invocations += 1;
        assert!(invocations < 20, "each does a page of its own");
    }
    assert!(invocations > 3, "{invocations}");
    assert!(life.found(&bench).await.is_empty());
}

#[tokio::test]
async fn what_was_interrupted_long_ago_is_finished_with_the_next() {
    let bench = Bench::with(&AT_ONCE).await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    gone(&bench, &ana).await;
    gone(&bench, &ben).await;
    let services: Erasure = bench.of("users-erase").await;
    let later = now().plus(Duration::from_mins(30));
    app::erasure::erase(&services, Some(&ben.actor.user), later).await.unwrap();
    assert!(!is_marked(&bench, &ana).await && !is_marked(&bench, &ben).await);
    assert!(!bench.all().await.contains(&ana.id));
}

#[tokio::test]
async fn j2_what_nobody_was_asked_to_erase_is_erased_by_the_daily_schedule() {
    let bench = Bench::with(&AT_ONCE).await;
    let schedules = &bench.services.application.schedules;
    let daily: Vec<_> = schedules.values().filter(|schedule| schedule.function == "UsersEraseFunction").collect();
    assert_eq!(daily.len(), 1, "{schedules:?}");
    let input: Erasing = serde_json::from_str(daily[0].input.as_deref().unwrap()).unwrap();
    assert_eq!(input, Erasing::default());
    // Eleven, who are more than one invocation finishes, and one of a moment ago whose erasure may be under way.
    let mut people = Vec::new();
    for number in 0..12 {
        let person = bench.person(&format!("ana{number}"), "es").await;
        let account = store::users::by_id(&bench.table(), &person.actor.user).await.unwrap().unwrap();
        let ago = if number == 0 { Duration::ZERO } else { Duration::from_mins(30) };
        let at = domain::Timestamp::from_millis(now().millis() - i64::try_from(ago.as_millis()).unwrap());
        // `users-delete` dies before it has asked anybody.
        assert!(erasing::begin(&bench.table(), &person.actor.user, &account, at).await.unwrap());
        people.push(person);
    }
    let services: Erasure = bench.of("users-erase").await;
    let mut left = 11;
    while left > 0 {
        let handle = &functions::users::erase::handle;
        assert!(edge::invocation::run(&services, handle, input.clone(), "r", LIMIT).await);
        let mut marked = 0;
        for person in &people[1..] {
            marked += usize::from(is_marked(&bench, person).await);
        }
        assert!(marked < left, "each invocation finishes some");
        left = marked;
    }
    assert!(is_marked(&bench, &people[0]).await, "who is perhaps being erased right now");
    let all = bench.all().await;
    assert!(people[1..].iter().all(|person| !all.contains(&person.id)));
}

#[tokio::test]
async fn k8_what_is_sent_while_the_account_ends_is_erased_too() {
    let bench = Bench::with(&AT_ONCE).await;
    let pair = bench.pair().await;
    let outbox = bench.of("ws-message-send").await;
    let send = |number: usize| {
        let data =
            json!({ "conversationId": pair.id, "content": format!("word {number}"), "tempId": format!("t{number}") });
        let frame = json!({ "action": "message:send", "data": data });
        let (bench, outbox, phone) = (&bench, &outbox, &pair.of_ana);
        async move { bench.act(outbox, functions::ws::message_send::handle, phone, &frame).await }
    };
    // Some are through, some on their way, some too late, wherever the end of the account falls.
    let sends = futures_util::future::join_all((0..20).map(send));
    tokio::join!(sends, gone(&bench, &pair.ana));
    assert!(erase(&bench, &pair.ana.id).await);
    let all = bench.all().await;
    assert!(!all.contains(&pair.ana.id) && !all.contains(&pair.ana.email));
    let nobody = UserId::ERASED.to_string();
    let page = bench.page(&pair.ben, &pair.id).await;
    assert!(page.iter().all(|message| message["senderId"] == json!(nobody)), "{page:?}");
}

#[tokio::test]
async fn d1_whoever_has_an_account_is_left_alone() {
    let bench = Bench::with(&AT_ONCE).await;
    let pair = bench.pair().await;
    bench.say(&pair.of_ben, &pair.id, "hello").await;
    let before = bench.items().await;
    assert!(erase(&bench, &pair.ana.id).await);
    assert!(!erase(&bench, "nobody").await, "Lambda is told that it was not done");
    assert_eq!(bench.items().await, before);
}
