//! What a chart says of itself.

use super::figure::Figure;
use crate::judge::Judged;

/// One chart.
pub trait Chart: Sync {
    /// The file's name in `charts/`, without its ending.
    fn name(&self) -> &'static str;

    /// What it is called on a page.
    fn title(&self) -> &'static str;

    /// How to read it, for somebody who never saw one like it.
    fn how_to_read(&self) -> &'static str;

    /// What this one shows, in sentences: its text alternative.
    fn finding(&self, judged: &Judged) -> Vec<String>;

    /// Why it may have nothing to draw.
    fn when_absent(&self) -> &'static str;

    /// Whether it is about consumers alone: where a run has none, it is left out.
    fn is_of_consumers(&self) -> bool {
        false
    }

    /// What to draw; `None` where the run holds nothing for it.
    fn figure(&self, judged: &Judged) -> Option<Figure>;
}

/// How a chart is called: in ids, and by people.
#[derive(Clone, Copy)]
pub(super) struct Head<'a> {
    pub(super) name: &'a str,
    pub(super) title: &'a str,
}

/// Where a chart is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Placement {
    /// Within a page that gives it a heading and a background.
    Page,
    /// As `Page`, where the page is as narrow as a phone.
    Phone,
    /// By itself: it brings its title and a white background.
    File,
}

impl Placement {
    /// The chart's width, in logical pixels.
    pub(super) const fn width(self) -> f64 {
        match self {
            Self::Page | Self::File => 800.0,
            Self::Phone => 360.0,
        }
    }
}
