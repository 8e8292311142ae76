//! Colours that everybody can tell apart: the palette of Okabe and Ito (2008), and lighter ones of the same hues
//! for dark pages.

use std::fmt::Write as _;

/// A colour by its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Colour {
    /// A system, by its place among the run's systems.
    System(usize),
    Ink,
    Muted,
    Grid,
    Fault,
    Lost,
    Failed,
    Back,
    Down,
    Paper,
}

type Pair = ((u8, u8, u8), &'static str);

/// Blue, vermilion, bluish green, reddish purple, sky blue, orange: no two systems next to each other look alike.
const SYSTEMS: [Pair; 6] = [
    ((0x00, 0x72, 0xB2), "#56B4E9"),
    ((0xD5, 0x5E, 0x00), "#FF9A5C"),
    ((0x00, 0x9E, 0x73), "#3CD0A4"),
    ((0xA8, 0x4B, 0x80), "#E59CC3"),
    ((0x3A, 0x94, 0xC9), "#9AD4F5"),
    ((0xB8, 0x7F, 0x00), "#F0C04A"),
];

const INK: Pair = ((0x1B, 0x21, 0x2C), "#E8EBF0");
const MUTED: Pair = ((0x5A, 0x64, 0x75), "#A3ADBD");
const GRID: Pair = ((0xDD, 0xE1, 0xE8), "#323A47");
const FAULT: Pair = ((0xE6, 0x9F, 0x01), "#F2B63C");
const LOST: Pair = ((0xC2, 0x3B, 0x22), "#FF8B75");
const FAILED: Pair = ((0x7A, 0x4A, 0x06), "#F0C27A");
const BACK: Pair = ((0x00, 0x7A, 0x5A), "#4ADBB0");
const DOWN: Pair = ((0xB4, 0xBC, 0xC8), "#566073");
const PAPER: Pair = ((0xFF, 0xFF, 0xFF), "#161A21");

impl Colour {
    const fn pair(self) -> Pair {
        match self {
            Self::System(index) => SYSTEMS[index % SYSTEMS.len()],
            Self::Ink => INK,
            Self::Muted => MUTED,
            Self::Grid => GRID,
            Self::Fault => FAULT,
            Self::Lost => LOST,
            Self::Failed => FAILED,
            Self::Back => BACK,
            Self::Down => DOWN,
            Self::Paper => PAPER,
        }
    }

    /// On white.
    pub(super) const fn rgb(self) -> (u8, u8, u8) {
        self.pair().0
    }
}

/// Rules that turn a chart's colours into those for dark pages. They match the attributes that the drawing library
/// writes, so that the same SVG also stands by itself, where no style sheet reaches it.
pub(in crate::render) fn dark_rules(scope: &str) -> String {
    let mut rules = String::new();
    for ((red, green, blue), dark) in
        SYSTEMS.into_iter().chain([INK, MUTED, GRID, FAULT, LOST, FAILED, BACK, DOWN, PAPER])
    {
        // Writing to a string cannot fail.
        let _ = writeln!(
            rules,
            "{scope} [fill=\"#{red:02X}{green:02X}{blue:02X}\"]{{fill:{dark}}}\
             {scope} [stroke=\"#{red:02X}{green:02X}{blue:02X}\"]{{stroke:{dark}}}"
        );
    }
    rules
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_colour_has_a_dark_counterpart_of_its_own() {
        let mut light: Vec<(u8, u8, u8)> = SYSTEMS
            .into_iter()
            .chain([INK, MUTED, GRID, FAULT, LOST, FAILED, BACK, DOWN, PAPER])
            .map(|pair| pair.0)
            .collect();
        let all = light.len();
        light.sort_unstable();
        light.dedup();
        assert_eq!(light.len(), all, "two meanings share one colour, so a style sheet cannot tell them apart");
    }
}
