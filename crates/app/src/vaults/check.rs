//! Testing access to a vault before it is added.

use holdfast_store::{self as store, AccessReport as Report, Outcome, Step, StoreError, Vault, VaultUrl};

use super::parse;
use crate::App;
use crate::api::{AccessReport, AccessStep, AddVault, Failure, FailureCode};

impl App {
    /// Tries what a backup will do with a vault, step by step. Nothing of it stays.
    pub async fn check_vault(&self, vault: AddVault, request_id: String) -> Result<AccessReport, Failure> {
        let request = self.request(request_id);
        let known = parse(&vault)?;
        let checking = async {
            let access = self.access(&known, vault.sas.as_deref()).await?;
            let opened = Vault::open(&known.url, &access, &self.inner.environment.cache_dir).await;
            if let Err(StoreError::VaultMissing(_)) = &opened
                && vault.create
            {
                return Ok(to_be_created("Find the folder", ""));
            }
            if let Err(error) = &opened
                && error.is_missing_container()
                && vault.create
                && !access.is_read_only()
            {
                let role = "as far as the identity may: Storage Blob Data Contributor on the account can";
                return Ok(to_be_created("Find the container", role));
            }
            let report = Vault::check_access(&known.url, &access).await;
            Ok(told(&known.url, report, opened, vault.create))
        };
        let cancelled = || Failure::new(FailureCode::Cancelled, "the test was cancelled", "");
        request.context.cancel.run_until_cancelled(checking).await.ok_or_else(cancelled)?
    }
}

/// What is not there yet shows only when it is made whether it can be written to.
fn to_be_created(step: &str, limit: &str) -> AccessReport {
    let separator = if limit.is_empty() { "" } else { ", " };
    let step = AccessStep {
        name: step.to_owned(),
        ok: Some(true),
        message: format!("there is none yet; adding the vault creates it{separator}{limit}"),
    };
    AccessReport {
        ok: true,
        exists: false,
        read_only: false,
        identity: String::new(),
        steps: vec![step],
        failure: None,
    }
}

fn told(url: &VaultUrl, report: Report, opened: Result<Vault, StoreError>, create: bool) -> AccessReport {
    let (can_read, can_write) = (report.can_read(), report.can_write());
    let exists = opened.is_ok();
    let foreign = opened.as_ref().is_ok_and(Vault::is_read_only);
    let mut steps: Vec<AccessStep> = report.steps.into_iter().map(step).collect();
    let refused = steps.iter().find(|step| step.ok == Some(false)).map(|step| step.message.clone());
    let failure = match (opened, refused) {
        (Err(StoreError::NotAVault(_)), None) if create => None,
        (Err(error), _) => Some(Failure::from(error)),
        (Ok(_), Some(message)) => {
            let code = if can_read { FailureCode::VaultReadOnly } else { FailureCode::VaultForbidden };
            Some(Failure::new(code, message, ""))
        }
        (Ok(_), None) => None,
    };
    if failure.is_some() {
        // The failure says it in full, with what to do.
        steps.iter_mut().filter(|step| step.ok == Some(false)).for_each(|step| step.message.clear());
    }
    if foreign {
        steps.push(AccessStep {
            name: "Write recovery points".to_owned(),
            ok: Some(false),
            message: format!("{url} belongs to another program, so it is only read here"),
        });
    }
    AccessReport {
        ok: failure.is_none() && can_write && !foreign,
        exists,
        read_only: foreign || (exists && can_read && !can_write),
        identity: report.sign_in.unwrap_or_default(),
        steps,
        failure,
    }
}

fn step(step: store::AccessStep) -> AccessStep {
    let name = match step.step {
        Step::List => "Reach and list",
        Step::Private => "Closed to the public",
        Step::Write => "Write",
        Step::Read => "Read",
        Step::Delete => "Delete",
    };
    let ok = match step.outcome {
        Outcome::Passed => Some(true),
        Outcome::Failed => Some(false),
        Outcome::Skipped => None,
    };
    AccessStep { name: name.to_owned(), ok, message: step.message.unwrap_or_default() }
}
