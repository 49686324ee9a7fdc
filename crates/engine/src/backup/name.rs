//! The name that a recovery point gets when nobody gives one.

use holdfast_model::name::{MAX_LABEL_LENGTH, PointName};
use jiff::Timestamp;

/// The cluster's name, as far as a label can hold it, and the time in UTC, to the second.
///
/// # Panics
/// Never: what it puts together is a label.
pub fn proposed_name(cluster: &str, now: Timestamp) -> PointName {
    let time = now.strftime("%Y%m%d-%H%M%S").to_string();
    let mut name: String = cluster
        .to_ascii_lowercase()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .take(MAX_LABEL_LENGTH - time.len() - 1)
        .collect();
    name = name.trim_matches('-').to_owned();
    if name.is_empty() {
        name.push_str("point");
    }
    #[expect(clippy::expect_used, reason = "letters, digits and inner dashes, shorter than a label may be")]
    format!("{name}-{time}").parse().expect("a label")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_a_label_whatever_the_cluster_is_called() {
        let now: Timestamp = "2026-11-23T04:05:06Z".parse().unwrap();
        for (cluster, name) in [
            ("shop", "shop-20261123-040506"),
            ("arn:aws:eks/Prod_1", "arn-aws-eks-prod-1-20261123-040506"),
            ("ä", "point-20261123-040506"),
        ] {
            assert_eq!(proposed_name(cluster, now).as_str(), name);
        }
        assert_eq!(proposed_name(&"a".repeat(300), now).as_str().len(), MAX_LABEL_LENGTH);
    }
}
