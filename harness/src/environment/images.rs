//! The names of the project's own images, as the scripts that build them read them.

/// `docker/versions.env`: plain `KEY=value` lines.
const VERSIONS: &str = include_str!("../../../docker/versions.env");

/// One image that the project builds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnImage {
    /// What it holds: `redis`.
    pub holds: &'static str,
    /// `name:tag`.
    pub reference: &'static str,
}

/// The image with Redis.
pub fn redis() -> &'static str {
    value("REDIS_IMAGE")
}

/// The image with Kafka.
pub fn kafka() -> &'static str {
    value("KAFKA_IMAGE")
}

/// The image with Toxiproxy.
pub fn toxiproxy() -> &'static str {
    value("TOXIPROXY_IMAGE")
}

/// All images that the project builds.
pub fn all() -> [OwnImage; 3] {
    [
        OwnImage { holds: "redis", reference: redis() },
        OwnImage { holds: "kafka", reference: kafka() },
        OwnImage { holds: "toxiproxy", reference: toxiproxy() },
    ]
}

/// The project's own images carry this before their names, and exist in no registry.
const OWN: &str = "harness/";

/// Whether the project builds it, in this version or in another.
pub fn is_own(reference: &str) -> bool {
    reference.starts_with(OWN)
}

/// What to do when an image is missing: ours are built, others are pulled.
pub fn way_out(reference: &str) -> String {
    if is_own(reference) {
        let built = all().map(|own| own.reference).join(", ");
        format!("`make setup` (or `docker/setup.sh`) builds the project's images: {built}")
    } else {
        format!(
            "`docker pull {reference}` fetches it where a registry can be reached; or leave `image` away to use the project's own"
        )
    }
}

/// A key's value; empty when the file does not have it, which a test rules out.
fn value(key: &str) -> &'static str {
    VERSIONS
        .lines()
        .filter_map(|line| line.split_once('='))
        .find_map(|(name, value)| (name.trim() == key).then_some(value.trim()))
        .unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_image_has_a_name_and_a_tag() {
        for image in all() {
            let (name, tag) = image.reference.split_once(':').expect("a tag");
            assert!(!name.is_empty() && !tag.is_empty(), "{image:?}");
        }
    }

    #[test]
    fn comments_and_unknown_keys_give_nothing() {
        assert_eq!(value("# What all images stand on."), "");
        assert_eq!(value("NO_SUCH_IMAGE"), "");
    }

    #[test]
    fn an_own_image_is_built_and_another_is_pulled() {
        assert!(all().iter().all(|own| is_own(own.reference)));
        assert!(way_out(redis()).contains("make setup"));
        assert!(!is_own("redis:8"));
        assert!(way_out("redis:8").contains("docker pull redis:8"));
    }
}
