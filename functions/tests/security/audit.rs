//! J3: what is in the audit log, and what is not.

use serde_json::{Value, json};

use crate::support::{Bench, Logs, PASSWORD, Person, application, call, post, text};
use crate::users::{AT_ONCE, erase, gone};

/// The latest entries, as what was done, by whom and to whom.
fn told(logs: &Logs) -> Vec<(String, Value, Value)> {
    let entry = |line: Value| (text(&line["deed"]), line["user"].clone(), line["subject"].clone());
    logs.audit().into_iter().map(entry).collect()
}

async fn login(bench: &Bench, email: &str, password: &str) -> i64 {
    let body = json!({ "email": email, "password": password });
    bench.http("auth-login", post("/api/auth/login", &body)).await.status
}

async fn refresh(bench: &Bench, token: &str) -> Value {
    let answer = bench.http("auth-refresh", post("/api/auth/refresh", &json!({ "refreshToken": token }))).await;
    answer.body
}

#[tokio::test]
async fn j3_who_signs_in_fails_to_and_loses_a_session_is_in_the_audit_log_without_a_secret() {
    let bench = Bench::start().await;
    let logs = Logs::listen();
    let ana = bench.person("ana", "es").await;
    let session = ana.actor.session.to_string();
    assert_eq!(login(&bench, &ana.email, "not her password").await, 401);
    assert_eq!(login(&bench, "nobody@example.com", "not her password").await, 401);
    let again = bench.sign_in_again(&ana).await;
    let change = |old: &str| {
        let body = json!({ "oldPassword": old, "newPassword": "another horse battery" });
        post("/api/auth/change-password", &body).bearer(&ana.token)
    };
    bench.http("auth-change-password", change("not her password")).await.refused(401, "INVALID_CREDENTIALS");
    bench.http("auth-change-password", change(PASSWORD)).await.expect(200);
    // Used, used by what it gave, and used once more: in two hands.
    let next = text(&refresh(&bench, &ana.refresh_token).await["refreshToken"]);
    refresh(&bench, &next).await;
    assert_eq!(refresh(&bench, &ana.refresh_token).await["code"], "UNAUTHORIZED");
    let once_more = bench.http(
        "auth-login",
        post(
            "/api/auth/login",
            &json!({
                "email": ana.email, "password": "another horse battery",
            }),
        ),
    );
    let token = text(&once_more.await.expect(200)["accessToken"]);
    bench.http("auth-logout", post("/api/auth/logout", &json!({})).bearer(&token)).await.expect(200);

    let (her, nobody) = (json!(ana.id), Value::Null);
    let expected = [
        ("registered", &her),
        ("sign_in_failed", &her),
        ("sign_in_failed", &nobody),
        ("signed_in", &her),
        ("password_refused", &her),
        ("password_changed", &her),
        ("refresh_token_reused", &her),
        ("signed_in", &her),
        ("logged_out", &her),
    ];
    let found = told(&logs);
    let found: Vec<_> = found.iter().map(|(deed, user, _)| (deed.as_str(), user)).collect();
    assert_eq!(found, expected);
    let entries = logs.audit();
    assert_eq!((&entries[0]["session"], &entries[6]["session"]), (&json!(session), &json!(session)));
    assert_eq!(entries[3]["session"], json!(again.actor.session.to_string()));
    let written = serde_json::to_string(&entries).unwrap();
    for secret in ["not her password", PASSWORD, "another horse", "example.com", &ana.token, &ana.refresh_token, &next]
    {
        assert!(!written.contains(secret), "{secret}: {written}");
    }
}

#[tokio::test]
async fn j3_what_people_do_to_each_other_is_in_the_audit_log_without_their_words() {
    let bench = Bench::with(&AT_ONCE).await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let cem = bench.person("cem", "tr").await;
    let group = bench.group(&ana, &[&ben, &cem]).await;
    let logs = Logs::listen();
    let of = |method: &str, rest: &str, body: Option<&Value>| {
        let path = format!("/api/conversations/{group}{rest}");
        call(method, &path, body).path("conversationId", &group).bearer(&ana.token)
    };
    let member = |person: &Person| format!("/participants/{}", person.id);
    for role in ["admin", "member"] {
        let role = of("PATCH", &member(&ben), Some(&json!({ "role": role }))).path("userId", &ben.id);
        bench.http("participants-role", role).await.expect(200);
    }
    bench.remove(&ana, &group, &cem.id).await.expect(200);
    for (method, function) in [("PUT", "users-block"), ("DELETE", "users-unblock")] {
        let path = format!("/api/users/{}/block", ben.id);
        let call = call(method, &path, None).path("userId", &ben.id).bearer(&ana.token);
        bench.http(function, call).await.expect(200);
    }
    let words = "He sells islands that he does not have.";
    bench.report(&ana, &ben, &json!({ "reason": "scam", "details": words })).await.expect(201);
    bench.report(&ana, &ben, &json!({ "reason": "scam", "details": words })).await.expect(200);
    bench.http("conversations-delete", of("DELETE", "", Some(&json!({ "forEveryone": true })))).await.expect(200);
    gone(&bench, &ana).await;
    assert!(erase(&bench, &ana.id).await);

    let done = |deed: &str, subject: Option<&Person>| {
        (deed.to_owned(), json!(ana.id), subject.map_or(Value::Null, |person| json!(person.id)))
    };
    let expected = [
        done("made_admin", Some(&ben)),
        done("made_member", Some(&ben)),
        done("member_removed", Some(&cem)),
        done("blocked", Some(&ben)),
        done("unblocked", Some(&ben)),
        done("reported", Some(&ben)),
        done("conversation_ended", None),
        done("account_deleted", None),
        done("account_erased", None),
    ];
    assert_eq!(told(&logs), expected);
    assert_eq!(logs.audit()[2]["conversation"], json!(group));
    assert!(!serde_json::to_string(&logs.audit()).unwrap().contains("islands"));
}

#[tokio::test]
async fn j3_the_audit_log_is_written_whatever_the_log_level_is() {
    let bench = Bench::start().await;
    for level in ["error", "warn", "info", "debug", "nonsense=="] {
        let logs = Logs::at(level);
        login(&bench, "nobody@example.com", PASSWORD).await;
        assert_eq!(logs.audit().len(), 1, "{level}: {}", logs.text());
    }
}

#[test]
fn j3_no_function_may_change_or_delete_what_is_logged() {
    for (id, function) in &application().functions {
        for statement in &function.policies {
            let logs: Vec<_> = statement.actions.iter().filter(|action| action.starts_with("logs:")).collect();
            assert!(logs.is_empty(), "{id}: {logs:?}");
            assert!(statement.actions.iter().all(|action| !action.starts_with('*')), "{id}");
        }
    }
}
