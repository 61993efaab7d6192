//! Section 6: text is UTF-8, however it is cut into frames.

use super::raw::{CONTINUATION, Raw, TEXT, frame, part};
use super::{echo, refused};

const NOT_UTF8: u16 = 1007;

#[tokio::test]
async fn section_6_every_kind_of_character_arrives() {
    let stack = echo().await;
    let mut client = Raw::open(&stack).await;
    let texts = [
        "Hello-µ@ßöäüàá-UTF-8!!",
        "κόσμε",
        "\0",
        "\u{7f}\u{80}\u{7ff}\u{800}\u{ffff}\u{10000}\u{10ffff}",
        "\u{d7ff}\u{e000}\u{fffd}",
        "\u{fffe}\u{1fffe}\u{10fffe}",
        "😀👩‍👩‍👧‍👦",
    ];
    for text in texts {
        client.send(&[frame(TEXT, text)]).await;
        assert_eq!(client.echoed().await, text);
        // Every character is cut.
        let bytes = text.as_bytes();
        let mut fragments = vec![part(TEXT, &bytes[..1])];
        fragments.extend(bytes[1..].iter().map(|byte| part(CONTINUATION, [*byte])));
        fragments.push(frame(CONTINUATION, ""));
        client.send(&fragments).await;
        assert_eq!(client.echoed().await, text);
        client.send_chopped(&fragments, 1).await;
        assert_eq!(client.echoed().await, text);
    }
}

#[tokio::test]
async fn w_28_section_6_what_is_no_utf8_is_refused() {
    let stack = echo().await;
    let cases: [&[u8]; 22] = [
        // A continuation that continues nothing, and one that is missing.
        b"\x80",
        b"\xbf",
        b"\x80\xbf\x80",
        b"\xc2",
        b"\xe1\x80",
        b"\xf1\x80\x80",
        b"\xc2 ",
        b"\xe1\x80 ",
        // Bytes that are never in it.
        b"\xfe",
        b"\xff",
        b"\xfe\xfe\xff\xff",
        // More bytes than are needed.
        b"\xc0\xaf",
        b"\xe0\x80\xaf",
        b"\xf0\x80\x80\xaf",
        b"\xf8\x80\x80\x80\xaf",
        b"\xfc\x80\x80\x80\x80\xaf",
        b"\xc0\x80",
        // Halves of surrogate pairs, and whole ones.
        b"\xed\xa0\x80",
        b"\xed\xbf\xbf",
        b"\xed\xa0\x80\xed\xb0\x80",
        // Beyond U+10FFFF.
        b"\xf4\x90\x80\x80",
        b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80edited",
    ];
    for bytes in cases {
        refused(&stack, &[frame(TEXT, bytes)], NOT_UTF8).await;
        let mut fragments = vec![part(TEXT, "")];
        fragments.extend(bytes.iter().map(|byte| part(CONTINUATION, [*byte])));
        fragments.push(frame(CONTINUATION, ""));
        refused(&stack, &fragments, NOT_UTF8).await;
    }
}

/// Case 6.4: a frame that cannot become UTF-8 any more ends the connection, though more would come.
#[tokio::test]
async fn w_28_section_6_bad_text_is_refused_before_the_message_ends() {
    let stack = echo().await;
    refused(&stack, &[part(TEXT, b"\xce\xba\xe1\xbd\xb9\xf4\x90")], NOT_UTF8).await;
    refused(&stack, &[part(TEXT, "a"), part(CONTINUATION, b"\xff")], NOT_UTF8).await;
}
