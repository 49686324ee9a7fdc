//! Names for somebody who mistyped one.

/// How many names are offered.
const OFFERED: usize = 5;

/// The names closest to `wanted`, as the end of a sentence.
pub(super) fn suggest<'a>(wanted: &str, names: impl Iterator<Item = &'a str>) -> String {
    let mut names: Vec<&str> = names.collect();
    if names.is_empty() {
        return "there are no contexts".into();
    }
    names.sort_by_key(|name| (!name.contains(wanted), distance(wanted, name)));
    let total = names.len();
    names.truncate(OFFERED);
    let list = names.join(", ");
    if total > OFFERED { format!("the closest of {total} are: {list}") } else { format!("there are: {list}") }
}

/// Levenshtein distance in characters.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = i;
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closest_names_come_first() {
        let names = ["dev", "prod-eu", "prod-us", "stage", "test", "other"];
        assert_eq!(
            suggest("prod", names.into_iter()),
            "the closest of 6 are: prod-eu, prod-us, dev, test, stage"
        );
        assert_eq!(suggest("x", ["a"].into_iter()), "there are: a");
        assert_eq!(suggest("x", [].into_iter()), "there are no contexts");
    }

    #[test]
    fn distance_counts_edits() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
    }
}
