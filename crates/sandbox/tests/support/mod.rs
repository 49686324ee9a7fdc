//! Plain HTTP requests to a sandbox.
#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, reason = "tests fail by panicking")]
#![allow(dead_code, reason = "every test program uses its own part")]

use bytes::Bytes;
use holdfast_sandbox::Sandbox;
use http_body_util::{BodyExt, Full};
use serde_json::{Value, json};
use tower::ServiceExt;

/// A sandbox and its requests.
pub struct Api(pub Sandbox);

impl Api {
    pub fn new() -> Self {
        Self(Sandbox::in_memory().unwrap())
    }

    /// Status code and body; a body that is not JSON as a string.
    pub async fn send(&self, method: &str, target: &str, body: Option<&Value>) -> (u16, Value) {
        let content = if method == "PATCH" { "application/merge-patch+json" } else { "application/json" };
        let body = Full::new(body.map(|body| Bytes::from(body.to_string())).unwrap_or_default());
        let request = http::Request::builder().method(method).uri(target).header("content-type", content);
        let response = self.0.clone().oneshot(request.body(body).unwrap()).await.unwrap();
        let code = response.status().as_u16();
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        let body = serde_json::from_slice(&bytes).unwrap_or_else(|_| json!(String::from_utf8_lossy(&bytes)));
        (code, body)
    }

    async fn expect(&self, code: u16, method: &str, target: &str, body: Option<&Value>) -> Value {
        let (got, answer) = self.send(method, target, body).await;
        assert_eq!(got, code, "{method} {target}: {answer}");
        answer
    }

    pub async fn get(&self, target: &str) -> Value {
        self.expect(200, "GET", target, None).await
    }

    pub async fn post(&self, target: &str, body: &Value) -> Value {
        self.expect(201, "POST", target, Some(body)).await
    }

    pub async fn patch(&self, target: &str, body: &Value) -> Value {
        self.expect(200, "PATCH", target, Some(body)).await
    }

    pub async fn delete(&self, target: &str) {
        self.expect(200, "DELETE", target, None).await;
    }

    /// The names in a list.
    pub async fn names(&self, target: &str) -> Vec<String> {
        names(&self.get(target).await)
    }

    /// Every object of every type that is announced, with its kind.
    pub async fn everything(&self) -> Vec<Value> {
        let groups = self.get("/apis").await;
        let versions = groups["groups"].as_array().unwrap().iter();
        let versions =
            versions.map(|g| format!("/apis/{}", g["preferredVersion"]["groupVersion"].as_str().unwrap()));
        let mut all = Vec::new();
        for root in std::iter::once("/api/v1".to_owned()).chain(versions) {
            let served = self.get(&root).await;
            for resource in served["resources"].as_array().unwrap() {
                let list = self.get(&format!("{root}/{}", resource["name"].as_str().unwrap())).await;
                for item in list["items"].as_array().unwrap() {
                    let mut item = item.clone();
                    item["kind"] = resource["kind"].clone();
                    all.push(item);
                }
            }
        }
        all
    }
}

pub fn names(list: &Value) -> Vec<String> {
    let items = list["items"].as_array().unwrap();
    items.iter().map(|item| item["metadata"]["name"].as_str().unwrap().to_owned()).collect()
}
