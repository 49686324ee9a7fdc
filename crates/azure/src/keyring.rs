//! The system's keyring. Blocking: the Secret Service may ask the user to unlock it.

use std::sync::Arc;

use keyring_core::CredentialStore;

/// The keyring of this system; an error where there is none, as on a server without a desktop.
pub(crate) fn open() -> keyring_core::Result<Arc<CredentialStore>> {
    #[cfg(target_os = "linux")]
    return Ok(zbus_secret_service_keyring_store::Store::new()?);
    #[cfg(target_os = "macos")]
    return Ok(apple_native_keyring_store::keychain::Store::new()?);
    #[cfg(windows)]
    return Ok(windows_native_keyring_store::Store::new()?);
    #[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
    return Err(keyring_core::Error::NoDefaultStore);
}
