//! `external`: a system that somebody else runs, and what can then not be asked for.

use crate::broker::Broker;
use crate::model::{External, Listener};
use crate::scenario::problem::Finding;
use crate::scenario::reading::ScenarioReading;
use crate::scenario::section::Section;
use reports::facts::Path;

const KEY: &str = "external";
/// Keys of every broker's table that say how to start it.
const STARTING: [&str; 3] = ["image", "brokers", "durability"];
/// Raw settings of the server begin so.
const SERVER: &str = "server.";
/// Where our proxy can listen.
const HERE: [&str; 2] = ["127.0.0.1", "localhost"];

/// The address of a system that somebody else runs; `None`: the harness starts it.
pub(super) fn read(section: &mut Section<'_>, reading: &mut ScenarioReading) -> Option<External> {
    if !section.present().any(|entry| entry.key == KEY) {
        section.know(reading, KEY);
        return None;
    }
    let mut inner = section.section(reading, KEY);
    let address: Option<String> = inner.required(reading, "address");
    let listener: Option<String> = inner.get(reading, "listener");
    let advertised: Option<String> = inner.get(reading, "advertised");
    for (key, value) in [("address", &address), ("listener", &listener), ("advertised", &advertised)] {
        if let Some(value) = value.as_deref().filter(|value| parts(value).is_none()) {
            let message = format!("`{value}` is no address");
            inner.blame(reading, key, message, "not HOST:PORT", "write a host and a port, as in \"10.0.0.5:6379\"");
        }
    }
    if let Some((host, _)) = advertised.as_deref().and_then(parts).filter(|(host, _)| !HERE.contains(host)) {
        let message = format!("the proxy listens on this machine, and {host} may be another");
        let help = "let the broker's listener advertise a port of this machine, as in \"127.0.0.1:19094\"";
        inner.blame(reading, "advertised", message, "not 127.0.0.1", help);
    }
    let is_half_told = listener.is_some() != advertised.is_some();
    if is_half_told {
        let (given, other) = if listener.is_some() { ("listener", "advertised") } else { ("advertised", "listener") };
        let help = format!(
            "give both: `listener` is where the proxy leads to, `advertised` where the proxy listens; or leave out `{given}`"
        );
        inner.blame(reading, given, format!("`{given}` needs `{other}` beside it"), "one without the other", &help);
    }
    inner.finish(reading);
    let listener = listener.zip(advertised).and_then(|(address, advertised)| {
        let (_, advertised) = parts(&advertised)?;
        Some(Listener { address, advertised })
    });
    // Of a half no second error is to follow.
    if is_half_told { None } else { Some(External { address: address?, listener }) }
}

/// Says what cannot be had of a broker that somebody else runs. `section` is the broker's own table.
pub(super) fn refuse(section: &Section<'_>, broker: &dyn Broker, reading: &mut ScenarioReading) {
    let starts = |key: &str| STARTING.contains(&key) || broker.launch_options().contains(&key);
    for entry in section.present().filter(|entry| starts(&entry.key)) {
        let message = format!("`{}` says how to start a broker, and this one is started by somebody else", entry.key);
        section.blame(
            reading,
            &entry.key,
            message,
            "not to be had",
            "leave it out: the broker keeps what it is set to",
        );
    }
    let settings =
        section.present().find(|entry| entry.key == "settings").and_then(|entry| entry.node.value.as_table());
    for entry in settings.iter().flat_map(|table| &table.entries).filter(|entry| entry.key.starts_with(SERVER)) {
        reading.find(
            Finding::at(
                Some(entry.key_place),
                format!("`{}` is a setting of a server that somebody else has set up", entry.key),
            )
            .note("not to be had")
            .help("leave it out, and set it where the broker is started"),
        );
    }
}

/// Says where clients could not be led through the proxy.
pub(super) fn must_lead_through_the_proxy(
    section: &Section<'_>,
    external: &External,
    broker: &dyn Broker,
    path: Path,
    reading: &mut ScenarioReading,
) {
    if path == Path::Proxied && broker.advertises() && external.listener.is_none() {
        section.blame(
            reading,
            KEY,
            format!("clients of `{}` go on to the address that the broker advertises, past the proxy", broker.kind()),
            "no listener for the proxy",
            "write path = \"direct\"; or give the broker a listener that advertises a port of this machine, and declare both: \
             listener = \"HOST:PORT\", advertised = \"127.0.0.1:PORT\"",
        );
    }
}

/// Host and port.
fn parts(address: &str) -> Option<(&str, u16)> {
    let (host, port) = address.rsplit_once(':')?;
    let port: u16 = port.parse().ok().filter(|&port| port > 0)?;
    let is_host = !host.is_empty() && !host.contains(char::is_whitespace) && !host.contains("//");
    is_host.then_some((host, port))
}
