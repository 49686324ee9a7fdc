use std::io;

use holdfast_cluster::{ApiError, ClusterError, StatusError};
use holdfast_engine::EngineError;
use holdfast_store::StoreError;

use super::*;

fn status(code: u16, reason: &str) -> ApiError {
    ApiError::Status(Box::new(StatusError {
        attempt: "list secrets".into(),
        code,
        reason: reason.into(),
        message: "the server's words".into(),
        causes: Vec::new(),
        retry_after: None,
        continue_token: None,
        from_api: true,
    }))
}

fn told(failure: &Failure) -> (FailureCode, bool) {
    (failure.code, failure.retryable)
}

#[test]
fn a_refusal_is_known_by_its_status_and_keeps_the_servers_words() {
    for (code, reason, expected) in [
        (401, "Unauthorized", (FailureCode::ClusterUnauthorized, false)),
        (403, "Forbidden", (FailureCode::ClusterForbidden, false)),
        (404, "NotFound", (FailureCode::NotFound, false)),
        (409, "AlreadyExists", (FailureCode::AlreadyExists, false)),
        (409, "Conflict", (FailureCode::Busy, true)),
        (422, "Invalid", (FailureCode::InvalidInput, false)),
        (500, "InternalError", (FailureCode::ClusterUnreachable, false)),
        (503, "ServiceUnavailable", (FailureCode::ClusterUnreachable, true)),
    ] {
        let failure = Failure::from(EngineError::Api(status(code, reason)));
        assert_eq!(told(&failure), expected, "{code} {reason}");
        assert!(failure.message.starts_with("list secrets: the server's words"), "{}", failure.message);
        assert_eq!(failure.details, Some(format!("{code} {reason}: the server's words")));
    }
}

#[test]
fn what_the_network_did_can_be_retried_and_what_a_file_says_cannot() {
    let (attempt, server) = (String::from("discover"), String::from("https://prod"));
    let unreachable = ApiError::Unreachable { attempt, server, reason: "connection refused".into() };
    assert_eq!(told(&unreachable.into()), (FailureCode::ClusterUnreachable, true));
    let broken = ClusterError::Malformed { path: "/k".into(), line: Some(3), reason: "no map".into() };
    assert_eq!(told(&broken.into()), (FailureCode::Kubeconfig, false));
    let sign_in = ClusterError::SignIn { context: "prod".into(), reason: "kubelogin failed".into() };
    assert_eq!(told(&sign_in.into()), (FailureCode::ClusterUnauthorized, true));
    assert_eq!(told(&EngineError::Cancelled.into()), (FailureCode::Cancelled, false));
}

#[test]
fn a_full_disk_a_gone_folder_and_a_damaged_blob_are_told_apart() {
    let full = || io::Error::from(io::ErrorKind::StorageFull);
    for (error, expected) in [
        (StoreError::VaultMissing("/mnt/nas".into()), (FailureCode::VaultGone, false)),
        (StoreError::NotAVault("/srv".into()), (FailureCode::NotAVault, false)),
        (
            StoreError::NoSpace { place: "/srv".into(), source: Box::new(full()) },
            (FailureCode::VaultReadOnly, true),
        ),
        (StoreError::Truncated { blob: "a".into(), found: 1, expected: 2 }, (FailureCode::Damaged, false)),
        (StoreError::PointExists("a".into()), (FailureCode::AlreadyExists, false)),
        (
            StoreError::NameInUse { name: "a".into(), silent_seconds: 2, takeover_seconds: 900 },
            (FailureCode::Busy, true),
        ),
        (StoreError::CacheFull { folder: "/c".into(), source: full() }, (FailureCode::Internal, true)),
    ] {
        let message = error.to_string();
        let failure = Failure::from(EngineError::Store(error));
        assert_eq!(told(&failure), expected, "{message}");
        assert_eq!(failure.message, message);
    }
}
