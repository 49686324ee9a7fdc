//! Identities that may do less than the tests' own.

use std::path::PathBuf;

use http::Method;
use serde_json::{Value, json};

use crate::lab::Lab;

impl Lab {
    /// A kubeconfig in which the context `source` has the rights of `rules` in `namespaces` and nowhere else.
    pub async fn restricted(&self, namespaces: &[&str], rules: Value) -> PathBuf {
        let home = namespaces[0];
        self.source
            .create(&json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"namespace": home, "name": "reader"}}))
            .await;
        for namespace in namespaces {
            let metadata = json!({"namespace": namespace, "name": "reader"});
            let role = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": metadata, "rules": rules});
            self.source.create(&role).await;
            let binding = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": metadata,
                "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "reader"},
                "subjects": [{"kind": "ServiceAccount", "name": "reader", "namespace": home}]});
            self.source.create(&binding).await;
        }
        let request = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"audiences": []}});
        let path = format!("/api/v1/namespaces/{home}/serviceaccounts/reader/token");
        let answer = self.source.request(Method::POST, &path, Some(&request)).await.unwrap();
        let token = answer["status"]["token"].as_str().unwrap();

        let text = std::fs::read_to_string(self.kubeconfig()).unwrap();
        let mut config: Value = serde_saphyr::from_str(&text).unwrap();
        let contexts = config["contexts"].as_array().unwrap();
        let source = contexts.iter().find(|context| context["name"] == "source").unwrap();
        let user = source["context"]["user"].clone();
        for entry in config["users"].as_array_mut().unwrap() {
            if entry["name"] == user {
                entry["user"] = json!({"token": token});
            }
        }
        let file = self.folder().join("restricted.kubeconfig");
        std::fs::write(&file, config.to_string()).unwrap();
        file
    }
}
