//! Commands as they are typed into a shell.

/// The words with spaces between them, those in quotes that a shell would take for something else.
pub(super) fn typed(words: &[String]) -> String {
    words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
}

fn quoted(word: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "_-./:=,@%+".contains(letter);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_shell_would_take_for_something_else_is_quoted() {
        let words = ["java", "-cp", "/opt/kafka/libs/*", "it's", "", "127.0.0.1:9092"].map(str::to_owned);
        assert_eq!(typed(&words), r"java -cp '/opt/kafka/libs/*' 'it'\''s' '' 127.0.0.1:9092");
    }
}
