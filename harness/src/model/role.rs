//! What clients are for.

/// What a client does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It sends.
    Producer,
    /// It receives.
    Consumer,
}

impl Role {
    /// Its word, with which the names of its clients begin: `producer`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Producer => "producer",
            Self::Consumer => "consumer",
        }
    }

    /// The name of the client of this role and number.
    pub fn named(self, number: u16) -> String {
        format!("{}-{number}", self.name())
    }

    /// The number in the name of a client of this role. `None`: it is no such name.
    pub fn number(self, client: &str) -> Option<u16> {
        let number = client.strip_prefix(self.name())?.strip_prefix('-')?;
        number.parse().ok().filter(|parsed: &u16| parsed.to_string() == number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_the_number_of_its_role_only_as_it_is_written() {
        assert_eq!(Role::Consumer.number(&Role::Consumer.named(12)), Some(12));
        for name in ["consumer-", "consumer-01", "consumer-+1", "producer-1", "consumer-99999", "consumer"] {
            assert_eq!(Role::Consumer.number(name), None, "{name}");
        }
    }
}
