//! Whether the engine's containers can be reached from here: they listen on the 127.0.0.1 of the engine's machine.

use super::EnvironmentError;
use super::engine::Engine;

const LOOPBACKS: [&str; 4] = ["localhost", "127.0.0.1", "[::1]", "0.0.0.0"];

/// Says so where they cannot be reached: the engine is on another machine, or the harness is itself in a container beside
/// it, with a network of its own.
pub(super) async fn must_share_the_network(engine: &Engine) -> Result<(), EnvironmentError> {
    if let Some(address) = std::env::var("DOCKER_HOST").ok().filter(|address| is_elsewhere(address)) {
        return Err(EnvironmentError::step(
            format!(
                "the container engine at DOCKER_HOST={address} is on another machine, where brokers would listen on 127.0.0.1"
            ),
            "run the harness on that machine; or `--environment processes`, which needs no engine",
        ));
    }
    let mounts = std::fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    for id in own_containers(&mounts, name.trim()) {
        match engine.network_of(&id).await {
            Some(network) if network != "host" => return Err(apart(&id, &network)),
            _ => {}
        }
    }
    Ok(())
}

fn apart(id: &str, network: &str) -> EnvironmentError {
    let short = id.get(..12).unwrap_or(id);
    EnvironmentError::step(
        format!(
            "the harness runs in the container {short}, whose network is {network:?}, beside an engine that starts brokers on \
             the 127.0.0.1 of its own machine: they could not be reached"
        ),
        "start this container with `--network host`; or run an engine within it; or `--environment processes`",
    )
}

/// Whether an engine's address names another machine. Sockets are here, whatever is behind them.
fn is_elsewhere(address: &str) -> bool {
    let Some((scheme, rest)) = address.split_once("://") else { return false };
    let authority = rest.split('/').next().unwrap_or_default();
    let authority = authority.rsplit('@').next().unwrap_or_default();
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    ["tcp", "http", "https", "ssh"].contains(&scheme) && !LOOPBACKS.contains(&host)
}

/// The containers that this process may run in, as an engine beside it would call them: engines mount files of a
/// container's folder into it, and name it after its id unless told otherwise.
fn own_containers(mounts: &str, hostname: &str) -> Vec<String> {
    let is_id = |part: &&str| part.len() == 64 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    let of_mounts = mounts.lines().filter(|line| line.contains("/etc/hostname") || line.contains("/etc/resolv.conf"));
    let mut ids: Vec<String> =
        of_mounts.flat_map(|line| line.split(['/', ' ']).filter(is_id)).map(str::to_owned).collect();
    ids.dedup();
    let is_short_id = hostname.len() == 12 && hostname.bytes().all(|byte| byte.is_ascii_hexdigit());
    if ids.is_empty() && is_short_id {
        ids.push(hostname.to_owned());
    }
    ids
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_engine_behind_a_socket_or_a_loopback_is_here_and_another_host_is_not() {
        for here in
            ["unix:///var/run/docker.sock", "tcp://127.0.0.1:2375", "tcp://localhost:2375", "npipe:////./pipe/x"]
        {
            assert!(!is_elsewhere(here), "{here}");
        }
        for there in ["tcp://10.0.0.7:2376", "ssh://me@builder", "https://engine.example:2376/x"] {
            assert!(is_elsewhere(there), "{there}");
        }
    }

    #[test]
    fn the_container_around_us_is_known_by_its_mounts_or_by_its_name() {
        let id = "0123456789abcdef".repeat(4);
        let mounts = format!(
            "36 35 98:0 / / rw - overlay overlay rw\n\
             37 36 98:0 /var/lib/docker/containers/{id}/hostname /etc/hostname rw - ext4 /dev/a rw\n"
        );
        assert_eq!(own_containers(&mounts, "web"), [id]);
        assert_eq!(own_containers("", "0123456789ab"), ["0123456789ab"]);
        assert_eq!(own_containers("36 35 98:0 / / rw - ext4 /dev/a rw\n", "laptop"), Vec::<String>::new());
    }

    #[test]
    fn what_is_wrong_names_the_network_and_the_ways_out() {
        let error = apart("0123456789abcdef", "bridge");
        let help = miette::Diagnostic::help(&error).expect("a way out").to_string();
        assert!(error.to_string().contains("0123456789ab,") && error.to_string().contains("bridge"), "{error}");
        assert!(help.contains("--network host") && help.contains("processes"), "{help}");
    }
}
