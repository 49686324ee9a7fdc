//! Lists: `mergeSlice` of the original and what belongs to it.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::map;
use super::order::{Kind, Order, in_order, key_of};
use super::table::{Schema, Strategy};
use super::{PATCH, Refusal, plain, taken};

/// How one list is merged.
#[derive(Clone, Copy)]
pub(super) struct List {
    pub strategy: Strategy,
    /// The merge key of its items; empty for none.
    pub key: &'static str,
    /// What is known of its items.
    pub schema: Schema,
    /// Whether the patch lists what to delete.
    pub deleting: bool,
}

/// A merged list, and the order of the original that a `$setElementOrder` compares with: the server's code changes the
/// original in place, so what was deleted is gone from it and what was added stands in the places that became free.
pub(super) struct Merged {
    pub items: Vec<Value>,
    before: Vec<Value>,
}

impl List {
    /// Merges a patch into a list.
    pub(super) fn merge(self, original: Vec<Value>, patch: Vec<Value>) -> Result<Merged, Refusal> {
        if self.strategy != Strategy::Merge && !self.deleting {
            return Ok(Merged { items: patch.into_iter().map(plain).collect(), before: original });
        }
        if original.is_empty() && patch.is_empty() {
            return Ok(Merged { items: original, before: Vec::new() });
        }
        let kind = kind([&original, &patch])?;
        if kind == Kind::Maps {
            return self.merge_maps(original, patch);
        }
        if self.deleting {
            let unwanted: HashSet<String> = patch.iter().map(Value::to_string).collect();
            let items =
                original.iter().filter(|item| !unwanted.contains(&item.to_string())).cloned().collect();
            return Ok(Merged { items, before: original });
        }
        let mut seen = HashSet::new();
        let both =
            original.iter().chain(&patch).filter(|item| seen.insert(item.to_string())).cloned().collect();
        let order = Order::of(&patch, self.key, kind)?;
        let items = in_order(both, &order, &Order::of(&original, self.key, kind)?, self.key, kind)?;
        Ok(Merged { items, before: original })
    }

    fn merge_maps(self, mut original: Vec<Value>, patch: Vec<Value>) -> Result<Merged, Refusal> {
        let key = self.key;
        if key.is_empty() {
            return Err(Refusal::new("a list of maps without a merge key cannot be merged"));
        }
        let (mut changes, mut deleted, mut replacing) = (Vec::new(), HashSet::new(), false);
        for item in patch {
            match item.get(PATCH) {
                None => changes.push(item),
                Some(directive) => match directive.as_str() {
                    Some("delete") => drop(deleted.insert(key_of(&item, key)?)),
                    Some("replace") => replacing = true,
                    _ => {
                        let words = format!("$patch is {directive}; use replace or delete");
                        return Err(Refusal::new(words));
                    }
                },
            }
        }
        let length = original.len();
        original.retain(|item| item.get(key).is_none_or(|value| !deleted.contains(&value.to_string())));
        if replacing {
            let items: Vec<Value> = changes.into_iter().map(plain).collect();
            // Items that say the same key come together at the first of them.
            let own = Order::of(&items, key, Kind::Maps)?;
            let items = in_order(items, &Order::default(), &own, key, Kind::Maps)?;
            return Ok(Merged { items, before: original });
        }
        let server = Order::of(&original, key, Kind::Maps)?;
        let wanted = Order::of(&changes, key, Kind::Maps)?;
        let mut before: Vec<Value> = original.clone();
        let mut items = original;
        let mut places: HashMap<String, usize> = HashMap::new();
        for (at, item) in items.iter().enumerate() {
            places.entry(key_of(item, key)?).or_insert(at);
        }
        for change in changes {
            let name = key_of(&change, key)?;
            match (places.get(&name).and_then(|at| items.get_mut(*at)), change) {
                (Some(Value::Object(item)), Value::Object(change)) => {
                    map::merge(item, change, self.schema)
                        .map_err(|refusal| refusal.within(&format!("[{key}={name}]")))?;
                }
                (_, change) => {
                    places.insert(name, items.len());
                    if before.len() < length {
                        before.push(change.clone());
                    }
                    items.push(plain(change));
                }
            }
        }
        let items = in_order(items, &wanted, &server, key, Kind::Maps)?;
        Ok(Merged { items, before })
    }

    /// Merges two lists, either of which may be absent, and puts the result in an order; `None` if both are.
    pub(super) fn merge_in_order(
        self,
        original: Option<Vec<Value>>,
        patch: Option<Vec<Value>>,
        order: &[Value],
    ) -> Result<Option<Vec<Value>>, Refusal> {
        self.check_order(patch.as_deref().unwrap_or_default(), order)?;
        let none = Vec::new();
        let types = [original.as_ref().unwrap_or(&none), patch.as_ref().unwrap_or(&none)].map(Clone::clone);
        let (merged, before) = match (original, patch) {
            (None, None) => return Ok(None),
            (Some(original), None) => (original.clone(), original),
            (None, Some(patch)) => {
                (patch.into_iter().filter_map(|item| taken(item, true)).collect(), Vec::new())
            }
            (Some(original), Some(patch)) => {
                let merged = self.merge(original, patch)?;
                (merged.items, merged.before)
            }
        };
        let wanted = Order::to_find(order, self.key)?;
        let [original, patch] = &types;
        let kind = kind([original, patch])?;
        if kind == Kind::Maps {
            Order::of(order, self.key, kind)?;
        }
        in_order(merged, &wanted, &Order::of(&before, self.key, kind)?, self.key, kind).map(Some)
    }

    /// What the patch sets must be listed in the order, in the same order. Either of them may be empty.
    fn check_order(self, patch: &[Value], order: &[Value]) -> Result<(), Refusal> {
        if patch.is_empty() || order.is_empty() {
            return Ok(());
        }
        let key = |item: &Value| {
            if self.key.is_empty() { Ok(item.to_string()) } else { key_of(item, self.key) }
        };
        if !self.key.is_empty() && !patch.iter().all(Value::is_object) {
            return Err(Refusal::new("an item of the patch is no map"));
        }
        let is_deletion = |item: &&Value| item.get(PATCH).and_then(Value::as_str) == Some("delete");
        let mut set = patch.iter().filter(|item| !is_deletion(item)).peekable();
        let mut listed = order.iter();
        while let Some(item) = set.peek() {
            // Another directive is passed over only while the order still lists something, as in the original.
            let Some(next) = listed.as_slice().first() else {
                return Err(Refusal::new(
                    "lists the items in another order than the patch, or not all of them",
                ));
            };
            if item.get(PATCH).is_some() {
                set.next();
                continue;
            }
            if key(item)? == key(next)? {
                set.next();
            }
            listed.next();
        }
        Ok(())
    }
}

/// What the items are; all of them must be of one type, as Go has them.
fn kind<const N: usize>(lists: [&Vec<Value>; N]) -> Result<Kind, Refusal> {
    let mut items = lists.into_iter().flatten();
    let first = items.next().ok_or_else(|| Refusal::new("both lists are empty"))?;
    if first.is_array() || first.is_null() {
        return Err(Refusal::new("lists of lists or of nulls cannot be merged"));
    }
    if !items.all(|item| same_type(first, item)) {
        return Err(Refusal::new("the items are not all of one type"));
    }
    Ok(if first.is_object() { Kind::Maps } else { Kind::Scalars })
}

/// Whether two values are of one type in Go, where whole numbers and others are different ones.
pub(super) fn same_type(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.is_f64() == b.is_f64(),
        _ => std::mem::discriminant(a) == std::mem::discriminant(b),
    }
}
