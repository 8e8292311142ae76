//! A program of somebody else's in place of a library: it speaks the worker protocol (`docs/worker-protocol.md`).

use super::client::{ClientKind, Consumed, Run};
use super::refusal::Refusal;
use crate::model::{ClientPolicy, Role, SystemSpec, Workload};
use reports::facts::Setting;
use std::collections::BTreeMap;

/// The program: its name or path, and its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program(Vec<String>);

impl Program {
    /// This one. `None`: no program is named.
    pub fn new(command: Vec<String>) -> Option<Self> {
        command.first().is_some_and(|name| !name.is_empty()).then_some(Self(command))
    }
}

impl ClientKind for Program {
    fn name(&self) -> &'static str {
        "program"
    }

    fn version(&self) -> String {
        self.0.join(" ")
    }

    /// It is not chosen by the broker, but by the scenario.
    fn brokers(&self) -> &'static [&'static str] {
        &[]
    }

    fn settings(&self, system: &SystemSpec, _policy: &ClientPolicy, _role: Role) -> BTreeMap<String, String> {
        let is_its_own = |name: &&String| !name.starts_with("server.");
        let raw = system.settings.iter().filter(|(name, _)| is_its_own(name));
        raw.map(|(name, value)| (name.clone(), value.clone())).collect()
    }

    fn fairness(&self, _system: &SystemSpec, policy: &ClientPolicy, workload: &Workload, _: Consumed) -> Vec<Setting> {
        let row = |topic: &str, value: String, note: &str| Setting::new(topic, "program", value, Some(note));
        let told = "it is told the policy; what it makes of it is not known here";
        vec![
            row("client", self.version(), "speaks the worker protocol"),
            row("in-flight", format!("at most {} per producer", workload.in_flight), "it is told so"),
            row("connect-timeout", format!("{:?}", policy.connect_timeout), told),
            row("request-timeout", format!("{:?}", policy.request_timeout), told),
            row("backoff", format!("{:?} up to {:?}", policy.backoff.first, policy.backoff.max), told),
        ]
    }

    fn refusal(&self, _name: &str, _value: &str) -> Option<Refusal> {
        None
    }

    fn run(&self) -> Run {
        Run::Program(self.0.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_has_a_name() {
        assert_eq!(Program::new(Vec::new()), None);
        assert_eq!(Program::new(vec![String::new()]), None);
        let program = Program::new(vec!["python3".to_owned(), "worker.py".to_owned()]).expect("a program");
        assert_eq!(program.version(), "python3 worker.py");
        assert!(matches!(program.run(), Run::Program(command) if command == ["python3", "worker.py"]));
    }
}
