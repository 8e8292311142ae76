//! The pure side of the harness: from a history on disk to numbers, verdicts and pages.
//!
//! Data flows one way: [`history`] → [`measure`] → [`check`] → [`result`] → [`render`]; two results go to [`mod@compare`].
//! Nothing here knows a broker, a network or a clock, so a run can be judged again years later, and a
//! history that another tool wrote can be judged too.

mod certainty;
pub mod check;
pub mod compare;
pub mod facts;
pub mod fingerprint;
pub mod histogram;
pub mod history;
pub mod judge;
mod known;
pub mod matrix;
pub mod measure;
pub mod night;
pub mod plural;
pub mod render;
pub mod result;
pub mod search;
pub mod series;
pub mod trend;
mod uncertainty;
pub mod units;
mod warned;
