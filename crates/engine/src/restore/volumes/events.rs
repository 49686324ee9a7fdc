//! Why a claim is not bound, or a workload has no pods: in the words of whoever makes them.

use holdfast_cluster::{ApiError, ListRequest};
use serde_json::Value;

use crate::restore::live::Live;

/// The newest failure that the events of an object tell; an error where they may not be read.
pub(in crate::restore) async fn failure_of(
    live: &Live<'_>,
    kind: &str,
    namespace: &str,
    name: &str,
) -> Option<Result<String, ApiError>> {
    let ty = live.type_of_kind("Event")?;
    let mut request = ListRequest::all(ty.clone());
    request.namespace = Some(namespace.to_owned());
    request.field_selector =
        Some(format!("involvedObject.kind={kind},involvedObject.name={name},type=Warning"));
    let mut lister = live.cluster.list(request);
    let mut newest: Option<(String, String)> = None;
    loop {
        match lister.next().await {
            Ok(Some(items)) => {
                let events = items.iter().filter_map(|item| serde_json::from_slice::<Value>(item).ok());
                newest = newest.into_iter().chain(events.filter_map(|event| told(&event))).max();
            }
            Ok(None) => return newest.map(|(_, words)| Ok(words)),
            Err(error) => return Some(Err(error)),
        }
    }
}

/// When an event was told last, and its words.
fn told(event: &Value) -> Option<(String, String)> {
    let text = |path: &str| event.pointer(path).and_then(Value::as_str).filter(|text| !text.is_empty());
    let time = text("/series/lastObservedTime")
        .or_else(|| text("/lastTimestamp"))
        .or_else(|| text("/eventTime"))
        .or_else(|| text("/metadata/creationTimestamp"))?;
    let words = text("/message")?;
    (text("/type") == Some("Warning")).then(|| (time.to_owned(), words.to_owned()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_newest_warning_counts() {
        let event = |time: &str, message: &str, kind: &str| json!({"lastTimestamp": time, "message": message, "type": kind});
        let events = [
            event("2026-01-01T00:00:00Z", "old", "Warning"),
            event("2026-01-02T00:00:00Z", "new", "Warning"),
            event("2026-01-03T00:00:00Z", "waiting for a volume", "Normal"),
        ];
        assert_eq!(events.iter().filter_map(told).max().unwrap().1, "new");
    }
}
