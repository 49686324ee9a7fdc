//! A validating webhook that a real API server asks, in this process.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::key::Key;
use crate::lab::Lab;

/// Why an object is refused, if it is.
pub type Decide = fn(&Value) -> Option<String>;

/// A webhook that is registered with the source cluster until it is removed.
pub struct Webhook {
    key: Key,
}

impl Webhook {
    /// Registers a webhook for what is done to `resources` in namespaces with the label `webhook=NAME`.
    pub async fn register(
        lab: &Lab,
        name: &str,
        resources: &[&str],
        side_effects: &str,
        decide: Decide,
    ) -> Self {
        let name = lab.name(name);
        let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let port = serve(&own, decide);
        let bundle = STANDARD.encode(own.cert.pem());
        let configuration = json!({
            "apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration",
            "metadata": {"name": name},
            "webhooks": [{
                "name": format!("{name}.example.com"), "sideEffects": side_effects, "admissionReviewVersions": ["v1"],
                "failurePolicy": "Fail", "timeoutSeconds": 10,
                "clientConfig": {"url": format!("https://localhost:{port}/"), "caBundle": bundle},
                "namespaceSelector": {"matchLabels": {"webhook": name}},
                "rules": [{"apiGroups": ["*"], "apiVersions": ["*"], "resources": resources,
                    "operations": ["CREATE", "UPDATE"], "scope": "Namespaced"}]}]});
        lab.source.create(&configuration).await;
        Self { key: Key::of(&configuration) }
    }

    /// The value of the label of namespaces that it is for.
    pub fn label(&self) -> &str {
        &self.key.name
    }

    /// Unregisters it.
    pub async fn remove(&self, lab: &Lab) {
        lab.source.delete_and_wait(&self.key).await;
    }
}

fn serve(own: &rcgen::CertifiedKey<rcgen::KeyPair>, decide: Decide) -> u16 {
    let key = rustls::pki_types::PrivatePkcs8KeyDer::from(own.signing_key.serialize_der());
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = rustls::ServerConfig::builder_with_provider(provider);
    let builder = builder.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    let config = Arc::new(builder.with_single_cert(vec![own.cert.der().clone()], key.into()).unwrap());
    let listener = TcpListener::bind("localhost:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let tls = rustls::ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = rustls::StreamOwned::new(tls, stream);
            std::thread::spawn(move || while answer(&mut stream, decide).is_some() {});
        }
    });
    port
}

/// Answers one request; `None` when there is no more.
fn answer(stream: &mut (impl Read + Write), decide: Decide) -> Option<()> {
    let mut bytes = Vec::new();
    let (head, length) = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
            break (end + 4, length.unwrap_or(0usize));
        }
        read(stream, &mut bytes)?;
    };
    while bytes.len() < head + length {
        read(stream, &mut bytes)?;
    }
    let review: Value = serde_json::from_slice(&bytes[head..head + length]).unwrap();
    let refusal = decide(&review["request"]["object"]);
    let mut response = json!({"uid": review["request"]["uid"], "allowed": refusal.is_none()});
    if let Some(message) = refusal {
        response["status"] = json!({"message": message});
    }
    let body = json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": response})
        .to_string();
    let text = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(text.as_bytes()).ok()?;
    stream.flush().ok()
}

fn read(stream: &mut impl Read, bytes: &mut Vec<u8>) -> Option<()> {
    let mut chunk = [0; 16 * 1024];
    match stream.read(&mut chunk) {
        Ok(0) | Err(_) => None,
        Ok(count) => {
            bytes.extend_from_slice(&chunk[..count]);
            Some(())
        }
    }
}
