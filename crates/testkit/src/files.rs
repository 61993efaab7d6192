//! Files as a phone uploads and downloads them, at the addresses that it was given.

use crate::PATIENCE;

/// A small picture, as `imaging` writes it: made anew, it is the same again.
pub const PNG: &[u8] = include_bytes!("small.png");

/// Uploads a file as older clients do: with its type as the only header of their own. The status of the answer.
pub async fn upload(address: &str, content_type: &str, bytes: &[u8]) -> u16 {
    let put = reqwest::Client::new().put(address).header("content-type", content_type).body(bytes.to_vec());
    put.timeout(PATIENCE).send().await.expect("the bucket").status().as_u16()
}

/// Downloads a file: the status of the answer, and what came.
pub async fn download(address: &str) -> (u16, Vec<u8>) {
    let got = reqwest::Client::new().get(address).timeout(PATIENCE).send().await.expect("the bucket");
    (got.status().as_u16(), got.bytes().await.expect("a file").to_vec())
}
