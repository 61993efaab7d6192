use edge::Failure;
use edge::http::{Reply, Request};
use serde_json::json;

use crate::support::{get, post};

#[tokio::test]
async fn a_path_that_is_no_route_is_not_found_in_the_one_shape() {
    for path in ["/", "/api/nothing", "/api/a b", "/api/☕?#", "/api/auth/me/"] {
        get(path).to(&(), functions::http::default::handle).await.refused(404, "NOT_FOUND");
    }
    post("/api/nothing", &json!({})).to(&(), functions::http::default::handle).await.refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn a_handler_that_panics_or_runs_out_of_time_is_answered_in_the_one_shape() {
    async fn panics((): &(), _: Request) -> Result<Reply<()>, Failure> {
        panic!("a defect with a s3cret")
    }
    async fn hangs((): &(), _: Request) -> Result<Reply<()>, Failure> {
        std::future::pending().await
    }
    let answer = get("/").to(&(), panics).await;
    assert!(!answer.body.to_string().contains("s3cret"));
    assert!(answer.body["message"].as_str().unwrap().contains("ATfSmjLgPHcESJw="), "the request id is told");
    answer.refused(500, "INTERNAL_ERROR");

    let event = serde_json::from_str(include_str!("../events/http.json")).unwrap();
    let answer = edge::http::answer(&(), &hangs, event, std::time::Duration::from_millis(50)).await;
    assert_eq!(answer.status_code, 500);
}
