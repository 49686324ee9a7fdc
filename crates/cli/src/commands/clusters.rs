//! `holdfast clusters`

use futures::future::join_all;
use holdfast_cluster::{ContextInfo, Kubeconfig};
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
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
}

pub(crate) async fn run(args: &Clusters, format: Format) -> Result<bool, Failure> {
    let kubeconfig = Kubeconfig::load(args.kubeconfig.kubeconfig.as_deref())?;
    let contexts = kubeconfig.contexts();
    let lines: Vec<Line> = if args.check {
        join_all(contexts.into_iter().map(|context| check(&kubeconfig, context))).await
    } else {
        contexts.into_iter().map(line).collect()
    };
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

fn line(context: ContextInfo) -> Line {
    Line {
        name: context.name,
        current: context.current,
        cluster: context.cluster,
        server: context.server,
        user: context.user,
        namespace: context.namespace,
        version: None,
        problem: None,
    }
}

async fn check(kubeconfig: &Kubeconfig, context: ContextInfo) -> Line {
    let mut line = line(context);
    match kubeconfig.connect(&line.name).await {
        Ok(cluster) => match cluster.version().await {
            Ok(version) => line.version = Some(version.git_version),
            Err(error) => line.problem = Some(error.to_string()),
        },
        Err(error) => line.problem = Some(error.to_string()),
    }
    line
}
