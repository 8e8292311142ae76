//! The scale on which a figure's differences are taken, and the way back to what people read.

use super::interval::Estimate;

/// A scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scale {
    /// Logarithms: of what differs by factors, such as times, rates and costs.
    Ratio,
    /// Seconds as they are: of what can be zero.
    Length,
    /// Square roots, on which counts vary by as much whatever their size (Anscombe 1948, *Biometrika* 35).
    Count,
}

/// A time of return below this one counts as this one: it is as exact as returns are dated.
const SHORTEST_RETURN: f64 = 0.1;

impl Scale {
    /// A value on the scale. `None`: it has no place there.
    pub(crate) fn place(self, value: f64) -> Option<f64> {
        match self {
            Self::Ratio => (value > 0.0).then(|| value.ln()),
            Self::Length => Some(value / 1e9),
            Self::Count => Some(2.0 * (value + 0.375).sqrt()),
        }
    }

    /// The value at a place.
    pub(crate) fn value(self, place: f64) -> f64 {
        match self {
            Self::Ratio => place.exp(),
            Self::Length => place * 1e9,
            Self::Count => (place * place / 4.0 - 0.375).max(0.0),
        }
    }

    /// The variance that one value has by itself, however often it is measured: how coarsely it is read (`resolution`, in its
    /// own unit), and of counts how much they vary by chance alone.
    pub(super) fn variance(self, value: f64, resolution: f64) -> f64 {
        match self {
            Self::Ratio => (resolution / value).powi(2) / 12.0,
            Self::Length => (resolution / 1e9).powi(2) / 12.0,
            Self::Count => 1.0,
        }
    }

    /// What two runs are taken to differ by, on the scale, for a share of the value at a place.
    pub(crate) fn assumed(self, share: f64, place: f64) -> f64 {
        match self {
            Self::Ratio => share.ln_1p(),
            Self::Length => share * place.max(SHORTEST_RETURN),
            Self::Count => share * self.value(place).sqrt(),
        }
    }

    /// A difference from a place, as a share of the value there. `None`: of nothing there is no share.
    pub(crate) fn relative(self, place: f64, difference: f64) -> Option<f64> {
        match self {
            Self::Ratio => Some(difference.exp_m1()),
            Self::Length => Some(difference / place.max(SHORTEST_RETURN)),
            Self::Count => {
                let base = self.value(place);
                // What is no whole message comes from the way back, and is none.
                (base >= 0.5).then(|| self.value(place + difference) / base - 1.0)
            }
        }
    }

    /// The interval of a difference from a place, as shares.
    pub(super) fn interval(self, place: f64, estimate: &Estimate) -> Option<(f64, f64)> {
        let (low, high) = estimate.interval();
        Some((self.relative(place, low)?, self.relative(place, high)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_placed_comes_back() {
        for (scale, value) in
            [(Scale::Ratio, 2_000.0), (Scale::Length, 2.5e9), (Scale::Count, 17.0), (Scale::Count, 0.0)]
        {
            let place = scale.place(value).unwrap();
            assert!((scale.value(place) - value).abs() < 1e-6, "{scale:?}");
        }
        assert_eq!(Scale::Ratio.place(0.0), None);
    }

    #[test]
    fn a_tenth_more_is_a_tenth_on_every_scale() {
        for scale in [Scale::Ratio, Scale::Length, Scale::Count] {
            let (base, run) = (scale.place(2e9).unwrap(), scale.place(2.2e9).unwrap());
            assert!((scale.relative(base, run - base).unwrap() - 0.1).abs() < 1e-6, "{scale:?}");
        }
        let nothing = Scale::Count.place(0.0).unwrap();
        assert_eq!(Scale::Count.relative(nothing, 1.0), None);
    }
}
