//! LIST, page by page, as raw objects while they arrive.

mod cutter;
mod lister;
mod nesting;
mod page;

use std::sync::Arc;

use holdfast_model::resource::ResourceType;

pub use lister::Lister;

/// Objects in a page unless asked otherwise. kubectl and client-go use the same number.
pub const DEFAULT_PAGE_SIZE: u32 = 500;

/// Asks for metadata only; a server that cannot leave out the rest sends whole objects
/// (<https://kubernetes.io/docs/reference/using-api/api-concepts/#metadata-only-fetches>).
const METADATA_ONLY: &str =
    "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";

/// Which objects to list, and how.
#[derive(Clone, Debug)]
pub struct ListRequest {
    /// The resource.
    pub ty: Arc<ResourceType>,
    /// One namespace, or all of them. Ignored for cluster-scoped resources.
    pub namespace: Option<String>,
    /// Kubernetes label selector, such as `app=shop,tier!=cache`; evaluated by the server.
    pub label_selector: Option<String>,
    /// Kubernetes field selector, such as `involvedObject.name=data`; evaluated by the server, which knows few fields.
    pub field_selector: Option<String>,
    /// Most objects in one answer; 0 asks for all in one.
    pub page_size: u32,
    /// Asks for the next page as soon as its token is known, while this one is still arriving. At most one page
    /// ahead, whose body stays unread.
    pub prefetch: bool,
    /// Asks for the metadata alone. The objects then are no whole ones and name `PartialObjectMetadata` as their
    /// kind: they are for counting and finding, never for storing. A server may send whole objects nevertheless.
    pub metadata_only: bool,
}

impl ListRequest {
    /// All objects of a resource, in pages of [`DEFAULT_PAGE_SIZE`], with prefetch.
    pub fn all(ty: impl Into<Arc<ResourceType>>) -> Self {
        Self {
            ty: ty.into(),
            namespace: None,
            label_selector: None,
            field_selector: None,
            page_size: DEFAULT_PAGE_SIZE,
            prefetch: true,
            metadata_only: false,
        }
    }

    /// What the answer shall be.
    fn accept(&self) -> &'static str {
        if self.metadata_only { METADATA_ONLY } else { "application/json" }
    }

    /// Path and query of one page.
    fn target(&self, collection: &str, token: Option<&str>) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        if self.page_size > 0 {
            query.append_pair("limit", &self.page_size.to_string());
        }
        if let Some(selector) = &self.label_selector {
            query.append_pair("labelSelector", selector);
        }
        if let Some(selector) = &self.field_selector {
            query.append_pair("fieldSelector", selector);
        }
        if let Some(token) = token {
            query.append_pair("continue", token);
        }
        format!("{collection}?{}", query.finish())
    }
}
