//! Counts with their nouns.

/// `1 send`, `2 sends`; `1 entry`, `2 entries`. English nouns whose plural is formed otherwise are none that is counted here.
pub fn plural(count: u64, noun: &str) -> String {
    match noun.strip_suffix('y') {
        _ if count == 1 => format!("1 {noun}"),
        Some(stem) => format!("{count} {stem}ies"),
        None => format!("{count} {noun}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::plural;

    #[test]
    fn one_is_told_from_many() {
        assert_eq!([0, 1, 2].map(|count| plural(count, "send")), ["0 sends", "1 send", "2 sends"]);
        assert_eq!([1, 2].map(|count| plural(count, "entry")), ["1 entry", "2 entries"]);
    }
}
