//! Latency and rates before, during and after each fault.

use super::elements::{grouped, titled};
use crate::render::label::Shown;
use crate::render::number;
use crate::render::text::one_line;
use crate::result::{Distribution, PhaseResult};
use crate::units::Nanos;
use maud::{Markup, html};

const HEADINGS: [&str; 10] = [
    "Window",
    "Seconds",
    "Offered",
    "Acknowledged",
    "Consumed",
    "Response p50",
    "Response p99",
    "Response max",
    "Service p99",
    "End-to-end p99",
];

pub(super) fn section(shown: &[Shown<'_>]) -> Markup {
    if shown.iter().all(|shown| shown.trial.phases.is_empty()) {
        return html! {};
    }
    let body = html! {
        p class="lead" { "A latency belongs to the window in which its message was due, a rate to the window in which the messages were counted. Rates are in msg/s." }
        (grouped("Figures of each window", &HEADINGS, shown, |shown| html! { @for phase in &shown.trial.phases { (row(phase)) } }))
    };
    titled("phases", "Before, during and after", &body)
}

fn row(phase: &PhaseResult) -> Markup {
    let span = format!("{:.1} to {:.1}", phase.from_ns.as_secs_f64(), phase.to_ns.as_secs_f64());
    let rates = &phase.rates;
    let latency = &phase.latency_ns;
    let figure =
        |distribution: &Distribution, value: u64| number::time((distribution.count > 0).then_some(Nanos(value)));
    html! {
        tr {
            th scope="row" { (one_line(&phase.name)) }
            td { (span) }
            td { (number::decimal(rates.offered.msg_per_s)) }
            td { (number::decimal(rates.acknowledged.msg_per_s)) }
            td { (number::decimal(rates.consumed.msg_per_s)) }
            td { (figure(&latency.response, latency.response.p50)) }
            td { (figure(&latency.response, latency.response.p99)) }
            td { (figure(&latency.response, latency.response.max)) }
            td { (figure(&latency.service, latency.service.p99)) }
            td { (figure(&latency.end_to_end, latency.end_to_end.p99)) }
        }
    }
}
