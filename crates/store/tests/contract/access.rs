//! Signing in to Azure Blob Storage, and what is said where it is refused.

use std::sync::Arc;

use async_trait::async_trait;
use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use holdfast_store::{
    Access, AccessReport, Authorization, Network, Outcome, Sas, Step, StoreError, Vault, VaultUrl, Writer,
};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::azurite::{self, Token, access, account, network};
use crate::stores::*;

/// The key that every emulator's account has.
/// <https://learn.microsoft.com/azure/storage/common/storage-connect-azurite>
const KEY: &str = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

fn with(credential: impl TokenCredential + 'static) -> Access {
    let authorization =
        Authorization::Token { credential: Arc::new(credential), method: "the test".to_owned() };
    Access { authorization: Some(authorization), network: network() }
}

/// A shared access signature of a container.
/// <https://learn.microsoft.com/rest/api/storageservices/create-service-sas#version-2020-12-06-and-later>
fn signed(container: &str, permissions: &str, expires: Timestamp) -> Access {
    let (version, expires) = ("2022-11-02", expires.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
    let text = format!(
        "{permissions}\n\n{expires}\n/blob/devstoreaccount1/{container}\n\n\n\n{version}\nc\n\n\n\n\n\n\n"
    );
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &BASE64_STANDARD.decode(KEY).unwrap());
    let signature = BASE64_STANDARD.encode(aws_lc_rs::hmac::sign(&key, text.as_bytes()));
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    let pairs = [("sv", version), ("se", &expires), ("sr", "c"), ("sp", permissions), ("sig", &signature)];
    let sas = Sas::parse(&query.extend_pairs(pairs).finish()).unwrap();
    let authorization = Authorization::Sas { sas, method: "the keyring".to_owned() };
    Access { authorization: Some(authorization), network: network() }
}

async fn here() -> VaultUrl {
    azurite::place(&Uuid::new_v4().to_string()).await
}

fn later() -> Timestamp {
    Timestamp::now() + SignedDuration::from_hours(1)
}

async fn refused(url: &VaultUrl, access: &Access) -> String {
    let cache = tempfile::tempdir().unwrap();
    let error = Vault::open_or_create(url, access, cache.path()).await.unwrap_err();
    assert!(cache.path().read_dir().unwrap().next().is_none());
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

fn outcome(report: &AccessReport, step: Step) -> (Outcome, String) {
    let step = report.steps.iter().find(|done| done.step == step).unwrap();
    (step.outcome, step.message.clone().unwrap_or_default())
}

#[tokio::test]
async fn the_access_test_passes_where_a_backup_will_and_leaves_nothing() {
    let url = here().await;
    let report = Vault::check_access(&url, &access()).await;
    assert!(report.can_write() && report.can_read(), "{report:?}");
    assert_eq!(report.sign_in.as_deref(), Some("the test"));
    let steps: Vec<Step> = report.steps.iter().map(|step| step.step).collect();
    assert_eq!(steps, [Step::List, Step::Private, Step::Write, Step::Read, Step::Delete]);
    let cache = tempfile::tempdir().unwrap();
    let error = Vault::open(&url, &access(), cache.path()).await.unwrap_err();
    assert!(matches!(error, StoreError::NotAVault(_)), "{error}");

    let folder = tempfile::tempdir().unwrap();
    let url: VaultUrl = folder.path().to_str().unwrap().parse().unwrap();
    let report = Vault::check_access(&url, &Access::default()).await;
    assert!(report.can_write() && report.sign_in.is_none(), "{report:?}");
}

#[tokio::test]
async fn a_container_that_is_missing_is_named_and_created_by_whoever_may() {
    let container = format!("c-{}", Uuid::new_v4());
    let url: VaultUrl = format!("{}/{container}", account()).parse().unwrap();
    let report = Vault::check_access(&url, &access()).await;
    let (failed, message) = outcome(&report, Step::List);
    assert_eq!((failed, report.can_read()), (Outcome::Failed, false));
    assert!(
        message.contains(&format!("container {container} does not exist in storage account")),
        "{message}"
    );
    assert_eq!(outcome(&report, Step::Write).0, Outcome::Skipped);

    let cache = tempfile::tempdir().unwrap();
    let error = Vault::open(&url, &access(), cache.path()).await.unwrap_err();
    assert!(matches!(error, StoreError::Refused { .. }), "{error}");
    let vault = Vault::open_or_create(&url, &access(), cache.path()).await.unwrap();
    write(&vault, "p", &Writer::new(), members("one")).await.unwrap();
    let again = Vault::open(&url, &access(), cache.path()).await.unwrap();
    assert_eq!(again.id(), vault.id());
    check(&again, "p", "one").await;
}

#[tokio::test]
async fn a_container_that_anybody_can_read_fails_the_access_test() {
    let container = format!("{}/public-{}", account(), Uuid::new_v4());
    let token = Token::for_audience("https://storage.azure.com").get_token(&[], None).await.unwrap();
    let request = network().client(true).unwrap().put(format!("{container}?restype=container"));
    let request = request.bearer_auth(token.token.secret()).header("x-ms-version", "2022-11-02");
    let answer = request.header("x-ms-blob-public-access", "container").body("").send().await.unwrap();
    assert_eq!(answer.status(), 201);
    let report = Vault::check_access(&container.parse().unwrap(), &access()).await;
    let (failed, message) = outcome(&report, Step::Private);
    assert!(failed == Outcome::Failed && message.contains("recovery points hold Secrets"), "{message}");
    assert!(!report.can_write() && report.can_read());
}

#[tokio::test]
async fn a_shared_access_signature_is_all_that_a_vault_needs() {
    let url = here().await;
    let access = signed("contract", "racwdl", later());
    let report = Vault::check_access(&url, &access).await;
    assert!(report.can_write(), "{report:?}");
    let cache = tempfile::tempdir().unwrap();
    let vault = Vault::open_or_create(&url, &access, cache.path()).await.unwrap();
    write(&vault, "p", &Writer::new(), members("one")).await.unwrap();
    check(&vault, "p", "one").await;
    vault.delete(&name("p")).await.unwrap();
}

#[tokio::test]
async fn a_signature_that_does_not_reach_says_why() {
    let url = here().await;
    let reading = signed("contract", "rl", later());
    let report = Vault::check_access(&url, &reading).await;
    assert!(report.can_read() && !report.can_write(), "{report:?}");
    let (failed, message) = outcome(&report, Step::Write);
    assert_eq!(failed, Outcome::Failed);
    assert!(message.contains("(from the keyring) does not permit it"), "{message}");
    assert!(message.contains("create, write, delete and list"), "{message}");
    assert!(!format!("{report:?}").contains("sig="));

    let expired =
        refused(&url, &signed("contract", "racwdl", Timestamp::now() - SignedDuration::from_mins(5))).await;
    assert!(expired.contains("(from the keyring) expired at"), "{expired}");
    assert!(!expired.contains("sig="), "{expired}");
    let other = refused(&url, &signed("another", "racwdl", later())).await;
    assert!(
        other.contains("the shared access signature (from the keyring) is for something else"),
        "{other}"
    );
}

#[tokio::test]
async fn a_token_that_is_not_accepted_names_who_gave_it() {
    let url = here().await;
    let words = refused(&url, &with(Token::for_audience("https://management.azure.com"))).await;
    assert!(words.contains("does not accept the token of the test"), "{words}");
}

#[derive(Debug)]
struct Nobody;

#[async_trait]
impl TokenCredential for Nobody {
    async fn get_token(
        &self,
        _: &[&str],
        _: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        Err(azure_core::Error::with_message(
            azure_core::error::ErrorKind::Credential,
            "please run 'az login'",
        ))
    }
}

#[tokio::test]
async fn a_sign_in_that_fails_is_told_from_a_refusal() {
    let url = here().await;
    let words = refused(&url, &with(Nobody)).await;
    assert!(words.starts_with("signing in to Azure failed"), "{words}");
    assert!(words.contains("the test gave no token") && words.contains("please run 'az login'"), "{words}");
    let words = refused(&url, &Access::default()).await;
    assert!(words.contains("needs a sign-in"), "{words}");
}

#[tokio::test]
async fn what_cannot_be_reached_is_told_apart() {
    let url = here().await;
    let untrusted = Access { network: Network::default(), ..access() };
    let words = refused(&url, &untrusted).await;
    assert!(words.contains("not trusted here") && words.contains("--ca-file"), "{words}");

    let nowhere: VaultUrl = "https://holdfast0nosuchaccount.blob.core.windows.net/backups".parse().unwrap();
    let words = refused(&nowhere, &access()).await;
    assert!(words.contains("there is no storage account holdfast0nosuchaccount"), "{words}");

    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let closed: VaultUrl = format!("https://127.0.0.1:{port}/devstoreaccount1/backups").parse().unwrap();
    let words = refused(&closed, &access()).await;
    assert!(words.contains("127.0.0.1 does not answer"), "{words}");
}
