//! What a trial may contain. Each can be switched off, which is how a failing seed is made smaller.

/// Something that makes a trial harder to judge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Feature {
    /// Any fault at all.
    Faults,
    /// More than one fault.
    SeveralFaults,
    /// Faults on some clients only.
    PartialFaults,
    /// Faults that were not confirmed, or had no effect.
    DoubtfulFaults,
    /// The broker loses, repeats, reorders, corrupts or makes up messages.
    Bugs,
    /// The broker refuses sends.
    Refusals,
    /// The broker forgets group, log, or what is beyond a length.
    Forgetting,
    /// Clients that break their declared backoff or never come back.
    BadManners,
    /// Workers that are killed.
    Kills,
    /// Slow processing, takeovers of living consumers.
    SlowProcessing,
    /// Acks that never come, or come before processing.
    OddAcks,
    /// Ends that leave doubts: interrupted, not drained, not inspected.
    DoubtfulEnds,
    /// A generator that stalls.
    Stalls,
    /// More than one client of a kind, more than one partition.
    Crowd,
    /// Rates other than constant.
    Bursts,
    /// The history lacks the end of a table, when it is judged once more.
    Cuts,
    /// Nodes that end, asked for or not.
    Nodes,
    /// Consumers whose connections are closed again and again, and who try again at once.
    Storms,
    /// Warm-ups in which everything takes longer.
    SlowStarts,
    /// Settlements that the broker refuses.
    RefusedAcks,
    /// Answers to settlements and takeovers that come late or never.
    LateAnswers,
    /// Connections after a cut that do not last.
    ShakyReturns,
    /// Consumers of logs that ask anew from where to read.
    StartingOver,
    /// Silences that close nothing, and clients that wait long.
    LongSilences,
}

impl Feature {
    /// All of them.
    pub const ALL: [Self; 24] = [
        Self::Faults,
        Self::SeveralFaults,
        Self::PartialFaults,
        Self::DoubtfulFaults,
        Self::Bugs,
        Self::Refusals,
        Self::Forgetting,
        Self::BadManners,
        Self::Kills,
        Self::SlowProcessing,
        Self::OddAcks,
        Self::DoubtfulEnds,
        Self::Stalls,
        Self::Crowd,
        Self::Bursts,
        Self::Cuts,
        Self::Nodes,
        Self::Storms,
        Self::SlowStarts,
        Self::RefusedAcks,
        Self::LateAnswers,
        Self::ShakyReturns,
        Self::StartingOver,
        Self::LongSilences,
    ];
}

/// A set of features, and how much of the load is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowed {
    without: u32,
    /// Per mille of the messages that the seed asks for.
    pub messages: u64,
}

impl Default for Allowed {
    fn default() -> Self {
        Self { without: 0, messages: 1000 }
    }
}

impl Allowed {
    /// Whether a feature may be drawn.
    pub const fn has(self, feature: Feature) -> bool {
        self.without & (1 << feature as u32) == 0
    }

    /// The same without one.
    #[must_use]
    pub const fn without(self, feature: Feature) -> Self {
        Self { without: self.without | (1 << feature as u32), messages: self.messages }
    }

    /// The same with half of the messages.
    #[must_use]
    pub const fn halved(self) -> Self {
        Self { without: self.without, messages: self.messages / 2 }
    }

    /// As the command line takes it: what is left out and how many messages are kept.
    pub fn code(self) -> String {
        format!("{:x}-{}", self.without, self.messages)
    }

    /// From [`Self::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        let (without, messages) = code.split_once('-')?;
        Some(Self { without: u32::from_str_radix(without, 16).ok()?, messages: messages.parse().ok()? })
    }

    /// The features that are left out.
    pub fn left_out(self) -> impl Iterator<Item = Feature> {
        Feature::ALL.into_iter().filter(move |feature| !self.has(*feature))
    }
}
