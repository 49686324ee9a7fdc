//! The emulator of Azure Blob Storage that `cargo xtask test` starts.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};
use azure_core::time::OffsetDateTime;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use holdfast_store::{Access, Authorization, ExtraCa, Network, Vault, VaultUrl};
use jiff::Timestamp;

/// The container of all tests but those about containers.
const CONTAINER: &str = "contract";

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| {
        panic!(
            "{name} is not set, so there is no emulator of Azure Blob Storage: run `cargo xtask test`, or start one \
             with `cargo xtask azurite` and set what it prints"
        )
    })
}

/// Its account: `https://127.0.0.1:10000/devstoreaccount1`.
pub(crate) fn account() -> String {
    variable("HOLDFAST_TEST_AZURITE")
}

/// Trusts its certificate.
pub(crate) fn network() -> Network {
    let file = PathBuf::from(variable("HOLDFAST_TEST_AZURITE_CA"));
    Network { extra_ca: Some(ExtraCa::read(&file).unwrap()), proxy: None }
}

/// A sign-in that it accepts.
pub(crate) fn access() -> Access {
    let credential = Arc::new(Token::for_audience("https://storage.azure.com"));
    Access {
        authorization: Some(Authorization::Token { credential, method: "the test".to_owned() }),
        network: network(),
    }
}

/// A place in a container that exists.
pub(crate) async fn place(prefix: &str) -> VaultUrl {
    let cache = tempfile::tempdir().unwrap();
    let made: VaultUrl = format!("{}/{CONTAINER}/made", account()).parse().unwrap();
    Vault::open_or_create(&made, &access(), cache.path()).await.unwrap();
    format!("{}/{CONTAINER}/{prefix}", account()).parse().unwrap()
}

/// Gives tokens that no authority signed: the emulator looks at issuer, audience and times only.
#[derive(Debug)]
pub(crate) struct Token {
    audience: &'static str,
    pub(crate) given: AtomicU64,
}

impl Token {
    pub(crate) fn for_audience(audience: &'static str) -> Self {
        Self { audience, given: AtomicU64::new(0) }
    }
}

#[async_trait]
impl TokenCredential for Token {
    async fn get_token(
        &self,
        _: &[&str],
        _: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        let number = self.given.fetch_add(1, Ordering::SeqCst);
        let now = Timestamp::now().as_second();
        let tenant = "ab1f708d-50f6-404c-a006-d71b2ac7a606";
        let claims = serde_json::json!({
            "aud": self.audience,
            "iss": format!("https://sts.windows.net/{tenant}/"),
            "tid": tenant,
            "iat": now - 60,
            "nbf": now - 60,
            "exp": now + 3600,
            // Each token differs from the one before.
            "uti": number,
        });
        let part = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let header = serde_json::json!({"alg": "none", "typ": "JWT"});
        let token = format!("{}.{}.{}", part(header), part(claims), URL_SAFE_NO_PAD.encode("none"));
        Ok(AccessToken::new(token, OffsetDateTime::from_unix_timestamp(now + 3600).unwrap()))
    }
}
