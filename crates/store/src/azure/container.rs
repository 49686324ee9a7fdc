//! A container itself, and the deletion of blobs: what `object_store` cannot do, or not say why it failed.

use std::sync::Arc;

use azure_core::error::ErrorKind;
use azure_core::http::headers::HeaderName;
use azure_core::http::{ClientOptions, StatusCode};
use azure_storage_blob::models::BlobContainerClientGetPropertiesResultHeaders;
use azure_storage_blob::{BlobClient, BlobClientOptions, BlobContainerClient, BlobContainerClientOptions};
use object_store::path::Path;
use url::Url;

use super::refusal::{Answer, Refusal};
use super::transport::Transport;
use crate::error::{Doing, StoreError};
use crate::url::BlobUrl;

/// Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Container {
    transport: Transport,
    url: BlobUrl,
}

/// Who can read a container without signing in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exposure {
    Private,
    /// Anybody who knows the names of its blobs.
    Public,
}

impl Container {
    pub(crate) fn new(transport: Transport, url: BlobUrl) -> Self {
        Self { transport, url }
    }

    /// Creates it, private; whether another did so first does not matter.
    pub(crate) async fn create(&self) -> Result<(), StoreError> {
        match self.client()?.create(None).await {
            Ok(_) => Ok(()),
            Err(error) if has_code(&error, "ContainerAlreadyExists") => Ok(()),
            Err(error) => Err(self.failed(Doing::Writing, error)),
        }
    }

    pub(crate) async fn exposure(&self) -> Result<Exposure, StoreError> {
        let failed = |error| self.failed(Doing::Reading, error);
        let properties = self.client()?.get_properties(None).await.map_err(failed)?;
        let access = properties.access().map_err(failed)?;
        Ok(if access.is_some() { Exposure::Public } else { Exposure::Private })
    }

    /// Deletes a blob, with its snapshots.
    pub(super) async fn delete(&self, path: &Path) -> object_store::Result<()> {
        let generic = |source: Box<dyn std::error::Error + Send + Sync>| object_store::Error::Generic {
            store: "Azure Blob Storage",
            source,
        };
        let options = BlobClientOptions { client_options: self.options(), ..Default::default() };
        let client =
            BlobClient::new(self.address(Some(path)), None, Some(options)).map_err(|e| generic(e.into()))?;
        match client.delete(None).await {
            Ok(_) => Ok(()),
            Err(error) => Err(match self.refusal(&error) {
                Some(refusal) => generic(refusal.into()),
                None if error.http_status() == Some(StatusCode::NotFound) => {
                    object_store::Error::NotFound { path: path.to_string(), source: error.into() }
                }
                None => generic(error.into()),
            }),
        }
    }

    fn client(&self) -> Result<BlobContainerClient, StoreError> {
        let options = BlobContainerClientOptions { client_options: self.options(), ..Default::default() };
        BlobContainerClient::new(self.address(None), None, Some(options))
            .map_err(|error| self.failed(Doing::Reading, error))
    }

    fn options(&self) -> ClientOptions {
        let transport = azure_core::http::Transport::new(Arc::new(self.transport.clone()));
        ClientOptions { transport: Some(transport), ..Default::default() }
    }

    /// The address of the container, or of a blob in it.
    fn address(&self, blob: Option<&Path>) -> Url {
        #[expect(clippy::expect_used, reason = "the endpoint was taken out of a URL with a host")]
        let mut url = Url::parse(self.url.endpoint()).expect("the endpoint as a URL");
        if let Ok(mut parts) = url.path_segments_mut() {
            parts.pop_if_empty().push(self.url.container());
            if let Some(blob) = blob {
                parts.extend(blob.parts());
            }
        }
        url
    }

    fn refusal(&self, error: &azure_core::Error) -> Option<Refusal> {
        let ErrorKind::HttpResponse { status, raw_response: Some(response), error_code } = error.kind()
        else {
            return None;
        };
        let status = u16::from(*status);
        let header = |name: &str| response.headers().get_optional_string(&HeaderName::from(name.to_owned()));
        let code = error_code.as_deref().unwrap_or_default();
        if !super::refusal::is_final(status, code) {
            return None;
        }
        let body: &[u8] = response.body();
        Some(self.transport.refusal(&Answer { status, header: &header, body }, None))
    }

    fn failed(&self, doing: Doing, error: azure_core::Error) -> StoreError {
        let source = match self.refusal(&error) {
            Some(refusal) => refusal.into(),
            None => error.into(),
        };
        let source = object_store::Error::Generic { store: "Azure Blob Storage", source };
        let what = format!("container {}", self.url.container());
        StoreError::storage(doing, &Path::from(what), source)
    }
}

fn has_code(error: &azure_core::Error, wanted: &str) -> bool {
    matches!(error.kind(), ErrorKind::HttpResponse { error_code: Some(code), .. } if code == wanted)
}
