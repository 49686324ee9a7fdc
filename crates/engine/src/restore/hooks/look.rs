//! What a pod says of one of its containers.

use serde_json::Value;

/// Longest words of a server that are passed on, in characters.
const MAX_WORDS: usize = 300;

/// How far a container is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It runs, and its probes say that it serves.
    Ready,
    Running,
    /// Not yet, and why.
    Waiting(String),
    /// It will not run any more, and why.
    Over(String),
}

/// How far a container of a pod is; `None` for a pod that is not there any more.
pub(super) fn standing(pod: Option<&Value>, container: &str) -> Standing {
    let Some(pod) = pod else { return Standing::Over("the pod was deleted".to_owned()) };
    if is_ending(pod) {
        return Standing::Over("the pod is being deleted".to_owned());
    }
    if let Some(phase @ ("Succeeded" | "Failed")) = text(pod, "/status/phase") {
        let words = words(pod, "/status/reason", "/status/message");
        return Standing::Over(with(format!("the pod has ended ({phase})"), words));
    }
    let status = status(pod, "/status/containerStatuses", |status| status["name"] == container);
    if let Some(status) = status {
        if status.pointer("/state/running").is_some() {
            return if status["ready"] == true { Standing::Ready } else { Standing::Running };
        }
        if let Some(ended) = status.pointer("/state/terminated") {
            return terminated(pod, ended);
        }
    }
    if let Some(words) = unscheduled(pod) {
        return Standing::Waiting(words);
    }
    if let Some(words) = initializing(pod) {
        return Standing::Waiting(words);
    }
    let words = status.and_then(|status| words(status, "/state/waiting/reason", "/state/waiting/message"));
    Standing::Waiting(words.unwrap_or_else(|| "nothing was told about why".to_owned()))
}

pub(super) fn is_ending(pod: &Value) -> bool {
    pod.pointer("/metadata/deletionTimestamp").is_some_and(|time| !time.is_null())
}

fn terminated(pod: &Value, ended: &Value) -> Standing {
    let code = ended["exitCode"].as_i64().unwrap_or_default();
    let words = with(format!("it ended with exit code {code}"), words(ended, "/reason", "/message"));
    match text(pod, "/spec/restartPolicy") {
        Some("Never") => Standing::Over(words),
        Some("OnFailure") if code == 0 => Standing::Over(words),
        _ => Standing::Waiting(words),
    }
}

fn unscheduled(pod: &Value) -> Option<String> {
    let conditions = pod.pointer("/status/conditions").and_then(Value::as_array)?;
    let scheduled = conditions.iter().find(|condition| condition["type"] == "PodScheduled")?;
    (scheduled["status"] == "False")
        .then(|| with("its pod is not scheduled".to_owned(), words(scheduled, "/reason", "/message")))
}

/// The first init container that keeps the others from starting.
fn initializing(pod: &Value) -> Option<String> {
    let init = status(pod, "/status/initContainerStatuses", |status| {
        let has_ended = status.pointer("/state/terminated/exitCode") == Some(&Value::from(0));
        let is_up = status["started"] == true && restarts(pod, &status["name"]);
        !has_ended && !is_up
    })?;
    let name = init["name"].as_str().unwrap_or_default();
    Some(if init.pointer("/state/running").is_some() {
        format!("init container {name} still runs")
    } else if let Some(ended) = init.pointer("/state/terminated") {
        let code = ended["exitCode"].as_i64().unwrap_or_default();
        with(
            format!("init container {name} ended with exit code {code}"),
            words(ended, "/reason", "/message"),
        )
    } else {
        let words = words(init, "/state/waiting/reason", "/state/waiting/message");
        with(format!("init container {name} does not run"), words)
    })
}

/// Whether an init container goes on beside the others.
fn restarts(pod: &Value, name: &Value) -> bool {
    let init = pod.pointer("/spec/initContainers").and_then(Value::as_array).into_iter().flatten();
    init.into_iter().any(|container| container["name"] == *name && container["restartPolicy"] == "Always")
}

fn status<'a>(pod: &'a Value, list: &str, wanted: impl Fn(&Value) -> bool) -> Option<&'a Value> {
    pod.pointer(list).and_then(Value::as_array)?.iter().find(|status| wanted(status))
}

fn text<'a>(object: &'a Value, path: &str) -> Option<&'a str> {
    object.pointer(path).and_then(Value::as_str).filter(|text| !text.is_empty())
}

fn words(object: &Value, reason: &str, message: &str) -> Option<String> {
    let words = match (text(object, reason), text(object, message)) {
        (Some(reason), Some(message)) => format!("{reason}: {message}"),
        (Some(words), None) | (None, Some(words)) => words.to_owned(),
        (None, None) => return None,
    };
    Some(words.chars().take(MAX_WORDS).collect())
}

fn with(what: String, words: Option<String>) -> String {
    match words {
        Some(words) => format!("{what}: {words}"),
        None => what,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pod(status: &Value) -> Value {
        json!({"metadata": {"name": "a"}, "spec": {"restartPolicy": "Always"}, "status": status})
    }

    fn waiting(status: &Value) -> String {
        match standing(Some(&pod(status)), "web") {
            Standing::Waiting(words) => words,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_running_container_is_ready_when_its_probes_say_so() {
        for (ready, expected) in [(true, Standing::Ready), (false, Standing::Running)] {
            let pod = pod(&json!({"phase": "Running", "containerStatuses": [
                {"name": "other", "ready": !ready, "state": {"running": {}}},
                {"name": "web", "ready": ready, "state": {"running": {}}}]}));
            assert_eq!(standing(Some(&pod), "web"), expected);
        }
    }

    #[test]
    fn what_keeps_a_container_from_running_is_said_in_the_words_of_the_server() {
        let words =
            waiting(&json!({"phase": "Pending", "containerStatuses": [{"name": "web", "state": {"waiting":
            {"reason": "ImagePullBackOff", "message": "no such image"}}}]}));
        assert_eq!(words, "ImagePullBackOff: no such image");
        let words =
            waiting(&json!({"phase": "Pending", "conditions": [{"type": "PodScheduled", "status": "False",
            "reason": "Unschedulable", "message": "0/3 nodes are available"}]}));
        assert_eq!(words, "its pod is not scheduled: Unschedulable: 0/3 nodes are available");
        let words = waiting(
            &json!({"phase": "Running", "containerStatuses": [{"name": "web", "state": {"terminated":
            {"exitCode": 1, "reason": "Error"}}}]}),
        );
        assert_eq!(words, "it ended with exit code 1: Error");
        assert_eq!(waiting(&json!({})), "nothing was told about why");
    }

    #[test]
    fn the_init_container_that_is_not_through_is_named() {
        let mut object = pod(&json!({"phase": "Pending",
            "containerStatuses": [{"name": "web", "state": {"waiting": {"reason": "PodInitializing"}}}],
            "initContainerStatuses": [
                {"name": "proxy", "started": true, "state": {"running": {}}},
                {"name": "first", "state": {"terminated": {"exitCode": 0}}},
                {"name": "second", "started": true, "state": {"running": {}}}]}));
        object["spec"]["initContainers"] =
            json!([{"name": "proxy", "restartPolicy": "Always"}, {"name": "first"}, {"name": "second"}]);
        let words = "init container second still runs".to_owned();
        assert_eq!(standing(Some(&object), "web"), Standing::Waiting(words));
    }

    #[test]
    fn some_containers_never_run_any_more() {
        let is_over = |pod: Option<&Value>| matches!(standing(pod, "web"), Standing::Over(_));
        assert!(is_over(None));
        assert!(is_over(Some(&pod(&json!({"phase": "Failed", "reason": "Evicted"})))));
        let mut ending = pod(
            &json!({"phase": "Running", "containerStatuses": [{"name": "web", "state": {"running": {}}}]}),
        );
        assert!(!is_over(Some(&ending)));
        ending["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
        assert!(is_over(Some(&ending)));
        for (policy, code, over) in
            [("Never", 1, true), ("OnFailure", 0, true), ("OnFailure", 1, false), ("Always", 0, false)]
        {
            let mut ended = pod(&json!({"phase": "Running",
                "containerStatuses": [{"name": "web", "state": {"terminated": {"exitCode": code}}}]}));
            ended["spec"]["restartPolicy"] = json!(policy);
            assert_eq!(is_over(Some(&ended)), over, "{policy} {code}");
        }
    }
}
