//! Signing requests: a token of Entra ID, or a shared access signature.
//!
//! A token is fetched once for all who wait for it, and used until
//! [`REFRESH_BEFORE`] its end; if a new one cannot be had then, the old one goes on
//! until it expires.

use std::sync::Arc;
use std::time::Duration;

use azure_core::credentials::{AccessToken, TokenCredential};
use http::HeaderValue;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;

use super::sas::Sas;
use crate::access::Authorization;

/// Storage of every cloud has this one.
/// <https://learn.microsoft.com/rest/api/storageservices/authorize-with-azure-active-directory>
const SCOPE: &str = "https://storage.azure.com/.default";

/// How long before its end a token is replaced.
const REFRESH_BEFORE: SignedDuration = SignedDuration::from_mins(5);

/// The least that a token must still be good for if no other can be had.
const LEAST: SignedDuration = SignedDuration::from_secs(30);

/// How long a sign-in may take; the Azure CLI is slow to start.
const SIGN_IN_WITHIN: Duration = Duration::from_mins(2);

/// No token could be had.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{method} gave no token for Azure Storage: {problem}")]
pub(crate) struct SignInFailed {
    pub(crate) method: String,
    pub(crate) problem: String,
}

/// What is added to a request.
#[derive(Clone, Debug)]
pub(crate) enum Signature {
    /// The value of `Authorization`.
    Bearer(HeaderValue),
    /// Added to the query.
    Query(Sas),
}

#[derive(Debug)]
pub(crate) struct Signer {
    pub(crate) method: String,
    source: Source,
}

#[derive(Debug)]
enum Source {
    Token { credential: Arc<dyn TokenCredential>, current: Mutex<Option<Current>> },
    Sas(Sas),
}

#[derive(Clone, Debug)]
struct Current {
    bearer: HeaderValue,
    expires: Timestamp,
}

impl Signer {
    pub(crate) fn new(authorization: &Authorization) -> Self {
        match authorization {
            Authorization::Token { credential, method } => Self {
                method: method.clone(),
                source: Source::Token { credential: Arc::clone(credential), current: Mutex::default() },
            },
            Authorization::Sas { sas, method } => {
                Self { method: method.clone(), source: Source::Sas(sas.clone()) }
            }
        }
    }

    pub(crate) fn sas(&self) -> Option<&Sas> {
        match &self.source {
            Source::Sas(sas) => Some(sas),
            Source::Token { .. } => None,
        }
    }

    pub(crate) async fn sign(&self, now: Timestamp) -> Result<Signature, SignInFailed> {
        let (credential, current) = match &self.source {
            Source::Sas(sas) => return Ok(Signature::Query(sas.clone())),
            Source::Token { credential, current } => (credential, current),
        };
        let mut current = current.lock().await;
        let left = current.as_ref().map(|token| token.expires.duration_since(now));
        let usable = match (left, &*current) {
            (Some(left), Some(token)) if left > REFRESH_BEFORE => {
                return Ok(Signature::Bearer(token.bearer.clone()));
            }
            (Some(left), Some(token)) if left > LEAST => Some(token.clone()),
            _ => None,
        };
        match (self.fetch(credential).await, usable) {
            (Ok(token), _) => Ok(Signature::Bearer(current.insert(token).bearer.clone())),
            (Err(error), Some(token)) => {
                tracing::warn!(%error, "a token could not be renewed; the old one is used until it expires");
                Ok(Signature::Bearer(token.bearer))
            }
            (Err(error), None) => Err(error),
        }
    }

    /// Another signature after one was refused; `None` if there is no other.
    pub(crate) async fn renew(&self, refused: &Signature) -> Result<Option<Signature>, SignInFailed> {
        let (Source::Token { credential, current }, Signature::Bearer(refused)) = (&self.source, refused)
        else {
            return Ok(None);
        };
        let mut current = current.lock().await;
        match &*current {
            // Somebody else has done it meanwhile.
            Some(token) if token.bearer != *refused => Ok(Some(Signature::Bearer(token.bearer.clone()))),
            _ => {
                let token = self.fetch(credential).await?;
                let is_other = token.bearer != *refused;
                let bearer = current.insert(token).bearer.clone();
                Ok(is_other.then_some(Signature::Bearer(bearer)))
            }
        }
    }

    async fn fetch(&self, credential: &Arc<dyn TokenCredential>) -> Result<Current, SignInFailed> {
        // Programs like the Azure CLI answer in several lines.
        let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let failed =
            |problem: String| SignInFailed { method: self.method.clone(), problem: one_line(&problem) };
        let token: AccessToken =
            match tokio::time::timeout(SIGN_IN_WITHIN, credential.get_token(&[SCOPE], None)).await {
                Ok(answer) => answer.map_err(|error| failed(error.to_string()))?,
                Err(_) => {
                    return Err(failed(format!("it did not answer within {} s", SIGN_IN_WITHIN.as_secs())));
                }
            };
        let mut bearer = HeaderValue::from_str(&format!("Bearer {}", token.token.secret()))
            .map_err(|_| failed("it gave one that no request can carry".to_owned()))?;
        bearer.set_sensitive(true);
        let expires = Timestamp::from_second(token.expires_on.unix_timestamp())
            .map_err(|_| failed("it gave one without a usable end".to_owned()))?;
        Ok(Current { bearer, expires })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use azure_core::credentials::TokenRequestOptions;
    use azure_core::time::OffsetDateTime;

    use super::*;

    /// Gives a new token each time, valid for an hour after `minute` zero; none while broken.
    #[derive(Debug, Default)]
    struct Numbered {
        given: AtomicU32,
        broken: std::sync::atomic::AtomicBool,
    }

    const HOUR: i64 = 3600;

    #[async_trait::async_trait]
    impl TokenCredential for Numbered {
        async fn get_token(
            &self,
            scopes: &[&str],
            _: Option<TokenRequestOptions<'_>>,
        ) -> azure_core::Result<AccessToken> {
            assert_eq!(scopes, [SCOPE]);
            tokio::task::yield_now().await;
            if self.broken.load(Ordering::SeqCst) {
                return Err(azure_core::Error::with_message(
                    azure_core::error::ErrorKind::Credential,
                    "run az login",
                ));
            }
            let number = self.given.fetch_add(1, Ordering::SeqCst) + 1;
            let end = OffsetDateTime::from_unix_timestamp(HOUR * i64::from(number)).unwrap();
            Ok(AccessToken::new(format!("token-{number}"), end))
        }
    }

    fn signer() -> (Arc<Numbered>, Signer) {
        let credential = Arc::new(Numbered::default());
        let method = "Azure CLI".to_owned();
        (Arc::clone(&credential), Signer::new(&Authorization::Token { credential, method }))
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn text(signature: &Signature) -> &str {
        let Signature::Bearer(value) = signature else { panic!("{signature:?}") };
        assert!(value.is_sensitive());
        value.to_str().unwrap()
    }

    #[tokio::test]
    async fn a_token_is_fetched_once_and_replaced_five_minutes_before_its_end() {
        let (credential, signer) = signer();
        let many = futures::future::join_all((0..20).map(|_| signer.sign(at(0)))).await;
        assert!(many.iter().all(|one| text(one.as_ref().unwrap()) == "Bearer token-1"));
        assert_eq!(text(&signer.sign(at(HOUR - 301)).await.unwrap()), "Bearer token-1");
        assert_eq!(text(&signer.sign(at(HOUR - 300)).await.unwrap()), "Bearer token-2");
        assert_eq!(credential.given.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn a_token_that_cannot_be_renewed_is_used_until_it_expires() {
        let (credential, signer) = signer();
        signer.sign(at(0)).await.unwrap();
        credential.broken.store(true, Ordering::SeqCst);
        assert_eq!(text(&signer.sign(at(HOUR - 60)).await.unwrap()), "Bearer token-1");
        let error = signer.sign(at(HOUR - 20)).await.unwrap_err().to_string();
        assert!(error.starts_with("Azure CLI gave no token") && error.contains("run az login"), "{error}");
    }

    #[tokio::test]
    async fn a_refused_token_is_renewed_once_for_all_who_used_it() {
        let (credential, signer) = signer();
        let refused = signer.sign(at(0)).await.unwrap();
        let renewed = futures::future::join_all((0..5).map(|_| signer.renew(&refused))).await;
        for one in renewed {
            assert_eq!(text(&one.unwrap().unwrap()), "Bearer token-2");
        }
        assert_eq!(credential.given.load(Ordering::SeqCst), 2);
    }
}
