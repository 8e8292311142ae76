//! The judge against the truth: ten thousand seeds, and every seed that once found something.

#![allow(clippy::unwrap_used)]

use simulator::plan::Allowed;
use simulator::seed::play;
use simulator::survey::survey;

#[test]
fn ten_thousand_seeds_are_judged_as_they_are() {
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    let found = survey(0, 10_000, threads, |_| {});
    let list: Vec<_> = found.values().map(ToString::to_string).collect();
    assert!(list.is_empty(), "{}", list.join("\n"));
}

#[test]
fn every_kept_seed_is_judged_as_it_is() {
    let kept = include_str!("../seeds.txt");
    for line in kept.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let mut words = line.split_whitespace();
        let seed = words.next().unwrap().parse().unwrap();
        let allowed = Allowed::from_code(words.next().unwrap()).unwrap();
        let wrong = play(seed, allowed).wrong;
        assert!(wrong.is_empty(), "{line}\n{wrong:#?}");
    }
}
