//! Modifiers to begin with, for people who write their first.

/// One template.
#[derive(Clone, Copy, Debug)]
pub struct Template {
    /// What it does.
    pub title: &'static str,
    /// A complete text, to be changed where it names things of its own: `web`, `shop.example.com`.
    pub text: &'static str,
}

/// All templates.
pub const TEMPLATES: &[Template] = &[
    Template {
        title: "Use another storage class",
        text: "\
version: v1
resourceModifierRules:
# Claims that were made in the class `default` are made in `managed-csi-premium`.
- conditions:
    groupResource: persistentvolumeclaims
    matches:
    - path: /spec/storageClassName
      value: default
  patches:
  - operation: replace
    path: /spec/storageClassName
    value: managed-csi-premium
# The same for the claims that StatefulSets make.
- conditions:
    groupResource: statefulsets.apps
    matches:
    - path: /spec/volumeClaimTemplates/0/spec/storageClassName
      value: default
  patches:
  - operation: replace
    path: /spec/volumeClaimTemplates/0/spec/storageClassName
    value: managed-csi-premium
",
    },
    Template {
        title: "Restore workloads without starting them",
        text: "\
version: v1
resourceModifierRules:
- conditions:
    groupResource: \"{deployments,statefulsets}.apps\"
  mergePatches:
  - patchData: |
      spec:
        replicas: 0
- conditions:
    groupResource: cronjobs.batch
  mergePatches:
  - patchData: |
      spec:
        suspend: true
",
    },
    Template {
        title: "Take an image from another registry",
        text: "\
version: v1
resourceModifierRules:
# One rule for each container: the name finds it, the image is replaced, everything else of it stays.
- conditions:
    groupResource: deployments.apps
    resourceNameRegex: ^web$
  strategicPatches:
  - patchData: |
      spec:
        template:
          spec:
            containers:
            - name: web
              image: registry.example.com/shop/web:1.0
",
    },
    Template {
        title: "Remove a label or an annotation",
        text: "\
version: v1
resourceModifierRules:
# In a merge patch, null removes; where there is nothing to remove, nothing happens. `**` stands for every kind.
- conditions:
    groupResource: \"**\"
  mergePatches:
  - patchData: |
      metadata:
        labels:
          argocd.argoproj.io/instance: null
        annotations:
          argocd.argoproj.io/tracking-id: null
",
    },
    Template {
        title: "Change the host of an Ingress",
        text: "\
version: v1
resourceModifierRules:
- conditions:
    groupResource: ingresses.networking.k8s.io
    matches:
    - path: /spec/rules/0/host
      value: shop.example.com
  patches:
  - operation: replace
    path: /spec/rules/0/host
    value: shop.test.example.com
- conditions:
    groupResource: ingresses.networking.k8s.io
    matches:
    - path: /spec/tls/0/hosts/0
      value: shop.example.com
  patches:
  - operation: replace
    path: /spec/tls/0/hosts/0
    value: shop.test.example.com
",
    },
    Template {
        title: "Lower what containers ask for",
        text: "\
version: v1
resourceModifierRules:
- conditions:
    groupResource: deployments.apps
    namespaces: [shop, \"shop-*\"]
  strategicPatches:
  - patchData: |
      spec:
        template:
          spec:
            containers:
            - name: web
              resources:
                requests:
                  cpu: 100m
                  memory: 128Mi
                limits:
                  cpu: 500m
                  memory: 256Mi
",
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::modifiers::Modifiers;

    #[test]
    fn every_template_is_valid() {
        for Template { title, text } in TEMPLATES {
            Modifiers::parse(text).unwrap_or_else(|error| panic!("{title}: {error}"));
        }
    }

    #[test]
    fn so_is_every_example_of_the_documentation() {
        let documentation = include_str!("../../../../docs/modifiers.md");
        let examples: Vec<&str> =
            documentation.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
        assert_eq!(examples.len(), 3);
        for text in examples {
            Modifiers::parse(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        }
    }
}
