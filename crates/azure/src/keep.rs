//! Keeping shared access signatures.
//!
//! In the system's keyring where there is one. Elsewhere in a file of the user's
//! data folder that only the user can read: its protection is that of an SSH key
//! without a passphrase, no more, and whoever keeps one is told so. There is no
//! encrypted file, because its key would have to stand beside it.
//!
//! Blocking. Of two programs that change the file at once, the later wins.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use keyring_core::{CredentialStore, Error, Result as KeyringResult};
use zeroize::Zeroizing;

use crate::keyring;

/// What entries of the keyring are filed under.
const SERVICE: &str = "holdfast vault";

/// The file, in the data folder.
const FILE: &str = "signatures.json";

/// Longest file that is read, in bytes.
const MAX_FILE_BYTES: u64 = 1 << 20;

/// Where a signature is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeptIn {
    /// The system's keyring.
    Keyring,
    /// A file that only the user can read.
    File(PathBuf),
}

impl fmt::Display for KeptIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Keyring => f.write_str("the keyring"),
            Self::File(path) => path.display().fmt(f),
        }
    }
}

/// A signature that was kept.
pub struct Kept {
    /// The text as it was given.
    pub secret: Zeroizing<String>,
    /// Where it was found.
    pub place: KeptIn,
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kept").field("place", &self.place).finish_non_exhaustive()
    }
}

/// A signature that cannot be kept or read.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// The keyring is there, but fails.
    #[error("the keyring does not give or take the signature: unlock it, or set HOLDFAST_SAS instead")]
    Keyring(#[source] keyring_core::Error),
    /// The file cannot be read or written.
    #[error("{} cannot be used: check the folder's permissions", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// Others could read the signatures.
    #[error(
        "{} can be read by others (mode {mode:o}): make new signatures, then `chmod 600` or delete the file",
        path.display()
    )]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// No keyring, and no file that only the user can read.
    #[error("this system has no keyring that could be used: set HOLDFAST_SAS instead")]
    Nowhere(#[source] keyring_core::Error),
}

/// Keeps one signature for each vault.
#[derive(Clone, Debug)]
pub struct SasKeep {
    folder: PathBuf,
    open: fn() -> KeyringResult<Arc<CredentialStore>>,
}

impl SasKeep {
    /// `folder` is the user's data folder of this program, for systems without a keyring; it is created when needed.
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), open: keyring::open }
    }

    /// The signature of a vault, by the vault's address.
    pub fn get(&self, vault: &str) -> Result<Option<Kept>, KeepError> {
        match (self.open)().and_then(|ring| ring.build(SERVICE, vault, None)?.get_password()) {
            Ok(secret) => {
                return Ok(Some(Kept { secret: Zeroizing::new(secret), place: KeptIn::Keyring }));
            }
            Err(Error::NoEntry) => {}
            Err(error) if is_absent(&error) => {}
            // What the file says is still worth something.
            Err(error) => match self.read()?.remove(vault) {
                Some(secret) => return Ok(Some(Kept { secret, place: KeptIn::File(self.file()) })),
                None => return Err(KeepError::Keyring(error)),
            },
        }
        let found = self.read()?.remove(vault);
        Ok(found.map(|secret| Kept { secret, place: KeptIn::File(self.file()) }))
    }

    /// Keeps the signature of a vault in place of an earlier one; tells where.
    pub fn set(&self, vault: &str, secret: &str) -> Result<KeptIn, KeepError> {
        match (self.open)().and_then(|ring| ring.build(SERVICE, vault, None)?.set_password(secret)) {
            Ok(()) => {
                self.forget(vault)?;
                Ok(KeptIn::Keyring)
            }
            Err(error) if is_absent(&error) && cfg!(unix) => {
                let mut all = self.read()?;
                all.insert(vault.to_owned(), Zeroizing::new(secret.to_owned()));
                self.write(&all)?;
                Ok(KeptIn::File(self.file()))
            }
            Err(error) if is_absent(&error) => Err(KeepError::Nowhere(error)),
            Err(error) => Err(KeepError::Keyring(error)),
        }
    }

    /// Forgets the signature of a vault; whether there was one.
    pub fn remove(&self, vault: &str) -> Result<bool, KeepError> {
        let in_file = self.forget(vault)?;
        match (self.open)().and_then(|ring| ring.build(SERVICE, vault, None)?.delete_credential()) {
            Ok(()) => Ok(true),
            Err(Error::NoEntry) => Ok(in_file),
            Err(error) if is_absent(&error) => Ok(in_file),
            Err(error) => Err(KeepError::Keyring(error)),
        }
    }

    fn forget(&self, vault: &str) -> Result<bool, KeepError> {
        let mut all = self.read()?;
        let was_there = all.remove(vault).is_some();
        if was_there {
            self.write(&all)?;
        }
        Ok(was_there)
    }

    fn file(&self) -> PathBuf {
        self.folder.join(FILE)
    }

    fn read(&self) -> Result<BTreeMap<String, Zeroizing<String>>, KeepError> {
        let path = self.file();
        let failed = |source: io::Error| KeepError::File { path: path.clone(), source };
        let meta = match fs::metadata(&path) {
            Ok(meta) => meta,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
            Err(error) => return Err(failed(error)),
        };
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = meta.permissions().mode() & 0o777;
            if mode & 0o077 != 0 {
                return Err(KeepError::Exposed { path, mode });
            }
        }
        if meta.len() > MAX_FILE_BYTES {
            return Err(failed(io::Error::other(format!("it has more than {MAX_FILE_BYTES} bytes"))));
        }
        let text = Zeroizing::new(fs::read(&path).map_err(failed)?);
        let all: BTreeMap<String, String> =
            serde_json::from_slice(&text).map_err(|error| failed(error.into()))?;
        Ok(all.into_iter().map(|(vault, secret)| (vault, Zeroizing::new(secret))).collect())
    }

    fn write(&self, all: &BTreeMap<String, Zeroizing<String>>) -> Result<(), KeepError> {
        let path = self.file();
        let plain: BTreeMap<&str, &str> =
            all.iter().map(|(vault, secret)| (vault.as_str(), secret.as_str())).collect();
        let replace = || {
            let mut builder = fs::DirBuilder::new();
            builder.recursive(true);
            #[cfg(unix)]
            std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
            builder.create(&self.folder)?;
            // Made with mode 0600, and the old file stays whole until the new one is.
            let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
            let text = Zeroizing::new(serde_json::to_vec_pretty(&plain)?);
            file.write_all(&text)?;
            file.as_file().sync_all()?;
            file.persist(&path)?;
            Ok(())
        };
        replace().map_err(|source| KeepError::File { path: path.clone(), source })
    }
}

/// Whether there is no keyring at all, rather than one that refuses.
fn is_absent(error: &Error) -> bool {
    matches!(error, Error::PlatformFailure(_) | Error::NoDefaultStore | Error::NotSupportedByStore(_))
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    const VAULT: &str = "https://shop1.blob.core.windows.net/backups";

    fn without_keyring(folder: &Path) -> SasKeep {
        SasKeep { folder: folder.join("data"), open: || Err(Error::NoDefaultStore) }
    }

    #[test]
    fn without_a_keyring_signatures_are_kept_in_a_file_for_the_user_alone() {
        let root = tempfile::tempdir().unwrap();
        let keep = without_keyring(root.path());
        assert!(keep.get(VAULT).unwrap().is_none());
        let file = root.path().join("data/signatures.json");
        assert_eq!(keep.set(VAULT, "sv=1&sig=a").unwrap(), KeptIn::File(file.clone()));
        keep.set("https://other", "sv=1&sig=b").unwrap();
        keep.set(VAULT, "sv=1&sig=c").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&file), mode(file.parent().unwrap())), (0o600, 0o700));
        let kept = keep.get(VAULT).unwrap().unwrap();
        assert_eq!((kept.secret.as_str(), &kept.place), ("sv=1&sig=c", &KeptIn::File(file)));
        assert!(!format!("{kept:?}").contains("sig="));
        assert!(keep.remove(VAULT).unwrap());
        assert!(!keep.remove(VAULT).unwrap());
        assert!(keep.get(VAULT).unwrap().is_none());
        assert_eq!(keep.get("https://other").unwrap().unwrap().secret.as_str(), "sv=1&sig=b");
    }

    #[test]
    fn a_file_that_others_can_read_is_not_used() {
        let root = tempfile::tempdir().unwrap();
        let keep = without_keyring(root.path());
        let KeptIn::File(file) = keep.set(VAULT, "sv=1&sig=a").unwrap() else { panic!("not a file") };
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        let error = keep.get(VAULT).unwrap_err().to_string();
        assert!(error.contains("(mode 640)"), "{error}");
    }

    #[test]
    fn a_locked_keyring_is_an_error_and_not_an_empty_one() {
        let root = tempfile::tempdir().unwrap();
        let locked =
            SasKeep { open: || Err(Error::BadStoreFormat("odd".into())), ..without_keyring(root.path()) };
        assert!(matches!(locked.get(VAULT), Err(KeepError::Keyring(_))));
        assert!(matches!(locked.set(VAULT, "x"), Err(KeepError::Keyring(_))));
    }
}
