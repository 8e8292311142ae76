//! Several scenarios, as people and CI services read them: an archive's index, the answer of one night, the page of one run.
//! From here nights, results and comparisons may be read; nothing is compared, and no file is looked for.
//! To tell one more thing of a scenario: add it to `reports/src/night.rs`, and to the rows of `markdown.rs` and `html/nights.rs`.

mod junit;
mod markdown;
mod words;

pub use super::html::nights::{Links, ShownNight, index, several};
pub use junit::junit;
pub use markdown::summary;
pub(super) use words::{Sign, compared, counted, headline, sign};
pub use words::{Told, sentence, told};

use super::files::replace;
use super::renderer::RenderError;
use std::path::Path;

/// Writes a text as a file that is whole or not there.
///
/// # Errors
///
/// When it cannot be written.
pub fn write(path: &Path, text: &str) -> Result<(), RenderError> {
    replace(path, text)
}

/// A relative path as the address of a link: in each part, what could end it or mean something else there is escaped.
pub fn address(path: &Path) -> String {
    let part = |part: std::path::Component<'_>| {
        let mut address = String::new();
        for byte in part.as_os_str().as_encoded_bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => address.push(char::from(*byte)),
                other => address.push_str(&format!("%{other:02X}")),
            }
        }
        address
    };
    path.components().map(part).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_one_part_of_an_address() {
        assert_eq!(
            address(Path::new("20261127T020000Z-2/a b?#%\"é/report.html")),
            "20261127T020000Z-2/a%20b%3F%23%25%22%C3%A9/report.html"
        );
    }
}
