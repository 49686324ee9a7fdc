//! Whether this identity may do what the plan asks for: `SelfSubjectAccessReview`s, many at once.
//!
//! Rules reviews (`SelfSubjectRulesReview`) would be one request, but authorizers outside of the cluster, such as Azure
//! RBAC, leave them incomplete. So each verb on each kind is asked for all namespaces first, and only where that is denied
//! namespace by namespace.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use futures::{StreamExt, TryStreamExt, stream};
use holdfast_cluster::WriteOptions;
use holdfast_model::plan::{Action, PlanEntry};
use holdfast_model::preflight::{Check, Finding, Level};
use holdfast_model::resource::ResourceType;
use holdfast_model::volume::SNAPSHOT_GROUP;
use serde_json::{Value, json};

use super::super::REQUESTS_AT_ONCE;
use super::super::volumes::filling;
use super::Validation;
use crate::error::{EngineError, is_cluster_lost};
use crate::snapshots::SnapshotApi;

/// One question: verb, kind as `plural.group`, namespace (empty for all, or for cluster-scoped kinds).
type Question = (&'static str, String, String);

/// The one verb that no role can allow for single objects.
const CREATE: &str = "create";

type Answers = BTreeMap<Question, bool>;

fn may(answers: &Answers, question: &Question) -> bool {
    answers.get(question) == Some(&true)
}

/// The same question for all namespaces.
fn for_all((verb, kind, _): &Question) -> Question {
    (verb, kind.clone(), String::new())
}

fn review_type() -> ResourceType {
    ResourceType {
        group: "authorization.k8s.io".to_owned(),
        version: "v1".to_owned(),
        plural: "selfsubjectaccessreviews".to_owned(),
        kind: "SelfSubjectAccessReview".to_owned(),
        namespaced: false,
    }
}

fn verbs(action: Action) -> &'static [&'static str] {
    match action {
        Action::Create | Action::Unchecked => &[CREATE],
        Action::Patch => &["patch"],
        Action::Recreate => &["delete", CREATE],
        Action::Delete => &["delete"],
        Action::Skip | Action::Identical | Action::Blocked | Action::Derived => &[],
    }
}

impl Validation<'_> {
    /// Entries that may not be written, with the reason, and what was found about that.
    pub(super) async fn permissions(
        &self,
        todo: &[usize],
    ) -> Result<(HashMap<usize, String>, Vec<Finding>), EngineError> {
        let mut types: HashMap<String, &ResourceType> = HashMap::new();
        for ty in self.plan.index.types() {
            types.insert(ty.to_string(), ty);
        }
        let snapshots = SnapshotApi::of(&self.live.discovery);
        for ty in snapshots.iter().flat_map(|api| [&api.snapshots, &api.contents]) {
            types.insert(ty.to_string(), ty);
        }
        let Some(everywhere) = self.ask(self.all(todo, false), &types).await? else {
            return Ok((HashMap::new(), vec![unasked()]));
        };
        let mut single = self.all(todo, true);
        single.retain(|question| !question.2.is_empty() && !may(&everywhere, &for_all(question)));
        let Some(single) = self.ask(single, &types).await? else {
            return Ok((HashMap::new(), vec![unasked()]));
        };
        Ok(self.denied(todo, &everywhere, &single))
    }

    fn all(&self, todo: &[usize], namespaced: bool) -> BTreeSet<Question> {
        todo.iter().flat_map(|at| self.questions(&self.plan.entries[*at], namespaced)).collect()
    }

    /// What the answers deny, by entry and by question.
    fn denied(
        &self,
        todo: &[usize],
        everywhere: &Answers,
        single: &Answers,
    ) -> (HashMap<usize, String>, Vec<Finding>) {
        let mut denied = HashMap::new();
        let mut missing: BTreeMap<Question, u64> = BTreeMap::new();
        for at in todo {
            for question in self.questions(&self.plan.entries[*at], true) {
                if !may(everywhere, &for_all(&question)) && !may(single, &question) {
                    // A role may name single objects for everything but creating: the dry run tells.
                    if question.0 == CREATE {
                        let reason = || format!("this identity may not {}", in_words(&question));
                        denied.entry(*at).or_insert_with(reason);
                    }
                    *missing.entry(question).or_default() += 1;
                }
            }
        }
        let finding = |(question, objects): (Question, u64)| Finding {
            level: if question.0 == CREATE { Level::Blocking } else { Level::Warning },
            check: Check::Permissions,
            message: format!("this identity may not {}", in_words(&question)),
            guidance: Some("Ask whoever administers the cluster for a role that allows it.".to_owned()),
            objects,
        };
        (denied, missing.into_iter().map(finding).collect())
    }

    fn questions(&self, entry: &PlanEntry, namespaced: bool) -> Vec<Question> {
        let kind = self.plan.row(entry).ty.to_string();
        let namespace = if namespaced { entry.target_namespace.to_string() } else { String::new() };
        let asked = verbs(entry.action).iter().map(|verb| (*verb, kind.clone(), namespace.clone()));
        let mut questions: Vec<Question> = asked.collect();
        if filling(entry).is_some() {
            questions.push((CREATE, format!("volumesnapshotcontents.{SNAPSHOT_GROUP}"), String::new()));
            questions.push((CREATE, format!("volumesnapshots.{SNAPSHOT_GROUP}"), namespace));
        }
        questions
    }

    /// The answers; `None` where the server takes no such questions.
    async fn ask(
        &self,
        questions: BTreeSet<Question>,
        types: &HashMap<String, &ResourceType>,
    ) -> Result<Option<Answers>, EngineError> {
        let mut asking = Vec::new();
        for question in questions {
            if let Some(ty) = types.get(&question.1) {
                asking.push(self.ask_one(question, ty));
            }
        }
        stream::iter(asking)
            .buffer_unordered(REQUESTS_AT_ONCE)
            .try_collect::<Vec<_>>()
            .await
            .map(|answers| answers.into_iter().collect::<Option<Answers>>())
    }

    async fn ask_one(
        &self,
        question: Question,
        ty: &ResourceType,
    ) -> Result<Option<(Question, bool)>, EngineError> {
        let attributes = json!({"verb": question.0, "group": ty.group, "version": ty.version, "resource": ty.plural,
            "namespace": question.2});
        Ok(self.review(&attributes).await?.map(|allowed| (question, allowed)))
    }

    /// Whether something is allowed; `None` where the server takes no such questions.
    pub(super) async fn review(&self, attributes: &Value) -> Result<Option<bool>, EngineError> {
        let body = json!({"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": attributes}});
        let options = WriteOptions::default();
        let review = review_type();
        let sent = self.live.cluster.create(&review, None, body.to_string().into(), options);
        match self.context.run(sent).await {
            Ok(answer) => {
                let answer: Value = serde_json::from_slice(&answer).unwrap_or_default();
                Ok(Some(answer.pointer("/status/allowed") == Some(&Value::Bool(true))))
            }
            Err(EngineError::Api(error)) if !is_cluster_lost(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

fn in_words((verb, kind, namespace): &Question) -> String {
    if namespace.is_empty() { format!("{verb} {kind}") } else { format!("{verb} {kind} in {namespace}") }
}

fn unasked() -> Finding {
    Finding {
        level: Level::Info,
        check: Check::Permissions,
        message: "the cluster could not be asked what this identity may do".to_owned(),
        guidance: None,
        objects: 0,
    }
}
