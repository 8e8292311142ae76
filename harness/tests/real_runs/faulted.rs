//! The workload that most tests of faults put on a broker: 300 a second, and clients that come back soon.

pub(crate) const REDIS: &str = "[[systems]]\nname = \"redis\"\nredis-streams = {}";
pub(crate) const KAFKA: &str = "[[systems]]\nname = \"kafka\"\nkafka = {}";

/// A scenario with this load, request timeout, and systems and faults as TOML.
pub(crate) fn scenario(load: &str, request_timeout: &str, systems: &[&str], faults: &str) -> String {
    let systems = systems.join("\n\n");
    format!(
        r#"
title = "Faults"

[workload]
rate       = {{ constant = {{ per-second = 300 }} }}
message    = {{ size = "256B" }}
producers  = 2
consumers  = 2
partitions = 2

[phases]
warmup = "1s"
load   = "{load}"
drain  = "60s"

[client]
connect-timeout = "1s"
request-timeout = "{request_timeout}"
heartbeat       = {{ every = "1s", timeout = "1s", misses = 3 }}
backoff         = {{ first = "200ms", factor = 2.0, max = "1s", jitter = 0.2 }}

{systems}

{faults}
"#
    )
}
