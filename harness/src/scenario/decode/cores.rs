//! `cores`: on which of the machine's cores something may run.

use crate::environment::MachineCores;
use crate::model::Cores;
use crate::scenario::reading::ScenarioReading;
use crate::scenario::section::Section;

/// What is wrong with a list of cores, and with which of its elements; `None`: with the list as a whole.
#[derive(Debug, PartialEq, Eq)]
struct Objection {
    element: Option<usize>,
    message: String,
    note: &'static str,
    help: String,
}

/// The cores that a key names; `None`: it is not given, or wrong, which was said.
pub(super) fn read(section: &mut Section<'_>, key: &str, reading: &mut ScenarioReading) -> Option<Cores> {
    let numbers: Vec<u16> = section.get(reading, key)?;
    let Some(objection) = objection(&section.child(key), &numbers, MachineCores::now().as_ref()) else {
        return Cores::of(numbers);
    };
    let place = objection.element.map_or_else(|| key.to_owned(), |index| format!("{key}[{index}]"));
    section.blame(reading, &place, objection.message, objection.note, &objection.help);
    None
}

/// What is wrong first. `machine`: what it has; `None`: that is not known.
fn objection(path: &str, numbers: &[u16], machine: Option<&MachineCores>) -> Option<Objection> {
    if numbers.is_empty() {
        return Some(Objection {
            element: None,
            message: format!("`{path}` names no core, and without one nothing runs"),
            note: "at least one",
            help: "write a number, as in cores = [0]; or leave it out, for all".to_owned(),
        });
    }
    let twice = |(index, number): (usize, &u16)| {
        numbers[..index].contains(number).then(|| Objection {
            element: Some(index),
            message: format!("`{path}` names core {number} twice"),
            note: "the second time",
            help: "name each core once".to_owned(),
        })
    };
    let absent = |(index, &number): (usize, &u16)| {
        let (what, note, help) = unusable(number, machine)?;
        Some(Objection { element: Some(index), message: format!("`{path}` names core {number}, {what}"), note, help })
    };
    numbers.iter().enumerate().find_map(twice).or_else(|| numbers.iter().enumerate().find_map(absent))
}

/// Why nothing can be kept to a core, with a note and the way out; `None`: it can.
fn unusable(number: u16, machine: Option<&MachineCores>) -> Option<(&'static str, &'static str, String)> {
    match machine {
        Some(MachineCores { all, .. }) if !all.has(number) => {
            let help = format!("its cores are {all}: write some of these numbers, or leave it out");
            Some(("which this machine does not have", "no such core", help))
        }
        Some(MachineCores { all, allowed }) if !allowed.has(number) => {
            let help = format!(
                "it may run on {allowed}: write some of these numbers, or start it where it may use more, as by `taskset -c {all}`"
            );
            Some(("on which this process may not run", "not allowed here", help))
        }
        _ if number >= Cores::MOST => {
            let help = format!("write numbers below {}", Cores::MOST);
            Some(("which is more than the kernel's sets of cores hold", "too large", help))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cores(list: &str) -> Cores {
        Cores::parse(list).expect("some")
    }

    /// Of four cores this process may run on two.
    fn said(numbers: &[u16]) -> Option<(Option<usize>, String)> {
        let machine = MachineCores { all: cores("0-3"), allowed: cores("1-2") };
        let objection = objection("client.cores", numbers, Some(&machine))?;
        Some((objection.element, format!("{}: {}", objection.message, objection.help)))
    }

    #[test]
    fn what_the_machine_has_and_this_process_may_use_is_taken() {
        assert_eq!(said(&[1]), None);
        assert_eq!(said(&[2, 1]), None);
        assert_eq!(objection("client.cores", &[7], None), None, "nobody knows that it is not there");
    }

    #[test]
    fn what_cannot_be_had_is_named_with_its_element_and_the_way_out() {
        for (numbers, element, words) in [
            (vec![], None, "names no core, and without one nothing runs: write a number, as in cores = [0]"),
            (vec![1, 2, 1], Some(2), "names core 1 twice: name each core once"),
            (vec![1, 4], Some(1), "names core 4, which this machine does not have: its cores are 0-3"),
            (vec![3], Some(0), "names core 3, on which this process may not run: it may run on 1-2"),
        ] {
            let (found, text) = said(&numbers).expect("refused");
            assert!(found == element && text.contains(words), "{numbers:?}: {found:?} {text}");
        }
        let objection = objection("client.cores", &[Cores::MOST], None).expect("refused");
        assert!(objection.help.contains("below 1024"), "{objection:?}");
    }
}
