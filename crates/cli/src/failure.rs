//! What ends a command without a result.

use std::error::Error;
use std::fmt::Write;
use std::io;
use std::process::ExitCode;

use holdfast_azure::{KeepError, SignInError};
use holdfast_cluster::{ApiError, ClusterError};
use holdfast_engine::EngineError;
use holdfast_engine::export::ExportError;
use holdfast_engine::report::ReportError;
use holdfast_model::modifiers::ModifiersError;
use holdfast_sandbox::SandboxError;
use holdfast_store::StoreError;
use serde_json::{Value, json};

use crate::args::Format;
use crate::output;

/// A failed command.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error(transparent)]
    Engine(#[from] EngineError),
    #[error(transparent)]
    Export(#[from] ExportError),
    #[error(transparent)]
    Report(#[from] ReportError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    #[error(transparent)]
    Api(#[from] ApiError),
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    #[error(transparent)]
    SignIn(#[from] SignInError),
    #[error(transparent)]
    Keep(#[from] KeepError),
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("{0}")]
    Yaml(#[from] serde_saphyr::ser::Error),
    #[error("{0}")]
    Json(#[from] serde_json::Error),
    /// A file of resource modifiers is wrong.
    #[error("{file}: {source}")]
    Modifiers {
        file: String,
        #[source]
        source: ModifiersError,
    },
    /// A file of hooks is wrong; a line for each problem.
    #[error("{0}")]
    Hooks(String),
    /// The command line asks for something that makes no sense.
    #[error("{0}")]
    Usage(String),
    /// What was named is not there.
    #[error("{0}")]
    Missing(String),
    /// A failure of a command whose result scripts read: `result` says so in the command's own form.
    #[error("{source}")]
    WithResult {
        result: Value,
        #[source]
        source: Box<Failure>,
    },
}

impl Failure {
    /// Prints what went wrong, and gives the exit code.
    pub(crate) fn report(self, format: Format) -> ExitCode {
        if let Self::Io(error) = &self
            && error.kind() == io::ErrorKind::BrokenPipe
        {
            // Whoever read our output has had enough, as `head` does.
            return ExitCode::SUCCESS;
        }
        let code = if matches!(self, Self::Usage(_)) { 2 } else { 1 };
        let message = self.message();
        if let Self::WithResult { mut result, .. } = self {
            result["error"] = json!({ "message": message });
            if format != Format::Table && output::value(&result, format).is_err() {
                return ExitCode::from(code);
            }
        }
        eprintln!("holdfast: {message}");
        ExitCode::from(code)
    }

    /// The message with its causes, as far as they say something new.
    fn message(&self) -> String {
        let mut text = self.to_string();
        let mut cause: Option<&dyn Error> = self.source();
        while let Some(error) = cause {
            let words = error.to_string();
            if !text.contains(&words) {
                let _ = write!(text, ": {words}");
            }
            cause = error.source();
        }
        text
    }
}
