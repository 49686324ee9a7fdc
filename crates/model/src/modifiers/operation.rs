//! The operations of JSON patches ([RFC 6902](https://www.rfc-editor.org/rfc/rfc6902)), as the library that Velero uses
//! (evanphx/json-patch 5.9) applies them.
//!
//! Beyond the RFC, negative indexes count from the end of a list (in `add`, -1 is the
//! place after its last item), and a `test` for `null` holds for an absent member whose
//! parent is there. What `copy` can make is bounded: doubling an object thirty times is
//! a short patch.

use json_patch::jsonptr::{Pointer, PointerBuf, Token};
use json_patch::{AddOperation, CopyOperation, PatchOperation, RemoveOperation, ReplaceOperation};
use serde_json::Value;

use super::bounds::{MAX_DEPTH, Size, depth, size};

/// One operation, its value typed already.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Operation {
    Add { path: PointerBuf, value: Value },
    Remove { path: PointerBuf },
    Replace { path: PointerBuf, value: Value },
    Move { from: PointerBuf, path: PointerBuf },
    Copy { from: PointerBuf, path: PointerBuf },
    Test { path: PointerBuf, value: Value },
}

/// Why operations were not carried out. What was done before the failing one is not undone.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// A `test` found something else, which is how a patch asks for not being applied.
    Test(String),
    /// It cannot be done.
    Failed(String),
}

/// What a test found.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Tested {
    Holds,
    Differs,
    /// There is no such place: not even its parent is there, or the list is not as long.
    Nowhere,
}

/// Carries operations out in their order, each by the crate's function that takes nothing back: the one that does panics
/// where the second half of a `move` fails. Whoever calls keeps a copy.
///
/// `room` is how much they may add.
pub(super) fn apply(object: &mut Value, operations: &[Operation], room: Size) -> Result<(), Stop> {
    let mut room = room;
    for (at, operation) in operations.iter().enumerate() {
        one(object, operation, &mut room).map_err(|stop| {
            let within = |words: String| format!("operation {}: {words}", at + 1);
            match stop {
                Stop::Test(words) => Stop::Test(within(words)),
                Stop::Failed(words) => Stop::Failed(within(words)),
            }
        })?;
    }
    Ok(())
}

fn one(object: &mut Value, operation: &Operation, room: &mut Size) -> Result<(), Stop> {
    let missing = |path: &Pointer| Stop::Failed(format!("there is nothing at {path}"));
    let operation = match operation {
        Operation::Test { path, value } => {
            return match test(object, path, value) {
                Tested::Holds => Ok(()),
                Tested::Differs => Err(Stop::Test(format!("{path} has another value"))),
                Tested::Nowhere => Err(missing(path)),
            };
        }
        Operation::Add { path, value } => {
            take(room, value, path)?;
            let path = place(object, path, true).ok_or_else(|| no_parent(path))?;
            PatchOperation::Add(AddOperation { path, value: value.clone() })
        }
        Operation::Remove { path } => PatchOperation::Remove(RemoveOperation {
            path: existing(object, path).ok_or_else(|| missing(path))?,
        }),
        Operation::Replace { path, value } => {
            take(room, value, path)?;
            let path = existing(object, path).ok_or_else(|| missing(path))?;
            PatchOperation::Replace(ReplaceOperation { path, value: value.clone() })
        }
        Operation::Copy { from, path } => {
            let from = existing(object, from).ok_or_else(|| missing(from))?;
            let source = object.pointer(from.as_str()).ok_or_else(|| missing(&from))?;
            take(room, source, path)?;
            let path = place(object, path, true).ok_or_else(|| no_parent(path))?;
            PatchOperation::Copy(CopyOperation { from, path })
        }
        Operation::Move { from, path } => {
            let from = existing(object, from).ok_or_else(|| missing(from))?;
            let source = object.pointer(from.as_str()).ok_or_else(|| missing(&from))?;
            deep_enough(source, path)?;
            if path.starts_with(&from) && path.count() > from.count() {
                return Err(Stop::Failed(format!("{from} cannot be moved into itself")));
            }
            // The place is looked for where the value is gone already, as the RFC has it.
            let value = source.clone();
            remove(object, &from)?;
            let to = place(object, path, true).ok_or_else(|| no_parent(path))?;
            PatchOperation::Add(AddOperation { path: to, value })
        }
    };
    json_patch::patch_unsafe(object, std::slice::from_ref(&operation))
        .map_err(|error| Stop::Failed(format!("{}: {}", operation.path(), error.kind)))
}

fn remove(object: &mut Value, path: &Pointer) -> Result<(), Stop> {
    let operation = PatchOperation::Remove(RemoveOperation { path: path.to_owned() });
    json_patch::patch_unsafe(object, std::slice::from_ref(&operation))
        .map_err(|error| Stop::Failed(format!("{path}: {}", error.kind)))
}

fn no_parent(path: &Pointer) -> Stop {
    Stop::Failed(format!("{path} cannot be added: what it would be in is not there, or not so long a list"))
}

fn take(room: &mut Size, value: &Value, path: &Pointer) -> Result<(), Stop> {
    deep_enough(value, path)?;
    *room = room.checked_sub(size(value)).ok_or_else(|| {
        Stop::Failed(format!("{path}: the object would become larger than any that a cluster stores"))
    })?;
    Ok(())
}

fn deep_enough(value: &Value, path: &Pointer) -> Result<(), Stop> {
    if path.count() + depth(value) > MAX_DEPTH {
        return Err(Stop::Failed(format!(
            "{path}: the object would be nested deeper than {MAX_DEPTH} levels"
        )));
    }
    Ok(())
}

/// Compares what is at a place.
pub(super) fn test(object: &Value, path: &Pointer, expected: &Value) -> Tested {
    let Some(exact) = place(object, path, false) else { return Tested::Nowhere };
    match object.pointer(exact.as_str()) {
        Some(found) if found == expected => Tested::Holds,
        None if expected.is_null() => Tested::Holds,
        Some(_) | None => Tested::Differs,
    }
}

/// The exact pointer to a place whose parent is there; in a list, the index must be one of its items or, for adding,
/// the place after the last.
fn place(object: &Value, path: &Pointer, adding: bool) -> Option<PointerBuf> {
    let mut at = object;
    let mut exact = PointerBuf::root();
    let mut tokens = path.tokens().peekable();
    while let Some(token) = tokens.next() {
        let last = tokens.peek().is_none();
        match at {
            Value::Object(map) => {
                let next = map.get(token.decoded().as_ref());
                exact.push_back(token);
                match next {
                    Some(next) => at = next,
                    None if last => return Some(exact),
                    None => return None,
                }
            }
            Value::Array(list) => {
                let adding = adding && last;
                let index = index(token.encoded(), list.len(), adding)?;
                exact.push_back(Token::from(index));
                match list.get(index) {
                    Some(next) => at = next,
                    None => return Some(exact),
                }
            }
            _ => return None,
        }
    }
    Some(exact)
}

/// The same for a place that has a value.
fn existing(object: &Value, path: &Pointer) -> Option<PointerBuf> {
    place(object, path, false).filter(|exact| object.pointer(exact.as_str()).is_some())
}

/// An index as evanphx/json-patch reads it.
fn index(token: &str, length: usize, adding: bool) -> Option<usize> {
    if token == "-" && adding {
        return Some(length);
    }
    let places = if adding { length + 1 } else { length };
    let index = match token.strip_prefix('-') {
        Some(back) if back.bytes().all(|b| b.is_ascii_digit()) => places.checked_sub(back.parse().ok()?)?,
        None if token.bytes().all(|b| b.is_ascii_digit()) => token.parse().ok()?,
        _ => return None,
    };
    (index < places).then_some(index)
}
