//! "Did you mean": the known name nearest to a misspelt one.

use std::collections::BTreeMap;

/// ` (did you mean `X`?)` for a near name; else ` (it has A, B)` while they are few; else nothing.
pub(super) fn hint<'a>(unknown: &str, known: impl Iterator<Item = &'a str>) -> String {
    const FEW: usize = 12;
    // Longer names are no misspellings worth the quadratic work.
    const LONGEST: usize = 64;
    // Nor are all names of a huge template.
    const MOST: usize = 1_000;
    let mut known: Vec<&str> = known.take(MOST).collect();
    known.sort_unstable();
    let most = (1 + unknown.len() / 3).min(unknown.len().saturating_sub(1));
    let near = |name: &&&str| unknown.len() <= LONGEST && name.len().abs_diff(unknown.len()) <= most;
    let nearest = known.iter().filter(near).map(|name| (distance(unknown, name), *name)).min();
    match nearest {
        Some((steps, name)) if steps <= most => format!(" (did you mean `{name}`?)"),
        _ if known.is_empty() => " (there are none)".into(),
        _ if known.len() <= FEW => format!(" (known: {})", known.join(", ")),
        _ => String::new(),
    }
}

/// Levenshtein distance over bytes without regard to case: logical ids are ASCII.
fn distance(a: &str, b: &str) -> usize {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, left) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, right) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(!left.eq_ignore_ascii_case(right));
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

/// Keys of a map as text.
pub(super) fn keys<V>(map: &BTreeMap<String, V>) -> impl Iterator<Item = &str> {
    map.keys().map(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hints() {
        let cases = [
            ("Tabel", vec!["Table", "Bucket"], " (did you mean `Table`?)"),
            ("table", vec!["Table", "Bucket"], " (did you mean `Table`?)"),
            ("Queue", vec!["Table", "Bucket"], " (known: Bucket, Table)"),
            ("Queue", vec![], " (there are none)"),
        ];
        for (unknown, known, expected) in cases {
            assert_eq!(hint(unknown, known.into_iter()), expected, "{unknown}");
        }
    }
}
