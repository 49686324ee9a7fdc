//! Cuts the objects out of one page of a LIST while its body arrives.
//!
//! Reads the outermost object only: `metadata` is kept, the elements of `items` are handed out as they stand, and
//! every other field is skipped. Fields may come in any order: built-in resources have `metadata` first, custom ones
//! last. An object that lies within one piece is a slice of it, without a copy; only one that spans pieces is
//! assembled. Memory is the object being assembled, never the page.

use bytes::{Buf, Bytes, BytesMut};
use serde::Deserialize;
use thiserror::Error;

use crate::MAX_OBJECT_BYTES;
use crate::list::nesting::{MAX_DEPTH, Nesting, TooDeep};

/// Largest `metadata` of a list; it holds a token and two numbers.
const MAX_METADATA_BYTES: usize = 64 * 1024;
/// Longest key of the outermost object.
const MAX_KEY_BYTES: usize = 1024;

/// `ListMeta`: <https://pkg.go.dev/k8s.io/apimachinery/pkg/apis/meta/v1#ListMeta>.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ListMeta {
    /// Token of the next page; empty or absent on the last one.
    pub(crate) r#continue: Option<String>,
    /// State of the cluster that the page shows.
    pub(crate) resource_version: Option<String>,
    /// Objects after this page, where the server counts them.
    pub(crate) remaining_item_count: Option<u64>,
}

impl ListMeta {
    /// Token of the next page, if there is one.
    pub(crate) fn next_page(&self) -> Option<&str> {
        self.r#continue.as_deref().filter(|token| !token.is_empty())
    }
}

/// A page that is not what a LIST answers.
#[derive(Debug, Error, PartialEq, Eq)]
pub(crate) enum CutError {
    /// The body ended within the page.
    #[error("it ends early, after {0} bytes")]
    Truncated(u64),
    /// One object is larger than [`MAX_OBJECT_BYTES`].
    #[error("an object is larger than {MAX_OBJECT_BYTES} bytes")]
    TooLarge,
    /// Nested deeper than [`MAX_DEPTH`].
    #[error("it is nested deeper than {MAX_DEPTH} levels")]
    TooDeep,
    /// Not a list of objects.
    #[error("{expected} expected at byte {at}")]
    Unexpected {
        /// What should be there.
        expected: &'static str,
        /// Offset in the body.
        at: u64,
    },
    /// `metadata` that is no `ListMeta`.
    #[error("metadata of the list: {0}")]
    Metadata(String),
    /// A field that must be there exactly once.
    #[error("the list does not have the field {0} exactly once")]
    Field(&'static str),
}

impl From<TooDeep> for CutError {
    fn from(TooDeep: TooDeep) -> Self {
        Self::TooDeep
    }
}

/// Where in the outermost object the next byte belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Start,
    /// Before a key; the object may only end here if it is empty.
    Key {
        first: bool,
    },
    InKey,
    Colon,
    Value,
    /// In an object, array or string that is not `items`.
    InValue,
    /// In a number or word.
    InWord,
    AfterValue,
    /// Before an item; the array may only end here if it is empty.
    Item {
        first: bool,
    },
    InItem,
    AfterItem,
    End,
}

/// Which field of the outermost object is being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Metadata,
    Items,
    Other,
}

/// Reads one page. Pieces go in, objects come out.
#[derive(Debug)]
pub(crate) struct Cutter {
    place: Place,
    field: Field,
    nesting: Nesting,
    /// Key, metadata or word being assembled.
    text: Vec<u8>,
    /// Beginning of an object whose end has not arrived.
    partial: BytesMut,
    metadata: Option<ListMeta>,
    has_items: bool,
    /// Bytes read, for messages.
    read: u64,
}

impl Cutter {
    pub(crate) fn new() -> Self {
        Self {
            place: Place::Start,
            field: Field::Other,
            nesting: Nesting::default(),
            text: Vec::new(),
            partial: BytesMut::new(),
            metadata: None,
            has_items: false,
            read: 0,
        }
    }

    /// The list's own metadata, once it has arrived.
    pub(crate) fn metadata(&self) -> Option<&ListMeta> {
        self.metadata.as_ref()
    }

    /// Reads the next piece of the body and appends the objects completed by it.
    pub(crate) fn push(&mut self, mut piece: Bytes, objects: &mut Vec<Bytes>) -> Result<(), CutError> {
        while !piece.is_empty() {
            let used = match self.place {
                Place::InItem => self.item(&piece, objects)?,
                Place::InValue => self.value(&piece)?,
                Place::InKey => self.key(&piece)?,
                Place::InWord => self.word(&piece)?,
                _ => self.mark(&piece)?,
            };
            self.read += used as u64;
            piece.advance(used);
        }
        Ok(())
    }

    /// Checks that the page is complete, now that its body has ended.
    pub(crate) fn finish(&self) -> Result<(), CutError> {
        if self.place != Place::End {
            return Err(CutError::Truncated(self.read));
        }
        if !self.has_items {
            return Err(CutError::Field("items"));
        }
        if self.metadata.is_none() {
            return Err(CutError::Field("metadata"));
        }
        Ok(())
    }

    /// Skips whitespace and reads one byte of punctuation or the first of a value, which is left for the place
    /// that reads it.
    fn mark(&mut self, piece: &Bytes) -> Result<usize, CutError> {
        let blank = piece.iter().take_while(|b| matches!(b, b' ' | b'\t' | b'\r' | b'\n')).count();
        let Some(&byte) = piece.get(blank) else { return Ok(blank) };
        let (place, keep) = match (self.place, byte) {
            (Place::Start, b'{') => (Place::Key { first: true }, false),
            (Place::Key { .. }, b'"') => (Place::InKey, true),
            (Place::Key { first: true } | Place::AfterValue, b'}') => (Place::End, false),
            (Place::Colon, b':') => (Place::Value, false),
            (Place::Value, b'[') if self.field == Field::Items => (Place::Item { first: true }, false),
            (Place::Value, b'{' | b'[' | b'"') if self.field != Field::Items => (Place::InValue, true),
            (Place::Value, b'n' | b't' | b'f' | b'-' | b'0'..=b'9') => (Place::InWord, true),
            (Place::AfterValue, b',') => (Place::Key { first: false }, false),
            (Place::Item { .. }, b'{') => (Place::InItem, true),
            (Place::Item { first: true } | Place::AfterItem, b']') => (Place::AfterValue, false),
            (Place::AfterItem, b',') => (Place::Item { first: false }, false),
            _ => return Err(self.unexpected(blank)),
        };
        self.place = place;
        self.nesting = Nesting::default();
        Ok(blank + usize::from(!keep))
    }

    fn unexpected(&self, offset: usize) -> CutError {
        let expected = match self.place {
            Place::Start => "a list",
            Place::Key { .. } | Place::InKey => "a key",
            Place::Colon => "a colon",
            Place::Item { .. } | Place::InItem => "an object of the list",
            Place::AfterItem => "a comma or the end of the items",
            Place::AfterValue => "a comma or the end of the list",
            Place::End => "nothing more",
            Place::Value | Place::InValue | Place::InWord => "a value",
        };
        CutError::Unexpected { expected, at: self.read + offset as u64 }
    }

    fn key(&mut self, piece: &Bytes) -> Result<usize, CutError> {
        let end = self.nesting.follow(piece)?;
        let used = end.unwrap_or(piece.len());
        self.keep(&piece[..used], MAX_KEY_BYTES)?;
        if end.is_some() {
            let key: String = serde_json::from_slice(&self.text).map_err(|_| self.unexpected(0))?;
            self.text.clear();
            self.field = match key.as_str() {
                "items" => Field::Items,
                "metadata" => Field::Metadata,
                _ => Field::Other,
            };
            match self.field {
                Field::Items if self.has_items => return Err(CutError::Field("items")),
                Field::Metadata if self.metadata.is_some() => return Err(CutError::Field("metadata")),
                field => self.has_items |= field == Field::Items,
            }
            self.place = Place::Colon;
        }
        Ok(used)
    }

    fn value(&mut self, piece: &Bytes) -> Result<usize, CutError> {
        let end = self.nesting.follow(piece)?;
        let used = end.unwrap_or(piece.len());
        if self.field == Field::Metadata {
            self.keep(&piece[..used], MAX_METADATA_BYTES)?;
        }
        if end.is_some() {
            self.end_of_value()?;
        }
        Ok(used)
    }

    fn word(&mut self, piece: &Bytes) -> Result<usize, CutError> {
        let of_word = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'+' | b'.');
        let used = piece.iter().take_while(|b| of_word(b)).count();
        self.keep(&piece[..used], MAX_KEY_BYTES)?;
        if used < piece.len() {
            // An empty list of some servers is `"items": null`.
            let valid = match self.field {
                Field::Items => self.text == b"null",
                Field::Metadata | Field::Other => {
                    serde_json::from_slice::<serde_json::Value>(&self.text).is_ok()
                }
            };
            if !valid {
                return Err(self.unexpected(0));
            }
            self.end_of_value()?;
        }
        Ok(used)
    }

    fn end_of_value(&mut self) -> Result<(), CutError> {
        if self.field == Field::Metadata {
            let metadata: Option<ListMeta> =
                serde_json::from_slice(&self.text).map_err(|error| CutError::Metadata(error.to_string()))?;
            self.metadata = Some(metadata.unwrap_or_default());
        }
        self.text.clear();
        self.place = Place::AfterValue;
        Ok(())
    }

    fn keep(&mut self, bytes: &[u8], limit: usize) -> Result<(), CutError> {
        if self.text.len() + bytes.len() > limit {
            return Err(self.unexpected(0));
        }
        self.text.extend_from_slice(bytes);
        Ok(())
    }

    fn item(&mut self, piece: &Bytes, objects: &mut Vec<Bytes>) -> Result<usize, CutError> {
        let end = self.nesting.follow(piece)?;
        let used = end.unwrap_or(piece.len());
        if self.partial.len() + used > MAX_OBJECT_BYTES {
            return Err(CutError::TooLarge);
        }
        if end.is_none() {
            self.partial.extend_from_slice(piece);
            return Ok(used);
        }
        objects.push(if self.partial.is_empty() {
            piece.slice(..used)
        } else {
            self.partial.extend_from_slice(&piece[..used]);
            self.partial.split().freeze()
        });
        self.place = Place::AfterItem;
        Ok(used)
    }
}

#[cfg(test)]
mod tests;
