use std::task::Poll;

use super::*;
use crate::time::ManualClock;

const NOW: Duration = Duration::ZERO;

fn queues() -> (ManualClock, Queues) {
    let clock = ManualClock::at(Timestamp::UNIX_EPOCH);
    let queues = Queues::new(clock.clock());
    queues.create("dead", Settings::default());
    (clock, queues)
}

async fn bodies(queues: &Queues, most: usize) -> Vec<String> {
    queues.receive("dead", most, None, NOW).await.unwrap().into_iter().map(|message| message.body).collect()
}

#[tokio::test]
async fn what_is_received_is_hidden_until_it_is_deleted_or_time_has_passed() {
    let (clock, queues) = queues();
    queues.send("dead", "a".to_owned()).unwrap();
    queues.send_to_arn("arn:aws:sqs:us-east-1:000000000000:dead", "b".to_owned()).unwrap();
    let first = queues.receive("dead", 1, None, NOW).await.unwrap().remove(0);
    assert_eq!((first.body.as_str(), first.count), ("a", 1));
    assert_eq!(queues.count("dead"), Ok((1, 1)));
    assert_eq!(bodies(&queues, 10).await, ["b"]);
    clock.advance(Duration::from_secs(30));
    queues.delete("dead", &first.receipt).unwrap();
    let again = queues.receive("dead", 10, None, NOW).await.unwrap().remove(0);
    assert_eq!((again.body.as_str(), again.count, again.first_received), ("b", 2, Timestamp::UNIX_EPOCH));
    queues.hide("dead", &again.receipt, NOW).unwrap();
    assert_eq!(bodies(&queues, 10).await, ["b"]);
    clock.advance(RETENTION);
    assert_eq!(bodies(&queues, 10).await, [""; 0]);
}

#[tokio::test]
async fn receiving_waits_for_a_message_and_no_longer_than_it_may() {
    let (clock, queues) = queues();
    let wait = Duration::from_secs(20);
    let mut receiving = Box::pin(queues.receive("dead", 1, None, wait));
    assert!(matches!(futures_util::poll!(&mut receiving), Poll::Pending));
    queues.send("dead", "a".to_owned()).unwrap();
    let received = receiving.await.unwrap();
    assert_eq!(received[0].body, "a");
    // What is hidden can be received again while somebody waits.
    let mut receiving = Box::pin(queues.receive("dead", 1, None, Duration::from_mins(1)));
    assert!(matches!(futures_util::poll!(&mut receiving), Poll::Pending));
    clock.advance(Duration::from_secs(30));
    assert_eq!(receiving.await.unwrap()[0].count, 2);
    let mut receiving = Box::pin(queues.receive("dead", 1, None, wait));
    assert!(matches!(futures_util::poll!(&mut receiving), Poll::Pending));
    clock.advance(wait);
    assert_eq!(receiving.await.unwrap(), []);
}

#[tokio::test]
async fn what_was_received_too_often_is_a_dead_letter() {
    let (clock, queues) = queues();
    queues.create("work", Settings { redrive: Some((2, "dead".to_owned())), ..Settings::default() });
    queues.send("work", "a".to_owned()).unwrap();
    for _ in 0..2 {
        assert_eq!(queues.receive("work", 1, None, NOW).await.unwrap().len(), 1);
        assert_eq!(queues.count("dead"), Ok((0, 0)));
        clock.advance(Duration::from_secs(30));
    }
    assert_eq!(queues.receive("work", 1, None, NOW).await.unwrap(), []);
    assert_eq!((queues.count("work"), queues.count("dead")), (Ok((0, 0)), Ok((1, 0))));
    assert_eq!(bodies(&queues, 1).await, ["a"]);
}

#[test]
fn what_is_refused() {
    let (_, queues) = queues();
    assert_eq!(queues.send("other", "a".to_owned()), Err(Refused::NoQueue));
    assert_eq!(queues.send_to_arn("arn:aws:sns:us-east-1:000000000000:dead", "a".to_owned()), Err(Refused::NoQueue));
    assert_eq!(queues.send("dead", String::new()), Err(Refused::Empty));
    assert_eq!(queues.send("dead", "x".repeat(LARGEST + 1)), Err(Refused::TooLarge));
    assert_eq!(queues.hide("dead", "none", NOW), Err(Refused::Receipt));
}
