//! How the vaults that the command line names are reached.

use std::sync::Arc;

use holdfast_azure::{Cloud, HttpClient, Method, SasKeep, SignInError, identity};
use holdfast_store::{Access, Authorization, BlobUrl, ExtraCa, Network, Sas, Vault, VaultUrl};
use tokio::task::spawn_blocking;

use crate::args;
use crate::commands::{cache_dir, data_dir};
use crate::failure::Failure;

/// Opens a vault that exists.
pub(crate) async fn open(vault: &args::Vault) -> Result<Vault, Failure> {
    Ok(Vault::open(&vault.vault, &of(vault).await?, &cache_dir()?).await?)
}

/// What a vault is opened with. Folders need no sign-in.
pub(crate) async fn of(vault: &args::Vault) -> Result<Access, Failure> {
    let extra_ca = vault.ca_file.as_deref().map(ExtraCa::read).transpose()?;
    let network = Network { extra_ca, proxy: None };
    let authorization = match vault.vault.blob() {
        Some(blob) => Some(sign_in(vault, blob, &network).await?),
        None => None,
    };
    Ok(Access { authorization, network })
}

async fn sign_in(vault: &args::Vault, blob: &BlobUrl, network: &Network) -> Result<Authorization, Failure> {
    if matches!(vault.auth, Method::Auto | Method::Sas) {
        if let Some(authorization) = signature(&vault.vault, vault.auth).await? {
            return Ok(authorization);
        }
        if vault.auth == Method::Sas {
            return Err(SignInError::NoSignature.into());
        }
    }
    let cloud = Cloud::of_host(blob.host());
    let http: Arc<dyn HttpClient> = Arc::new(network.client(false)?);
    let identity = identity(vault.auth, cloud, &http, &|name| std::env::var(name).ok())?;
    Ok(Authorization::Token { credential: identity.credential, method: identity.method })
}

/// The shared access signature of a vault: from the environment, else as it was kept.
async fn signature(vault: &VaultUrl, method: Method) -> Result<Option<Authorization>, Failure> {
    let usage = |error: holdfast_store::SasError, place: &str| Failure::Usage(format!("{place}: {error}"));
    if let Ok(text) = std::env::var("HOLDFAST_SAS")
        && !text.is_empty()
    {
        let method = "HOLDFAST_SAS".to_owned();
        let sas = Sas::parse(&text).map_err(|error| usage(error, &method))?;
        return Ok(Some(Authorization::Sas { sas, method }));
    }
    let keep = SasKeep::new(&data_dir()?);
    let address = vault.to_string();
    let kept = match spawn_blocking(move || keep.get(&address)).await.map_err(std::io::Error::from)? {
        Ok(kept) => kept,
        // Nobody asked for a signature.
        Err(error) if method == Method::Auto => {
            tracing::warn!(%error, "no kept signature could be looked for");
            None
        }
        Err(error) => return Err(error.into()),
    };
    let Some(kept) = kept else { return Ok(None) };
    let method = kept.place.to_string();
    let sas = Sas::parse(&kept.secret).map_err(|error| usage(error, &method))?;
    Ok(Some(Authorization::Sas { sas, method }))
}
