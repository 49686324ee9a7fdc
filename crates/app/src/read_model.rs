//! What was seen last in the vaults: an `SQLite` database in the data folder.
//!
//! It is a copy that can be lost at any time: a damaged one, or one of another version, is removed and made anew from
//! the vaults. The first screen reads it alone, so it shows at once, and what a vault held is still shown while the
//! vault is gone. Several processes may share it. What cannot be written is logged, and seen again at the next look.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, Transaction, params};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::api::{Failure, JobRow, PointRow, Topic};
use crate::blocking;

/// Version of the tables. A database of another one is made anew.
const VERSION: i64 = 1;
/// Longest wait for another process that writes.
const BUSY: Duration = Duration::from_secs(5);
/// Most jobs that are kept of one vault.
const JOBS_KEPT: usize = 1000;

const TABLES: &str = "
    CREATE TABLE vault (id TEXT PRIMARY KEY, as_of TEXT NOT NULL, body TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE point (vault TEXT, name TEXT, body TEXT NOT NULL, PRIMARY KEY (vault, name)) WITHOUT ROWID;
    CREATE TABLE job (vault TEXT, id TEXT, body TEXT NOT NULL, PRIMARY KEY (vault, id)) WITHOUT ROWID;
";

/// What is known of a vault as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct VaultFacts {
    pub read_only: bool,
    pub points: u64,
    pub bytes: u64,
    pub failure: Option<Failure>,
}

/// What one look at a vault brought.
#[derive(Clone, Debug)]
pub(crate) struct Look {
    pub facts: VaultFacts,
    /// `None` where it could not be listed: what was seen before stays.
    pub points: Option<Vec<PointRow>>,
    pub jobs: Option<Vec<JobRow>>,
}

impl Look {
    pub(crate) fn failed(failure: Failure) -> Self {
        let facts = VaultFacts { failure: Some(failure), ..VaultFacts::default() };
        Self { facts, points: None, jobs: None }
    }
}

/// Why a database cannot be used as it is.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadModelError {
    #[error("it cannot be read or written: {0}")]
    Sqlite(#[from] rusqlite::Error),
    #[error("it has version {0}, and this program writes version {VERSION}")]
    Version(i64),
    #[error("it is damaged: {0}")]
    Damaged(String),
}

/// The database. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct ReadModel(Arc<Mutex<Connection>>);

impl ReadModel {
    /// Opens the database, or makes it anew. Blocks.
    pub(crate) fn open(folder: &Path) -> Result<Self, ReadModelError> {
        let path = folder.join("read-model.sqlite");
        let opened = prepare(&path).or_else(|error| {
            tracing::warn!(%error, file = %path.display(), "the read model is made anew");
            for suffix in ["", "-wal", "-shm"] {
                let mut file = path.clone().into_os_string();
                file.push(suffix);
                // What is not there need not be removed; what cannot be removed fails again below.
                drop(std::fs::remove_file(file));
            }
            prepare(&path)
        });
        let connection = opened.or_else(|error| {
            tracing::warn!(%error, "the read model is kept in memory only");
            let connection = Connection::open_in_memory()?;
            connection.execute_batch(TABLES)?;
            Ok::<_, ReadModelError>(connection)
        })?;
        Ok(Self(Arc::new(Mutex::new(connection))))
    }

    /// The facts of all vaults with the times of their last looks, by identity.
    pub(crate) async fn vaults(&self) -> HashMap<String, (VaultFacts, String)> {
        self.read("vaults", |connection| {
            let mut statement = connection.prepare_cached("SELECT id, as_of, body FROM vault")?;
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
            let parse = |(id, as_of, body): (String, String, String)| {
                Some((id, (serde_json::from_str(&body).ok()?, as_of)))
            };
            rows.filter_map(|row| row.map(parse).transpose()).collect()
        })
        .await
    }

    /// The recovery points of all vaults, newest first.
    pub(crate) async fn points(&self) -> Vec<PointRow> {
        let mut points: Vec<PointRow> = self.read("points", |c| bodies(c, "SELECT body FROM point")).await;
        let time = |point: &PointRow| point.started.clone().or_else(|| point.completed.clone());
        points.sort_by(|a, b| time(b).cmp(&time(a)).then_with(|| b.name.cmp(&a.name)));
        points
    }

    /// The jobs of all vaults, newest first.
    pub(crate) async fn jobs(&self) -> Vec<JobRow> {
        self.read("jobs", |c| bodies(c, "SELECT body FROM job ORDER BY id DESC")).await
    }

    /// Notes what a look brought; tells what is now different.
    pub(crate) async fn store(&self, vault: String, as_of: Timestamp, look: Look) -> Vec<Topic> {
        self.write("what a vault holds", move |transaction| {
            let mut changed = Vec::new();
            let mut facts = look.facts;
            if look.points.is_none()
                && let Some(before) = facts_of(transaction, &vault)?
            {
                facts = VaultFacts { failure: facts.failure, ..before };
            }
            if facts_of(transaction, &vault)?.as_ref() != Some(&facts) {
                changed.push(Topic::Vaults);
            }
            transaction.execute(
                "INSERT OR REPLACE INTO vault (id, as_of, body) VALUES (?1, ?2, ?3)",
                params![vault, as_of.to_string(), json(&facts)],
            )?;
            if let Some(points) = look.points {
                let rows = points.into_iter().map(|point| (point.name.clone(), json(&point)));
                if replace(transaction, "point", "name", &vault, rows)? {
                    changed.push(Topic::Points);
                }
            }
            if let Some(mut jobs) = look.jobs {
                jobs.sort_by(|a, b| b.id.cmp(&a.id));
                let rows = jobs.into_iter().take(JOBS_KEPT).map(|job| (job.id.clone(), json(&job)));
                if replace(transaction, "job", "id", &vault, rows)? {
                    changed.push(Topic::Jobs);
                }
            }
            Ok(changed)
        })
        .await
    }

    /// Forgets all of a vault.
    pub(crate) async fn forget(&self, vault: String) {
        self.write("that a vault is forgotten", move |transaction| {
            transaction.execute("DELETE FROM vault WHERE id = ?1", [&vault])?;
            transaction.execute("DELETE FROM point WHERE vault = ?1", [&vault])?;
            transaction.execute("DELETE FROM job WHERE vault = ?1", [&vault])?;
            Ok(())
        })
        .await;
    }

    async fn read<T: Default + Send + 'static>(
        &self,
        what: &'static str,
        read: impl FnOnce(&Connection) -> Result<T, rusqlite::Error> + Send + 'static,
    ) -> T {
        let connection = Arc::clone(&self.0);
        let done = blocking("reading the read model", move || {
            read(&connection.lock().unwrap_or_else(PoisonError::into_inner))
        });
        or_default(what, done.await)
    }

    async fn write<T: Default + Send + 'static>(
        &self,
        what: &'static str,
        write: impl FnOnce(&Transaction<'_>) -> Result<T, rusqlite::Error> + Send + 'static,
    ) -> T {
        let connection = Arc::clone(&self.0);
        let done = blocking("writing the read model", move || {
            let mut connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
            let transaction =
                connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
            let value = write(&transaction)?;
            transaction.commit()?;
            Ok(value)
        });
        or_default(what, done.await)
    }
}

fn or_default<T: Default>(what: &str, done: Result<Result<T, rusqlite::Error>, Failure>) -> T {
    match done {
        Ok(Ok(value)) => return value,
        Ok(Err(error)) => tracing::warn!(%error, what, "the read model failed"),
        Err(failure) => tracing::warn!(%failure, what, "the read model failed"),
    }
    T::default()
}

fn prepare(path: &Path) -> Result<Connection, ReadModelError> {
    let mut connection = Connection::open(path)?;
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    // After a power cut the newest looks may be missing, which the next ones make good.
    connection.pragma_update(None, "synchronous", "normal")?;
    let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let version: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    match version {
        0 => {
            transaction.execute_batch(TABLES)?;
            transaction.pragma_update(None, "user_version", VERSION)?;
        }
        VERSION => {
            // Damage shows when pages are read.
            let intact: String = transaction.pragma_query_value(None, "quick_check", |row| row.get(0))?;
            if intact != "ok" {
                return Err(ReadModelError::Damaged(intact));
            }
        }
        other => return Err(ReadModelError::Version(other)),
    }
    transaction.commit()?;
    Ok(connection)
}

fn json(value: &impl Serialize) -> String {
    // Rows are structs of texts and numbers, which are always JSON.
    serde_json::to_string(value).unwrap_or_default()
}

fn bodies<T: DeserializeOwned>(connection: &Connection, query: &str) -> Result<Vec<T>, rusqlite::Error> {
    let mut statement = connection.prepare_cached(query)?;
    let rows = statement.query_map([], |row| row.get::<_, String>(0))?;
    // A row of another version of this program is as good as one that was not seen yet.
    rows.filter_map(|row| row.map(|body| serde_json::from_str(&body).ok()).transpose()).collect()
}

fn facts_of(transaction: &Transaction<'_>, vault: &str) -> Result<Option<VaultFacts>, rusqlite::Error> {
    let mut statement = transaction.prepare_cached("SELECT body FROM vault WHERE id = ?1")?;
    let mut rows = statement.query([vault])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    Ok(serde_json::from_str(&row.get::<_, String>(0)?).ok())
}

/// Replaces the rows of one vault, touching only those that differ; whether any did.
fn replace(
    transaction: &Transaction<'_>,
    table: &str,
    key: &str,
    vault: &str,
    rows: impl Iterator<Item = (String, String)>,
) -> Result<bool, rusqlite::Error> {
    let mut known: HashMap<String, String> = {
        let mut statement =
            transaction.prepare_cached(&format!("SELECT {key}, body FROM {table} WHERE vault = ?1"))?;
        let rows = statement.query_map([vault], |row| Ok((row.get(0)?, row.get(1)?)))?;
        rows.collect::<Result<_, _>>()?
    };
    let mut changed = false;
    for (name, body) in rows {
        if known.remove(&name).is_some_and(|before| before == body) {
            continue;
        }
        changed = true;
        let sql = format!("INSERT OR REPLACE INTO {table} (vault, {key}, body) VALUES (?1, ?2, ?3)");
        transaction.prepare_cached(&sql)?.execute(params![vault, name, body])?;
    }
    for name in known.keys() {
        changed = true;
        let sql = format!("DELETE FROM {table} WHERE vault = ?1 AND {key} = ?2");
        transaction.prepare_cached(&sql)?.execute(params![vault, name])?;
    }
    Ok(changed)
}
