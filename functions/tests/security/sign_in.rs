//! B3: an unknown account and a wrong password are the same to whoever tries, in words and in time.

use std::time::{Duration, Instant};

use app::accounts::SignInDesk;
use edge::SignInGuard;
use serde_json::json;
use store::Table;

use crate::support::{Answer, Bench, post};

/// Pairs of tries.
const PAIRS: usize = 200;

type Services = (SignInGuard, Table, SignInDesk);

async fn try_at(services: &Services, email: &str) -> (Answer, Duration) {
    let call = post("/api/auth/login", &json!({ "email": email, "password": "wrong horse battery" }));
    let started = Instant::now();
    let answer = call.to(services, functions::auth::login::handle).await;
    (answer, started.elapsed())
}

/// How often a time of the one is longer than a time of the other, of all pairs of both: a half where both come from
/// the same, whatever that is (the statistic of Mann, Whitney and Wilcoxon over its greatest value).
fn longer(one: &[Duration], other: &[Duration]) -> f64 {
    let pairs = one.iter().flat_map(|one| other.iter().map(move |other| one.cmp(other)));
    let halves: u32 = pairs.map(|order| order as i8 + 1).map(|half| u32::try_from(half).unwrap()).sum();
    f64::from(halves) / f64::from(u32::try_from(2 * one.len() * other.len()).unwrap())
}

fn median(times: &[Duration]) -> Duration {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    sorted[sorted.len() / 2]
}

#[tokio::test]
async fn b3_an_unknown_account_and_a_wrong_password_cannot_be_told_apart() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    let services: Services = bench.of("auth-login").await;
    let (mut wrong, mut unknown) = (Vec::new(), Vec::new());
    let mut bodies = Vec::new();
    for pair in 0..PAIRS {
        // As long as Ana's, another each time, and in turn first and second: what the machine does meanwhile befalls both.
        let nobody = format!("{pair:03}@example.com");
        let ways = [(ana.email.as_str(), &mut wrong), (nobody.as_str(), &mut unknown)];
        let ways: Vec<_> = if pair % 2 == 0 { ways.into() } else { ways.into_iter().rev().collect() };
        for (email, times) in ways {
            bench.start_counting();
            let (answer, time) = try_at(&services, email).await;
            times.push(time);
            assert_eq!(answer.status, 401, "{email}");
            let names: Vec<_> = answer.headers.iter().map(|(name, _)| name.clone()).collect();
            bodies.push((answer.body, names, bench.used()));
        }
    }
    assert!(bodies.iter().all(|body| *body == bodies[0]), "the same words, headers and requests: {:?}", bodies[0]);

    // Were the hash not computed, the one would take a fraction of the other, and every single time: a ratio below a half
    // and a share beyond nine tenths. Noise moves both, and never so far in all of two hundred turns.
    let ratio = median(&unknown).as_secs_f64() / median(&wrong).as_secs_f64();
    let share = longer(&wrong, &unknown);
    assert!((0.7..1.43).contains(&ratio), "medians {:?} and {:?}", median(&unknown), median(&wrong));
    assert!((0.2..0.8).contains(&share), "a wrong password takes longer in {share} of all pairs");
}

#[test]
fn b3_the_statistic_tells_a_hash_from_none() {
    let millis = |from: u64| (0..200).map(|turn| Duration::from_millis(from + turn * 7 % 10)).collect::<Vec<_>>();
    assert!((longer(&millis(20), &millis(20)) - 0.5).abs() < 0.01);
    assert!(longer(&millis(30), &millis(5)) > 0.99 && longer(&millis(5), &millis(30)) < 0.01);
    assert_eq!(median(&millis(20)), Duration::from_millis(25));
}
