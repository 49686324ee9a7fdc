//! Backup vaults: the list of those that are known, and what was seen in them last.

mod access;
mod check;
mod list;
mod look;

use holdfast_store::{Vault, VaultUrl};
use uuid::Uuid;

use crate::api::{AddVault, Failure, VaultAuth, VaultRow};
use crate::read_model::VaultFacts;
use crate::{App, blocking};

pub(crate) use access::method_word;
pub(crate) use list::{KnownVault, VaultList};
pub(crate) use look::{LOOK_EVERY, OpenVaults, point_row};

/// Longest name of a vault, in characters.
const MAX_NAME: usize = 80;

#[derive(Debug, thiserror::Error)]
enum BadName {
    #[error("it is longer than {MAX_NAME} characters")]
    TooLong,
    #[error("it has a character that cannot be shown")]
    Control,
}

impl App {
    /// The vaults as they were seen last; they are looked at again in the background.
    pub async fn vaults(&self) -> Result<Vec<VaultRow>, Failure> {
        self.look_at_all();
        let seen = self.inner.model.vaults().await;
        let rows = self.inner.vaults.all().iter().map(|known| row(known, seen.get(&known.id))).collect();
        Ok(rows)
    }

    /// Adds a vault to the list, and creates it where that is asked for.
    pub async fn add_vault(&self, vault: AddVault) -> Result<VaultRow, Failure> {
        let known = parse(&vault)?;
        let access = self.access(&known, vault.sas.as_deref()).await?;
        let cache_dir = &self.inner.environment.cache_dir;
        if vault.create {
            Vault::open_or_create(&known.url, &access, cache_dir).await?;
        } else {
            Vault::open(&known.url, &access, cache_dir).await?;
        }
        self.keep_signature(&known, vault.sas.as_deref()).await?;
        let (inner, added) = (std::sync::Arc::clone(&self.inner), known.clone());
        blocking("adding the vault", move || inner.vaults.add(&added)).await??;
        tracing::info!(vault = known.name, url = %known.url, "a vault was added");
        self.look(&known).await;
        self.inner.events.send(look::vaults_changed());
        self.vault_row(&known).await
    }

    /// Forgets a vault; nothing in it is touched.
    pub async fn forget_vault(&self, vault_id: String) -> Result<(), Failure> {
        let known = self.inner.vaults.get(&vault_id)?;
        let inner = std::sync::Arc::clone(&self.inner);
        blocking("forgetting the vault", move || inner.vaults.remove(&vault_id)).await??;
        self.inner.open_vaults.forget(&known.id);
        self.forget_signature(&known).await;
        self.inner.points.forget_vault(&known.id);
        self.inner.model.forget(known.id).await;
        tracing::info!(vault = known.name, "a vault was forgotten");
        self.inner.events.send(look::vaults_changed());
        Ok(())
    }

    /// Looks at a vault now.
    pub async fn refresh_vault(&self, vault_id: String) -> Result<VaultRow, Failure> {
        let known = self.inner.vaults.get(&vault_id)?;
        self.look(&known).await;
        self.vault_row(&known).await
    }

    async fn vault_row(&self, known: &KnownVault) -> Result<VaultRow, Failure> {
        Ok(row(known, self.inner.model.vaults().await.get(&known.id)))
    }
}

/// What was typed, as a vault with a new identity.
fn parse(vault: &AddVault) -> Result<KnownVault, Failure> {
    let url: VaultUrl = vault.url.trim().parse().map_err(|error| Failure::invalid("url", &error))?;
    let typed = vault.name.trim();
    let name = if typed.is_empty() { last_part(&url) } else { typed.to_owned() };
    if name.chars().count() > MAX_NAME {
        return Err(Failure::invalid("name", &BadName::TooLong));
    }
    if name.chars().any(char::is_control) {
        return Err(Failure::invalid("name", &BadName::Control));
    }
    let id = Uuid::new_v4().to_string();
    let auth = if url.blob().is_some() { vault.auth } else { VaultAuth::Auto };
    Ok(KnownVault { id, name, url, auth })
}

/// The last part of an address, which is what people call a folder.
fn last_part(url: &VaultUrl) -> String {
    let text = url.to_string();
    let last = text.trim_end_matches('/').rsplit('/').next().unwrap_or(&text);
    let decoded = url::form_urlencoded::parse(format!("x={}", last.replace('+', "%2B")).as_bytes())
        .next()
        .map(|(_, value)| value.into_owned());
    decoded
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| "vault".to_owned())
        .chars()
        .take(MAX_NAME)
        .collect()
}

fn row(known: &KnownVault, seen: Option<&(VaultFacts, String)>) -> VaultRow {
    let facts = seen.map(|(facts, _)| facts.clone()).unwrap_or_default();
    VaultRow {
        id: known.id.clone(),
        name: known.name.clone(),
        url: known.url.to_string(),
        kind: known.kind(),
        auth: known.auth,
        read_only: facts.read_only,
        points: facts.points,
        bytes: facts.bytes,
        failure: facts.failure,
        as_of: seen.map(|(_, as_of)| as_of.clone()),
    }
}
