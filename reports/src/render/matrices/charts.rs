//! The charts of a matrix: what each is called, and how it is read.

/// A figure that is drawn of a matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::render) enum MatrixChart {
    Throughput,
    EndToEnd,
}

impl MatrixChart {
    /// Both, in the order of a page.
    pub(in crate::render) const ALL: [Self; 2] = [Self::Throughput, Self::EndToEnd];

    /// Of its file, without its ending.
    pub(in crate::render) const fn name(self) -> &'static str {
        match self {
            Self::Throughput => "throughput",
            Self::EndToEnd => "end-to-end-p99",
        }
    }

    pub(in crate::render) const fn title(self) -> &'static str {
        match self {
            Self::Throughput => "Messages acknowledged each second",
            Self::EndToEnd => "End-to-end latency: what 99 of 100 messages keep",
        }
    }

    pub(in crate::render) const fn how_to_read(self) -> &'static str {
        match self {
            Self::Throughput => {
                "Higher is better. The dotted line is what was offered: a bar that reaches it shows that the system kept up, and not what it \
                 could do at the most. The scale begins at zero and is the same in every panel."
            }
            Self::EndToEnd => {
                "Lower is better. From when a message was due until a consumer had it; one message in a hundred took longer. The scale is \
                 logarithmic and the same in every panel: from one line to the next is a factor."
            }
        }
    }
}
