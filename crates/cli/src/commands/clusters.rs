//! `holdfast clusters`

use futures::future::join_all;
use holdfast_cluster::{Cluster, ContextInfo, Kubeconfig};
use holdfast_sandbox::Sandbox;
use serde::Serialize;

use crate::args::{Clusters, Format};
use crate::failure::Failure;
use crate::output;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    name: String,
    current: bool,
    cluster: String,
    server: Option<String>,
    user: String,
    namespace: Option<String>,
    /// Whether it is the sandbox rather than a context.
    built_in: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
}

pub(crate) async fn run(args: &Clusters, format: Format) -> Result<bool, Failure> {
    let kubeconfig = Kubeconfig::load(args.kubeconfig.kubeconfig.as_deref())?;
    let contexts = kubeconfig.contexts();
    if args.kubeconfig.kubeconfig.is_none() && contexts.iter().any(|context| context.name == Sandbox::NAME) {
        eprintln!(
            "note: `--cluster {}` means the built-in sandbox; for the context of that name, give its kubeconfig \
             with --kubeconfig",
            Sandbox::NAME
        );
    }
    let mut lines = vec![if args.check { check_sandbox().await } else { sandbox() }];
    if args.check {
        lines.extend(join_all(contexts.into_iter().map(|context| check(&kubeconfig, context))).await);
    } else {
        lines.extend(contexts.into_iter().map(line));
    }
    if format != Format::Table {
        output::value(&lines, format)?;
        return Ok(true);
    }
    let mut header = vec!["CURRENT", "NAME", "CLUSTER", "SERVER", "NAMESPACE"];
    if args.check {
        header.push("STATE");
    }
    let rows = lines.into_iter().map(|line| {
        let current = if line.current { "*" } else { "" };
        let mut row = vec![
            current.to_owned(),
            line.name,
            line.cluster,
            line.server.unwrap_or_default(),
            line.namespace.unwrap_or_default(),
        ];
        if args.check {
            row.push(line.problem.or(line.version).unwrap_or_default());
        }
        row
    });
    output::table(&header, rows)?;
    Ok(true)
}

fn sandbox() -> Line {
    Line {
        name: Sandbox::NAME.to_owned(),
        current: false,
        cluster: Sandbox::TITLE.to_owned(),
        server: None,
        user: String::new(),
        namespace: None,
        built_in: true,
        version: None,
        problem: None,
    }
}

fn line(context: ContextInfo) -> Line {
    Line {
        name: context.name,
        current: context.current,
        cluster: context.cluster,
        server: context.server,
        user: context.user,
        namespace: context.namespace,
        built_in: false,
        version: None,
        problem: None,
    }
}

async fn check_sandbox() -> Line {
    ask(sandbox(), super::sandbox()).await
}

async fn check(kubeconfig: &Kubeconfig, context: ContextInfo) -> Line {
    let line = line(context);
    let cluster = kubeconfig.connect(&line.name).await;
    ask(line, cluster.map_err(Failure::from)).await
}

async fn ask(mut line: Line, cluster: Result<Cluster, Failure>) -> Line {
    match cluster {
        Ok(cluster) => match cluster.version().await {
            Ok(version) => line.version = Some(version.git_version),
            Err(error) => line.problem = Some(error.to_string()),
        },
        Err(error) => line.problem = Some(error.to_string()),
    }
    line
}
