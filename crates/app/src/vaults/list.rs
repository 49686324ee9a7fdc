//! The vaults that this program knows: one document in the data folder.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use holdfast_store::VaultUrl;
use serde::{Deserialize, Serialize};

use crate::api::{Failure, FailureCode, VaultAuth, VaultKind};
use crate::document::{Document, Stamp};
use crate::environment::Environment;

/// Most vaults that are kept.
const MAX_VAULTS: usize = 200;

/// One vault, as it was added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct KnownVault {
    pub id: String,
    pub name: String,
    pub url: VaultUrl,
    #[serde(default)]
    pub auth: VaultAuth,
}

impl KnownVault {
    pub(crate) fn kind(&self) -> VaultKind {
        if self.url.blob().is_some() { VaultKind::Blob } else { VaultKind::Folder }
    }
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct List {
    vaults: Vec<KnownVault>,
}

/// The list with its document.
pub(crate) struct VaultList {
    document: Document,
    current: Mutex<(Arc<[KnownVault]>, Stamp)>,
}

impl VaultList {
    /// Reads the list; also tells where a damaged document was put.
    pub(crate) fn open(environment: &Environment) -> Result<(Self, Option<PathBuf>), Failure> {
        let document = Document::new(&environment.data_dir, "vaults.json", environment.now);
        let contents = document.read::<List>()?;
        let current = Mutex::new((contents.value.vaults.into(), document.stamp()));
        Ok((Self { document, current }, contents.set_aside))
    }

    /// In the order in which they were added.
    pub(crate) fn all(&self) -> Arc<[KnownVault]> {
        Arc::clone(&self.current.lock().unwrap_or_else(PoisonError::into_inner).0)
    }

    pub(crate) fn get(&self, id: &str) -> Result<KnownVault, Failure> {
        let found = self.all().iter().find(|vault| vault.id == id).cloned();
        found.ok_or_else(|| Failure::not_found("this vault is not in the list of vaults"))
    }

    /// Adds a vault. Blocks.
    pub(crate) fn add(&self, vault: &KnownVault) -> Result<(), Failure> {
        self.change(|list| {
            if let Some(known) = list.iter().find(|known| known.url == vault.url) {
                let message =
                    format!("the vault {} is in the list already, as \"{}\"", vault.url, known.name);
                return Err(Failure::new(FailureCode::AlreadyExists, message, ""));
            }
            if list.iter().any(|known| known.name == vault.name) {
                let message = format!("another vault is called \"{}\"", vault.name);
                return Err(Failure::new(FailureCode::AlreadyExists, message, "Choose another name."));
            }
            if list.len() >= MAX_VAULTS {
                let message = format!("there are {MAX_VAULTS} vaults, and no more are kept");
                return Err(Failure::new(
                    FailureCode::InvalidInput,
                    message,
                    "Forget one that is not needed.",
                ));
            }
            list.push(vault.clone());
            Ok(())
        })
    }

    /// Forgets a vault. Blocks.
    pub(crate) fn remove(&self, id: &str) -> Result<(), Failure> {
        self.change(|list| {
            list.retain(|known| known.id != id);
            Ok(())
        })
    }

    /// Reads the document again where another process changed it; whether it did. Blocks.
    pub(crate) fn refresh(&self) -> Result<bool, Failure> {
        let stamp = self.document.stamp();
        if self.current.lock().unwrap_or_else(PoisonError::into_inner).1 == stamp {
            return Ok(false);
        }
        let contents = self.document.read::<List>()?;
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        let changed = *current.0 != contents.value.vaults;
        *current = (contents.value.vaults.into(), stamp);
        Ok(changed)
    }

    fn change(
        &self,
        change: impl FnOnce(&mut Vec<KnownVault>) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let vaults = self.document.update(|list: &mut List| {
            change(&mut list.vaults)?;
            Ok(list.vaults.clone())
        })?;
        let stamp = self.document.stamp();
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = (vaults.into(), stamp);
        Ok(())
    }
}
