//! Vaults in Azure Blob Storage.
//!
//! `object_store` reads, writes and lists; it is given no credential, because
//! [`transport`] signs every attempt of every request, so that a token which
//! expires in the middle of an upload fails nothing and no signature gets into
//! messages. What `object_store` cannot do (containers, deletions whose errors
//! have a code) goes through `azure_storage_blob` on the same transport.
//!
//! Requests are repeated by those two, as they do: up to three minutes on 429,
//! 5xx and broken connections, waiting at least as long as `Retry-After` says.
//! What was refused for good is a [`Refusal`], found in the chain of causes.

mod blobs;
mod container;
mod refusal;
mod sas;
mod sign;
mod transport;
mod unreachable;

pub(crate) use container::{Container, Exposure};
pub(crate) use refusal::{Cause, Refusal};
pub use sas::{Sas, SasError};
pub(crate) use sign::SignInFailed;
pub(crate) use unreachable::Unreachable;

use std::sync::Arc;

use object_store::ObjectStore;
use object_store::azure::MicrosoftAzureBuilder;
use object_store::path::Path;
use object_store::prefix::PrefixStore;

use crate::access::Access;
use crate::error::StoreError;
use crate::url::BlobUrl;
use blobs::AzureBlobs;
use sign::Signer;
use transport::Transport;

/// A multipart upload with this extension completes only if no blob of that name is there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct IfAbsent;

/// A container, and the vault's place in it. Nothing was asked of it yet.
pub(crate) struct Place {
    pub(crate) store: Arc<dyn ObjectStore>,
    pub(crate) container: Container,
}

/// # Errors
/// [`StoreError::NoSignIn`], [`StoreError::Network`].
pub(crate) fn place(url: &BlobUrl, access: &Access) -> Result<Place, StoreError> {
    let Some(authorization) = &access.authorization else {
        return Err(StoreError::NoSignIn(url.to_string()));
    };
    let client = access.network.client(url.is_emulator())?;
    let proxied = !url.is_emulator() && access.network.is_proxied();
    let transport = Transport::new(client, Signer::new(authorization), url.clone(), proxied);
    let store = MicrosoftAzureBuilder::new()
        .with_account(url.account())
        .with_endpoint(url.endpoint().to_owned())
        .with_container_name(url.container())
        .with_skip_signature(true)
        .with_http_connector(transport.clone())
        .build()
        .map_err(|source| StoreError::Network { source: Box::new(source) })?;
    let container = Container::new(transport, url.clone());
    let store = AzureBlobs::new(store, container.clone());
    let store: Arc<dyn ObjectStore> = if url.prefix().is_empty() {
        Arc::new(store)
    } else {
        Arc::new(PrefixStore::new(store, Path::from(url.prefix())))
    };
    Ok(Place { store, container })
}

/// The first cause of that type.
pub(crate) fn find<'a, T: std::error::Error + 'static>(
    error: &'a (dyn std::error::Error + 'static),
) -> Option<&'a T> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<T>() {
            return Some(found);
        }
        next = error.source();
    }
    None
}
