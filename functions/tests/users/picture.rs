use serde_json::json;

use super::picture_set::set;
use super::picture_upload_url::uploaded;
use crate::support::{Answer, Bench, PNG, fields, get};

async fn see(bench: &Bench, user: &str, file: &str) -> Answer {
    let services = bench.of("users-picture").await;
    bench.start_counting();
    let call = get("/api/users/u/pictures/p").path("userId", user).path("picture", file);
    call.to(&services, functions::users::picture::handle).await
}

#[tokio::test]
async fn leads_to_the_picture_without_a_token() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    let key = uploaded(&bench, &ana, PNG).await;
    set(&bench, &ana, &json!({ "key": key })).await.expect(200);
    let answer = see(&bench, &ana.id, key.rsplit('/').next().unwrap()).await;
    assert_eq!(bench.used(), "", "nothing is asked for: the address is signed here");
    assert_eq!(answer.status, 302);
    assert_eq!(answer.header("cache-control"), Some("public, max-age=600"));
    let location = answer.header("location").unwrap().to_owned();
    assert_eq!(answer.body, json!({ "location": location }));
    assert_eq!(fields(&answer.body), ["location"]);
    let shown = reqwest::get(&location).await.unwrap();
    assert_eq!((shown.status().as_u16(), shown.headers()["content-type"].to_str().unwrap()), (200, "image/png"));
    assert_eq!(shown.headers()["content-disposition"], "inline");
}

#[tokio::test]
async fn f9_leads_to_pictures_and_nowhere_else() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    let uuid = "00000000-0000-4000-8000-000000000001";
    for (user, file) in [
        ("uploads", "x.png".to_owned()),
        (ana.id.as_str(), String::new()),
        (&ana.id, "../../conv_x/att_y.png".to_owned()),
        (&ana.id, format!("{uuid}.pdf")),
        (&ana.id, format!("{uuid}.gif")),
        (&ana.id, format!("{uuid}.png/..")),
        (&ana.id, uuid.to_owned()),
        ("../conv_x", format!("{uuid}.png")),
    ] {
        see(&bench, user, &file).await.refused(404, "NOT_FOUND");
    }
}
