//! `${NAME}` in strings: read from the environment, and never shown.

/// Values that came from the environment. Whatever prints settings passes them through [`Secrets::mask`] first.
#[derive(Clone, Default)]
pub struct Secrets(Vec<(String, String)>);

impl Secrets {
    /// Replaces every secret's value by the `${NAME}` that it came from. Values shorter than four characters are left:
    /// they are no secrets, and would deface every other text.
    pub fn mask(&self, text: &str) -> String {
        self.0
            .iter()
            .filter(|(_, value)| value.len() >= 4)
            .fold(text.to_owned(), |text, (name, value)| text.replace(value, &format!("${{{name}}}")))
    }

    /// Remembers a secret; the longest come first, so that a short one never uncovers part of a long one.
    pub(super) fn add(&mut self, name: &str, value: &str) {
        if !self.0.iter().any(|(known, _)| known == name) {
            self.0.push((name.to_owned(), value.to_owned()));
            self.0.sort_by_key(|(_, value)| std::cmp::Reverse(value.len()));
        }
    }
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

/// A stretch of a string.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Part<'t> {
    /// As it is.
    Plain(&'t str),
    /// The name in `${NAME}`.
    Variable(&'t str),
    /// `${` without its end, or with a name that is none.
    Malformed(&'t str),
}

/// Splits a string at its `${NAME}`s. `$${` stands for `${` itself.
pub(super) fn split(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        if at > 0 && rest.as_bytes()[at - 1] == b'$' {
            parts.push(Part::Plain(&rest[..at - 1]));
            parts.push(Part::Plain("${"));
            rest = &rest[at + 2..];
            continue;
        }
        parts.push(Part::Plain(&rest[..at]));
        let Some(end) = rest[at..].find('}') else {
            parts.push(Part::Malformed(&rest[at..]));
            rest = "";
            break;
        };
        let name = &rest[at + 2..at + end];
        let fits = !name.is_empty() && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
        parts.push(if fits { Part::Variable(name) } else { Part::Malformed(&rest[at..=at + end]) });
        rest = &rest[at + end + 1..];
    }
    parts.push(Part::Plain(rest));
    parts.retain(|part| *part != Part::Plain(""));
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_and_doubled_dollars_are_not_names() {
        assert_eq!(split("a ${B} c"), [Part::Plain("a "), Part::Variable("B"), Part::Plain(" c")]);
        assert_eq!(split("$${B}"), [Part::Plain("${"), Part::Plain("B}")]);
        assert_eq!(split("cost: 5$"), [Part::Plain("cost: 5$")]);
    }

    #[test]
    fn what_is_no_name_is_malformed() {
        assert_eq!(split("${B"), [Part::Malformed("${B")]);
        assert_eq!(split("${a b}"), [Part::Malformed("${a b}")]);
        assert_eq!(split("${}"), [Part::Malformed("${}")]);
    }

    #[test]
    fn a_secret_is_shown_as_its_name_only() {
        let mut secrets = Secrets::default();
        secrets.add("PASSWORD", "hunter22");
        assert_eq!(secrets.mask("sasl.password=hunter22"), "sasl.password=${PASSWORD}");
        assert!(!format!("{secrets:?}").contains("hunter22"));
    }

    #[test]
    fn a_secret_within_another_does_not_uncover_it() {
        let mut secrets = Secrets::default();
        secrets.add("SHORT", "hunter");
        secrets.add("LONG", "hunter22");
        assert_eq!(secrets.mask("hunter22 hunter"), "${LONG} ${SHORT}");
    }
}
