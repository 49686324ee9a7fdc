//! `holdfast vaults`

use std::io::{self, IsTerminal, Read};

use holdfast_azure::{KeptIn, SasKeep};
use holdfast_store::{AccessReport, Sas, Step, Vault, VaultUrl};
use serde_json::json;
use tokio::task::spawn_blocking;
use zeroize::Zeroizing;

use super::data_dir;
use crate::access;
use crate::args::{self, Credential, Format, Vaults, VaultsCommand};
use crate::failure::Failure;
use crate::output::{self, printable};

/// Longest text that is read as a signature, in bytes.
const MAX_INPUT_BYTES: u64 = 64 << 10;

pub(crate) async fn run(args: &Vaults, format: Format) -> Result<bool, Failure> {
    match &args.command {
        VaultsCommand::Check { vault } => check(vault, format).await,
        VaultsCommand::Credential(Credential::Set(at)) => set(&at.vault, format).await,
        VaultsCommand::Credential(Credential::Remove(at)) => remove(&at.vault, format).await,
    }
}

/// Done means that backups can be written, Partial that recovery points can be read only.
async fn check(vault: &args::Vault, format: Format) -> Result<bool, Failure> {
    let report = Vault::check_access(&vault.vault, &access::of(vault).await?).await;
    if !report.can_read() {
        if format == Format::Table {
            table(&report)?;
        }
        let source = Failure::Missing(format!("{} cannot be used as things are", report.vault));
        return Err(Failure::WithResult { result: serde_json::to_value(&report)?, source: Box::new(source) });
    }
    if format == Format::Table {
        table(&report)?;
    } else {
        output::value(&report, format)?;
    }
    Ok(report.can_write())
}

fn table(report: &AccessReport) -> Result<(), Failure> {
    if let Some(sign_in) = &report.sign_in {
        output::text(&format!("sign-in  {}\n\n", printable(sign_in)))?;
    }
    let rows = report.steps.iter().map(|step| {
        let message = step.message.as_deref().unwrap_or_default();
        vec![words(step.step).to_owned(), format!("{:?}", step.outcome), printable(message)]
    });
    output::table(&["STEP", "OUTCOME", "MESSAGE"], rows)
}

fn words(step: Step) -> &'static str {
    match step {
        Step::List => "reach and list",
        Step::Private => "is private",
        Step::Write => "write",
        Step::Read => "read",
        Step::Delete => "delete",
    }
}

async fn set(vault: &VaultUrl, format: Format) -> Result<bool, Failure> {
    only_azure(vault)?;
    if io::stdin().is_terminal() {
        eprintln!("Paste the shared access signature, then end it with Enter and Ctrl-D:");
    }
    let mut text = Zeroizing::new(String::new());
    io::stdin().lock().take(MAX_INPUT_BYTES).read_to_string(&mut text)?;
    let sas = Sas::parse(&text).map_err(|error| Failure::Usage(error.to_string()))?;
    let keep = SasKeep::new(&data_dir()?);
    let (address, expires) = (vault.to_string(), sas.expires());
    let place =
        spawn_blocking(move || keep.set(&address, sas.query())).await.map_err(std::io::Error::from)??;
    if let KeptIn::File(path) = &place {
        eprintln!(
            "warning: this system has no keyring, so the signature is kept unencrypted in {}, which only you can read",
            path.display()
        );
    }
    if format == Format::Table {
        let until = expires.map(|at| format!(", which expires at {at}")).unwrap_or_default();
        output::text(&format!("the signature for {vault}{until}, is kept in {place}\n"))?;
    } else {
        output::value(&json!({"vault": vault, "keptIn": place.to_string(), "expires": expires}), format)?;
    }
    Ok(true)
}

async fn remove(vault: &VaultUrl, format: Format) -> Result<bool, Failure> {
    only_azure(vault)?;
    let keep = SasKeep::new(&data_dir()?);
    let address = vault.to_string();
    if !spawn_blocking(move || keep.remove(&address)).await.map_err(std::io::Error::from)?? {
        return Err(Failure::Missing(format!("no signature is kept for {vault}")));
    }
    if format == Format::Table {
        output::text(&format!("the signature for {vault} is removed\n"))?;
    } else {
        output::value(&json!({"vault": vault, "removed": true}), format)?;
    }
    Ok(true)
}

fn only_azure(vault: &VaultUrl) -> Result<(), Failure> {
    if vault.blob().is_some() {
        Ok(())
    } else {
        Err(Failure::Usage(format!("{vault} is a folder and needs no signature")))
    }
}
