//! `holdfast`, the terminal program.
//!
//! Standard output carries the result, in the format that was asked for; standard
//! error carries progress, warnings and errors. Exit codes: 0 all done, 1 failed,
//! 2 usage, 3 done but Partial, or with objects failed or blocked. Ctrl-C cancels
//! cleanly; a second one ends the process at once, which leaves nothing that the
//! next run cannot finish or remove.

mod access;
mod args;
mod commands;
mod failure;
mod kept;
mod output;
mod progress;

use std::process::ExitCode;

use clap::Parser;
use tokio_util::sync::CancellationToken;

use args::{Args, Command};
use failure::Failure;

/// Done, but not with everything that was asked for.
const PARTIAL: u8 = 3;

fn main() -> ExitCode {
    let args = Args::parse();
    let filter = tracing_subscriber::EnvFilter::try_from_env("HOLDFAST_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("holdfast=warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let format = args.output;
    let result = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(Failure::from)
        .and_then(|runtime| runtime.block_on(run(args)));
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(PARTIAL),
        Err(failure) => failure.report(format),
    }
}

/// Runs a command; whether all that was asked for is done.
async fn run(args: Args) -> Result<bool, Failure> {
    let cancel = CancellationToken::new();
    tokio::spawn(cancel_on_signal(cancel.clone()));
    let format = args.output;
    match args.command {
        Command::Clusters(clusters) => commands::clusters::run(&clusters, format).await,
        Command::Backup(backup) => commands::backup::run(&backup, format, cancel).await,
        Command::Extension(extension) => commands::hooks::extension(&extension),
        Command::Hooks(hooks) => commands::hooks::run(&hooks, format),
        Command::Cleanup(args) => commands::cleanup::run(&args, format, cancel).await,
        Command::Jobs(jobs) => commands::jobs::run(&jobs, format).await,
        Command::Modifiers(modifiers) => commands::modifiers::run(&modifiers, format, cancel).await,
        Command::Points(points) => commands::points::run(&points, format, cancel).await,
        Command::Restore(restore) => Box::pin(commands::restore::run(&restore, format, cancel)).await,
        Command::Sandbox(sandbox) => commands::sandbox::run(&sandbox, format),
        Command::Vaults(vaults) => commands::vaults::run(&vaults, format).await,
    }
}

async fn cancel_on_signal(cancel: CancellationToken) {
    signal().await;
    eprintln!("cancelling; press Ctrl-C again to end at once");
    cancel.cancel();
    signal().await;
    std::process::exit(130);
}

/// Waits for Ctrl-C, or for the request to end that service managers send.
async fn signal() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    // Without a handler the default one ends the process, which is what was asked for.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
