//! Sections 1 to 5, 9 and 10: frames, pings, reserved bits and opcodes, fragments, sizes.

use super::raw::{BINARY, CLOSE, CONTINUATION, Came, PING, PONG, Raw, TEXT, frame, part};
use super::{Frame, echo, refused};

const PROTOCOL: u16 = 1002;

fn pong(payload: impl AsRef<[u8]>) -> Came {
    Came { last: true, opcode: PONG, payload: payload.as_ref().to_vec() }
}

#[tokio::test]
async fn w_27_section_1_texts_of_every_form_of_length() {
    let stack = echo().await;
    let mut client = Raw::open(&stack).await;
    for length in [0, 1, 125, 126, 127, 128, 32_767, 32_768] {
        let text = "*".repeat(length);
        client.send(&[frame(TEXT, &text)]).await;
        assert_eq!(client.echoed().await, text);
    }
    let text = "*".repeat(32_768);
    client.send_chopped(&[frame(TEXT, &text)], 997).await;
    assert_eq!(client.echoed().await, text);
}

#[tokio::test]
async fn w_28_section_1_binary_is_refused_whatever_its_length() {
    let stack = echo().await;
    for length in [0, 1, 125, 126, 32_768] {
        refused(&stack, &[frame(BINARY, vec![0xfe; length])], 1003).await;
    }
    refused(&stack, &[part(BINARY, "a"), frame(CONTINUATION, "b")], 1003).await;
}

#[tokio::test]
async fn w_30_section_2_pings_and_pongs() {
    let stack = echo().await;
    let mut client = Raw::open(&stack).await;
    let payloads: [&[u8]; 4] = [b"", b"Hello, world!", &[0, 0xff, 0xfe, 0xfd, 0xfc, 0xfb, 0, 0xff], &[0xfe; 125]];
    for payload in payloads {
        client.send(&[frame(PING, payload)]).await;
        assert_eq!(client.next().await, Some(pong(payload)));
    }
    client.send_chopped(&[frame(PING, [0xfe; 125])], 1).await;
    assert_eq!(client.next().await, Some(pong([0xfe; 125])));
    // Pongs nobody asked for are ignored.
    client.send(&[frame(PONG, ""), frame(PONG, "unsolicited"), frame(PING, "ping")]).await;
    assert_eq!(client.next().await, Some(pong("ping")));
    for number in 0..10 {
        client.send_chopped(&[frame(PING, number.to_string())], 1).await;
        assert_eq!(client.next().await, Some(pong(number.to_string())));
    }
    client.works().await;
    refused(&stack, &[frame(PING, [0xfe; 126])], PROTOCOL).await;
}

/// RFC 6455, 5.5.3: the most recent ping may be answered alone, but that one must be.
#[tokio::test]
async fn w_30_section_2_the_last_of_many_pings_is_answered() {
    let stack = echo().await;
    let mut client = Raw::open(&stack).await;
    let pings: Vec<Frame> = (0..10).map(|number| frame(PING, number.to_string())).collect();
    client.send(&pings).await;
    let mut expected = 0..10;
    loop {
        let came = client.next().await.unwrap();
        assert_eq!(came.opcode, PONG);
        let number: i32 = std::str::from_utf8(&came.payload).unwrap().parse().unwrap();
        assert!(expected.by_ref().any(|next| next == number), "{number} came too late");
        if number == 9 {
            break;
        }
    }
    client.works().await;
}

#[tokio::test]
async fn w_28_section_3_reserved_bits_are_refused() {
    let stack = echo().await;
    for reserved in 1..=7 {
        for opcode in [TEXT, PING, CLOSE] {
            refused(&stack, &[Frame { reserved, ..frame(opcode, "") }], PROTOCOL).await;
        }
    }
    // What came before is answered.
    let mut client = Raw::open(&stack).await;
    client.works().await;
    client.send_chopped(&[Frame { reserved: 4, ..frame(TEXT, "*") }], 1).await;
    assert_eq!(client.closed().await, PROTOCOL);
}

#[tokio::test]
async fn w_28_section_4_reserved_opcodes_are_refused() {
    let stack = echo().await;
    for opcode in (3..=7).chain(11..=15) {
        refused(&stack, &[frame(opcode, "")], PROTOCOL).await;
        refused(&stack, &[frame(opcode, "payload")], PROTOCOL).await;
    }
    let mut client = Raw::open(&stack).await;
    client.works().await;
    client.send(&[frame(5, ""), frame(PING, "")]).await;
    assert_eq!(client.closed().await, PROTOCOL);
}

#[tokio::test]
async fn section_5_messages_in_fragments() {
    let stack = echo().await;
    let mut client = Raw::open(&stack).await;
    let fragments = [part(TEXT, "fragment1"), part(CONTINUATION, ""), frame(CONTINUATION, "fragment2")];
    client.send(&fragments).await;
    assert_eq!(client.echoed().await, "fragment1fragment2");
    client.send_chopped(&fragments, 1).await;
    assert_eq!(client.echoed().await, "fragment1fragment2");
    // Control frames may come between them, and are answered at once.
    client.send_chopped(&[part(TEXT, "a"), frame(PING, "p")], 1).await;
    assert_eq!(client.next().await, Some(pong("p")));
    client.send(&[part(CONTINUATION, "b"), frame(PONG, ""), frame(CONTINUATION, "c")]).await;
    assert_eq!(client.echoed().await, "abc");
    client.send(&[part(TEXT, ""), part(CONTINUATION, ""), frame(CONTINUATION, "")]).await;
    assert_eq!(client.echoed().await, "");
}

#[tokio::test]
async fn w_28_section_5_fragments_out_of_place_are_refused() {
    let stack = echo().await;
    let cases: [&[Frame]; 9] = [
        &[part(PING, "a"), frame(CONTINUATION, "b")],
        &[part(PONG, "a"), frame(CONTINUATION, "b")],
        &[part(CLOSE, "")],
        &[frame(CONTINUATION, "nothing to continue")],
        &[part(CONTINUATION, "nothing to continue")],
        &[part(TEXT, "a"), frame(TEXT, "b")],
        &[part(TEXT, "a"), part(CONTINUATION, "b"), frame(TEXT, "c")],
        &[part(TEXT, "a"), frame(BINARY, "b")],
        &[part(CONTINUATION, ""), part(TEXT, "a"), frame(CONTINUATION, "b")],
    ];
    for frames in cases {
        refused(&stack, frames, PROTOCOL).await;
    }
    let mut client = Raw::open(&stack).await;
    client.send(&[part(TEXT, "a"), frame(CONTINUATION, "b")]).await;
    assert_eq!(client.echoed().await, "ab");
    client.send(&[frame(CONTINUATION, "c")]).await;
    assert_eq!(client.closed().await, PROTOCOL);
}

#[tokio::test]
async fn w_28_clients_must_mask() {
    let stack = echo().await;
    for opcode in [TEXT, PING, CLOSE] {
        refused(&stack, &[Frame { masked: false, ..frame(opcode, "") }], PROTOCOL).await;
    }
}

#[tokio::test]
async fn w_27_section_9_sizes_and_fragments() {
    let stack = echo().await;
    let mut client = Raw::open(&stack).await;
    let text = "0123456789abcdef".repeat(8 * 1024);
    for size in [64, 256, 1024, 4096, 32 * 1024] {
        let count = text.len() / size;
        let pieces = text.as_bytes().chunks(size).enumerate();
        let frames: Vec<Frame> = pieces
            .map(|(at, piece)| Frame {
                last: at + 1 == count,
                ..frame(if at == 0 { TEXT } else { CONTINUATION }, piece)
            })
            .collect();
        client.send_chopped(&frames, 1300).await;
        assert_eq!(client.echoed().await, text, "fragments of {size}");
    }
}

#[tokio::test]
async fn w_27_section_9_what_is_too_large_is_refused_before_it_has_come() {
    let stack = echo().await;
    refused(&stack, &[frame(TEXT, vec![b'*'; 32 * 1024 + 1])], 1009).await;
    // Only the head of a frame: nobody waits for the rest of it.
    for length in [32 * 1024 + 1, 1 << 32, (1 << 63) - 1, 1 << 63, u64::MAX] {
        let mut client = Raw::open(&stack).await;
        let mut head = vec![0x81, 0xff];
        head.extend(length.to_be_bytes());
        head.extend([0; 4]);
        client.send_bytes(&head).await;
        assert_eq!(client.closed().await, 1009, "{length}");
    }
    let mut frames = vec![part(TEXT, vec![b'*'; 32 * 1024])];
    frames.extend(vec![part(CONTINUATION, vec![b'*'; 32 * 1024]); 3]);
    frames.push(frame(CONTINUATION, "*"));
    refused(&stack, &frames, 1009).await;
}
