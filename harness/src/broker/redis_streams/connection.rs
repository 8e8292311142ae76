//! Connections to Redis by the scenario's policy, and words for what goes wrong with them.

use crate::model::BrokerError;
use crate::worker::protocol::Policy;
use redis::io::tcp::TcpSettings;
use redis::{Client, IntoConnectionInfo, RedisError};
use std::time::Duration;

/// A client for `host:port` with TCP_NODELAY on. It sends nothing when connecting, so that the first answer that a caller
/// waits for is that of its own question: a stopped server, or a proxy that lets nothing through, still accepts connections.
pub(in crate::broker) fn client(address: &str) -> Result<Client, BrokerError> {
    let wrong = |error: RedisError| BrokerError(format!("{address} is not a Redis address: {error}"));
    let info = format!("redis://{address}").into_connection_info().map_err(wrong)?;
    let settings = info.redis_settings().clone().set_skip_set_lib_name();
    let info = info.set_redis_settings(settings).set_tcp_settings(TcpSettings::default().set_nodelay(true));
    Client::open(info).map_err(wrong)
}

/// Why a request ended whose connection was given up meanwhile.
pub(in crate::broker) const GIVEN_UP: &str = "its connection was given up";

/// Asks for a sign of life that says, too, that the server serves. PING would not do: it is refused where the disk is full, though
/// what is there can be read; and a server that loads its data still answers ECHO.
pub(in crate::broker) fn sign_of_life() -> redis::Cmd {
    redis::cmd("DBSIZE")
}

/// Whether the server itself answered so: then the connection is sound.
pub(in crate::broker) fn is_answer(error: &RedisError) -> bool {
    error.code().is_some()
}

/// A short, stable text for an error: no addresses, no times. Of what the server says, its code and its first sentence.
pub(in crate::broker) fn describe(error: &RedisError) -> String {
    if error.is_timeout() {
        "timed out".to_owned()
    } else if error.is_connection_refusal() {
        "connection refused".to_owned()
    } else if let Some(code) = error.code() {
        format!("{code} {}", first_sentence(error.detail().unwrap_or_default())).trim_end().to_owned()
    } else if error.is_connection_dropped() || error.is_io_error() {
        io_words(&error.to_string())
    } else {
        error.to_string()
    }
}

/// Without its full stop, and cut where it is long: a reason is counted by its words.
fn first_sentence(text: &str) -> String {
    const LONGEST: usize = 100;
    let sentence = text.split(". ").next().unwrap_or_default().trim_end_matches('.');
    match sentence.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &sentence[..end]),
        None => sentence.to_owned(),
    }
}

fn io_words(text: &str) -> String {
    let known = [
        "connection reset",
        "broken pipe",
        "not connected",
        "unexpected end of file",
        "not the primary",
        "no sentinel answers",
        "knows of no primary",
        GIVEN_UP,
    ];
    let lower = text.to_lowercase();
    known
        .iter()
        .find(|words| lower.contains(*words))
        .map_or_else(|| "connection lost".to_owned(), |words| (*words).to_owned())
}

/// Limits of one attempt.
pub(in crate::broker) fn connect_timeout(policy: &Policy) -> Duration {
    policy.connect_timeout_ns.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Error, ErrorKind};

    fn io(kind: ErrorKind) -> RedisError {
        RedisError::from(Error::from(kind))
    }

    #[test]
    fn errors_are_told_in_few_words_that_do_not_change() {
        assert_eq!(describe(&io(ErrorKind::ConnectionRefused)), "connection refused");
        assert_eq!(describe(&io(ErrorKind::TimedOut)), "timed out");
        assert_eq!(describe(&io(ErrorKind::ConnectionReset)), "connection reset");
        assert_eq!(describe(&io(ErrorKind::BrokenPipe)), "broken pipe");
        assert_eq!(describe(&io(ErrorKind::UnexpectedEof)), "unexpected end of file");
    }

    #[test]
    fn an_error_of_an_unknown_kind_names_no_address_and_no_time() {
        let error = RedisError::from(Error::other("10.1.2.3:6379 was gone at 12:34"));
        assert_eq!(describe(&error), "connection lost");
    }

    /// What the server says no with.
    fn refusal(line: &str) -> RedisError {
        match redis::parse_redis_value(format!("-{line}\r\n").as_bytes()) {
            Ok(redis::Value::ServerError(error)) => RedisError::from(error),
            Ok(other) => panic!("{other:?}"),
            Err(error) => error,
        }
    }

    #[test]
    fn a_refusal_of_the_server_keeps_its_code_and_its_first_sentence() {
        for (line, words) in [
            (
                "OOM command not allowed when used memory > 'maxmemory'.",
                "OOM command not allowed when used memory > 'maxmemory'",
            ),
            (
                "MISCONF Errors writing to the AOF file: No space left on device",
                "MISCONF Errors writing to the AOF file: No space left on device",
            ),
            (
                "READONLY You can't write against a read only replica.",
                "READONLY You can't write against a read only replica",
            ),
            ("ERR unknown command. Look at the manual. Twice.", "ERR unknown command"),
            ("LOADING", "LOADING"),
        ] {
            assert_eq!(describe(&refusal(line)), words);
        }
        let long = describe(&refusal(&format!("ERR {}", "é".repeat(300))));
        assert_eq!((long.chars().count(), long.chars().last()), (105, Some('…')));
    }

    #[test]
    fn an_answer_leaves_the_connection_sound_and_anything_else_does_not() {
        for line in ["NOGROUP No such key", "OOM command not allowed", "LOADING Redis is loading", "ERR no"] {
            assert!(is_answer(&refusal(line)), "{line}");
        }
        for kind in [ErrorKind::TimedOut, ErrorKind::ConnectionReset, ErrorKind::UnexpectedEof, ErrorKind::WouldBlock] {
            assert!(!is_answer(&io(kind)), "{kind:?}");
        }
        let garbage = redis::parse_redis_value(b"?what\r\n").expect_err("no answer");
        assert!(!is_answer(&garbage), "{garbage:?}");
    }

    #[test]
    fn an_address_that_is_none_is_named() {
        let error = client("127.0.0.1:port").expect_err("no port").to_string();
        assert!(error.contains("127.0.0.1:port is not a Redis address"), "{error}");
        assert!(client("127.0.0.1:6379").is_ok());
    }
}
