//! `holdfast points`

use holdfast_model::selection::ResourcePattern;
use holdfast_store::{Index, Point, PointEntry, Row, Vault};
use serde::Serialize;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::access::open;
use crate::args::{Format, Get, Objects, Points, PointsCommand};
use crate::failure::Failure;
use crate::output::{self, printable, size};

pub(crate) async fn run(args: &Points, format: Format, cancel: CancellationToken) -> Result<bool, Failure> {
    match &args.command {
        PointsCommand::List { vault } => list(&open(vault).await?, format).await,
        PointsCommand::Show { vault, point, verify } => {
            show(&open(vault).await?.point(point).await?, *verify, format).await
        }
        PointsCommand::Objects(args) => {
            objects(&open(&args.vault).await?.point(&args.point).await?, args, format).await
        }
        PointsCommand::Get(args) => {
            get(&open(&args.vault).await?.point(&args.point).await?, args, format).await
        }
        PointsCommand::Export(args) => super::export::run(args, format, cancel).await,
        PointsCommand::Delete(args) => super::delete::run(args, format, cancel).await,
    }
}

async fn list(vault: &Vault, format: Format) -> Result<bool, Failure> {
    let points = vault.points().await?;
    if format != Format::Table {
        output::value(&points, format)?;
        return Ok(true);
    }
    let rows = points.iter().map(|entry| match entry {
        PointEntry::Readable(point) => vec![
            point.name.to_string(),
            format!("{:?}", point.state),
            point.completed.map(|time| time.to_string()).unwrap_or_default(),
            point.objects.to_string(),
            point.archive_bytes.map(size).unwrap_or_default(),
            point.snapshots.map(|number| number.to_string()).unwrap_or_default(),
            point.cluster.name.clone(),
            if point.foreign { "other program, read only".to_owned() } else { String::new() },
        ],
        PointEntry::Unreadable { name, reason } => {
            let empty = String::new;
            let mut row = vec![name.clone(), "Unreadable".to_owned()];
            row.extend(std::iter::repeat_with(empty).take(5));
            row.push(reason.clone());
            row
        }
    });
    output::table(&["NAME", "STATE", "COMPLETED", "OBJECTS", "SIZE", "VOLUMES", "CLUSTER", "NOTE"], rows)?;
    Ok(true)
}

async fn show(point: &Point, verify: bool, format: Format) -> Result<bool, Failure> {
    let warnings = point.warnings().await?;
    let volumes = point.volumes().await?;
    let index = point.index().await?;
    let kinds: Vec<(String, usize)> = (0u16..)
        .zip(index.types())
        .map(|(type_id, ty)| (ty.to_string(), index.rows_of(type_id).len()))
        .collect();
    let report = if verify { Some(point.verify().await?) } else { None };
    let good = report.as_ref().is_none_or(holdfast_store::VerifyReport::is_good);
    let summary = point.summary();
    if format != Format::Table {
        let mut value = serde_json::to_value(summary)?;
        value["warnings"] = serde_json::to_value(&warnings)?;
        value["kinds"] = kinds.iter().map(|(kind, count)| json!({"kind": kind, "objects": count})).collect();
        value["region"] = volumes.region.clone().into();
        value["volumes"] = serde_json::to_value(&volumes.volumes)?;
        value["hooks"] = serde_json::to_value(&volumes.hooks)?;
        value["freezes"] = serde_json::to_value(&volumes.freezes)?;
        value["nonAtomic"] = index.non_atomic().into();
        if let Some(report) = &report {
            value["verified"] = serde_json::to_value(report)?;
        }
        output::value(&value, format)?;
        return Ok(good);
    }
    let time = |time: Option<jiff::Timestamp>| time.map(|time| time.to_string()).unwrap_or_default();
    output::text(&format!(
        "name       {}\nstate      {:?}\ncluster    {} {}\nstarted    {}\ncompleted  {}\nobjects    {} of {} kinds\nsize       {}\n",
        summary.name,
        summary.state,
        printable(&summary.cluster.name),
        printable(&summary.cluster.version),
        time(summary.started),
        time(summary.completed),
        index.len(),
        kinds.len(),
        summary.archive_bytes.map(size).unwrap_or_default(),
    ))?;
    for warning in &warnings {
        output::text(&format!("warning    {}\n", printable(&warning.message)))?;
    }
    for kind in index.non_atomic() {
        output::text(&format!("note       {kind} was listed over several moments\n"))?;
    }
    match &report {
        Some(report) if report.is_good() => output::text("verified   every hash is right\n")?,
        Some(report) => {
            for problem in &report.problems {
                let object = problem.object.as_deref().unwrap_or_default();
                let line = format!("{} {object}: {}", problem.blob, problem.message);
                output::text(&format!("DAMAGED    {}\n", printable(&line)))?;
            }
        }
        None => {}
    }
    super::volumes::print(&volumes)?;
    output::text("\n")?;
    output::table(
        &["KIND", "OBJECTS"],
        kinds.into_iter().map(|(kind, count)| vec![kind, count.to_string()]),
    )?;
    Ok(good)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line<'a> {
    group: &'a str,
    version: &'a str,
    kind: &'a str,
    resource: String,
    namespace: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    uid: Option<String>,
    bytes: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    labels: Option<Value>,
}

impl<'a> Line<'a> {
    fn new(row: &Row<'a>) -> Self {
        Self {
            group: &row.ty.group,
            version: &row.ty.version,
            kind: &row.ty.kind,
            resource: row.ty.to_string(),
            namespace: row.namespace,
            name: row.name,
            uid: row.uid.map(|uid| uid.to_string()),
            bytes: row.length,
            owner: row.owner.map(|(kind, name)| json!({"kind": kind, "name": name})),
            labels: row.labels.and_then(|labels| serde_json::from_str(labels).ok()),
        }
    }
}

async fn objects(point: &Point, args: &Objects, format: Format) -> Result<bool, Failure> {
    let index = point.index().await?;
    let wanted = |row: &Row<'_>| {
        args.kind.as_ref().is_none_or(|kind| kind.matches(row.ty, &[]))
            && args.namespace.as_ref().is_none_or(|namespace| namespace.matches(row.namespace))
            && args.name.as_ref().is_none_or(|text| row.name.contains(text.as_str()))
            && args.selector.as_ref().is_none_or(|labels| labels.matches_json(row.labels))
    };
    let rows = index.rows().filter(wanted);
    if format == Format::Table {
        let rows = rows.map(|row| {
            let size = size(u64::from(row.length));
            vec![row.ty.to_string(), row.namespace.to_owned(), row.name.to_owned(), size]
        });
        output::table(&["KIND", "NAMESPACE", "NAME", "SIZE"], rows)?;
    } else {
        output::value(&rows.map(|row| Line::new(&row)).collect::<Vec<_>>(), format)?;
    }
    Ok(true)
}

async fn get(point: &Point, args: &Get, format: Format) -> Result<bool, Failure> {
    let (kind, name) = match (&args.name, args.kind.rsplit_once('/')) {
        (Some(name), _) => (args.kind.as_str(), name.as_str()),
        (None, Some((kind, name))) => (kind, name),
        (None, None) => {
            return Err(Failure::Usage("give the name of the object: TYPE NAME, or TYPE/NAME".to_owned()));
        }
    };
    let pattern: ResourcePattern = kind
        .parse()
        .map_err(|error: holdfast_model::selection::PatternError| Failure::Usage(error.to_string()))?;
    let index = point.index().await?;
    let row = find(&index, &pattern, name, args)?;
    let json = point.read(row.id).await?;
    let object: Value = serde_json::from_slice(&json)?;
    output::value(&object, if format == Format::Table { Format::Yaml } else { format })?;
    Ok(true)
}

fn find<'a>(index: &'a Index, kind: &ResourcePattern, name: &str, args: &Get) -> Result<Row<'a>, Failure> {
    let mut found = index.rows().filter(|row| {
        row.name == name
            && kind.matches(row.ty, &[])
            && args.namespace.as_ref().is_none_or(|namespace| namespace == row.namespace)
    });
    let place =
        args.namespace.as_ref().map(|namespace| format!(" in namespace {namespace}")).unwrap_or_default();
    let first = found.next().ok_or_else(|| {
        Failure::Missing(format!(
            "recovery point {} holds no {kind} called {name}{place}; `holdfast points objects` lists what it holds",
            args.point
        ))
    })?;
    if let Some(second) = found.next() {
        return Err(Failure::Usage(format!(
            "several objects are called {name}: {} in {:?} and {} in {:?}, among others; say which with --namespace and a full type",
            first.ty, first.namespace, second.ty, second.namespace
        )));
    }
    Ok(first)
}
