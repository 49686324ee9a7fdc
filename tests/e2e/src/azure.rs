//! The emulator of Azure Blob Storage, and ways to sign in to it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde_json::{Value, json};

/// The emulator's one account, and the key that everybody knows.
const ACCOUNT: &str = "devstoreaccount1";
const KEY: &str = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
/// A signature is made as this version of the service asks.
const VERSION: &str = "2022-11-02";

fn required(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| {
        panic!("{name} is not set: this test needs an emulator of Azure Blob Storage, so run it with `cargo xtask test`")
    })
}

/// The address of the account; a container's name goes behind it.
pub fn account() -> String {
    required("HOLDFAST_TEST_AZURITE")
}

/// The file with the authority of its certificate.
pub fn authority() -> String {
    required("HOLDFAST_TEST_AZURITE_CA")
}

/// A `PATH` in which `az` gives a token as the emulator takes it.
pub fn signed_in(folder: &Path) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let tenant = "ab1f708d-50f6-404c-a006-d71b2ac7a606";
    let claims = json!({
        "aud": "https://storage.azure.com", "iss": format!("https://sts.windows.net/{tenant}/"), "tid": tenant,
        "iat": now - 60, "nbf": now - 60, "exp": now + 3600,
    });
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let token = format!("{}.{}.bm9uZQ", part(&json!({"alg": "none", "typ": "JWT"})), part(&claims));
    let answer = json!({
        "accessToken": token, "expiresOn": "2038-01-18 00:00:00.000000", "expires_on": now + 3600,
        "subscription": "s", "tenant": tenant, "tokenType": "Bearer",
    });
    command_line(&folder.join("signed-in"), &format!("cat <<'END'\n{answer}\nEND"))
}

/// A `PATH` in which nobody is signed in to `az`.
pub fn signed_out(folder: &Path) -> String {
    command_line(
        &folder.join("signed-out"),
        "echo \"ERROR: Please run 'az login' to setup account.\" >&2\nexit 1",
    )
}

fn command_line(folder: &Path, script: &str) -> String {
    fs::create_dir_all(folder).unwrap();
    fs::write(folder.join("az"), format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(folder.join("az"), fs::Permissions::from_mode(0o755)).unwrap();
    format!("{}:{}", folder.display(), std::env::var("PATH").unwrap())
}

/// A signature for `container` with these permissions (`rl`, `racwdl`) that holds for `lasting`.
///
/// <https://learn.microsoft.com/rest/api/storageservices/create-service-sas>
pub fn signature(container: &str, permissions: &str, lasting: Duration) -> String {
    let expiry = (Timestamp::now() + lasting).strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let resource = format!("/blob/{ACCOUNT}/{container}");
    let signed =
        [permissions, "", &expiry, &resource, "", "", "https", VERSION, "c", "", "", "", "", "", "", ""];
    let key = hmac::Key::new(hmac::HMAC_SHA256, &STANDARD.decode(KEY).unwrap());
    let signature = STANDARD.encode(hmac::sign(&key, signed.join("\n").as_bytes()));
    let escaped = |text: &str| {
        text.replace('%', "%25")
            .replace('+', "%2B")
            .replace('/', "%2F")
            .replace('=', "%3D")
            .replace(':', "%3A")
    };
    format!(
        "sv={VERSION}&spr=https&se={}&sr=c&sp={permissions}&sig={}",
        escaped(&expiry),
        escaped(&signature)
    )
}
