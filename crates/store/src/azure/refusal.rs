//! What Azure Storage refused, and what a person can do about it.
//!
//! Decided by status and error code, and for sign-ins by what is known of them
//! here: when the signature expires, which tenant the token is of, what time the
//! server has. Never by the words of a message.
//! <https://learn.microsoft.com/rest/api/storageservices/common-rest-api-error-codes>

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderMap;
use jiff::fmt::rfc2822;
use jiff::{SignedDuration, Timestamp};

use super::sas::Sas;
use crate::url::BlobUrl;

/// A difference of clocks from which on signatures are refused.
/// <https://learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key#specifying-the-date-header>
const MAX_SKEW: SignedDuration = SignedDuration::from_mins(15);

/// Longest text of Azure that is passed on, in characters.
const MAX_WORDS: usize = 300;

/// Header that carries the error code.
const CODE: &str = "x-ms-error-code";

/// An answer that refuses.
pub(crate) struct Answer<'a> {
    pub(crate) status: u16,
    pub(crate) header: &'a dyn Fn(&str) -> Option<String>,
    pub(crate) body: &'a [u8],
}

/// A refusal for good: repeating the request would not help.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) struct Refusal {
    status: u16,
    code: String,
    message: String,
    request: String,
    account: String,
    container: String,
    /// What signed in.
    method: String,
    by_signature: bool,
    pub(crate) cause: Cause,
}

/// Why, as far as something follows from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// The identity has no role, or the signature no permission, for this.
    NotPermitted,
    /// The network is not let in.
    Network,
    SignatureExpired(Timestamp),
    SignatureNotYetValid(Timestamp),
    /// Wrong, revoked, or signed with a key that was changed.
    SignatureWrong,
    /// Made for other services, other kinds of resources or other addresses.
    SignatureElsewhere,
    /// The account's tenant, and that of the token where it can be told.
    Tenant {
        wanted: String,
        shown: Option<String>,
    },
    /// A token that is not accepted, for no reason that can be told.
    Token,
    /// This machine's clock is off by so much.
    Clock(SignedDuration),
    KeysDisabled,
    PublicAccessDisabled,
    NoContainer,
    NoAccount,
    ContainerBeingDeleted,
    Immutable,
    Leased,
    AccountDisabled,
    Other,
}

/// The error code of an answer; empty if it has none.
pub(crate) fn code(headers: &HeaderMap) -> &str {
    headers.get(CODE).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// Whether an answer is a refusal, rather than something that is understood, or repeated, by its status alone.
pub(crate) fn is_final(status: u16, code: &str) -> bool {
    match status {
        400 | 401 | 403 => true,
        404 => {
            matches!(code, "ContainerNotFound" | "ResourceNotFound" | "AccountNotFound" | "ContainerDisabled")
        }
        409 => !matches!(code, "" | "BlobAlreadyExists" | "ContainerAlreadyExists" | "OperationTimedOut"),
        412 => code.starts_with("Lease"),
        _ => false,
    }
}

impl Refusal {
    pub(crate) fn new(answer: &Answer<'_>, url: &BlobUrl, method: &str, sas: Option<&Sas>) -> Self {
        let body = String::from_utf8_lossy(answer.body);
        let header = |name: &str| (answer.header)(name).unwrap_or_default();
        let code = header(CODE);
        let code = if code.is_empty() { element(&body, "Code").unwrap_or_default() } else { &code };
        let server = rfc2822::parse(&header("date")).ok().map(|at| at.timestamp());
        Self {
            status: answer.status,
            code: printable(code),
            message: printable(
                element(&body, "Message").unwrap_or_default().lines().next().unwrap_or_default(),
            ),
            request: printable(&header("x-ms-request-id")),
            account: url.account().to_owned(),
            container: url.container().to_owned(),
            method: method.to_owned(),
            by_signature: sas.is_some(),
            cause: cause(answer.status, code, sas, &header("www-authenticate"), server, Timestamp::now()),
        }
    }

    /// One sentence: what it is and what to do. `changes`: something was to be written or deleted.
    pub(crate) fn explain(&self, changes: bool) -> String {
        let Self { account, container, method, .. } = self;
        match &self.cause {
            Cause::NotPermitted if self.by_signature => format!(
                "the shared access signature (from {method}) does not permit it: make one for container {container} \
                 with {}, and keep it with `holdfast vaults credential set`",
                if changes { "read, add, create, write, delete and list" } else { "read and list" }
            ),
            Cause::NotPermitted => format!(
                "the identity of {method} needs the role {} on container {container} of storage account {account} \
                 (roles like Owner and Contributor do not count for data); a new role takes up to 10 minutes to work",
                if changes { "Storage Blob Data Contributor" } else { "Storage Blob Data Reader" }
            ),
            Cause::Network => format!(
                "storage account {account} does not let this network in: add this machine's address or virtual \
                 network under the account's Networking, or connect through its private endpoint{}",
                if self.by_signature {
                    format!(
                        "; or the shared access signature (from {method}) is for something else than {container}"
                    )
                } else {
                    String::new()
                }
            ),
            Cause::SignatureExpired(at) => format!(
                "the shared access signature (from {method}) expired at {at}: make a new one and keep it with \
                 `holdfast vaults credential set`"
            ),
            Cause::SignatureNotYetValid(at) => format!(
                "the shared access signature (from {method}) is valid only from {at} on: wait until then, or make \
                 another one"
            ),
            Cause::SignatureWrong => format!(
                "storage account {account} does not accept the shared access signature (from {method}): it was \
                 changed, revoked, or signed with a key that is no longer the account's; make a new one and keep it \
                 with `holdfast vaults credential set`"
            ),
            Cause::SignatureElsewhere => format!(
                "the shared access signature (from {method}) is for other services, kinds of resources, protocols \
                 or addresses than this request: make one for container {container}"
            ),
            Cause::Tenant { wanted, shown } => format!(
                "storage account {account} is in tenant {wanted}{}: sign in to that tenant (`az login --tenant \
                 {wanted}`, or AZURE_TENANT_ID)",
                shown
                    .as_ref()
                    .map(|shown| format!(", but {method} signed in to {shown}"))
                    .unwrap_or_default()
            ),
            Cause::Token => format!(
                "storage account {account} does not accept the token of {method}: sign in again, and check that the \
                 account is in the same tenant"
            ),
            Cause::Clock(by) => format!(
                "this machine's clock is {} {} that of Azure, and sign-ins depend on it: set the clock",
                format_args!("{} s", by.as_secs().abs()),
                if by.is_negative() { "behind" } else { "ahead of" }
            ),
            Cause::KeysDisabled => format!(
                "storage account {account} does not allow account keys, nor signatures made with them: sign in \
                 (`--auth auto`), or make a user delegation SAS"
            ),
            Cause::PublicAccessDisabled => format!(
                "storage account {account} allows no anonymous access, and the request counted as such: sign in \
                 (`--auth auto`)"
            ),
            Cause::NoContainer => format!(
                "container {container} does not exist in storage account {account}: check the address, or create it \
                 (`az storage container create --auth-mode login --account-name {account} --name {container}`); a \
                 backup creates it if its identity has the role Storage Blob Data Contributor on the account"
            ),
            Cause::NoAccount => {
                format!("there is no storage account {account}, or it has no Blob service: check the address")
            }
            Cause::ContainerBeingDeleted => format!(
                "container {container} is just being deleted, which takes half a minute or longer: wait, or use \
                 another one"
            ),
            Cause::Immutable => format!(
                "an immutability policy or a legal hold of container {container} forbids it until it ends: wait, or \
                 have its owner change the policy"
            ),
            Cause::Leased => {
                "another program holds a lease on it: break the lease, or wait until it ends".to_owned()
            }
            Cause::AccountDisabled => {
                format!("storage account {account} is disabled: ask its owner to enable it")
            }
            Cause::Other => format!("storage account {account} refused it: its answer says why"),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Azure answered {}", self.status)?;
        for part in [&self.code, &self.message] {
            if !part.is_empty() {
                write!(f, " {part}")?;
            }
        }
        if self.request.is_empty() { Ok(()) } else { write!(f, " (request {})", self.request) }
    }
}

fn cause(
    status: u16,
    code: &str,
    sas: Option<&Sas>,
    challenge: &str,
    server: Option<Timestamp>,
    here: Timestamp,
) -> Cause {
    let now = server.unwrap_or(here);
    let skew = here.duration_since(now);
    // Azure and its emulators refuse a signature out of its time with different codes.
    if let (401 | 403, "AuthenticationFailed" | "AuthorizationFailure", Some(sas)) = (status, code, sas) {
        match (sas.starts(), sas.expires()) {
            (_, Some(end)) if end <= now => return Cause::SignatureExpired(end),
            (Some(start), _) if start > now => return Cause::SignatureNotYetValid(start),
            _ => {}
        }
    }
    match (status, code) {
        (_, "AuthorizationPermissionMismatch" | "InsufficientAccountPermissions") => Cause::NotPermitted,
        (_, "AuthorizationFailure") => Cause::Network,
        (
            _,
            "AuthorizationServiceMismatch"
            | "AuthorizationResourceTypeMismatch"
            | "AuthorizationProtocolMismatch"
            | "AuthorizationSourceIPMismatch"
            | "UnauthorizedBlobOverwrite",
        ) => Cause::SignatureElsewhere,
        (_, "KeyBasedAuthenticationNotPermitted") => Cause::KeysDisabled,
        (_, "PublicAccessNotPermitted" | "NoAuthenticationInformation") => Cause::PublicAccessDisabled,
        (_, "ContainerNotFound" | "ContainerDisabled") => Cause::NoContainer,
        (404, "ResourceNotFound" | "AccountNotFound") => Cause::NoAccount,
        (_, "ContainerBeingDeleted") => Cause::ContainerBeingDeleted,
        (_, "BlobImmutableDueToPolicy" | "BlobImmutableDueToLegalHold" | "ContainerImmutableDueToPolicy") => {
            Cause::Immutable
        }
        (_, "AccountIsDisabled") => Cause::AccountDisabled,
        (409 | 412, code) if code.starts_with("Lease") => Cause::Leased,
        (401 | 403, _) => match sas {
            Some(_) if code == "AuthenticationFailed" => Cause::SignatureWrong,
            Some(_) => Cause::NotPermitted,
            None if skew.abs() > MAX_SKEW => Cause::Clock(skew),
            None => match (challenged_tenant(challenge), status) {
                (Some(wanted), 401) => Cause::Tenant { wanted, shown: None },
                (_, 401) => Cause::Token,
                _ if matches!(code, "AuthenticationFailed" | "InvalidAuthenticationInfo") => Cause::Token,
                _ => Cause::NotPermitted,
            },
        },
        _ => Cause::Other,
    }
}

impl Refusal {
    /// Names the tenant of the token that was refused, if it is another than the account's.
    pub(crate) fn with_bearer(mut self, bearer: Option<&str>) -> Self {
        if let Cause::Tenant { wanted, shown } = &mut self.cause {
            match bearer.and_then(tenant_of) {
                Some(tenant) if tenant == *wanted => self.cause = Cause::Token,
                tenant => *shown = tenant,
            }
        }
        self
    }
}

/// `Bearer authorization_uri=https://login.microsoftonline.com/<tenant>/oauth2/authorize resource_id=...`
fn challenged_tenant(challenge: &str) -> Option<String> {
    let (_, uri) = challenge.split_once("authorization_uri=")?;
    let uri = uri.trim_start_matches('"').split(['"', ' ', ',']).next()?;
    let url = url::Url::parse(uri).ok()?;
    let tenant = url.path_segments()?.next()?;
    is_tenant(tenant).then(|| tenant.to_owned())
}

/// What a token says of its tenant. Not verified: it is only shown.
fn tenant_of(bearer: &str) -> Option<String> {
    let claims = URL_SAFE_NO_PAD.decode(bearer.split('.').nth(1)?).ok()?;
    let claims: serde_json::Value = serde_json::from_slice(&claims).ok()?;
    claims["tid"].as_str().filter(|tenant| is_tenant(tenant)).map(str::to_owned)
}

fn is_tenant(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 64
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.".contains(&b))
}

/// The text of an element of Azure's flat error documents.
fn element<'a>(body: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = body.split_once(&format!("<{name}>"))?;
    rest.split_once(&format!("</{name}>")).map(|(text, _)| text)
}

fn printable(text: &str) -> String {
    text.trim().chars().filter(|c| !c.is_control()).take(MAX_WORDS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(status: u16, code: &str, challenge: &str, sas: Option<&str>) -> Refusal {
        let url: BlobUrl = "https://shop1.blob.core.windows.net/backups".parse().unwrap();
        let sas = sas.map(|text| Sas::parse(text).unwrap());
        let date = rfc2822::to_string(&Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC)).unwrap();
        let body = format!(
            "<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>Because.\nRequestId:1\nTime:2</Message></Error>"
        );
        let header = |name: &str| match name {
            "www-authenticate" => Some(challenge.to_owned()),
            "x-ms-request-id" => Some("r-1".to_owned()),
            "date" => Some(date.clone()),
            _ => None,
        };
        Refusal::new(
            &Answer { status, header: &header, body: body.as_bytes() },
            &url,
            "Azure CLI",
            sas.as_ref(),
        )
    }

    #[test]
    fn a_refusal_says_what_it_is_and_what_to_do() {
        let old = "sv=1&sig=x&se=2020-01-01T00:00:00Z";
        let early = "sv=1&sig=x&st=2999-01-01T00:00:00Z&se=2999-02-01";
        let good = "sv=1&sig=x&se=2999-01-01";
        let tenant = "Bearer authorization_uri=https://login.microsoftonline.com/72f9-aa/oauth2/authorize \
                      resource_id=https://storage.azure.com";
        for (status, code, challenge, sas, changes, says) in [
            (
                403,
                "AuthorizationPermissionMismatch",
                "",
                None,
                true,
                "Storage Blob Data Contributor on container backups",
            ),
            (
                403,
                "AuthorizationPermissionMismatch",
                "",
                None,
                false,
                "Storage Blob Data Reader on container backups",
            ),
            (403, "AuthorizationPermissionMismatch", "", Some(good), true, "write, delete and list"),
            (403, "AuthorizationFailure", "", None, true, "does not let this network in"),
            (403, "AuthenticationFailed", "", Some(old), true, "expired at 2020-01-01T00:00:00Z"),
            (403, "AuthenticationFailed", "", Some(early), true, "valid only from 2999-01-01T00:00:00Z"),
            (403, "AuthenticationFailed", "", Some(good), true, "no longer the account's"),
            (403, "AuthorizationSourceIPMismatch", "", Some(good), true, "or addresses"),
            (401, "InvalidAuthenticationInfo", tenant, None, true, "is in tenant 72f9-aa: sign in"),
            (401, "InvalidAuthenticationInfo", "", None, true, "does not accept the token of Azure CLI"),
            (403, "KeyBasedAuthenticationNotPermitted", "", Some(good), true, "user delegation SAS"),
            (409, "PublicAccessNotPermitted", "", None, true, "no anonymous access"),
            (404, "ContainerNotFound", "", None, true, "az storage container create"),
            (404, "ResourceNotFound", "", None, true, "no storage account shop1"),
            (409, "ContainerBeingDeleted", "", None, true, "being deleted"),
            (409, "BlobImmutableDueToPolicy", "", None, true, "immutability policy"),
            (412, "LeaseIdMissing", "", None, true, "lease"),
            (403, "AccountIsDisabled", "", None, true, "is disabled"),
            (400, "InvalidInput", "", None, true, "its answer says why"),
        ] {
            let refusal = refused(status, code, challenge, sas);
            assert!(is_final(status, code), "{code}");
            let words = refusal.explain(changes);
            assert!(words.contains(says), "{code}: {words}");
            assert_eq!(refusal.to_string(), format!("Azure answered {status} {code} Because. (request r-1)"));
        }
    }

    #[test]
    fn what_is_understood_or_repeated_by_its_status_is_no_refusal() {
        for (status, code) in [
            (404, "BlobNotFound"),
            (404, ""),
            (409, "BlobAlreadyExists"),
            (412, "ConditionNotMet"),
            (416, "InvalidRange"),
            (429, ""),
            (503, "ServerBusy"),
        ] {
            assert!(!is_final(status, code), "{status} {code}");
        }
    }

    #[test]
    fn the_tenant_of_the_token_is_named_beside_that_of_the_account() {
        let challenge =
            "Bearer authorization_uri=\"https://login.microsoftonline.com/aa-1/oauth2/authorize\"";
        let token =
            |tenant: &str| format!("h.{}.s", URL_SAFE_NO_PAD.encode(format!("{{\"tid\":\"{tenant}\"}}")));
        let refusal = || refused(401, "InvalidAuthenticationInfo", challenge, None);
        let words = refusal().with_bearer(Some(&token("bb-2"))).explain(true);
        assert!(words.contains("is in tenant aa-1, but Azure CLI signed in to bb-2"), "{words}");
        assert_eq!(refusal().with_bearer(Some(&token("aa-1"))).cause, Cause::Token);
        let words = refusal().with_bearer(Some("nonsense")).explain(true);
        assert!(words.contains("is in tenant aa-1: sign in"), "{words}");
    }

    #[test]
    fn a_clock_that_is_off_is_named_before_the_token_is_blamed() {
        let here: Timestamp = "2026-11-25T12:00:00Z".parse().unwrap();
        let server = here + SignedDuration::from_mins(20);
        assert_eq!(
            cause(401, "InvalidAuthenticationInfo", None, "", Some(server), here),
            Cause::Clock(SignedDuration::from_mins(-20))
        );
        let server = here + SignedDuration::from_mins(14);
        assert_eq!(cause(401, "InvalidAuthenticationInfo", None, "", Some(server), here), Cause::Token);
    }
}
