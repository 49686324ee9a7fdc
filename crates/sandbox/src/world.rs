//! Everything the sandbox holds, and transactions over it.
//!
//! A [`Transaction`] is one request with all that the controllers make of it. It is applied as it goes, so that
//! controllers see it, and is either committed, which yields the changes for the journal, or rolled back.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::kinds::Kind;

/// Where an object is. Sorted as LIST sorts: by namespace, then by name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Key {
    pub group: String,
    pub plural: String,
    /// Empty for cluster-scoped objects.
    pub namespace: String,
    pub name: String,
}

impl Key {
    pub(crate) fn new(group: &str, plural: &str, namespace: &str, name: &str) -> Self {
        let [group, plural, namespace, name] = [group, plural, namespace, name].map(str::to_owned);
        Self { group, plural, namespace, name }
    }

    pub(crate) fn is(&self, group: &str, plural: &str) -> bool {
        self.group == group && self.plural == plural
    }
}

/// One object set or removed.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Change {
    Put { key: Key, object: Arc<Value> },
    Delete { key: Key },
}

impl Change {
    pub(crate) fn key(&self) -> &Key {
        match self {
            Self::Put { key, .. } | Self::Delete { key } => key,
        }
    }
}

/// All objects, and the counter behind their resource versions.
#[derive(Clone, Debug, Default)]
pub(crate) struct World {
    objects: BTreeMap<Key, Arc<Value>>,
    /// Resource version of the newest change.
    pub version: u64,
}

impl World {
    pub(crate) fn get(&self, key: &Key) -> Option<&Arc<Value>> {
        self.objects.get(key)
    }

    pub(crate) fn objects(&self) -> impl Iterator<Item = (&Key, &Arc<Value>)> {
        self.objects.iter()
    }

    /// The objects of a collection, in one namespace or in all.
    pub(crate) fn list<'a>(
        &'a self,
        group: &'a str,
        plural: &'a str,
        namespace: Option<&'a str>,
    ) -> impl Iterator<Item = (&'a Key, &'a Arc<Value>)> {
        self.objects.range(Key::new(group, plural, namespace.unwrap_or_default(), "")..).take_while(
            move |(key, _)| key.is(group, plural) && namespace.is_none_or(|ns| key.namespace == ns),
        )
    }

    pub(crate) fn apply(&mut self, change: &Change) {
        match change {
            Change::Put { key, object } => self.objects.insert(key.clone(), Arc::clone(object)),
            Change::Delete { key } => self.objects.remove(key),
        };
    }
}

/// One request's changes.
pub(crate) struct Transaction<'a> {
    pub world: &'a mut World,
    pub now: Timestamp,
    changes: Vec<Change>,
    /// What was there before each change, for a rollback.
    before: Vec<(Key, Option<Arc<Value>>)>,
    first_version: u64,
    touched: VecDeque<Touched>,
}

/// What a controller has to look at: where, and what was there before it was changed, if anything.
pub(crate) type Touched = (Key, Option<Arc<Value>>);

impl<'a> Transaction<'a> {
    pub(crate) fn begin(world: &'a mut World, now: Timestamp) -> Self {
        let first_version = world.version;
        Self { world, now, changes: Vec::new(), before: Vec::new(), first_version, touched: VecDeque::new() }
    }

    /// The time as objects have it, to the second.
    pub(crate) fn time(&self) -> String {
        self.now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
    }

    /// Adds a new object, with what a server sets on it.
    pub(crate) fn insert(&mut self, key: Key, kind: &Kind, mut object: Value) -> Arc<Value> {
        object["apiVersion"] = Value::from(kind.ty.api_version());
        object["kind"] = Value::from(kind.ty.kind.as_str());
        let time = self.time();
        let metadata = &mut object["metadata"];
        metadata["name"] = Value::from(key.name.as_str());
        if kind.ty.namespaced {
            metadata["namespace"] = Value::from(key.namespace.as_str());
        }
        metadata["uid"] = Value::from(Uuid::new_v4().to_string());
        metadata["creationTimestamp"] = Value::from(time);
        if kind.counts_generations {
            metadata["generation"] = json!(1);
        }
        self.put(key, object)
    }

    /// Sets an object that is there to a new value, with a new resource version; nothing happens if it is the same.
    pub(crate) fn update(&mut self, key: &Key, object: Value) -> Arc<Value> {
        match self.world.get(key) {
            Some(now) if **now == object => Arc::clone(now),
            _ => self.put(key.clone(), object),
        }
    }

    fn put(&mut self, key: Key, mut object: Value) -> Arc<Value> {
        self.world.version += 1;
        object["metadata"]["resourceVersion"] = Value::from(self.world.version.to_string());
        let object = Arc::new(object);
        self.change(Change::Put { key, object: Arc::clone(&object) });
        object
    }

    pub(crate) fn delete(&mut self, key: &Key) {
        if self.world.get(key).is_some() {
            self.world.version += 1;
            self.change(Change::Delete { key: key.clone() });
        }
    }

    fn change(&mut self, change: Change) {
        let key = change.key().clone();
        let was = self.world.get(&key).cloned();
        self.world.apply(&change);
        self.changes.push(change);
        self.before.push((key.clone(), was.clone()));
        self.touched.push_back((key, was));
    }

    /// Has the controllers look at an object that did not change.
    pub(crate) fn touch(&mut self, key: Key) {
        self.touched.push_back((key, None));
    }

    /// What the controllers have to look at next.
    pub(crate) fn next_touched(&mut self) -> Option<Touched> {
        self.touched.pop_front()
    }

    /// The world with the changes, and the changes themselves, in order.
    pub(crate) fn done(&self) -> (&World, &[Change]) {
        (self.world, &self.changes)
    }

    /// Leaves the world as it was.
    pub(crate) fn roll_back(self) {
        for (key, object) in self.before.into_iter().rev() {
            self.world.apply(&match object {
                Some(object) => Change::Put { key, object },
                None => Change::Delete { key },
            });
        }
        self.world.version = self.first_version;
    }
}
