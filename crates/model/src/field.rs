//! A value of a document and the path that led to it, by which readers of documents say what is wrong.

use crate::document::{Content, Node, short};

/// How problems name the outermost value.
pub(crate) const ROOT: &str = "the document";

/// A value and its path, such as `spec.backupHook[0].name`.
#[derive(Clone)]
pub(crate) struct Field<'a> {
    pub path: String,
    pub node: &'a Node,
}

impl<'a> Field<'a> {
    /// The outermost value.
    pub(crate) fn root(node: &'a Node) -> Self {
        Self { path: ROOT.to_owned(), node }
    }

    /// The entries of a list; nothing has none.
    ///
    /// # Errors
    /// What is wrong, as the rest of a sentence that begins with the path.
    pub(crate) fn items(&self, limit: usize) -> Result<Vec<Self>, String> {
        let node: &'a Node = self.node;
        match &node.content {
            Content::Null { .. } => Ok(Vec::new()),
            Content::List(items) if items.len() > limit => {
                Err(format!("has {} entries; at most {limit} are read", items.len()))
            }
            Content::List(items) => Ok(items
                .iter()
                .enumerate()
                .map(|(at, node)| Self { path: format!("{}[{at}]", self.path), node })
                .collect()),
            Content::Text(_) | Content::Recognised(_) | Content::Map(_) => Err("must be a list".to_owned()),
        }
    }

    /// The entries of a map; nothing has none.
    ///
    /// # Errors
    /// As [`Self::items`].
    pub(crate) fn entries(&self) -> Result<Vec<(&'a str, Self)>, String> {
        let node: &'a Node = self.node;
        match &node.content {
            Content::Null { .. } => Ok(Vec::new()),
            Content::Map(entries) => Ok(entries
                .iter()
                .map(|(key, node)| {
                    let shown = short(key);
                    let path = if self.path == ROOT { shown } else { format!("{}.{shown}", self.path) };
                    (key.as_str(), Self { path, node })
                })
                .collect()),
            Content::Text(_) | Content::Recognised(_) | Content::List(_) => Err("must be a map".to_owned()),
        }
    }
}
