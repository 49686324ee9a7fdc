//! Webhooks and admission policies that match nothing, so that they disturb nobody.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::{Names, object};

const API: &str = "admissionregistration.k8s.io/v1";

pub(super) fn objects(names: &Names) -> Vec<Value> {
    let never = json!({"matchLabels": {(format!("{}never", names.name(""))): "set"}});
    let named = json!({"matchExpressions": [
        {"key": "kubernetes.io/metadata.name", "operator": "In", "values": [names.shop(), "elsewhere"]}]});
    let webhook = |name: &str, side_effects: &str| {
        json!({
            "name": format!("{name}.example.org"), "failurePolicy": "Ignore", "sideEffects": side_effects,
            "admissionReviewVersions": ["v1"], "timeoutSeconds": 1, "objectSelector": never, "namespaceSelector": named,
            "clientConfig": {"caBundle": STANDARD.encode(CA),
                "service": {"namespace": names.shop(), "name": "hook", "path": "/x", "port": 8443}},
            "rules": [{"apiGroups": ["example.org"], "apiVersions": ["*"], "resources": ["*/*"], "operations": ["CREATE"]}],
        })
    };
    let mut mutating = webhook("three", "None");
    mutating["reinvocationPolicy"] = json!("IfNeeded");
    mutating["matchConditions"] = json!([{"name": "never", "expression": "false && request.name == 'a\"b'"}]);
    let policy = names.name("policy.example.org");
    vec![
        object(
            API,
            "ValidatingWebhookConfiguration",
            "",
            &names.name("validate"),
            json!({"webhooks": [webhook("one", "None"), webhook("two", "NoneOnDryRun")]}),
        ),
        object(
            API,
            "MutatingWebhookConfiguration",
            "",
            &names.name("mutate"),
            json!({"webhooks": [mutating]}),
        ),
        object(
            API,
            "ValidatingAdmissionPolicy",
            "",
            &policy,
            json!({"spec": {
            "failurePolicy": "Ignore",
            "matchConstraints": {"objectSelector": never, "namespaceSelector": named, "resourceRules": [
                {"apiGroups": ["example.org"], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["things"]}]},
            "variables": [{"name": "n", "expression": "object.metadata.name"}],
            "validations": [{"expression": "variables.n != 'x' && 1 < 2", "message": "never \"said\"", "reason": "Invalid"}]}}),
        ),
        object(
            API,
            "ValidatingAdmissionPolicyBinding",
            "",
            &names.name("binding.example.org"),
            json!({"spec": {
            "policyName": policy, "validationActions": ["Warn", "Audit"],
            "matchResources": {"objectSelector": never, "namespaceSelector": named}}}),
        ),
    ]
}

/// A certificate of nobody: the server wants a readable one and never calls the webhook.
const CA: &str = "-----BEGIN CERTIFICATE-----
MIIBeTCCAR+gAwIBAgIUVUJZdR9O8mJCsOKojVDdSHSUHkIwCgYIKoZIzj0EAwIw
ETEPMA0GA1UEAwwGbm9ib2R5MCAXDTI2MTEyMzA4NDkxMVoYDzIxMjYxMDMwMDg0
OTExWjARMQ8wDQYDVQQDDAZub2JvZHkwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC
AATbe4yeyPJAa570viS69DfFU76bV9rj9cprEh8ekTUCKYbGab8Jz3zGJbuwnLKk
QI0gF6we8zrocFqbjsuMygJRo1MwUTAdBgNVHQ4EFgQU3RIB39VTOnaGGlOBqCAV
nvKEJqYwHwYDVR0jBBgwFoAU3RIB39VTOnaGGlOBqCAVnvKEJqYwDwYDVR0TAQH/
BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiEAj8Jc7aX6wVosOv3Z8bXqPhsj6lmk
V4spuwH4Yr23j0sCIFSqQODY78ID8MMUC0B8lxDJOFQ12ol8pYtkwXF8xcSb
-----END CERTIFICATE-----
";
