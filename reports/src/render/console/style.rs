//! How a terminal's text looks.

/// Whether escape sequences for colour are written. Asking the terminal and `NO_COLOR` is the caller's business.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Text alone.
    Plain,
    /// With ANSI colours.
    Coloured,
}
