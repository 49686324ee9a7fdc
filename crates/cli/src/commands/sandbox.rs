//! `holdfast sandbox`: losses to try out a restore with.

use serde_json::json;

use crate::args::{Format, Sandbox, SandboxCommand};
use crate::failure::Failure;
use crate::output;

pub(crate) fn run(args: &Sandbox, format: Format) -> Result<bool, Failure> {
    let folder = super::sandbox_dir()?;
    let (result, words) = match &args.command {
        SandboxCommand::Reset => {
            holdfast_sandbox::Sandbox::reset(&folder)?;
            (json!({"reset": true}), "the sandbox is as it was at first".to_owned())
        }
        SandboxCommand::Lose { namespace } => {
            let objects = holdfast_sandbox::Sandbox::open(&folder)?.lose(namespace)?;
            let words = format!("namespace {namespace} of the sandbox is gone, {objects} objects with it");
            (json!({"lost": namespace, "objects": objects}), words)
        }
        SandboxCommand::Drift { namespace } => {
            let deployments = holdfast_sandbox::Sandbox::open(&folder)?.drift(namespace)?;
            let words =
                format!("namespace {namespace} of the sandbox: {deployments} Deployments scaled to 0");
            (json!({"drifted": namespace, "deployments": deployments}), words)
        }
    };
    if format == Format::Table {
        output::text(&format!("{words}\n"))?;
    } else {
        output::value(&result, format)?;
    }
    Ok(true)
}
