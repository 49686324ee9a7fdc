//! One request after another: the world, its journal, and what lists under way have seen.

use jiff::Timestamp;

use crate::api::{self, Answer, Commit, Request, Snapshots};
use crate::error::SandboxError;
use crate::journal::{Found, Journal, Locked};
use crate::sample;
use crate::world::{Transaction, World};

/// The API server without its HTTP.
pub(crate) struct Server {
    world: World,
    journal: Option<Journal>,
    snapshots: Snapshots,
    now: fn() -> Timestamp,
}

impl Server {
    /// A server with the sample, which is gone with it.
    pub(crate) fn in_memory(now: fn() -> Timestamp) -> Result<Self, SandboxError> {
        let world = sample::world(now())?;
        Ok(Self { world, journal: None, snapshots: Snapshots::default(), now })
    }

    /// A server with the state in a journal; the sample if there is none.
    pub(crate) fn with(journal: Journal, now: fn() -> Timestamp) -> Result<Self, SandboxError> {
        let mut server =
            Self { world: World::default(), journal: Some(journal), snapshots: Snapshots::default(), now };
        server.catch_up()?;
        Ok(server)
    }

    pub(crate) fn world(&self) -> &World {
        &self.world
    }

    /// Answers a request. What goes wrong with the state file is an internal error, as in a real server without etcd.
    pub(crate) fn handle(&mut self, request: &Request) -> Answer {
        let handled = if request.writes() { self.write(request) } else { self.read(request) };
        handled.unwrap_or_else(|error| Answer::internal(&words(&error)))
    }

    fn read(&mut self, request: &Request) -> Result<Answer, SandboxError> {
        self.catch_up()?;
        Ok(api::read(&self.world, &mut self.snapshots, request))
    }

    fn write(&mut self, request: &Request) -> Result<Answer, SandboxError> {
        // The lock first: what is decided on has to be what is there when it is written.
        let lock = self.journal.as_ref().map(Journal::lock).transpose()?;
        self.catch_up_with(lock.as_ref())?;
        let mut transaction = Transaction::begin(&mut self.world, (self.now)());
        let (answer, commit) = match api::write(&mut transaction, request) {
            Ok(done) => done,
            Err(refused) => {
                transaction.roll_back();
                return Ok(refused);
            }
        };
        if commit == Commit::No {
            transaction.roll_back();
            return Ok(answer);
        }
        let (world, changes) = transaction.done();
        if let (Some(journal), Some(lock), false) = (&mut self.journal, &lock, changes.is_empty())
            && let Err(error) = journal.append(lock, world, changes)
        {
            transaction.roll_back();
            return Err(error);
        }
        Ok(answer)
    }

    /// Takes over what other processes have written since.
    fn catch_up(&mut self) -> Result<(), SandboxError> {
        self.catch_up_with(None)
    }

    fn catch_up_with(&mut self, lock: Option<&Locked>) -> Result<(), SandboxError> {
        let Some(journal) = &mut self.journal else { return Ok(()) };
        let mut found = journal.catch_up(&mut self.world)?;
        if found == Found::Nothing {
            // The first use, or somebody removed the file.
            let own = if lock.is_none() { Some(journal.lock()?) } else { None };
            found = journal.catch_up(&mut self.world)?;
            if let (Found::Nothing, Some(lock)) = (found, lock.or(own.as_ref())) {
                self.world = sample::world((self.now)())?;
                journal.replace(lock, &self.world)?;
                found = Found::Anew;
            }
        }
        if found == Found::Anew {
            self.snapshots.clear();
        }
        Ok(())
    }
}

/// An error with its cause.
fn words(error: &SandboxError) -> String {
    match std::error::Error::source(error) {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}
