//! Settings that librdkafka would refuse only when a client is created, or would take and then not do what is asked for.

use super::configuration::HARNESS_PREFIX;
use super::settings;
use crate::broker::contradiction::{Contradiction, Key};
use crate::broker::kafka::options;
use crate::broker::refusal::Refusal;
use crate::model::{ClientPolicy, Role, SystemSpec, Workload};
use rdkafka::ClientConfig;
use rdkafka::config::FromClientConfig;
use rdkafka::consumer::BaseConsumer;
use rdkafka::error::KafkaError;
use rdkafka::producer::BaseProducer;
use std::collections::BTreeMap;

/// Settings that only the classic group protocol knows.
const CLASSIC: [&str; 3] = ["session.timeout.ms", "heartbeat.interval.ms", "partition.assignment.strategy"];
/// Options that are settings too: whoever gives both must mean the same.
const SAID_TWICE: [(&str, &str); 7] = [
    ("acks", "acks"),
    ("idempotent", "enable.idempotence"),
    ("linger", "linger.ms"),
    ("delivery-timeout", "message.timeout.ms"),
    ("assignor", "partition.assignment.strategy"),
    (options::GROUP_PROTOCOL, "group.protocol"),
    ("offset-reset", "auto.offset.reset"),
];

/// A system and what its clients are given.
struct Given<'a> {
    system: &'a SystemSpec,
    producer: BTreeMap<String, String>,
    consumer: BTreeMap<String, String>,
}

pub(super) fn find(system: &SystemSpec, policy: &ClientPolicy, workload: &Workload) -> Vec<Contradiction> {
    let given = Given {
        system,
        producer: settings::client(system, policy, Role::Producer),
        consumer: settings::client(system, policy, Role::Consumer),
    };
    let mut found: Vec<Contradiction> = [
        given.idempotence(),
        given.linger(),
        given.static_member(workload),
        given.two_static_names(),
        given.auto_commit(),
        given.classic_settings(),
        given.message_size(),
    ]
    .into_iter()
    .flatten()
    .collect();
    found.extend(given.said_twice(policy));
    if found.is_empty() {
        found.extend(given.asked_of_the_library());
    }
    found
}

impl Given<'_> {
    /// Where these settings come from, raw ones first: they win.
    fn keys(&self, settings: &[&str], options: &[&'static str]) -> Vec<Key> {
        let spelled = settings
            .iter()
            .flat_map(|name| [format!("producer.{name}"), format!("consumer.{name}"), (*name).to_owned()]);
        let raw = spelled.filter(|name| self.system.settings.contains_key(name)).map(Key::Raw);
        raw.chain(options.iter().map(|name| Key::Option(name))).collect()
    }

    fn idempotence(&self) -> Option<Contradiction> {
        let acks = self.producer.get("acks")?;
        let idempotent = self.producer.get("enable.idempotence").is_some_and(|value| value == "true");
        (idempotent && !["all", "-1"].contains(&acks.as_str())).then(|| Contradiction {
            keys: self.keys(&["acks", "enable.idempotence"], &["acks", "idempotent"]),
            refusal: refuse(
                format!(
                    "acks = {acks} and an idempotent producer contradict each other: librdkafka starts no such client"
                ),
                "write acks = \"all\", or idempotent = false",
            ),
        })
    }

    fn linger(&self) -> Option<Contradiction> {
        let millis = |name: &str| self.producer.get(name).and_then(|text| text.parse::<f64>().ok());
        let (linger, timeout) = (millis("linger.ms")?, millis("message.timeout.ms")?);
        (timeout > 0.0 && linger >= timeout).then(|| Contradiction {
            keys: self.keys(&["linger.ms", "message.timeout.ms"], &["linger", "delivery-timeout"]),
            refusal: refuse(
                format!("linger is {linger} ms, but a message is given up after {timeout} ms"),
                "make `linger` shorter than `delivery-timeout`; by seconds, so that retries have time",
            ),
        })
    }

    fn static_member(&self, workload: &Workload) -> Option<Contradiction> {
        let member = self.consumer.get("group.instance.id").filter(|_| workload.consumers > 1)?;
        Some(Contradiction {
            keys: self.keys(&["group.instance.id"], &[]),
            refusal: refuse(
                format!(
                    "{} consumers cannot all be the static member {member:?}: the broker would fence off all but the last",
                    workload.consumers
                ),
                "leave it out and write `static-members = true`, by which each has its own name",
            ),
        })
    }

    fn two_static_names(&self) -> Option<Contradiction> {
        let raw = options::raw(self.system, Role::Consumer, &["group.instance.id"]);
        (raw.is_some() && options::static_members(self.system)).then(|| Contradiction {
            keys: self.keys(&["group.instance.id"], &[options::STATIC_MEMBERS]),
            refusal: refuse(
                "with static-members each consumer's group.instance.id is its own name".to_owned(),
                "leave one of them out",
            ),
        })
    }

    /// librdkafka tells nobody what became of what it committed by itself, so there would be no row of it.
    fn auto_commit(&self) -> Option<Contradiction> {
        let raw = options::raw(self.system, Role::Consumer, &["enable.auto.commit"])?;
        (raw == "true").then(|| Contradiction {
            keys: self.keys(&["enable.auto.commit"], &[]),
            refusal: refuse(
                "the harness commits by itself, at intervals of `commit-every`, so that each commit is in the history"
                    .to_owned(),
                "leave it out; ack = \"before-processing\" in [workload] commits what was received, as auto commit does",
            ),
        })
    }

    fn classic_settings(&self) -> Option<Contradiction> {
        let classic: Vec<&str> =
            CLASSIC.into_iter().filter(|name| options::raw(self.system, Role::Consumer, &[name]).is_some()).collect();
        let assignor = options::choice(self.system, "assignor").is_some_and(|word| word != "cooperative-sticky");
        (options::broker_assigns(self.system) && (assignor || !classic.is_empty())).then(|| Contradiction {
            keys: self.keys(&classic, if assignor { &["assignor"] } else { &[] }),
            refusal: refuse(
                "with group.protocol = consumer the broker assigns partitions and sets these times; librdkafka refuses them"
                    .to_owned(),
                "leave it out: the harness sets the times of [client] heartbeat at the broker; \"server.group.consumer.…\" sets others",
            ),
        })
    }

    fn message_size(&self) -> Option<Contradiction> {
        let bytes = self.system.demands.message_bytes;
        let too_small =
            |text: Option<&str>| text.and_then(|text| text.parse::<usize>().ok()).is_some_and(|limit| limit < bytes);
        let client = too_small(options::raw(self.system, Role::Producer, &["message.max.bytes"]));
        let broker = too_small(self.system.settings.get("server.message.max.bytes").map(String::as_str));
        (client || broker).then(|| {
            let mut keys = self.keys(&["message.max.bytes"], &[]);
            keys.retain(|_| client);
            keys.push(Key::Raw("server.message.max.bytes".to_owned()));
            let why = format!("messages of {bytes} bytes would all be refused: they are larger than message.max.bytes");
            Contradiction {
                keys,
                refusal: refuse(why, "leave it out: the harness sets what workload.message.size needs"),
            }
        })
    }

    /// An option and the raw setting behind it, with different values: only one of them can be meant.
    fn said_twice(&self, policy: &ClientPolicy) -> Vec<Contradiction> {
        let without = SystemSpec { settings: BTreeMap::new(), ..self.system.clone() };
        let by_option = |role| settings::client(&without, policy, role);
        let (producer, consumer) = (by_option(Role::Producer), by_option(Role::Consumer));
        let mut found = Vec::new();
        for (option, setting) in SAID_TWICE {
            let role = if producer.contains_key(setting) { Role::Producer } else { Role::Consumer };
            let optional = producer.get(setting).or_else(|| consumer.get(setting));
            let (Some(optional), Some(raw)) = (optional, options::raw(self.system, role, &[setting])) else { continue };
            if self.is_given(option) && raw != optional {
                found.push(Contradiction {
                    keys: self.keys(&[setting], &[]),
                    refusal: refuse(
                        format!("`{option}` means {setting} = {optional}, and this says {raw}: only one of them can be meant"),
                        &format!("leave one of them out; `{option}` is the option of the kafka table"),
                    ),
                });
            }
        }
        found
    }

    /// An option that is not what it is when nobody gives it.
    fn is_given(&self, option: &str) -> bool {
        let default = options::OPTIONS.iter().find(|spec| spec.name == option).map(|spec| &spec.default);
        self.system.options.get(option) != default
    }

    /// What librdkafka itself says when it is to make such clients. They are not told of any broker and connect to nothing.
    fn asked_of_the_library(&self) -> Option<Contradiction> {
        if self.system.settings.keys().all(|name| name.starts_with("server.")) {
            return None;
        }
        let why = refused::<BaseProducer>(&self.producer).or_else(|| refused::<BaseConsumer>(&self.consumer))?;
        let names = self.system.settings.keys().filter(|name| !name.starts_with("server."));
        Some(Contradiction {
            keys: names.map(|name| Key::Raw(name.clone())).collect(),
            refusal: refuse(
                format!("librdkafka creates no client with these settings: {why}"),
                "change or leave out one of them",
            ),
        })
    }
}

fn refused<C: FromClientConfig>(settings: &BTreeMap<String, String>) -> Option<String> {
    let mut config = ClientConfig::new();
    config.set("group.id", "harness").set_log_level(rdkafka::config::RDKafkaLogLevel::Emerg);
    for (name, value) in settings.iter().filter(|(name, _)| !name.starts_with(HARNESS_PREFIX)) {
        config.set(name, value);
    }
    match config.create::<C>() {
        Ok(_) => None,
        Err(KafkaError::ClientCreation(why)) => Some(why),
        Err(error) => Some(error.to_string()),
    }
}

fn refuse(why: String, instead: &str) -> Refusal {
    Refusal { why, instead: instead.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::broker::tests::scenario;
    use crate::model::OptionValue;

    /// What is found of a system with these raw settings and options, for this many consumers of messages of 16 MiB.
    fn found(settings: &[(&str, &str)], options: &[(&'static str, OptionValue)], consumers: u16) -> Vec<Contradiction> {
        let mut scenario = scenario("kafka = {}");
        scenario.workload.consumers = consumers;
        let mut system = scenario.systems.remove(0).spec;
        system.demands.message_bytes = 16 << 20;
        system.settings = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        system.options.extend(options.iter().cloned());
        find(&system, &scenario.client, &scenario.workload)
    }

    const PLAIN: (&str, OptionValue) = ("idempotent", OptionValue::Boolean(false));

    fn linger(millis: u64) -> (&'static str, OptionValue) {
        ("linger", OptionValue::Duration(std::time::Duration::from_millis(millis)))
    }

    #[test]
    fn what_works_together_is_left_alone() {
        assert_eq!(found(&[], &[], 2), []);
        assert_eq!(found(&[], &[PLAIN, ("acks", OptionValue::Choice("1"))], 2), []);
        assert_eq!(found(&[("linger.ms", "10")], &[linger(10)], 2), [], "both mean the same");
        for settings in [
            [("acks", "-1"), ("linger.ms", "100")],
            [("group.instance.id", "one"), ("linger.ms", "100")],
            [("group.protocol", "consumer"), ("fetch.min.bytes", "9")],
            [("message.max.bytes", "20000000"), ("server.message.max.bytes", "20000000")],
        ] {
            assert_eq!(found(&settings, &[], 1), [], "{settings:?}");
        }
    }

    #[test]
    fn what_the_library_refuses_by_itself_is_refused_in_its_words() {
        let found = found(&[("max.poll.interval.ms", "5000"), ("session.timeout.ms", "6000")], &[], 1);
        assert!(matches!(&found[..], [one] if one.refusal.why.contains("max.poll.interval.ms")), "{found:?}");
    }

    #[test]
    fn static_members_have_one_name_each() {
        let members = (options::STATIC_MEMBERS, OptionValue::Boolean(true));
        assert_eq!(found(&[], std::slice::from_ref(&members), 2), []);
        let twice = found(&[("group.instance.id", "one")], &[members], 1);
        assert_eq!(twice.first().and_then(|one| one.keys.first()), Some(&Key::Raw("group.instance.id".to_owned())));
    }

    #[test]
    fn each_contradiction_names_what_is_given() {
        let raw = |name: &str| Key::Raw(name.to_owned());
        for (settings, options, key) in [
            (&[("producer.acks", "1")][..], &[][..], raw("producer.acks")),
            (&[], &[("acks", OptionValue::Choice("0"))], Key::Option("acks")),
            (&[("linger.ms", "40000")], &[], raw("linger.ms")),
            (&[], &[linger(30_000)], Key::Option("linger")),
            (&[("group.instance.id", "one")], &[], raw("group.instance.id")),
            (
                &[("group.protocol", "consumer"), ("consumer.session.timeout.ms", "6000")],
                &[],
                raw("consumer.session.timeout.ms"),
            ),
            (&[("group.protocol", "consumer")], &[("assignor", OptionValue::Choice("range"))], Key::Option("assignor")),
            (
                &[("consumer.session.timeout.ms", "6000")],
                &[(options::GROUP_PROTOCOL, OptionValue::Choice("consumer"))],
                raw("consumer.session.timeout.ms"),
            ),
            (
                &[("consumer.auto.offset.reset", "earliest")],
                &[("offset-reset", OptionValue::Choice("latest"))],
                raw("consumer.auto.offset.reset"),
            ),
            (&[("enable.auto.commit", "true")], &[], raw("enable.auto.commit")),
            (&[("message.max.bytes", "1000000")], &[], raw("message.max.bytes")),
            (&[("server.message.max.bytes", "1000000")], &[], raw("server.message.max.bytes")),
            (&[("linger.ms", "20")], &[linger(10)], raw("linger.ms")),
        ] {
            let found = found(settings, options, 2);
            assert_eq!(found.len(), 1, "{settings:?} {options:?}: {found:?}");
            assert_eq!(found[0].keys.first(), Some(&key), "{settings:?} {options:?}");
            assert!(!found[0].refusal.instead.is_empty());
        }
    }
}
