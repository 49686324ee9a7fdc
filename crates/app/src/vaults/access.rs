//! How vaults on the network are reached: sign-in, proxy, certificates. Folders need none of it.

use std::path::Path;
use std::sync::Arc;

use holdfast_azure::{Cloud, HttpClient, Method, SasKeep, SignInError, identity};
use holdfast_store::{Access, Authorization, BlobUrl, ExtraCa, Network, Sas};
use url::Url;

use super::KnownVault;
use crate::api::{Failure, VaultAuth};
use crate::{App, blocking};

impl App {
    /// What a vault is opened with. `entered` is a signature that is not kept yet.
    pub(crate) async fn access(&self, known: &KnownVault, entered: Option<&str>) -> Result<Access, Failure> {
        let Some(blob) = known.url.blob() else { return Ok(Access::default()) };
        let settings = self.inner.settings.current();
        let extra_ca = match settings.ca_file.as_str() {
            "" => None,
            file => {
                let file = file.to_owned();
                Some(blocking("reading certificates", move || ExtraCa::read(Path::new(&file))).await??)
            }
        };
        let proxy = match settings.proxy.as_str() {
            "" => None,
            proxy => Some(Url::parse(proxy).map_err(|error| Failure::invalid("proxy", &error))?),
        };
        let network = Network { extra_ca, proxy };
        let authorization = Some(self.sign_in(known, blob, entered, &network).await?);
        Ok(Access { authorization, network })
    }

    async fn sign_in(
        &self,
        known: &KnownVault,
        blob: &BlobUrl,
        entered: Option<&str>,
        network: &Network,
    ) -> Result<Authorization, Failure> {
        let method = method(known.auth);
        if matches!(method, Method::Auto | Method::Sas) {
            if let Some(text) = entered.filter(|text| !text.trim().is_empty()) {
                let sas = Sas::parse(text.trim()).map_err(|error| Failure::invalid("sas", &error))?;
                return Ok(Authorization::Sas { sas, method: "the signature entered".to_owned() });
            }
            if let Some(authorization) = self.kept_signature(known, method).await? {
                return Ok(authorization);
            }
            if method == Method::Sas {
                return Err(SignInError::NoSignature.into());
            }
        }
        let http: Arc<dyn HttpClient> = Arc::new(network.client(false)?);
        let variable = |name: &str| self.inner.environment.variable(name)?.to_str().map(str::to_owned);
        let identity = identity(method, Cloud::of_host(blob.host()), &http, &variable)?;
        Ok(Authorization::Token { credential: identity.credential, method: identity.method })
    }

    async fn kept_signature(
        &self,
        known: &KnownVault,
        method: Method,
    ) -> Result<Option<Authorization>, Failure> {
        let (keep, address) = (self.keep(), known.url.to_string());
        let kept = match blocking("asking the keyring", move || keep.get(&address)).await? {
            Ok(kept) => kept,
            // Nobody asked for a signature.
            Err(error) if method == Method::Auto => {
                tracing::warn!(%error, "no kept signature could be looked for");
                None
            }
            Err(error) => return Err(error.into()),
        };
        let Some(kept) = kept else { return Ok(None) };
        let sas = Sas::parse(&kept.secret).map_err(|error| Failure::invalid("sas", &error))?;
        Ok(Some(Authorization::Sas { sas, method: kept.place.to_string() }))
    }

    /// Keeps the signature that a vault was added with.
    pub(super) async fn keep_signature(
        &self,
        known: &KnownVault,
        entered: Option<&str>,
    ) -> Result<(), Failure> {
        let Some(text) = entered.map(str::trim).filter(|text| !text.is_empty() && known.url.blob().is_some())
        else {
            return Ok(());
        };
        let sas = Sas::parse(text).map_err(|error| Failure::invalid("sas", &error))?;
        let (keep, address) = (self.keep(), known.url.to_string());
        let place = blocking("keeping the signature", move || keep.set(&address, sas.query())).await??;
        tracing::info!(vault = known.name, %place, "a signature is kept");
        Ok(())
    }

    /// Forgets the signature of a vault; one that cannot be forgotten now is said in the log.
    pub(super) async fn forget_signature(&self, known: &KnownVault) {
        if known.url.blob().is_none() {
            return;
        }
        let (keep, address) = (self.keep(), known.url.to_string());
        match blocking("forgetting the signature", move || keep.remove(&address)).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => tracing::warn!(%error, "a kept signature could not be removed"),
            Err(failure) => tracing::warn!(%failure, "a kept signature could not be removed"),
        }
    }

    fn keep(&self) -> SasKeep {
        SasKeep::new(&self.inner.environment.data_dir)
    }
}

fn method(auth: VaultAuth) -> Method {
    match auth {
        VaultAuth::Auto => Method::Auto,
        VaultAuth::Cli => Method::Cli,
        VaultAuth::Environment => Method::Environment,
        VaultAuth::ManagedIdentity => Method::ManagedIdentity,
        VaultAuth::Sas => Method::Sas,
    }
}

/// How the terminal calls a way to sign in; `None` for the one that it takes by itself.
pub(crate) fn method_word(auth: VaultAuth) -> Option<String> {
    (auth != VaultAuth::Auto).then(|| method(auth).to_string())
}
