use serde_json::json;

use super::*;

fn mapped(group: &str, plural: &str, mut object: Value) -> Value {
    let ty = ResourceType {
        group: group.into(),
        version: "v1".into(),
        plural: plural.into(),
        kind: String::new(),
        namespaced: true,
    };
    map_namespaces(&ty, &mut object, &"shop:staging".parse().unwrap());
    object
}

#[test]
fn objects_move_and_others_stay() {
    assert_eq!(
        mapped("", "configmaps", json!({"metadata": {"namespace": "shop"}, "data": {"ns": "shop"}})),
        json!({"metadata": {"namespace": "staging"}, "data": {"ns": "shop"}})
    );
    let other = json!({"metadata": {"namespace": "billing"}});
    assert_eq!(mapped("", "configmaps", other.clone()), other);
    assert_eq!(
        mapped(
            "",
            "namespaces",
            json!({"metadata": {"name": "shop", "labels": {NAME_LABEL: "shop", "team": "shop"}}})
        ),
        json!({"metadata": {"name": "staging", "labels": {NAME_LABEL: "staging", "team": "shop"}}})
    );
}

#[test]
fn references_to_the_namespace_follow() {
    assert_eq!(
        mapped(
            "rbac.authorization.k8s.io",
            "rolebindings",
            json!({"subjects": [
                {"kind": "ServiceAccount", "name": "web", "namespace": "shop"},
                {"kind": "ServiceAccount", "name": "web", "namespace": "billing"},
                {"kind": "User", "name": "system:serviceaccount:shop:web"},
                {"kind": "Group", "name": "system:serviceaccounts:shop"},
                {"kind": "User", "name": "shop"}]})
        ),
        json!({"subjects": [
            {"kind": "ServiceAccount", "name": "web", "namespace": "staging"},
            {"kind": "ServiceAccount", "name": "web", "namespace": "billing"},
            {"kind": "User", "name": "system:serviceaccount:staging:web"},
            {"kind": "Group", "name": "system:serviceaccounts:staging"},
            {"kind": "User", "name": "shop"}]})
    );
    let service = |ns: &str| json!({"clientConfig": {"service": {"namespace": ns, "name": "hook"}}});
    assert_eq!(
        mapped(
            "admissionregistration.k8s.io",
            "validatingwebhookconfigurations",
            json!({"webhooks": [service("shop")]})
        ),
        json!({"webhooks": [service("staging")]})
    );
    assert_eq!(
        mapped(
            "apiextensions.k8s.io",
            "customresourcedefinitions",
            json!({"spec": {"conversion": {"webhook": service("shop")}}})
        ),
        json!({"spec": {"conversion": {"webhook": service("staging")}}})
    );
    assert_eq!(
        mapped("apiregistration.k8s.io", "apiservices", json!({"spec": {"service": {"namespace": "shop"}}})),
        json!({"spec": {"service": {"namespace": "staging"}}})
    );
    let policy = |ns: &str| {
        json!({"spec": {"ingress": [{"from": [
            {"namespaceSelector": {"matchLabels": {NAME_LABEL: ns}}},
            {"namespaceSelector": {"matchExpressions": [{"key": NAME_LABEL, "operator": "In", "values": [ns, "x"]}]}}]}]}})
    };
    assert_eq!(mapped("networking.k8s.io", "networkpolicies", policy("shop")), policy("staging"));
}

#[test]
fn a_mapping_names_what_is_wrong_with_it() {
    assert_eq!("a:b,c:b".parse::<NamespaceMappings>().unwrap().target("c"), "b");
    assert!(matches!("a".parse::<NamespaceMappings>(), Err(MappingError::Form(_))));
    assert!(matches!("a:b,a:c".parse::<NamespaceMappings>(), Err(MappingError::Twice(_))));
    assert!(matches!("a:B".parse::<NamespaceMappings>(), Err(MappingError::Name { .. })));
    assert!(matches!("a:b:c".parse::<NamespaceMappings>(), Err(MappingError::Name { .. })));
}
