//! What people write is data, wherever it goes.

use serde_json::json;

use crate::support::{Bench, Logs, post, text};

/// Markup, quotes, line breaks of all kinds, a zero byte, direction marks, half of what could be a key.
const NASTY: [&str; 6] = [
    "<script>alert('x')</script> <img src=x onerror=alert(1)>",
    "\"}], \"admin\": true, [{\"",
    "one\r\n{\"level\":\"INFO\",\"message\":\"forged\"}\r\ntwo",
    "CONV#x MSG#y USER#z :now #name",
    "a\u{2028}b\u{2029}c\u{0}d\u{1b}[31m",
    "\u{202E}evil\u{202C} javascript:alert(1) {{7*7}} ${jndi:ldap://x}",
];

#[tokio::test]
async fn i1_text_is_kept_and_told_as_it_came() {
    let bench = Bench::start().await;
    let pair = bench.pair().await;
    for content in NASTY {
        let said = bench.say(&pair.of_ben, &pair.id, content).await;
        assert_eq!(said["content"], content);
        let received = pair.of_ana.expect("message:receive").await["message"].clone();
        assert_eq!((&received["content"], &received["originalContent"]), (&json!(content), &json!(content)));
        assert_eq!(bench.last_message(&pair.ana).await["content"], content);
    }
    let page = bench.page(&pair.ana, &pair.id).await;
    let contents: Vec<_> = page.iter().map(|message| text(&message["content"])).collect();
    assert_eq!(contents, NASTY);
    // Names of files, people and groups, which other people see.
    let body = json!({ "type": "group", "name": NASTY[0], "participantIds": [pair.ben.id] });
    let named = bench.conversation(&pair.ana, &body).await;
    assert_eq!(bench.listed(&pair.ben, &named).await.unwrap()["name"], NASTY[0]);
    let call = crate::support::get("/api/conversations").bearer(&pair.ben.token);
    let answer = bench.http("conversations-list", call).await;
    assert_eq!(answer.header("content-type"), Some("application/json"), "never a page");
}

#[tokio::test]
async fn i2_one_name_has_one_spelling() {
    let bench = Bench::start().await;
    let register = async |email: &str, username: &str, name: &str| {
        let body = json!({
            "email": email, "username": username, "displayName": name, "password": "correct horse battery",
        });
        bench.http("auth-register", post("/api/auth/register", &body)).await
    };
    let (composed, decomposed) = ("jos\u{e9}", "jose\u{301}");
    let jose = register("jose@example.com", decomposed, "Jose\u{301} Pe\u{301}rez").await.expect(201);
    assert_eq!(jose["user"]["username"], composed);
    assert_eq!(jose["user"]["displayName"], "Jos\u{e9} P\u{e9}rez");
    for twin in [composed, decomposed, "JOS\u{c9}", "JOSE\u{301}"] {
        register("twin@example.com", twin, "Twin").await.refused(400, "USERNAME_EXISTS");
    }
    for hidden in ["ana\u{202E}", "a\u{200B}na\u{2066}", "ana\u{0}", "line\nbreak"] {
        register("x@example.com", "someone", hidden).await.refused(400, "VALIDATION_ERROR");
    }
}

#[tokio::test]
async fn i4_nothing_that_a_client_says_makes_a_log_line_of_its_own() {
    let logs = Logs::listen();
    let bench = Bench::start().await;
    let pair = bench.pair().await;
    let forged = "x\r\n{\"level\":\"INFO\",\"message\":\"forged\"}";
    let mut before = 0;
    for nasty in NASTY.into_iter().chain([forged]) {
        let call = post(&format!("/api/{nasty}"), &json!({ "email": nasty, "password": nasty }));
        // Of a header API Gateway passes on what a header can hold.
        let header: String = nasty.chars().filter(|letter| (' '..='~').contains(letter)).collect();
        let call = call.bearer(&header).header("user-agent", &header).header("x-forwarded-for", &header);
        bench.http("auth-login", call.clone()).await.refused(400, "VALIDATION_ERROR");
        bench.http("auth-me", call.path("conversationId", nasty)).await.refused(401, "UNAUTHORIZED");
        let frame = json!({ "action": nasty, "data": { "tempId": nasty, "conversationId": nasty, "content": nasty } });
        bench.frame("ws-default", &pair.of_ben, &frame).await;
        bench.frame("ws-message-send", &pair.of_ben, &frame).await;
        // Each line is a JSON object, or this panics.
        let lines = logs.lines();
        assert!(lines.len() > before, "something was logged");
        before = lines.len();
        assert!(lines.iter().all(|line| line["message"] != "forged"));
    }
}

#[tokio::test]
async fn h1_the_address_of_a_picture_is_https_and_nobody_goes_there() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "en").await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let change = async |address: &str| {
        let call = crate::support::call("PATCH", "/api/users/me", Some(&json!({ "avatarUrl": address })));
        bench.http("users-update", call.bearer(&ana.token)).await
    };
    for address in
        ["http://example.com/a.png", "javascript:alert(1)", "data:image/png;base64,AA==", "file:///etc/passwd", "//x/y"]
    {
        change(address).await.refused(400, "VALIDATION_ERROR");
    }
    let inside = format!("https://localhost:{port}/latest/meta-data");
    let kept = change(&inside).await.expect(200);
    assert_eq!(kept["user"]["avatarUrl"], inside, "it is handed to clients");
    let ben = bench.person("ben", "en").await;
    bench.conversation(&ana, &json!({ "type": "group", "avatarUrl": inside, "participantIds": [ben.id] })).await;
    assert!(futures_util::FutureExt::now_or_never(listener.accept()).is_none(), "nobody came");
}

#[tokio::test]
async fn h5_what_the_translator_answers_is_not_trusted() {
    let bench = Bench::start().await;
    let pair = bench.pair().await;
    let words = "The weather is lovely today.";
    for (answer, shown) in [
        ("Hola\u{7}\u{0}\u{1b}[31m amigo".to_owned(), "Hola[31m amigo".to_owned()),
        ("x".repeat(100_000), words.to_owned()),
        (" \n".to_owned(), words.to_owned()),
        (NASTY[0].to_owned(), NASTY[0].to_owned()),
    ] {
        let said = format!("{words} {}", bench.services.translator.asked().len());
        let shown = shown.replace(words, &said);
        bench.services.translator.say(&said, "en", "es", &answer);
        bench.say(&pair.of_ben, &pair.id, &said).await;
        assert_eq!(pair.of_ana.expect("message:receive").await["message"]["translatedContent"], shown, "{answer:.40}");
    }
}
