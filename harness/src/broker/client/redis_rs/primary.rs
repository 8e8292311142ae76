//! Where the primary is: always at one address, or where the Sentinels say.
//!
//! redis-rs has a Sentinel client of its own, but none that keeps the scenario's backoff and takes a client's own path through the
//! proxy. So Sentinels are asked here: each in turn, at every attempt to connect; the node that they name is looked up among those
//! that the run has given, with the addresses of this client's paths; and it must itself say that it is the primary.

use crate::broker::redis_streams::connection::{client, sign_of_life};
use crate::broker::redis_streams::{layout, sentinel};
use crate::model::{BrokerError, Endpoint};
use crate::worker::protocol::ConnectionSpec;
use redis::{Client, RedisError, RedisResult, Value};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

/// The setting by which a client is told that there are Sentinels: the name under which they know the primary.
pub(super) const SENTINEL_MASTER: &str = "sentinel-master";
/// How a server answers a write that is no primary, or that ceases to be one while a read is under way.
const DEMOTED: [&str; 2] = ["READONLY", "UNBLOCKED"];

/// Where the primary is. Clones know the same.
#[derive(Clone, Debug)]
pub(super) enum Primary {
    /// Always there.
    Fixed(Client),
    /// Where Sentinels say.
    Followed(Arc<Followed>),
}

/// What is known of a system with Sentinels.
#[derive(Debug)]
pub(super) struct Followed {
    sentinels: Vec<Client>,
    nodes: Vec<(Endpoint, Client)>,
    /// Which Sentinel answered last.
    answered: AtomicUsize,
}

impl Primary {
    /// As the assignment says.
    ///
    /// # Errors
    /// An address is none.
    pub(super) fn of(connection: &ConnectionSpec) -> Result<Self, BrokerError> {
        if !connection.settings.contains_key(SENTINEL_MASTER) {
            return client(&connection.address).map(Self::Fixed);
        }
        let (mut sentinels, mut nodes) = (Vec::new(), Vec::new());
        for node in &connection.nodes {
            let client = client(&node.address)?;
            match layout::is_sentinel(&node.node) {
                true => sentinels.push(client),
                false => nodes.push((node.clone(), client)),
            }
        }
        Ok(Self::Followed(Arc::new(Followed { sentinels, nodes, answered: AtomicUsize::new(0) })))
    }

    /// The primary of the moment. Blocks while Sentinels are asked, up to `patience` in all.
    ///
    /// # Errors
    /// None says which node it is.
    pub(super) fn find(&self, patience: Duration) -> RedisResult<Client> {
        match self {
            Self::Fixed(client) => Ok(client.clone()),
            Self::Followed(followed) => followed.find(patience),
        }
    }

    /// As [`Self::find`], for who must not block.
    ///
    /// # Errors
    /// As there.
    pub(super) async fn found(&self, patience: Duration) -> RedisResult<Client> {
        match self {
            Self::Fixed(client) => Ok(client.clone()),
            Self::Followed(followed) => {
                let followed = Arc::clone(followed);
                let found = tokio::task::spawn_blocking(move || followed.find(patience)).await;
                found.unwrap_or_else(|error| Err(std::io::Error::other(error.to_string()).into()))
            }
        }
    }

    /// What a new connection is asked first: for a sign of life, and where a node may have ceased to be the primary, what it is.
    pub(super) fn greeting(&self) -> redis::Cmd {
        match self {
            Self::Fixed(_) => sign_of_life(),
            Self::Followed(_) => redis::cmd("ROLE"),
        }
    }

    /// Whether the answer to the greeting is that of a primary.
    ///
    /// # Errors
    /// It is not.
    pub(super) fn welcomed(&self, answer: &Value) -> RedisResult<()> {
        let is_primary = match (self, answer) {
            (Self::Fixed(_), _) => true,
            (Self::Followed(_), Value::Array(parts)) => {
                matches!(parts.first(), Some(Value::BulkString(role)) if role == b"master")
            }
            (Self::Followed(_), _) => false,
        };
        if is_primary { Ok(()) } else { Err(std::io::Error::other("not the primary").into()) }
    }

    /// Whether a server's answer says that the primary is to be looked for again. To a transaction it says so of the commands in it.
    pub(super) fn is_demotion(&self, error: &RedisError) -> bool {
        let says = |code: &str| DEMOTED.contains(&code);
        let each = || error.clone().into_server_errors();
        let any_says = || each().is_some_and(|errors| errors.iter().any(|(_, error)| says(error.code())));
        matches!(self, Self::Followed(_)) && (error.code().is_some_and(says) || any_says())
    }
}

impl Followed {
    fn find(&self, patience: Duration) -> RedisResult<Client> {
        let count = self.sentinels.len().max(1);
        let share = patience / u32::try_from(count).unwrap_or(1);
        let first = self.answered.load(Relaxed);
        let mut last = std::io::Error::other("no Sentinel answers").into();
        for index in (0..count).map(|step| (first + step) % count) {
            let Some(sentinel) = self.sentinels.get(index) else { continue };
            match ask(sentinel, share) {
                Ok(answer) => {
                    self.answered.store(index, Relaxed);
                    return self.meant(answer);
                }
                Err(error) if error.is_connection_refusal() || error.is_timeout() => {}
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    fn meant(&self, answer: Option<(String, u16)>) -> RedisResult<Client> {
        let nodes: Vec<Endpoint> = self.nodes.iter().map(|(node, _)| node.clone()).collect();
        let found = sentinel::primary(answer, &nodes)?;
        let known = self.nodes.iter().find(|(node, _)| node == found);
        known.map(|(_, client)| client.clone()).ok_or_else(|| std::io::Error::other("no primary").into())
    }
}

fn ask(sentinel: &Client, patience: Duration) -> RedisResult<Option<(String, u16)>> {
    let mut connection = sentinel.get_connection_with_timeout(patience)?;
    connection.set_read_timeout(Some(patience))?;
    connection.set_write_timeout(Some(patience))?;
    sentinel::whereabouts().query(&mut connection)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::worker::protocol::tests::connection;
    use std::collections::BTreeMap;
    use std::io::{BufRead, BufReader, Write};
    use std::net::TcpListener;

    /// Something that listens, and gives everybody the same answer to whatever is asked.
    fn answering(answer: &'static str) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").expect("bound");
        let address = listener.local_addr().expect("an address").to_string();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let mut lines = BufReader::new(stream.try_clone().expect("cloned")).lines().map_while(Result::ok);
                let mut stream = stream;
                while lines.any(|line| line.eq_ignore_ascii_case("harness")) {
                    let _ = stream.write_all(answer.as_bytes());
                }
            }
        });
        address
    }

    fn followed(sentinels: &[String], nodes: &[(&str, &str, &str)]) -> Primary {
        let sentinels = sentinels.iter().enumerate();
        let sentinels = sentinels.map(|(index, address)| Endpoint::new(&format!("sentinel-{index}"), address.clone()));
        let nodes = nodes.iter().map(|(node, address, announced)| Endpoint {
            announced: Some((*announced).to_owned()),
            ..Endpoint::new(node, (*address).to_owned())
        });
        let spec = ConnectionSpec {
            nodes: nodes.chain(sentinels).collect(),
            settings: BTreeMap::from([(SENTINEL_MASTER.to_owned(), "harness".to_owned())]),
            ..connection("redis-streams", "redis-rs")
        };
        Primary::of(&spec).expect("addresses")
    }

    const NODES: &[(&str, &str, &str)] =
        &[("redis-0", "127.0.0.1:11", "127.0.0.1:21"), ("redis-1", "127.0.0.1:12", "127.0.0.1:22")];
    const SECOND: &str = "*2\r\n$9\r\n127.0.0.1\r\n$2\r\n22\r\n";

    fn found(primary: &Primary) -> Result<String, String> {
        let found = primary.find(Duration::from_secs(20));
        found.map(|client| client.get_connection_info().addr().to_string()).map_err(|error| error.to_string())
    }

    #[test]
    fn the_node_that_a_sentinel_names_is_reached_over_the_clients_own_path() {
        let primary = followed(&["127.0.0.1:1".to_owned(), answering(SECOND)], NODES);
        assert_eq!(found(&primary).as_deref(), Ok("127.0.0.1:12"), "the first Sentinel is not there");
    }

    #[test]
    fn where_no_sentinel_answers_or_knows_a_primary_that_is_said() {
        let error = found(&followed(&["127.0.0.1:1".to_owned()], NODES)).expect_err("nobody");
        assert!(error.contains("no Sentinel answers"), "{error}");
        let error = found(&followed(&[answering("*-1\r\n")], NODES)).expect_err("no primary");
        assert!(error.contains("knows of no primary"), "{error}");
    }

    #[test]
    fn only_a_primary_is_taken_and_a_demoted_one_is_left() {
        let primary = followed(&[], NODES);
        let role = |word: &str| Value::Array(vec![Value::BulkString(word.as_bytes().to_vec())]);
        assert!(primary.welcomed(&role("master")).is_ok());
        assert!(primary.welcomed(&role("slave")).is_err());
        let refused = |line: &[u8]| match redis::parse_redis_value(line) {
            Ok(Value::ServerError(error)) => RedisError::from(error),
            other => panic!("{other:?}"),
        };
        let fixed = Primary::of(&connection("redis-streams", "redis-rs")).expect("an address");
        let readonly = refused(b"-READONLY You can't write against a read only replica.\r\n");
        assert!(primary.is_demotion(&readonly) && !fixed.is_demotion(&readonly));
        assert!(!primary.is_demotion(&refused(b"-OOM command not allowed\r\n")));
    }

    #[test]
    fn a_transaction_that_a_demoted_one_aborts_tells_of_it() {
        let aborted = |answer: &'static str| {
            let client = client(&answering(answer)).expect("an address");
            let mut connection = client.get_connection().expect("connected");
            connection.set_read_timeout(Some(Duration::from_secs(20))).expect("set");
            let mut transaction = redis::pipe();
            transaction.atomic().cmd("XADD").arg("harness");
            transaction.query::<Value>(&mut connection).expect_err("aborted")
        };
        let primary = followed(&[], NODES);
        assert!(primary.is_demotion(&aborted("+OK\r\n-READONLY no\r\n-EXECABORT no\r\n")));
        assert!(!primary.is_demotion(&aborted("+OK\r\n-OOM no\r\n-EXECABORT no\r\n")));
    }
}
