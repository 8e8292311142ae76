//! `[workload]`: what is sent, how fast, by whom.

use super::{keys, message};
use crate::model::{AckMode, Rate, Workload};
use crate::scenario::reading::ScenarioReading;
use crate::scenario::section::Section;
use std::time::Duration;

const HIGHEST_RATE: f64 = 10_000_000.0;
/// How a rate may look.
const RATE: &str = "{ constant = { per-second = 2000 } }";
const KINDS: [&str; 6] = ["constant", "poisson", "steps", "ramp", "burst", "unlimited"];
const ACK_MODES: [(&str, AckMode); 3] = [
    ("after-processing", AckMode::AfterProcessing),
    ("before-processing", AckMode::BeforeProcessing),
    ("never", AckMode::Never),
];

pub(super) fn read(top: &mut Section<'_>, reading: &mut ScenarioReading) -> Workload {
    let mut section = top.section(reading, "workload");
    let rate = rate(&mut section, reading);
    let keys = keys::read(&mut section, reading);
    let message = message::read(&mut section, reading, keys.is_some());
    let producers = at_least_one(&mut section, reading, "producers");
    let consumers = section.or(reading, "consumers", 1_u16);
    let partitions = at_least_one(&mut section, reading, "partitions");
    let in_flight = section.or(reading, "in-flight", 1024_usize);
    if !(1..=1_000_000).contains(&in_flight) {
        section.blame(
            reading,
            "in-flight",
            format!("`workload.in-flight` cannot be {in_flight}"),
            "out of bounds",
            "write 1 to 1000000; it bounds what one producer has under way",
        );
    }
    let ack = section.word(reading, "ack", &ACK_MODES, 0);
    let processing = section.or(reading, "processing", Duration::ZERO);
    section.finish(reading);
    Workload {
        // Where the rate is wrong, that has been found, and nobody will see this one.
        rate: rate.unwrap_or(Rate::Constant { per_second: 1.0 }),
        message_bytes: message.largest,
        smallest_bytes: message.smallest,
        compressibility: message.compressibility,
        records: message.records,
        headers: message.headers,
        keys,
        producers,
        consumers,
        partitions,
        in_flight,
        ack,
        processing,
    }
}

fn at_least_one(section: &mut Section<'_>, reading: &mut ScenarioReading, key: &str) -> u16 {
    let count = section.or(reading, key, 1_u16);
    if count == 0 {
        let message = format!("a workload needs {key}");
        section.blame(reading, key, message, "at least one", &format!("write {key} = 1 or more"));
    }
    count
}

fn rate(workload: &mut Section<'_>, reading: &mut ScenarioReading) -> Option<Rate> {
    let mut section = workload.section_like(reading, "rate", RATE);
    if section.place().is_none() && !workload.is_broken(reading) {
        reading.find(
            crate::scenario::problem::Finding::at(workload.place(), "`workload.rate` is missing")
                .note("`rate` belongs in here")
                .help(format!("add rate = {RATE}")),
        );
    }
    let kind = if section.place().is_some() { section.tag(reading, "rate", &KINDS) } else { None };
    let rate = kind.and_then(|kind| {
        let mut inner = section.section(reading, kind);
        let rate = shape(kind, &mut inner, reading);
        inner.finish(reading);
        let silent = rate.as_ref().is_some_and(Rate::is_silent);
        if silent {
            section.blame(
                reading,
                kind,
                "with this rate no message is ever sent",
                "zero throughout",
                "make it above zero at some time",
            );
        }
        rate.filter(|_| !silent)
    });
    if section.place().is_some() {
        section.finish(reading);
    }
    rate
}

fn shape(kind: &str, section: &mut Section<'_>, reading: &mut ScenarioReading) -> Option<Rate> {
    match kind {
        "constant" => Some(Rate::Constant { per_second: per_second(section, reading, "per-second")? }),
        "poisson" => Some(Rate::Poisson { per_second: per_second(section, reading, "per-second")? }),
        "steps" => steps(section, reading),
        "ramp" => {
            let (from, to) = (per_second_or_none(section, reading, "from"), per_second_or_none(section, reading, "to"));
            Some(Rate::Ramp { from: from?, to: to? })
        }
        "burst" => burst(section, reading),
        _ => Some(Rate::Unlimited),
    }
}

fn steps(section: &mut Section<'_>, reading: &mut ScenarioReading) -> Option<Rate> {
    let rates: Option<Vec<f64>> = section.required(reading, "per-second");
    let each: Option<Duration> = section.required(reading, "each");
    let (rates, each) = (rates?, each?);
    if rates.is_empty() {
        section.blame(reading, "per-second", "steps without a step", "empty", "write it as in [1000, 2000, 4000]");
        return None;
    }
    for rate in &rates {
        is_rate_or_none(*rate, section, reading, "per-second")?;
    }
    if each.is_zero() {
        section.blame(reading, "each", "a step lasts no time", "zero", "write at least \"1s\"");
    }
    Some(Rate::Steps { per_second: rates, each })
}

fn burst(section: &mut Section<'_>, reading: &mut ScenarioReading) -> Option<Rate> {
    let (base, peak) = (per_second_or_none(section, reading, "base"), per_second(section, reading, "peak"));
    let every: Option<Duration> = section.required(reading, "every");
    let lasts: Option<Duration> = section.required(reading, "lasts");
    let (every, lasts) = (every?, lasts?);
    if lasts.is_zero() || lasts >= every {
        section.blame(
            reading,
            "lasts",
            "a burst must last some time, and end before the next begins",
            "not between zero and `every`",
            "make `lasts` longer than \"0s\" and shorter than `every`",
        );
        return None;
    }
    Some(Rate::Burst { base: base?, peak: peak?, every, lasts })
}

fn per_second(section: &mut Section<'_>, reading: &mut ScenarioReading, key: &str) -> Option<f64> {
    let rate = section.required(reading, key)?;
    is_rate(rate, section, reading, key)
}

/// The same for a rate of a part of the time, which may be none.
fn per_second_or_none(section: &mut Section<'_>, reading: &mut ScenarioReading, key: &str) -> Option<f64> {
    let rate = section.required(reading, key)?;
    is_rate_or_none(rate, section, reading, key)
}

fn is_rate_or_none(rate: f64, section: &Section<'_>, reading: &mut ScenarioReading, key: &str) -> Option<f64> {
    if rate == 0.0 { Some(0.0) } else { is_rate(rate, section, reading, key) }
}

fn is_rate(rate: f64, section: &Section<'_>, reading: &mut ScenarioReading, key: &str) -> Option<f64> {
    if rate.is_finite() && rate > 0.0 && rate <= HIGHEST_RATE {
        return Some(rate);
    }
    let note = if rate > HIGHEST_RATE { "too fast" } else { "not above zero" };
    let message = format!("a rate of {rate} messages a second cannot be sent");
    section.blame(reading, key, message, note, "write a number above 0 and up to 10000000, as in 2000");
    None
}
