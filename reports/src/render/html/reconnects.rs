//! What the faults did, and each client's attempts to come back, with the waits that its settings allowed.

use super::elements::{scrolling, titled};
use crate::render::label::Shown;
use crate::render::number;
use crate::render::reconnects::{several, touches};
use crate::render::text::{ABSENT, one_line};
use crate::result::{Attempt, FaultResult, Reconnect};
use crate::units::Nanos;
use maud::{Markup, html};

pub(super) fn section(shown: &[Shown<'_>]) -> Markup {
    if shown.iter().all(|shown| shown.trial.faults.is_empty()) {
        return titled("faults", "Faults and reconnection", &html! { p { "No fault was injected." } });
    }
    let body = html! {
        (scrolling("Faults", &faults(shown)))
        h3 { "Each client's way back" }
        p class="lead" {
            "A wait counts from the loss, or from the end of the attempt before, on the same connection. "
            "Allowed is what the client's declared backoff permits, jitter included."
        }
        @for shown in shown { (clients(shown)) }
    };
    titled("faults", "Faults and reconnection", &body)
}

fn faults(shown: &[Shown<'_>]) -> Markup {
    html! {
        table class="stacks" {
            thead { tr {
                @for heading in ["System", "Fault", "Injected", "Healed", "Read back", "Effect"] { th scope="col" { (heading) } }
            } }
            tbody {
                @for shown in shown {
                    @for fault in &shown.trial.faults { (fault_row(&shown.label, fault)) }
                }
            }
        }
    }
}

fn fault_row(label: &str, fault: &FaultResult) -> Markup {
    let stated = |holds: bool, word: &'static str| html! { span class=[(!holds).then_some("alarm")] { (word) } };
    let confirmed = if fault.confirmed { "confirmed" } else { "not confirmed" };
    html! {
        tr {
            th scope="row" { (label) }
            td { b { (one_line(&fault.name)) } br; (one_line(&fault.kind)) ", " (one_line(&fault.target))
                @if !fault.detail.is_empty() { ", " (one_line(&fault.detail)) } }
            td class="figure" data-is="injected" { (number::time(fault.injected_ns)) }
            td class="figure" data-is="healed" { (number::time(fault.healed_ns)) }
            td { (stated(fault.confirmed, confirmed)) br; span class="quiet" { (one_line(&fault.evidence)) } }
            td data-is="effect" { (stated(fault.effect_seen, fault.effect_word())) br; span class="quiet" { (one_line(&fault.effect)) } }
        }
    }
}

fn clients(shown: &Shown<'_>) -> Markup {
    let all = shown
        .trial
        .clients
        .iter()
        .flat_map(|client| client.reconnects.iter().map(move |reconnect| (&client.client, reconnect)));
    let touched: Vec<(&String, &Reconnect)> = all.filter(|(_, reconnect)| touches(reconnect)).collect();
    html! {
        h4 { (shown.label) }
        @if touched.is_empty() {
            p class="absent" { "No client noticed a fault." }
        }
        @for (client, reconnect) in touched { (way_back(client, reconnect)) }
    }
}

fn way_back(client: &str, reconnect: &Reconnect) -> Markup {
    html! {
        // What broke a rule is open for who scrolls by; the rest is there for who asks.
        details class="client" open[reconnect.never_returned || reconnect.outside_envelope > 0] {
            summary {
                b { (one_line(client)) } " · " (one_line(&reconnect.fault)) ": "
                span class=[(reconnect.never_returned).then_some("alarm")] { (ending(reconnect)) }
                ", " (number::of(reconnect.attempts.len(), "attempt"))
                @if reconnect.outside_envelope > 0 {
                    ", " span class="alarm" { (number::count(reconnect.outside_envelope)) " outside the allowed waits" }
                }
            }
            (attempts(reconnect))
        }
    }
}

fn ending(reconnect: &Reconnect) -> String {
    if reconnect.never_returned {
        return format!("not back within {} of the heal", reconnect.watched_ns);
    }
    if let Some(why) = &reconnect.cut_short {
        return format!("still away when {}", one_line(why));
    }
    let since = |what: &str, value: Option<Nanos>| value.map(|value| format!("{what} {value} after the heal"));
    let last = several(reconnect).map_or_else(String::new, |peer| format!(" (the last connection was {peer})"));
    let connected = since("connected", reconnect.connected_ns).map(|told| told + &last);
    let told = [connected, since("working", reconnect.first_success_ns)];
    let told: Vec<String> = told.into_iter().flatten().collect();
    if told.is_empty() { "kept its connection".to_owned() } else { told.join(", ") }
}

fn attempts(reconnect: &Reconnect) -> Markup {
    if reconnect.attempts.is_empty() {
        return html! { p class="absent" { "No attempt was recorded." } };
    }
    let first_error = reconnect.first_error_ns.map(|at| format!("First error {at} after the injection."));
    let table = html! {
        table {
            thead { tr {
                @for heading in ["#", "Connection", "Since the injection", "Waited", "Allowed", "Result"] { th scope="col" { (heading) } }
            } }
            tbody { @for (index, attempt) in reconnect.attempts.iter().enumerate() { (attempt_row(index + 1, attempt)) } }
        }
    };
    html! {
        @if let Some(told) = first_error { p class="quiet" { (told) } }
        (scrolling("Connection attempts", &table))
    }
}

fn attempt_row(number: usize, attempt: &Attempt) -> Markup {
    let allowed = attempt.allowed_ns.map_or_else(|| ABSENT.to_owned(), |(from, to)| format!("{from} to {to}"));
    html! {
        tr {
            th scope="row" { (number) }
            td { (one_line(&attempt.peer)) }
            td class="figure" { (attempt.at_ns) }
            td class="figure" {
                span class=[(!attempt.within).then_some("alarm")] { (number::time(attempt.wait_ns)) }
                @if !attempt.within { span class="hidden" { " (outside the allowed waits)" } }
            }
            td class="figure" { (allowed) }
            td {
                @if attempt.succeeded { "connected" } @else { "failed" }
                @if let Some(error) = &attempt.error { span class="quiet" { ": " (one_line(error)) } }
            }
        }
    }
}
