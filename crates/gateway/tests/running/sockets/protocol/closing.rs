//! Section 7: how connections end.

use gateway::Event;
use gateway::report::FrameKind;

use super::raw::{CLOSE, CONTINUATION, PING, Raw, TEXT, close, frame, part};
use super::{Frame, echo, refused};
use crate::sockets::disconnected;
use crate::support::Stack;

const PROTOCOL: u16 = 1002;

#[tokio::test]
async fn w_29_section_7_closes_are_echoed() {
    let mut stack = echo().await;
    let reasons = ["", "Hello World!", &"*".repeat(123), "grüße"];
    let codes = (1000..=1003).chain(1007..=1011).chain([3000, 3999, 4000, 4999]);
    for (code, reason) in codes.map(|code| (code, "")).chain(reasons.map(|reason| (1000, reason))) {
        let mut client = Raw::open(&stack).await;
        client.send(&[close(code, reason)]).await;
        assert_eq!(client.closed().await, code);
        assert_eq!(disconnected(&mut stack).await, (u64::from(code), reason.to_owned()));
    }
}

#[tokio::test]
async fn w_33_section_7_a_close_without_a_code() {
    let mut stack = echo().await;
    let mut client = Raw::open(&stack).await;
    client.works().await;
    client.send(&[frame(CLOSE, "")]).await;
    assert_eq!(client.closed().await, 1005);
    assert_eq!(disconnected(&mut stack).await.0, 1005);
}

#[tokio::test]
async fn w_28_section_7_closes_that_are_none_are_refused() {
    let mut stack = echo().await;
    // A code of one byte; one more byte than a control frame may have; a reason that is no text.
    for (frames, code) in [
        (frame(CLOSE, [3]), PROTOCOL),
        (close(1000, "*".repeat(124)), PROTOCOL),
        (close(1000, b"\xce\xba\xe1\xbd\xb9\xed\xa0\x80"), 1007),
    ] {
        refused(&stack, &[frames], code).await;
        assert_eq!(disconnected(&mut stack).await.0, u64::from(code));
    }
}

#[tokio::test]
async fn w_28_section_7_codes_nobody_may_send_are_refused() {
    let mut stack = echo().await;
    for code in [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535] {
        refused(&stack, &[close(code, "")], PROTOCOL).await;
        assert_eq!(disconnected(&mut stack).await.0, u64::from(PROTOCOL), "{code}");
    }
}

#[tokio::test]
async fn section_7_nothing_after_a_close_counts() {
    let after: [&[Frame]; 4] =
        [&[close(1000, "again")], &[frame(PING, "ping")], &[frame(TEXT, "text")], &[frame(3, "not even a frame")]];
    for after in after {
        let mut stack = echo().await;
        let mut client = Raw::open(&stack).await;
        client.send(&[&[close(1000, "")], after].concat()).await;
        assert_eq!(client.closed().await, 1000, "{after:?}");
        assert_eq!(disconnected(&mut stack).await.0, 1000, "{after:?}");
        assert_eq!(messages(&mut stack), 0);
    }
}

#[tokio::test]
async fn section_7_a_message_that_was_not_finished_is_lost() {
    let mut stack = echo().await;
    let mut client = Raw::open(&stack).await;
    client.send(&[part(TEXT, "fragment1"), close(1000, ""), frame(CONTINUATION, "fragment2")]).await;
    assert_eq!(client.closed().await, 1000);
    assert_eq!(disconnected(&mut stack).await.0, 1000);
    assert_eq!(messages(&mut stack), 0);
}

/// Messages that the gateway has handled.
fn messages(stack: &mut Stack) -> usize {
    let message = |event: &&Event| matches!(event, Event::Frame(frame) if matches!(frame.kind, FrameKind::Message(_)));
    stack.told().iter().filter(message).count()
}
