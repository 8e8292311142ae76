//! Who else was at work on the machine during the load, and what the machine below it took away.

use crate::facts::CoresFacts;
use crate::result::ResourceResult;
use crate::units::Nanos;

/// Shares of all cores' time from which on a figure may be another's doing.
const OTHERS: f64 = 0.1;
const STOLEN: f64 = 0.03;

/// What is worth a note. `load`: how long the load lasted, over which the processes' CPU time was counted.
pub(crate) fn note(cores: &CoresFacts, processes: &[ResourceResult], load: Nanos) -> Option<String> {
    let share = |time: Nanos, of: Nanos| time.as_secs_f64() / (of.as_secs_f64() * f64::from(cores.cores));
    let window = cores.to.since(cores.from);
    if window == Nanos::ZERO || load == Nanos::ZERO {
        return None;
    }
    // Where the broker is not watched, it is one of the others.
    let watched = processes.iter().any(|process| process.role == "broker" && process.cpu_ns > Nanos::ZERO);
    let ours: f64 = processes.iter().map(|process| share(process.cpu_ns, load)).sum();
    let others = share(cores.busy, window) - share(cores.own, window) - ours;
    let mut told = Vec::new();
    if watched && others >= OTHERS {
        told.push(format!("other processes took {:.0} % of the machine's cores", others * 100.0));
    }
    let stolen = share(cores.stolen, window);
    if stolen >= STOLEN {
        told.push(format!("{:.0} % of the cores' time was stolen by the machine below", stolen * 100.0));
    }
    (!told.is_empty()).then(|| {
        format!("during the load {}: figures may be theirs, repeat it on a quiet machine", told.join(", and "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::Measures;
    use crate::measure::sample;

    /// Ten seconds of two cores.
    fn cores(busy_s: u64, stolen_ms: u64) -> CoresFacts {
        CoresFacts {
            from: Nanos::from_secs(100),
            to: Nanos::from_secs(110),
            cores: 2,
            busy: Nanos::from_secs(busy_s),
            stolen: Nanos::from_millis(stolen_ms),
            own: Nanos::SECOND,
        }
    }

    fn broker(cpu: Nanos) -> ResourceResult {
        ResourceResult {
            role: "broker".to_owned(),
            process: "redis-0".to_owned(),
            cpu_ns: cpu,
            ..ResourceResult::default()
        }
    }

    #[test]
    fn others_are_told_of_where_they_took_much_and_the_run_itself_is_none_of_them() {
        let load = Nanos::from_secs(10);
        let ours = [broker(Nanos::from_secs(5))];
        assert_eq!(note(&cores(7, 0), &ours, load), None);
        let told = note(&cores(12, 1000), &ours, load).expect("told");
        assert!(told.contains("other processes took 30 %") && told.contains("5 % of the cores' time"), "{told}");
        assert_eq!(note(&cores(12, 0), &[], load), None, "the broker may be the other");
    }

    #[test]
    fn an_older_history_says_nothing_of_it() {
        let rows = sample::healthy();
        assert!(rows.facts.end.as_ref().is_some_and(|end| end.cores.is_none()));
        assert!(Measures::of(&rows).is_ok());
    }
}
