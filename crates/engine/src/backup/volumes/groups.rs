//! Which claims are cut together: those whose pods hang together.
//!
//! Pods that mount the same claim are one group, and so are all claims that a pod mounts: hooks hold all pods of a group while
//! its claims are cut. Groups share nothing, so they run side by side; inside, everything goes by name.

use std::collections::BTreeMap;

use crate::hooks::Pod;

/// Pods and claims that hang together, as numbers of the lists they come from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Group {
    /// By namespace and name.
    pub pods: Vec<usize>,
    /// By namespace and name.
    pub claims: Vec<usize>,
}

/// Puts together what hangs together. `claims` are namespace and name, sorted; pods are sorted too, and come into a group for
/// the claims they mount, or on their own where `alone`, asked by their number, wants that.
pub(super) fn groups(claims: &[(&str, &str)], pods: &[Pod], alone: impl Fn(usize) -> bool) -> Vec<Group> {
    let at: BTreeMap<(&str, &str), usize> = claims.iter().copied().zip(0..).collect();
    // Union by the least claim; pods without claims are groups of their own.
    let mut parent: Vec<usize> = (0..claims.len()).collect();
    let mounted: Vec<Vec<usize>> = pods
        .iter()
        .map(|pod| {
            pod.claims
                .iter()
                .filter_map(|claim| at.get(&(pod.namespace.as_str(), claim.as_str())).copied())
                .collect()
        })
        .collect();
    for claims in &mounted {
        for pair in claims.windows(2) {
            let (a, b) = (root(&parent, pair[0]), root(&parent, pair[1]));
            parent[a.max(b)] = a.min(b);
        }
    }
    let mut found: BTreeMap<usize, Group> = BTreeMap::new();
    for claim in 0..claims.len() {
        found.entry(root(&parent, claim)).or_default().claims.push(claim);
    }
    let mut without = Vec::new();
    for (pod, claims) in mounted.iter().enumerate() {
        match claims.first() {
            Some(claim) => found.entry(root(&parent, *claim)).or_default().pods.push(pod),
            None if alone(pod) => without.push(Group { pods: vec![pod], claims: Vec::new() }),
            None => {}
        }
    }
    found.into_values().chain(without).collect()
}

fn root(parent: &[usize], mut at: usize) -> usize {
    while parent[at] != at {
        at = parent[at];
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pod(name: &str, claims: &[&str]) -> Pod {
        let claims = claims.iter().map(|claim| (*claim).to_owned()).collect();
        Pod { namespace: "a".into(), name: name.into(), claims, ..Pod::default() }
    }

    #[test]
    fn what_shares_a_claim_is_one_group_and_nothing_else() {
        let claims = [("a", "c0"), ("a", "c1"), ("a", "c2"), ("a", "c3"), ("b", "c0")];
        let pods = [pod("p0", &["c3", "c1"]), pod("p1", &["c1"]), pod("p2", &["c0", "gone"]), pod("p3", &[])];
        let group = |pods: &[usize], claims: &[usize]| Group { pods: pods.into(), claims: claims.into() };
        assert_eq!(
            groups(&claims, &pods, |_| true),
            [
                group(&[2], &[0]),
                group(&[0, 1], &[1, 3]),
                group(&[], &[2]),
                group(&[], &[4]),
                group(&[3], &[])
            ]
        );
        assert_eq!(groups(&claims, &pods, |_| false).len(), 4);
    }
}
